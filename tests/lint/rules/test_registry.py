"""Every rule has what the documentation says of it."""

from __future__ import annotations

import re

import pytest

from flowconc.lint.linter import EVERY_RULE, RULE_IDS
from flowconc.lint.rule import Rule
from flowconc.scenario.problems import Severity


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_a_rule_is_documented(rule: Rule) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)+", rule.id)
    assert rule.severity in (Severity.ERROR, Severity.WARNING)
    assert rule.finds
    assert not rule.finds.endswith(".")
    assert rule.explanation.endswith((".", ")"))


def test_no_id_is_there_twice() -> None:
    assert len(set(RULE_IDS)) == len(RULE_IDS)
