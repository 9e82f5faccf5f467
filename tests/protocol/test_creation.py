"""How executions come into being: names, trigger locks, Flow triggers (SEMANTICS A2, A5)."""

from __future__ import annotations

import pytest

from flowconc.protocol.events import Kind
from flowconc.scenario.model import Burst
from tests.flows import (
    act,
    after,
    arrive,
    call,
    edit,
    flow,
    lives,
    polling,
    schedule,
    times_of,
    told,
    trace_of_run,
    work,
)


def test_executions_without_a_name_are_numbered_in_order_of_creation_whatever_made_them():
    trace = trace_of_run(
        flow("p", call("s", "f", wait=False)),
        flow("f", work("w", "0s"), triggers=(schedule(cron="*/2 * * * * *"),)),
        arrive("p", "1s", names="a"),
        arrive("f", "3s 4s", names="named"),
        until="4s",
    )

    created = [(e.execution, e.detail) for e in trace.events() if e.kind is Kind.CREATED]
    assert created == [
        ("a", "api"),
        ("f#1", "subflow:a"),
        ("f#2", "trigger:s"),
        ("named", "api"),
        ("f#3", "trigger:s"),
        ("f#4", "api"),
    ]


def test_flows_of_the_same_id_number_their_executions_by_their_full_key():
    """Also when the second comes only during the run."""
    other = flow("f")
    object.__setattr__(other, "namespace", "m")
    trace = trace_of_run(flow("f"), arrive("f", "0s"), act("1s", "create_flow", "m.f", other))

    assert trace.names == ("n.f#1",)


def test_a_locked_trigger_skips_its_fires_until_its_execution_has_ended():
    """The end at 3.5 s unlocks; the fires of 2 and 3 s are lost, not late."""
    trace = trace_of_run(flow("f", work("w", "2500ms"), triggers=(schedule(),)), until="5s")

    assert times_of(trace, Kind.FIRE) == [1, 4]
    assert times_of(trace, Kind.FIRE_SKIPPED) == [2, 3, 5]


def test_an_end_at_the_instant_of_a_fire_unlocks_in_time():
    trace = trace_of_run(flow("f", work("w", "1s"), triggers=(schedule(),)), until="3s")

    assert times_of(trace, Kind.FIRE) == [1, 2, 3]


def test_a_skipped_fire_names_the_execution_that_holds_the_lock_and_makes_none():
    trace = trace_of_run(flow("f", work("w", "9s"), triggers=(schedule(),)), until="2s")

    assert told(trace, Kind.FIRE_SKIPPED) == [(2, "FIRE_SKIPPED", "f#1", "s")]
    assert trace.names == ("f#1",)


def test_a_queued_execution_keeps_its_trigger_locked():
    trace = trace_of_run(
        flow("f", work("w", "5s"), limit=1, triggers=(schedule(),)), arrive("f", "0s", names="a"), until="7s"
    )

    assert times_of(trace, Kind.FIRE) == [1]
    assert lives(trace)["f#1"] == "CREATED:1 QUEUED:1 RUNNING:5 SUCCESS:10"


@pytest.mark.parametrize("behavior", ["CANCEL", "FAIL"])
def test_a_rejected_execution_unlocks_its_trigger_at_once(behavior):
    trace = trace_of_run(
        flow("f", limit=1, behavior=behavior, triggers=(schedule(),)), arrive("f"), until="3s"
    )

    assert times_of(trace, Kind.FIRE) == [1, 2, 3]
    assert times_of(trace, Kind.TRIGGER_UNLOCKED) == [1, 2, 3]


def test_after_execution_keeps_the_trigger_locked():
    trace = trace_of_run(
        flow("f", work("w", "500ms"), after_execution=(work("x", "2s"),), triggers=(schedule(),)), until="4s"
    )

    assert times_of(trace, Kind.FIRE) == [1, 4]


def test_an_execution_started_otherwise_does_not_lock_the_trigger():
    trace = trace_of_run(flow("f", work("w", "10s"), triggers=(schedule(),)), arrive("f", "0s"), until="1s")

    assert times_of(trace, Kind.FIRE) == [1]


def test_with_allow_concurrent_every_fire_meets_the_gate():
    trace = trace_of_run(flow("f", limit=2, triggers=(schedule(allow_concurrent=True),)), until="4s")

    assert times_of(trace, Kind.FIRE) == [1, 2, 3, 4]
    assert [e.detail for e in trace.events() if e.kind is Kind.GATE] == ["admit", "admit", "queue", "queue"]
    assert told(trace, Kind.TRIGGER_LOCKED) == []


