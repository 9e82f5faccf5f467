"""Saving and deleting flows, switching triggers: SEMANTICS A8."""

from __future__ import annotations

from flowconc.protocol.events import Kind
from tests.flows import (
    act,
    after,
    arrive,
    edit,
    flow,
    last,
    life,
    lives,
    polling,
    schedule,
    times_of,
    told,
    trace_of_run,
    work,
)
from tests.protocol.by_hand import Hand

THREE = arrive("f", "0s 0s 0s", names="a b c")


def test_a_raised_limit_starts_waiting_executions_at_once():
    trace = trace_of_run(flow("f", limit=1), THREE, edit("4s", flow("f", limit=2)))

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:4 SUCCESS:14"
    assert lives(trace)["c"] == "CREATED:0 QUEUED:0 RUNNING:10 SUCCESS:20"


def test_a_removed_limit_starts_all():
    trace = trace_of_run(flow("f", limit=1), THREE, edit("4s", flow("f")))

    assert lives(trace)["c"] == "CREATED:0 QUEUED:0 RUNNING:4 SUCCESS:14"


def test_a_lowered_limit_stops_nobody_and_starts_nobody_until_there_is_room():
    trace = trace_of_run(
        flow("f", limit=2),
        arrive("f", "0s 5s 6s", names="a b c"),
        edit("7s", flow("f", limit=1)),
    )

    assert lives(trace)["b"] == "CREATED:5 RUNNING:5 SUCCESS:15"
    assert lives(trace)["c"] == "CREATED:6 QUEUED:6 RUNNING:15 SUCCESS:25"


def test_an_added_limit_counts_executions_in_progress():
    trace = trace_of_run(flow("f"), arrive("f", "0s 0s 2s", names="a b c"), edit("1s", flow("f", limit=1)))

    assert lives(trace)["c"] == "CREATED:2 QUEUED:2 RUNNING:10 SUCCESS:20"


def test_removed_and_added_again_the_counter_is_still_right():
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s 3s", names="a b"),
        edit("1s", flow("f")),
        edit("2s", flow("f", limit=1)),
    )

    assert lives(trace)["b"] == "CREATED:3 QUEUED:3 RUNNING:10 SUCCESS:20"


def test_who_waits_goes_on_waiting_when_the_behavior_changes():
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s 0s 2s", names="a b c"),
        edit("1s", flow("f", limit=1, behavior="CANCEL")),
    )

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:10 SUCCESS:20"
    assert lives(trace)["c"] == "CREATED:2 CANCELLED:2"


def test_an_edit_at_the_instant_of_an_arrival_comes_first():
    trace = trace_of_run(
        flow("f", limit=1), arrive("f", "0s 5s", names="a b"), edit("5s", flow("f", limit=2))
    )

    assert lives(trace)["b"] == "CREATED:5 RUNNING:5 SUCCESS:15"


def test_an_execution_runs_the_tasks_of_its_own_revision():
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s 0s 2s", names="a b c"),
        edit("1s", flow("f", work("w", "1s"), limit=1)),
    )

    assert lives(trace)["b"] == "CREATED:0 QUEUED:0 RUNNING:10 SUCCESS:20"
    assert lives(trace)["c"] == "CREATED:2 QUEUED:2 RUNNING:20 SUCCESS:21"


def test_a_deleted_flow_starts_nothing_new_and_its_queue_drains():
    trace = trace_of_run(
        flow("f", limit=1), arrive("f", "0s 0s 2s", names="a b c"), act("1s", "delete_flow", "n.f")
    )

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 SUCCESS:10",
        "b": "CREATED:0 QUEUED:0 RUNNING:10 SUCCESS:20",
    }
    assert told(trace, Kind.ARRIVAL_REFUSED) == [(2, "ARRIVAL_REFUSED", None, "flow not found")]


def test_a_flow_created_again_counts_what_still_runs():
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s 3s", names="a b"),
        act("1s", "delete_flow", "n.f"),
        act("2s", "create_flow", "n.f", flow("f", limit=1)),
    )

    assert lives(trace)["b"] == "CREATED:3 QUEUED:3 RUNNING:10 SUCCESS:20"


def test_impossible_edits_are_refused():
    trace = trace_of_run(
        flow("f"),
        act("1s", "create_flow", "n.f", flow("f")),
        act("2s", "delete_flow", "n.f"),
        act("3s", "edit", "n.f", flow("f")),
        act("4s", "delete_flow", "n.f"),
        act("5s", "disable_trigger", "n.f.s"),
    )

    assert [at for at, *_ in told(trace, Kind.ACTION_REFUSED)] == [1, 3, 4, 5]


