"""Admission, hand-over, rejection: SEMANTICS A1 to A4."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.protocol.creation import Request
from flowconc.protocol.events import Kind
from flowconc.protocol.progress import Run
from flowconc.protocol.rules import DOCUMENTED_RULES, CountLock, FailedRestart
from flowconc.protocol.states import State
from flowconc.protocol.steps import Next
from flowconc.scenario.flow import Behavior, Concurrency
from flowconc.scenario.model import Burst
from tests.flows import act, arrive, edit, flow, key_of, life, lives, task_runs, told, trace_of_run, work
from tests.protocol.by_hand import Hand


def test_the_limit_is_reached_exactly_and_the_next_one_waits():
    """Limit 2: the second is admitted, the third waits until one of them ends."""
    trace = trace_of_run(flow("f", limit=2), arrive("f", "0s 1s 2s", names="a b c"))

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 SUCCESS:10",
        "b": "CREATED:1 RUNNING:1 SUCCESS:11",
        "c": "CREATED:2 QUEUED:2 RUNNING:10 SUCCESS:20",
    }


def test_a_slot_that_is_free_again_is_given_to_an_arrival_at_once():
    """Ends come before arrivals: at 10 s the slot is free already."""
    assert life("b", flow("f", limit=1), arrive("f", "0s 10s", names="a b")) == (
        "CREATED:10 RUNNING:10 SUCCESS:20"
    )


def test_queued_executions_start_oldest_first():
    trace = trace_of_run(flow("f", limit=1), arrive("f", "0s 2s 1s 3s", names="a c b d"))

    started = [name for _, _, name, _ in told(trace, Kind.CLAIM)]
    assert started == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
def test_a_rejected_execution_ends_at_once_and_runs_no_task(behavior, state):
    """Not even its errors, finally and afterExecution tasks."""
    rejecting = flow(
        "f",
        limit=1,
        behavior=behavior,
        errors=(work("e"),),
        finally_=(work("z"),),
        after_execution=(work("x"),),
    )
    trace = trace_of_run(rejecting, arrive("f", "0s 1s", names="a b"))

    assert lives(trace)["b"] == f"CREATED:1 {state}:1"
    assert task_runs(trace, "b") == ""
    assert [name for _, _, name, _ in told(trace, Kind.CLAIM, Kind.RELEASE)] == ["a", "a"]


def test_rejecting_flows_have_no_queue_and_take_the_next_when_a_slot_is_free():
    trace = trace_of_run(flow("f", limit=1, behavior="CANCEL"), arrive("f", "0s 5s 12s", names="a b c"))

    assert lives(trace)["c"] == "CREATED:12 RUNNING:12 SUCCESS:22"


def test_every_source_counts_against_the_same_limit():
    """A2: API, UI, webhook and another flow's subflow share the slots."""
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s", source="api", names="a"),
        arrive("f", "1s", source="ui", names="u"),
        arrive("f", "2s", source="webhook", names="w"),
    )

    assert [at for at, *_ in told(trace, Kind.CLAIM)] == [0, 10, 20]


def test_flows_of_the_same_id_in_different_namespaces_have_separate_slots():
    other = flow("f", limit=1)
    object.__setattr__(other, "namespace", "m")
    trace = trace_of_run(flow("f", limit=1), other, arrive("f", "0s", names="a"))

    assert trace.flows == ("n.f", "m.f")
    assert lives(trace) == {"a": "CREATED:0 RUNNING:0 SUCCESS:10"}


def test_a_flow_without_concurrency_admits_everybody_and_counts_them():
    trace = trace_of_run(flow("f"), arrive("f", "0s 0s", names="a b"))

    gates = [(e.before, e.after, e.detail) for e in trace.events() if e.kind is Kind.GATE]
    counters = [(e.before, e.after) for e in trace.events() if e.kind in (Kind.CLAIM, Kind.RELEASE)]
    assert gates == [(0, None, "admit"), (1, None, "admit")]
    assert counters == [(0, 1), (1, 2), (2, 1), (1, 0)]


def test_the_gate_reports_the_counter_it_found_and_the_limit_it_applied():
    trace = trace_of_run(flow("f", limit=1), arrive("f", "0s 0s", names="a b"))

    gates = [(e.execution, e.before, e.after, e.detail) for e in trace.events() if e.kind is Kind.GATE]
    assert gates == [("a", 0, 1, "admit"), ("b", 1, 1, "queue")]