def test_zero_length_tasks_never_keep_a_trigger_of_one_second_locked():
    trace = trace_of_run(flow("f", work("w", "0s"), limit=1, triggers=(schedule(),)), until="100s")

    assert len(times_of(trace, Kind.FIRE)) == 100
    assert told(trace, Kind.FIRE_SKIPPED) == []


def test_stop_after_disables_the_trigger_for_good():
    trace = trace_of_run(
        flow("f", work("w", "0s", fails=[2]), triggers=(schedule(stop_after=frozenset({"FAILED"})),)),
        until="9s",
    )

    assert times_of(trace, Kind.FIRE) == [1, 2]
    assert times_of(trace, Kind.TRIGGER_DISABLED) == [2]


def test_a_poll_fires_only_when_it_finds_something():
    trace = trace_of_run(
        flow("f", work("w", "0s"), triggers=(polling("p", "1s", finds=0.25),)), until="2000s"
    )

    assert abs(len(times_of(trace, Kind.FIRE)) / 2000 - 0.25) < 0.03


def test_what_polls_find_goes_on_over_edits():
    """An edit does not deal the same luck out again."""
    sparse = flow("f", work("w", "0s"), triggers=(polling("p", "1s", finds=0.3),))
    edits = [edit(f"{at}s", sparse) for at in range(10, 100, 10)]

    assert times_of(trace_of_run(sparse, *edits, until="100s"), Kind.FIRE) == times_of(
        trace_of_run(sparse, until="100s"), Kind.FIRE
    )


# --- Flow triggers


@pytest.mark.parametrize(("state", "at"), [("QUEUED", [1]), ("RUNNING", [0, 10]), ("SUCCESS", [10, 20])])
def test_a_flow_trigger_answers_each_transition_into_its_states(state, at):
    trace = trace_of_run(
        flow("up", limit=1),
        flow("down", triggers=(after("up", states=[state]),)),
        arrive("up", "0s 1s"),
    )

    assert times_of(trace, Kind.FIRE) == at


def test_a_flow_trigger_does_not_lock():
    trace = trace_of_run(
        flow("up", work("w", "1s")), flow("down", triggers=(after("up"),)), arrive("up", "0s 1s 2s")
    )

    assert times_of(trace, Kind.FIRE) == [1, 2, 3]
    assert told(trace, Kind.TRIGGER_LOCKED, Kind.FIRE_SKIPPED) == []


def test_its_executions_pass_the_gate_of_their_flow():
    trace = trace_of_run(
        flow("up", work("w", "1s")), flow("down", limit=1, triggers=(after("up"),)), arrive("up", "0s 0s")
    )

    assert lives(trace)["down#2"] == "CREATED:1 QUEUED:1 RUNNING:11 SUCCESS:21"


def test_several_conditions_must_each_be_met_since_it_last_fired():
    trace = trace_of_run(
        flow("a", work("w", "1s")),
        flow("b", work("w", "1s")),
        flow("down", triggers=(after("a", "b"),)),
        arrive("a", "0s 1s 6s"),
        arrive("b", "3s 10s"),
    )

    assert times_of(trace, Kind.FIRE) == [4, 11]


def test_a_flow_trigger_hears_of_rejections():
    trace = trace_of_run(
        flow("up", limit=1, behavior="FAIL"),
        flow("down", triggers=(after("up", states=["FAILED"]),)),
        arrive("up", "0s 1s"),
    )

    assert times_of(trace, Kind.FIRE) == [1]


def test_a_flow_does_not_trigger_itself():
    trace = trace_of_run(flow("f", triggers=(after("f"),)), arrive("f"))

    assert told(trace, Kind.FIRE) == []


def test_a_disabled_flow_trigger_is_deaf():
    trace = trace_of_run(flow("up"), flow("down", triggers=(after("up", disabled=True),)), arrive("up"))

    assert told(trace, Kind.FIRE) == []


def test_flows_that_trigger_each_other_at_one_instant_end_with_max_events():
    trace = trace_of_run(
        flow("a", work("w", "0s"), triggers=(after("b"),)),
        flow("b", work("w", "0s"), triggers=(after("a"),)),
        arrive("a"),
        max_events=10_000,
    )

    assert trace.event(len(trace) - 1).detail == "max_events"
    assert trace.end_us == 0


def test_rejections_that_trigger_each_other_end_with_max_events_too():
    """No task and no clock in the loop: it turns within the messages of one instant."""
    states = ["FAILED"]
    trace = trace_of_run(
        flow("a", limit=1, behavior="FAIL", triggers=(after("b", states=states),)),
        flow("b", limit=1, behavior="FAIL", triggers=(after("a", states=states),)),
        arrive("b", "0s"),
        arrive("a", Burst(2)),
        max_events=10_000,
    )

    assert trace.event(len(trace) - 1).detail == "max_events"
