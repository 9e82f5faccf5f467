"""The tables that a step sees: as the real ones are, and with a note of all that it looked at."""

from __future__ import annotations

import pytest

from flowconc.explore.cells import Cells
from flowconc.explore.reading import Reading, TablesView
from flowconc.protocol.plan import compile_plan
from flowconc.protocol.rules import DOCUMENTED_RULES
from flowconc.protocol.tables import Tables, TriggerRow
from tests.explore.machines import burst

FLOWS = burst(1).flows


@pytest.fixture
def cells():
    return Cells()


def opened(cells, state="", *, across_flows=False):
    """Return a reading of a state, and the tables over it."""
    reading = Reading(cells)
    reading.open(state)
    return reading, TablesView(reading, DOCUMENTED_RULES, across_flows=across_flows)


def written(cells, *changes, state=""):
    reading, tables = opened(cells, state)
    tables.apply(changes)
    return cells.changed(state, reading.written())


def places(cells, numbers):
    return {cells.place(number) for number in numbers}


class TestRows:
    def test_a_row_is_read_where_it_was_written(self, cells):
        _, tables = opened(cells, written(cells, ("counters", "f", 3)))

        assert tables.counters["f"] == 3
        assert tables.counters.get("g") is None

    def test_looking_for_a_row_that_is_not_there_is_reading_it(self, cells):
        """A state in which it is there is another one for whoever has looked."""
        reading, tables = opened(cells)
        assert "f" not in tables.counters

        assert places(cells, reading.read) == {("counters", "f")}

    def test_what_a_step_has_written_itself_it_does_not_read(self, cells):
        reading, tables = opened(cells)
        tables.apply([("counters", "f", 1)])
        before = dict(reading.read)

        assert tables.counters["f"] == 1
        assert reading.read == before

    def test_what_is_as_it_was_is_not_written(self, cells):
        state = written(cells, ("counters", "f", 1))
        reading, tables = opened(cells, state)
        tables.apply([("counters", "f", tables.counters["f"])])

        assert reading.written() == {}

    def test_a_row_that_is_deleted_leaves_the_state_as_it_was_before_it(self, cells):
        state = written(cells, ("triggers", ("f", "t"), TriggerRow()))

        assert written(cells, ("triggers", ("f", "t"), None), state=state) == ""

    def test_deleting_what_is_not_there_is_an_error(self, cells):
        with pytest.raises(KeyError):
            written(cells, ("counters", "f", None))


class TestGoingThroughATable:
    def test_in_the_order_in_which_rows_came(self, cells):
        _, tables = opened(cells, written(cells, ("flows", "b", 1), ("flows", "a", 2)))

        assert list(tables.flows.items()) == [("b", 1), ("a", 2)]

    def test_is_reading_which_rows_there_are(self, cells):
        """Another row makes a difference to it, whatever is in it."""
        reading, tables = opened(cells)
        list(tables.flows)

        assert places(cells, reading.read) == {("keys of flows", None)}

    def test_counters_are_not_gone_through(self, cells):
        """So that flows whose first executions come do not disturb each other."""
        _, tables = opened(cells)

        with pytest.raises(AssertionError, match="counters is gone through"):
            list(tables.counters)


class TestQueue:
    def test_oldest_first_with_the_copies(self, cells):
        state = written(cells, ("queued", ("f", 7), "seven"), ("queued", ("f", 3), "three"))
        _, tables = opened(cells, state)

        assert list(tables.queued.oldest("f")) == [7, 3]
        assert tables.queued.copy_of("f", 3) == "three"
        assert ("f", 7) in tables.queued
        assert ("f", 8) not in tables.queued

    def test_flows_have_lines_of_their_own(self, cells):
        reading, tables = opened(cells, written(cells, ("queued", ("f", 7), "seven")))
        tables.apply([("queued", ("g", 8), "eight")])

        assert ("queued", "f") not in places(cells, reading.read)

    def test_taking_out_who_is_not_there_is_an_error(self, cells):
        with pytest.raises(KeyError):
            written(cells, ("queued", ("f", 7), None))

    def test_the_order_over_all_flows_where_it_is_kept(self, cells):
        _, tables = opened(cells, across_flows=True)
        tables.apply(
            [
                ("queued", ("f", 7), "a"),
                ("queued", ("g", 8), "b"),
                ("queued", ("f", 9), "c"),
                ("queued", ("f", 7), None),
            ]
        )

        assert list(tables.queued.in_order()) == [("g", 8), ("f", 9)]


def test_copies_change_by_themselves_and_read_together(cells):
    reading, tables = opened(cells, written(cells, ("counters", "f", 1)))
    twin = tables.copy()
    twin.apply([("counters", "f", 2)])

    assert (tables.counters["f"], twin.counters["f"]) == (1, 2)
    assert places(cells, reading.read) == {("counters", "f")}
    assert reading.written() == {}


def test_there_is_a_view_of_every_table():
    _, tables = opened(Cells())

    assert vars(Tables()).keys() <= vars(tables).keys()


def test_equal_plans_are_one(cells):
    """Each save compiles a plan anew: without this, no two schedules that save a flow would meet."""
    first, second = (compile_plan(FLOWS[0]) for _ in range(2))

    assert first is not second
    assert cells.plan(first) is cells.plan(second)
