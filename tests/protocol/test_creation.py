"""How executions come into being: names, trigger locks, Flow triggers (SEMANTICS A2, A5)."""

from __future__ import annotations

import pytest

from flowconc.protocol.creation import Request
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Burst
from tests.flows import (
    act,
    after,
    arrive,
    call,
    flow,
    lives,
    schedule,
    times_of,
    told,
    trace_of_run,
    work,
)
from tests.protocol.by_hand import Hand


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


def test_who_asks_for_a_subflow_is_locked_and_nobody_else():
    hand = Hand(flow("f"), flow("c"))
    parent = hand.create("f")

    assert hand.locks("create", None, Request("n.c", "subflow:f#1", parent=parent)) == (
        ("executions", parent),
    )
    assert hand.locks("create", None, Request("n.c", "api")) == ()