def test_a_release_hands_the_slot_on_in_the_same_step():
    """Nobody can come in between: release, claim and the new state have one time and follow each other."""
    trace = trace_of_run(flow("f", limit=1), arrive("f", "0s 1s", names="a b"))

    events = list(trace.events())
    release = next(i for i, e in enumerate(events) if e.kind is Kind.RELEASE)
    assert [(e.kind, e.execution) for e in events[release : release + 3]] == [
        (Kind.RELEASE, "a"),
        (Kind.CLAIM, "b"),
        (Kind.STATE, "b"),
    ]


def test_a_restarted_execution_goes_to_the_end_of_the_queue():
    """FIFO is by the time of queueing, not of creation."""
    trace = trace_of_run(
        flow("f", work("w", "10s", fails=[1]), limit=1),
        arrive("f", "0s 1s 2s", names="a b c"),
        act("11s", "restart", "a"),
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 FAILED:10 RESTARTED:11 QUEUED:11 RUNNING:30 SUCCESS:40"


@pytest.mark.parametrize("behavior", Behavior)
def test_a_burst_at_one_instant_admits_exactly_the_limit(behavior):
    trace = trace_of_run(flow("f", limit=3, behavior=behavior.value), arrive("f", Burst(10)))

    at_once = [event for event in trace.events() if event.kind is Kind.CLAIM and event.t_us == 0]
    assert len(at_once) == 3


def test_the_gate_reads_the_latest_limit_also_for_executions_of_older_revisions():
    """A8: c was created on revision 1; the pop asks the limit of revision 2."""
    trace = trace_of_run(
        flow("f", limit=2),
        arrive("f", "0s 0s 1s", names="a b c"),
        edit("2s", flow("f", limit=1)),
    )

    assert lives(trace)["c"] == "CREATED:1 QUEUED:1 RUNNING:10 SUCCESS:20"
    assert [(e.t_us, e.after) for e in trace.events() if e.kind is Kind.CLAIM][2:] == [(10_000_000, 1)]


@pytest.mark.parametrize(
    ("lock", "decides_later"),
    [
        (CountLock.HELD, (False, False)),
        (CountLock.HELD_IF_ANY, (True, False)),
        (CountLock.NONE, (True, True)),
    ],
)
def test_a_count_that_is_not_locked_is_acted_on_in_a_step_of_its_own(lock, decides_later):
    """Of an empty flow, and of one in which somebody runs: there is a row to lock (BUGS, #10228, #10296)."""
    hand = Hand(flow("f", limit=5), rules=replace(DOCUMENTED_RULES, count_lock=lock))

    for later in decides_later:
        number = len(hand.tables.names)
        hand.do("create", None, Request(key_of("f"), "api"))
        orders = hand.do("gate", number).orders
        assert any(isinstance(order, Next) for order in orders) is later
        hand.send("gate", number)


@pytest.mark.parametrize(
    ("answer", "state", "counter"),
    [
        (FailedRestart.STOPS, State.FAILED, 1),
        (FailedRestart.RUNS, State.RUNNING, 1),
        (FailedRestart.RUNS_COUNTED, State.RUNNING, 2),
    ],
)
def test_a_restart_that_a_full_flow_with_fail_would_turn_away(answer, state, counter):
    """OBSERVED 9: some versions let it run, one of them counts it too."""
    hand = Hand(flow("f", limit=1, behavior="FAIL"), rules=replace(DOCUMENTED_RULES, failed_restart=answer))
    number = hand.create("f")
    hand.end_task(number, outcome=Run.FAILED)
    hand.create("f")

    hand.send("restart", number)

    assert (hand.state(number), hand.tables.counters["n.f"]) == (state, counter)


def test_a_step_on_slots_locks_the_limits_of_all_scopes_in_one_order():
    hand = Hand(flow("f", limit=1))
    number = hand.create("f")
    hand.tables.scopes |= {"tenant:main": Concurrency(9), "namespace:n": Concurrency(9)}

    assert hand.locks("kill", number) == (
        ("executions", number),
        ("counters", "n.f"),
        ("counters", "namespace:n"),
        ("counters", "tenant:main"),
    )
