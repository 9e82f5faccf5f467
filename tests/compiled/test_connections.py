"""How many connections a compiled run has in use, and for how long, in cases that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

from flowconc import compiled
from flowconc.check.compiled_metrics import measures_of
from flowconc.compiled.connections import InUse
from flowconc.scenario.model import Database, Platform, RunSettings, Scenario
from flowconc.simulation.simulate import simulate
from tests.flows import arrive, flow, scene, work

S = 1_000_000
SLOW = Platform(database=Database(connections=3, statement_us=S))
"""A gate takes 4 s, with a connection and the flow's counter; the result of a last task does, too."""


def two_at_once(**run: object) -> Scenario:
    settings = RunSettings(until_us=20 * S, **run)  # type: ignore[arg-type]
    one, other = (flow(name, work("w", "2s"), limit=1) for name in "ab")
    return replace(scene(one, other, arrive("a", "0s"), arrive("b", "1s")), platform=SLOW, run=settings)


def in_use(scenario: Scenario) -> tuple[list[int], int]:
    """Return for how many seconds so many connections were in use, and how many at the end of the window."""
    found = compiled.run(scenario, compiled=False).in_use
    assert isinstance(found, InUse)
    return (found.held_us // S).tolist(), found.last


def test_each_transaction_has_one_connection():
    """Gates from 0 to 4 s and from 1 to 5 s, results from 6 to 10 s and from 7 to 11 s."""
    assert in_use(two_at_once()) == ([20 - 4 - 6, 4, 6, 0], 0)


def test_only_the_window_counts():
    assert in_use(two_at_once(warmup_us=3 * S)) == ([10, 3, 4, 0], 0)


def test_without_an_end_the_window_ends_with_the_run():
    endless = two_at_once()
    endless = replace(endless, run=replace(endless.run, until_us=None))

    assert in_use(endless) == ([1, 4, 6, 0], 0)


def test_what_drains_after_the_window_does_not_count():
    assert in_use(replace(two_at_once(), run=RunSettings(until_us=8 * S))) == ([1, 3, 4, 0], 2)


def test_who_waits_for_a_row_keeps_a_connection():
    """Four gates of one flow, one after the other: three hold connections, of which two wait for its counter."""
    crowd = scene(flow("f", work("w", "1m"), limit=9), arrive("f", "0s 0s 0s 0s"))
    crowd = replace(crowd, platform=SLOW, run=RunSettings(until_us=16 * S))

    assert in_use(crowd) == ([0, 4, 4, 8], 0)


def test_a_transaction_that_never_commits_is_left_out_as_in_a_trace():
    """Of four gates one after the other, two are over when the run is cut off after 9 s."""
    crowd = scene(flow("f", work("w", "1m"), limit=9), arrive("f", "0s 0s 0s 0s"))
    crowd = replace(crowd, platform=SLOW, run=RunSettings(until_us=9 * S, drain=False))
    level = measures_of(simulate(crowd)).level("database_utilization").by_value

    assert in_use(crowd) == ([1, 4, 4, 0], 0)
    assert level.weights.tolist() == [1 * S, 4 * S, 4 * S]


def test_a_database_that_takes_no_time_has_none():
    assert compiled.run(replace(two_at_once(), platform=Platform()), compiled=False).in_use is None
