"""The list of known bugs, and how it is asked."""

from __future__ import annotations

import pytest

from flowconc.scenario.names import UnknownName
from flowconc.zoo.registry import bugs, chosen


def test_ids_are_chosen_in_the_order_of_the_list_and_in_any_case() -> None:
    assert [bug.id for bug in chosen(["s19", "S02"])] == ["S02", "S19"]


def test_no_ids_are_all() -> None:
    assert chosen([]) == bugs()


def test_an_unknown_id_says_what_there_is() -> None:
    with pytest.raises(UnknownName) as raised:
        chosen(["S02", "S999"])

    assert raised.value.what == "there is no bug 'S999'"
    assert raised.value.expected == "S01 to S58"


def test_ids_come_once() -> None:
    ids = [bug.id for bug in bugs()]

    assert ids == sorted(set(ids))
