"""The order of equal times (SCENARIO_FORMAT, Exact readings)."""

from __future__ import annotations

from itertools import permutations

import pytest

from flowconc.protocol.events import Kind
from flowconc.simulation.clock import Clock, Rank
from tests.flows import act, arrive, edit, flow, lives, schedule, told, trace_of_run, work


def called_back(*moments):
    """Set the clock for each (time, rank, place) and return them in the order in which they come."""
    clock, order = Clock(), []
    for moment in moments:
        t_us, rank, place = moment
        clock.at(t_us, lambda _, moment=moment: order.append(moment), rank, place)
    clock.run()
    return order


@pytest.mark.parametrize(("first", "second"), list(permutations(Rank, 2)))
def test_ranks_decide_at_equal_times(first, second):
    earlier, later = sorted((first, second))

    assert called_back((5, first, 0), (5, second, 0)) == [(5, earlier, 0), (5, later, 0)]


def test_time_goes_before_rank():
    assert called_back((6, Rank.CONSEQUENCE, 0), (5, Rank.HORIZON, 0))[0] == (5, Rank.HORIZON, 0)


def test_within_a_rank_the_place_in_the_file_decides_then_the_order_of_scheduling():
    same = (5, Rank.ARRIVAL, 1)

    assert called_back(same, (5, Rank.ARRIVAL, 0), same) == [(5, Rank.ARRIVAL, 0), same, same]


def test_places_never_reach_into_the_next_rank():
    assert called_back((5, Rank.ACTION, 0), (5, Rank.END, 10**9))[0] == (5, Rank.END, 10**9)


def test_a_callback_may_stop_the_run():
    clock = Clock()
    clock.after(3, lambda _: clock.stop(), Rank.END)
    clock.after(4, lambda _: pytest.fail("after the stop"), Rank.END)
    clock.run()

    assert clock.now_us == 3


def test_ends_actions_fires_and_arrivals_of_one_instant():
    """At 10 s: a ends and q starts; q is killed; the trigger fires; b arrives."""
    trace = trace_of_run(
        flow("f", limit=1, triggers=(schedule(cron="*/10 * * * * *"),)),
        arrive("f", "0s 0s 10s", names="a q b"),
        act("10s", "kill", "q"),
        until="10s",
    )

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 SUCCESS:10",
        "q": "CREATED:0 QUEUED:0 RUNNING:10 KILLING:10 KILLED:10",
        "f#1": "CREATED:10 RUNNING:10 SUCCESS:20",
        "b": "CREATED:10 QUEUED:10 RUNNING:20 SUCCESS:30",
    }


def test_actions_of_one_instant_come_in_the_order_of_the_file_each_with_its_consequences():
    """The first kill starts b before the second kill looks at it."""
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s 0s 0s", names="a b c"),
        act("3s", "kill", "a"),
        act("3s", "kill", "b"),
    )

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:3 KILLING:3 KILLED:3"
    assert lives(trace)["c"].startswith("CREATED:0 QUEUED:0 RUNNING:3")


def test_sources_of_one_instant_come_in_the_order_of_the_file():
    trace = trace_of_run(flow("f"), arrive("f", "5s 5s", names="a b"), arrive("f", "5s", names="c"))

    assert trace.names == ("a", "b", "c")


def test_triggers_of_one_instant_fire_in_the_order_of_the_file():
    first, second = (flow(name, work("w", "0s"), triggers=(schedule(),)) for name in "zy")
    trace = trace_of_run(first, second, until="2s")

    assert [name for _, _, name, _ in told(trace, Kind.FIRE)] == ["z#1", "y#1", "z#2", "y#2"]


def test_instant_tasks_have_ended_before_the_next_arrival_of_the_same_instant():
    trace = trace_of_run(flow("f", work("w", "0s"), limit=1), arrive("f", "0s 0s", names="a b"))

    assert lives(trace)["b"] == "CREATED:0 RUNNING:0 SUCCESS:0"


def test_an_edit_comes_before_the_arrival_and_after_the_end_of_its_instant():
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s 10s 10s", names="a b c"),
        edit("10s", flow("f", limit=1, behavior="CANCEL")),
    )

    assert lives(trace)["b"] == "CREATED:10 RUNNING:10 SUCCESS:20"
    assert lives(trace)["c"] == "CREATED:10 CANCELLED:10"
