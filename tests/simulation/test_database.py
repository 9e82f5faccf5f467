"""Transactions in time, calculated by hand (SEMANTICS A6).

The statements of a step stand in `protocol.documented`; a statement takes 10 ms here unless a test says otherwise.
"""

from __future__ import annotations

import pytest

from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.events import Kind
from flowconc.scenario.distributions import Listed
from flowconc.scenario.model import Burst, Database, Latency, Platform
from tests.flows import (
    act,
    arrive,
    edit,
    flow,
    key_of,
    last,
    lives,
    schedule,
    times_of,
    told,
    trace_of_run,
    work,
)

MS = 1_000
GATE, ENDED, FIRE = (STEPS[name].statements for name in ("gate", "task_ended", "fire"))


def timed(*, connections=10, per_waiting_us=0, statement_us=10 * MS, **keys):
    database = Database(connections, statement_us, per_waiting_us)
    return Platform(database=database, **keys)


def waits(trace):
    """Return the waits for locks: (execution, row, wait in ms, waiters left)."""
    return [
        (e.execution, e.detail, e.before / MS, e.after) for e in trace.events() if e.kind is Kind.LOCK_WAIT
    ]


def test_a_life_takes_its_transactions_one_after_the_other():
    trace = trace_of_run(flow("f", work("w", "1s")), arrive("f", names="a"), platform=timed())

    ends = {step: at for at, _, _, step in told(trace, Kind.TRANSACTION)}
    assert (GATE, ENDED) == (4, 4)
    assert ends == {"gate": 0.04, "task_ended": 1.08}


