"""Cells: what a state is written in."""

from __future__ import annotations

import pytest

from flowconc.explore.cells import CONTROL, EMPTY, Cells


def test_a_place_has_one_cell():
    cells = Cells()

    assert cells.at("counters", "f") == cells.at("counters", "f") != cells.at("counters", "g")
    assert cells.place(cells.at("counters", "f")) == ("counters", "f")


def test_the_control_is_the_first():
    assert Cells().at("control", None) == CONTROL == 0


@pytest.mark.parametrize("content", [0, "", (), False, 7, ("a", 1)])
def test_a_content_has_a_code_that_stands_for_it(content):
    cells = Cells()
    cell = cells.at("t", "k")

    code = cells.code(cell, content)

    assert cells.content(cell, code) == content
    assert code == cells.code(cell, content) != EMPTY


def test_no_row_is_the_empty_code():
    cells = Cells()

    assert cells.code(cells.at("t", "k"), None) == EMPTY


def test_empty_cells_at_the_end_are_left_out():
    """So that a state is the same text before and after cells come up that it has no use for."""
    cells = Cells()
    first, last = cells.at("t", 1), cells.at("t", 2)
    state = cells.changed("", {first: "a", last: "b"})

    assert cells.changed(state, {last: EMPTY}) == cells.changed("", {first: "a"})


def test_more_codes_than_a_byte_has():
    cells = Cells()
    cell = cells.at("t", "k")
    codes = [cells.code(cell, number) for number in range(70_000)]

    assert len(set(codes)) == 70_000
    assert cells.content(cell, codes[-1]) == 69_999