def test_a_disabled_flow_refuses_arrivals_and_its_trigger_does_not_fire():
    trace = trace_of_run(flow("f", disabled=True, triggers=(schedule(),)), arrive("f", "1s"), until="3s")

    assert [(at, why) for at, _, _, why in told(trace, Kind.ARRIVAL_REFUSED)] == [(1, "flow disabled")]
    assert times_of(trace, Kind.FIRE) == []


# --- triggers


def test_a_disabled_trigger_does_not_fire_until_it_is_enabled():
    """Actions come before fires: at 2 s it is off already, at 4 s on again."""
    trace = trace_of_run(
        flow("f", work("w", "0s"), triggers=(schedule(),)),
        act("2s", "disable_trigger", "n.f.s"),
        act("4s", "enable_trigger", "n.f.s"),
        until="5s",
    )

    assert times_of(trace, Kind.FIRE) == [1, 4, 5]


def test_disabling_twice_is_ignored():
    trace = trace_of_run(
        flow("f", triggers=(schedule(disabled=True),)), act("1s", "disable_trigger", "n.f.s"), until="2s"
    )

    assert len(told(trace, Kind.ACTION_IGNORED)) == 1


def test_an_edit_of_the_limit_costs_no_fire():
    """Also when it falls on the very instant of one."""
    flow_with = flow("f", work("w", "0s"), triggers=(schedule(),))
    trace = trace_of_run(flow_with, edit("2s", flow_with), until="3s")

    assert times_of(trace, Kind.FIRE) == [1, 2, 3]


def test_an_edit_of_the_limit_does_not_shift_polls():
    flow_with = flow("f", work("w", "0s"), triggers=(polling("p", "10s"),))
    trace = trace_of_run(flow_with, edit("7s", flow_with), until="25s")

    assert times_of(trace, Kind.FIRE) == [10, 20]


def test_an_edited_cron_applies_from_that_instant():
    slow = flow("f", work("w", "0s"), triggers=(schedule(cron="*/10 * * * * *"),))
    fast = flow("f", work("w", "0s"), triggers=(schedule(cron="*/2 * * * * *"),))
    trace = trace_of_run(slow, edit("11s", fast), until="15s")

    assert times_of(trace, Kind.FIRE) == [10, 12, 14]


def test_an_edit_keeps_the_lock_of_a_trigger():
    flow_with = flow("f", work("w", "5s"), triggers=(schedule(),))
    trace = trace_of_run(flow_with, edit("2500ms", flow_with), until="6s")

    assert times_of(trace, Kind.FIRE) == [1, 6]


def test_a_trigger_disabled_by_hand_stays_so_over_an_edit():
    flow_with = flow("f", work("w", "0s"), triggers=(schedule(),))
    trace = trace_of_run(
        flow_with, act("1500ms", "disable_trigger", "n.f.s"), edit("2s", flow_with), until="4s"
    )

    assert times_of(trace, Kind.FIRE) == [1]


def test_an_edit_keeps_what_a_flow_trigger_has_heard():
    """It waits for a and b; a has succeeded before the edit, b does afterwards."""
    down = flow("down", triggers=(after("a", "b"),))
    trace = trace_of_run(
        flow("a", work("w", "1s")),
        flow("b", work("w", "3s")),
        down,
        arrive("a", "0s"),
        arrive("b", "0s"),
        edit("2s", down),
    )

    assert times_of(trace, Kind.FIRE) == [3]


def test_a_trigger_removed_by_an_edit_stops():
    trace = trace_of_run(
        flow("f", work("w", "0s"), triggers=(schedule(),)), edit("2500ms", flow("f")), until="5s"
    )

    assert times_of(trace, Kind.FIRE) == [1, 2]


def test_a_deleted_flow_stops_its_triggers():
    trace = trace_of_run(
        flow("f", work("w", "0s"), triggers=(schedule(),)), act("2500ms", "delete_flow", "n.f"), until="5s"
    )

    assert times_of(trace, Kind.FIRE) == [1, 2]


def test_revisions_count_saves():
    trace = trace_of_run(flow("f", limit=1), edit("1s", flow("f", limit=3)), arrive("f", "2s"))

    saves = [(e.revision, e.before, e.after, e.detail) for e in trace.events() if e.kind is Kind.FLOW_SAVED]
    assert saves == [(1, None, 1, "QUEUE"), (2, 1, 3, "QUEUE")]
    assert life("f#1", flow("f"), arrive("f")) == "CREATED:0 RUNNING:0 SUCCESS:10"
    assert last(trace).detail == "drained"


def test_a_counter_that_nobody_has_moved_is_set_from_0():
    hand = Hand(flow("f", limit=1))

    assert hand.do("set_counter", None, ("n.f", 3)).reports[-1][4:6] == (0, 3)