def test_an_end_frees_its_slot_and_hands_it_on_in_one_transaction():
    """Nobody ever sees a slot that is held by an execution that has ended, or a free one that somebody waits for."""
    trace = trace_of_run(
        flow("f", work("w", "1s"), limit=1), arrive("f", "0s 0s", names="a b"), platform=timed()
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0.04 SUCCESS:1.08"
    assert lives(trace)["b"] == "CREATED:0 QUEUED:0.08 RUNNING:1.08 SUCCESS:2.12"
    assert times_of(trace, Kind.RELEASE) == [1.08, 2.12]


def test_a_result_that_ends_nothing_leaves_the_counter_alone():
    """The gate of b holds the counter from 1.01 s on; the first task of a ends meanwhile, and nobody waits."""
    trace = trace_of_run(
        flow("f", work("v", "1s"), work("w", "1s"), limit=2),
        arrive("f", "0s 1.01s", names="a b"),
        platform=timed(),
    )

    assert waits(trace) == []


def test_the_flows_are_there_when_time_begins():
    trace = trace_of_run(flow("f", work("w", "1s"), limit=1), arrive("f", names="a"), platform=timed())

    assert [e.kind for e in trace.events(0, 2)] == [Kind.FLOW_SAVED, Kind.CREATED]
    assert told(trace, Kind.ARRIVAL_REFUSED) == []


def test_gates_of_a_limited_flow_wait_for_its_counter():
    """Each holds the counter's row for its four statements: 40, 80, 120 ms."""
    trace = trace_of_run(flow("f", limit=3), arrive("f", "0s 0s 0s", names="a b c"), platform=timed())

    assert times_of(trace, Kind.GATE) == [0.04, 0.08, 0.12]
    assert waits(trace) == [("b", "counter", 40, 1), ("c", "counter", 80, 0)]


def test_gates_of_a_flow_without_a_limit_do_not():
    trace = trace_of_run(flow("f"), arrive("f", "0s 0s 0s"), platform=timed())

    assert times_of(trace, Kind.GATE) == [0.04, 0.04, 0.04]
    assert waits(trace) == []


def test_flows_do_not_wait_for_each_other():
    trace = trace_of_run(flow("f", limit=1), flow("g", limit=1), arrive("f"), arrive("g"), platform=timed())

    assert times_of(trace, Kind.GATE) == [0.04, 0.04]


def test_one_connection_makes_every_transaction_wait():
    trace = trace_of_run(flow("f"), arrive("f", "0s 0s 0s"), platform=timed(connections=1))

    transactions = [(e.before / MS, e.after / MS) for e in trace.events() if e.kind is Kind.TRANSACTION]
    assert times_of(trace, Kind.GATE) == [0.04, 0.08, 0.12]
    assert transactions[:3] == [(40, 0), (40, 40), (40, 80)]


@pytest.mark.parametrize(("executors", "gates"), [(1, [0.04, 0.08, 0.12]), (2, [0.04, 0.04, 0.08])])
def test_an_executor_does_one_transaction_at_a_time(executors, gates):
    trace = trace_of_run(flow("f"), arrive("f", "0s 0s 0s"), platform=timed(executors=executors))

    assert times_of(trace, Kind.GATE) == gates


def test_each_waiting_execution_slows_every_transaction():
    """No statement costs anything, each of those that wait 1 s; gates find 0, 0, 1, 2 waiting."""
    platform = timed(statement_us=0, per_waiting_us=1_000_000)
    trace = trace_of_run(flow("f", work("w", "1m"), limit=1), arrive("f", Burst(4)), platform=platform)

    assert times_of(trace, Kind.GATE) == [0, 0, 1, 3]


def test_a_backlog_of_one_flow_slows_the_gate_of_another():
    platform = timed(statement_us=0, per_waiting_us=1_000_000)
    trace = trace_of_run(
        flow("f", work("w", "1m"), limit=1),
        flow("g", work("w", "1m")),
        arrive("f", "0s 0s 0s"),
        arrive("g", "10s", names="g"),
        platform=platform,
    )

    assert lives(trace)["g"].startswith("CREATED:10 RUNNING:12")


def test_a_fire_is_a_transaction_of_the_scheduler():
    """Three statements, and then the gate's four; the two triggers share the one scheduler."""
    two = [flow(name, work("w", "0s"), triggers=(schedule(),)) for name in "fg"]
    trace = trace_of_run(*two, until="1s", platform=timed())

    assert FIRE == 3
    assert times_of(trace, Kind.FIRE) == [1.03, 1.06]
    assert times_of(trace, Kind.GATE) == [1.07, 1.10]


def test_the_scheduler_is_no_executor():
    trace = trace_of_run(
        flow("f", work("w", "0s"), triggers=(schedule(),)),
        flow("g"),
        arrive("g", "1s"),
        until="1s",
        platform=timed(executors=1),
    )

    assert times_of(trace, Kind.FIRE) == [1.03]


def test_latencies_add_up_along_the_way():
    latency = Latency(arrival_us=1_000_000, dispatch_us=2_000_000, result_us=3_000_000)
    trace = trace_of_run(
        flow("f", work("w", "10s"), limit=1), arrive("f", names="a"), platform=Platform(latency=latency)
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:1 SUCCESS:16"
    assert times_of(trace, Kind.TASK_STARTED) == [3]
    assert times_of(trace, Kind.TASK_ENDED) == [13]


def test_executions_whose_way_to_the_gate_is_known_take_that():
    """The second one created comes to the gate first."""
    ways = Listed((3_000_000, 1_000_000), rest_us=0)
    latency = Latency(ways=((("gate", key_of("f")), ways),))
    trace = trace_of_run(
        flow("f", limit=1), arrive("f", "0s 0s", names="a b"), platform=Platform(latency=latency)
    )

    assert lives(trace)["a"].startswith("CREATED:0 QUEUED:3 ")
    assert lives(trace)["b"].startswith("CREATED:0 RUNNING:1 ")


def test_an_edit_takes_the_counters_lock_and_its_time():
    trace = trace_of_run(
        flow("f", limit=1),
        arrive("f", "0s 0s", names="a b"),
        edit("5s", flow("f", limit=2)),
        platform=timed(),
    )

    assert times_of(trace, Kind.FLOW_SAVED) == [0, 5.04]
    assert lives(trace)["b"].startswith("CREATED:0 QUEUED:0.08 RUNNING:5.04")


def test_a_kill_waits_for_the_execution_that_the_gate_has_locked():
    """The gate has it until 40 ms; the kill's three statements end at 70 ms, the four of its answer at 110 ms."""
    trace = trace_of_run(
        flow("f", limit=1), arrive("f", names="a"), act("20ms", "kill", "a"), platform=timed()
    )

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0.04 KILLING:0.07 KILLED:0.11"
    assert ("a", "execution", 20, 0) in waits(trace)


def test_the_limit_holds_with_everything_scarce():
    platform = timed(connections=2, per_waiting_us=1 * MS, executors=2, worker_threads=1)
    trace = trace_of_run(flow("f", work("w", "1s"), limit=2), arrive("f", Burst(20)), platform=platform)

    assert max(event.running for event in trace.events() if event.running is not None) == 2
    assert sum("SUCCESS" in life for life in lives(trace).values()) == 20


@pytest.mark.slow
def test_a_burst_of_100_000_behind_one_slot_is_no_deep_recursion():
    trace = trace_of_run(flow("f", work("w", "0s"), limit=1), arrive("f", Burst(100_000)))

    assert last(trace).detail == "drained"
    assert len(trace.names) == 100_000


def test_a_burst_on_a_slow_database_is_no_deep_recursion():
    trace = trace_of_run(
        flow("f", work("w", "0s"), limit=1),
        arrive("f", Burst(5_000)),
        platform=timed(statement_us=1, connections=1, executors=1, worker_threads=1),
    )

    assert last(trace).detail == "drained"
