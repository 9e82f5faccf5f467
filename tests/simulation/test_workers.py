"""Worker threads, and the chances of what they run (SEMANTICS A7)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from flowconc.protocol.events import Kind
from flowconc.scenario.distributions import Listed, Uniform
from flowconc.scenario.flow import Failures, RetryBehavior, Sla, SlaBehavior, SlaKind, TaskKind
from flowconc.scenario.model import Burst, Latency, Platform, Recorded
from tests.flows import (
    act,
    arrive,
    edit,
    every_one,
    failing,
    flow,
    key_of,
    lives,
    parallel,
    retry,
    task,
    task_runs,
    times_of,
    told,
    trace_of_run,
    work,
)

ONE_THREAD = Platform(worker_threads=1)


def test_tasks_wait_for_a_thread_while_their_executions_run():
    trace = trace_of_run(flow("f", limit=2), arrive("f", "0s 0s", names="a b"), platform=ONE_THREAD)

    assert lives(trace)["b"] == "CREATED:0 RUNNING:0 SUCCESS:20"
    waits = [e.after for e in trace.events() if e.kind is Kind.TASK_STARTED]
    assert waits == [0, 10_000_000]


def test_the_limit_counts_executions_not_tasks():
    trace = trace_of_run(flow("f", parallel("p", work("x"), work("y")), limit=1), arrive("f", names="a"))

    assert task_runs(trace, "a") == "x:0 y:0"


def test_a_killed_task_gives_its_thread_back():
    trace = trace_of_run(
        flow("f"), arrive("f", "0s 0s", names="a b"), act("3s", "kill", "a"), platform=ONE_THREAD
    )

    assert task_runs(trace, "b") == "w:3"


def test_a_killed_task_that_waits_for_a_thread_never_starts():
    trace = trace_of_run(
        flow("f"), arrive("f", "0s 0s 0s", names="a b c"), act("3s", "kill", "b"), platform=ONE_THREAD
    )

    assert task_runs(trace, "b") == ""
    assert task_runs(trace, "c") == "w:10"


def test_a_deleted_execution_that_waits_for_a_thread_never_starts():
    trace = trace_of_run(
        flow("f"), arrive("f", "0s 0s 0s", names="a b c"), act("3s", "delete", "b"), platform=ONE_THREAD
    )

    assert task_runs(trace, "c") == "w:10"


def test_many_deleted_ones_in_the_line_for_a_thread_are_no_deep_recursion():
    trace = trace_of_run(
        flow("f", work("w", "1s")),
        arrive("f", Burst(3_000)),
        act("500ms", "delete", every_one("f")),
        arrive("f", "2s", names="late"),
        platform=ONE_THREAD,
    )

    assert task_runs(trace, "late") == "w:2"


def test_the_nth_runs_fail_counted_over_all_executions_attempts_included():
    trace = trace_of_run(
        flow("f", work("w", "1s", fails=[2, 3], retry=retry("1s", max_attempts=2))),
        arrive("f", "0s 10s 20s", names="a b c"),
    )

    assert [life.rpartition(" ")[2] for life in lives(trace).values()] == [
        "SUCCESS:1",
        "FAILED:13",
        "SUCCESS:21",
    ]


def test_the_first_attempts_fail_in_every_execution():
    tries = replace(work("w", "1s", retry=retry("1s", max_attempts=5)), failures=Failures(attempts=2))

    trace = trace_of_run(flow("f", tries), arrive("f", "0s 10s", names="a b"))

    assert [life.rpartition(" ")[2] for life in lives(trace).values()] == ["SUCCESS:5", "SUCCESS:15"]


def test_a_retry_of_an_execution_is_spared_what_only_originals_suffer():
    suffers = replace(work("w", "1s"), failures=Failures(share=1.0, only_original=True))
    anew = retry("1s", max_attempts=5, behavior=RetryBehavior.CREATE_NEW_EXECUTION)

    trace = trace_of_run(replace(flow("f", suffers), retry=anew), arrive("f", "0s", names="a"))

    assert [life.rpartition(" ")[2] for life in lives(trace).values()] == ["RETRIED:1", "SUCCESS:3"]


def test_the_tasks_that_an_arrival_names_fail_in_its_executions_only():
    trace = trace_of_run(
        flow("f", work("w", "1s")),
        arrive("f", "0s", names="a", fails=frozenset({"w"})),
        arrive("f", "0s", names="b"),
    )

    assert lives(trace) == {"a": "CREATED:0 RUNNING:0 FAILED:1", "b": "CREATED:0 RUNNING:0 SUCCESS:1"}


def test_a_share_of_runs_fails():
    half = work("w", "0s")
    object.__setattr__(half, "failures", Failures(share=0.5))
    trace = trace_of_run(flow("f", half), arrive("f", Burst(2000)))

    failed = sum("FAILED" in life for life in lives(trace).values())
    assert abs(failed / 2000 - 0.5) < 0.04


def test_a_share_of_100_percent_fails_always():
    trace = trace_of_run(flow("f", failing("w")), arrive("f", Burst(200)))

    assert all("FAILED" in life for life in lives(trace).values())


def test_a_fail_task_fails_and_an_instant_task_does_not():
    trace = trace_of_run(
        flow("f", task("log", TaskKind.INSTANT), task("fail", TaskKind.FAIL)), arrive("f", names="a")
    )

    assert task_runs(trace, "a") == "log:0 fail:0"
    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 FAILED:0"


def test_a_recorded_duration_replaces_the_tasks_own():
    rows = Recorded((0, 0), (3_000_000, None), (None, "ui"))
    trace = trace_of_run(flow("f"), arrive("f", rows, names="a b", source="api"))

    assert lives(trace) == {"a": "CREATED:0 RUNNING:0 SUCCESS:3", "b": "CREATED:0 RUNNING:0 SUCCESS:10"}
    assert [e.detail for e in trace.events() if e.kind is Kind.CREATED] == ["api", "ui"]


def test_each_pass_of_a_loop_draws_a_duration_of_its_own():
    passes = [work("w", Uniform(0, 10_000_000)) for _ in range(5)]
    trace = trace_of_run(flow("f", *passes), arrive("f"))

    starts = [*times_of(trace, Kind.TASK_STARTED), trace.end_us / 1e6]
    lengths = {after - before for before, after in pairwise(starts)}
    assert len(lengths) == 5
    assert told(trace, Kind.ACTION_REFUSED) == []


def test_a_kill_takes_the_way_that_is_known_of_it():
    ways = ((("stopped", key_of("f")), Listed((2_000_000,), 0)),)
    trace = trace_of_run(
        flow("f", work("w", "10s")),
        arrive("f", "0s 0s", names="a b"),
        act("3s", "kill", "a"),
        act("3s", "kill", "b"),
        platform=Platform(latency=Latency(dispatch_us=1_000_000, ways=ways)),
    )

    assert lives(trace)["a"].endswith("KILLING:3 KILLED:5")
    assert lives(trace)["b"].endswith("KILLING:3 KILLED:3")


def test_the_kill_of_an_sla_takes_the_way_that_is_known_of_it():
    """The SLA ends b in the queue, and its end pops it itself; the kill that goes with that comes 2 s later."""
    sla = Sla("late", SlaKind.MAX_DURATION, SlaBehavior.CANCEL, duration_us=3_000_000)
    ways = ((("sla_kill", key_of("f")), Listed((None, 2_000_000), 0)),)
    trace = trace_of_run(
        flow("f", limit=1),
        edit("1s", flow("f", limit=1, sla=(sla,))),
        arrive("f", "0s 1s", names="a b"),
        platform=Platform(latency=Latency(ways=ways)),
        semantics="kestra-2.0.2",
    )

    assert lives(trace)["b"] == "CREATED:1 QUEUED:1 CANCELLED:4 RUNNING:4 CANCELLED:6"
