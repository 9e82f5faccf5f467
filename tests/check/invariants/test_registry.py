"""The list of invariants."""

from __future__ import annotations

import pytest

from flowconc.check.invariants import INVARIANTS
from flowconc.scenario import vocabulary


def test_the_ids_are_those_of_the_format_in_its_order():
    assert tuple(INVARIANTS) == vocabulary.INVARIANTS


@pytest.mark.parametrize("invariant", INVARIANTS.values(), ids=list(INVARIANTS))
def test_each_is_one_sentence(invariant):
    assert invariant.sentence.endswith(".")
    assert invariant.sentence.count(". ") == 0
