"""Which semantics a list of names means."""

from __future__ import annotations

import pytest

from flowconc.compare.choice import chosen_semantics
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.names import UnknownName


def test_names_are_separated_by_commas_and_may_be_cut_short():
    assert chosen_semantics("documented, kestra-2.0") == ("documented", "kestra-2.0.2")


def test_each_comes_once():
    assert chosen_semantics("kestra-2.0,documented,kestra-2.0.2") == ("kestra-2.0.2", "documented")


def test_all_is_every_semantics():
    assert chosen_semantics("all") == tuple(VERSIONS)


def test_versions_are_all_but_the_contract_and_keep_the_place_of_the_word():
    assert chosen_semantics("versions,documented") == (*tuple(VERSIONS)[1:], "documented")


def test_a_fault_may_be_in_it():
    assert chosen_semantics(["kestra-2+reject_frees"]) == ("kestra-2.0.2+reject_frees",)


def test_an_unknown_name_is_refused():
    with pytest.raises(UnknownName, match="no semantics"):
        chosen_semantics("documented,kestra-3")
