"""Workers that go down, and the tasks that they had in hand (SEMANTICS 4.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.check.judge import judge
from flowconc.check.verdict import Outcome
from flowconc.protocol.events import Kind
from flowconc.scenario import builder
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import Platform, WorkerRestart
from flowconc.simulation.simulate import simulate
from tests.flows import act, arrive, call, flow, lives, parallel, task_runs, told, work
from tests.simulation.faulty import crash, mishaps, trace_of, wrong

ONE = flow("f", limit=1), arrive("f", "0s 1s", names="a b")
DOWN = crash("worker", at="4s", for_="10s")
QUICK = Platform(worker_timeout_us=20_000_000, worker_grace_us=10_000_000)
"""Jobs of a worker that is gone are sent again after 30 s."""

OUTLIVED = replace(QUICK, work_outlives_worker=True)


def runs(trace, name):
    """Return when each run of a task of an execution started and ended: `0-4 34-44`."""
    spans, open_runs = [], []
    for event in trace.events():
        if event.execution != name:
            continue
        if event.kind is Kind.TASK_STARTED:
            open_runs.append(event.t_us)
        elif event.kind is Kind.TASK_ENDED:
            spans.append((open_runs.pop(0), event.t_us))
    return " ".join(f"{start / 1e6:g}-{end / 1e6:g}" for start, end in spans)


def test_a_scenario_says_how_workers_are_watched():
    given = {
        "workers": 2,
        "worker_timeout": "20s",
        "worker_grace": "10s",
        "worker_restart": "NEVER",
        "work_outlives_worker": True,
    }
    written = builder.scenario("s").flow(builder.flow("f", duration="1s")).arrive("f", at="0s")

    assert written.build().platform == Platform()
    assert written.platform(**given).build().platform == replace(
        OUTLIVED, workers=2, worker_restart=WorkerRestart.NEVER
    )


def test_a_lost_task_runs_again_after_timeout_and_grace_and_keeps_its_slot_meanwhile():
    """45 s and 5 min, unless the platform says otherwise; b waits all the time."""
    trace = trace_of(*ONE, DOWN)

    assert mishaps(trace) == [
        "4 COMPONENT_DOWN worker 0",
        "14 COMPONENT_UP worker 0",
        "349 MESSAGE_REPEATED run_task of a",
    ]
    assert runs(trace, "a") == "0-4 349-359"
    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 SUCCESS:359",
        "b": "CREATED:1 QUEUED:1 RUNNING:359 SUCCESS:369",
    }


def test_the_new_run_is_of_the_same_attempt_and_takes_as_long():
    """What a run takes belongs to its execution, task and attempt (docs/decisions/0005)."""
    long = work("w", Exponential(600_000_000))
    alone = trace_of(flow("f", long), arrive("f", names="a"))
    twice = trace_of(
        flow("f", long), arrive("f", names="a"), crash("worker", at="1s"), platform=QUICK, heal="2s"
    )

    attempts = [e.before for e in twice.events() if e.kind is Kind.TASK_STARTED]
    assert attempts == [1, 1]
    assert twice.end_us == alone.end_us + 31_000_000


@pytest.mark.parametrize(
    ("restart", "ran"),
    [
        (WorkerRestart.AFTER_TERMINATION_GRACE_PERIOD, "0-4 34-44"),
        (WorkerRestart.IMMEDIATELY, "0-4 24-34"),
        (WorkerRestart.NEVER, "0-4"),
    ],
)
def test_the_restart_strategy_says_when(restart, ran):
    assert runs(trace_of(*ONE, DOWN, platform=replace(QUICK, worker_restart=restart)), "a") == ran


def test_a_job_sent_again_waits_for_a_worker_that_is_up():
    trace = trace_of(*ONE, crash("worker", at="4s", for_="40s"), platform=QUICK)

    assert runs(trace, "a") == "0-4 44-54"


def test_a_job_is_sent_again_by_an_executor_that_is_up():
    trace = trace_of(*ONE, DOWN, crash("executor", at="5s", for_="45s"), platform=QUICK)

    assert runs(trace, "a") == "0-4 50-60"


def test_a_worker_takes_only_its_own_tasks_with_it():
    """The threads are shared: a and c are on worker 0, b on worker 1."""
    two = replace(QUICK, workers=2, worker_threads=3)
    trace = trace_of(flow("f"), arrive("f", "0s 0s 0s 0s", names="a b c d"), DOWN, platform=two)

    assert runs(trace, "b") == "0-10"
    assert runs(trace, "d") == "10-20"  # on the only thread that is left, until 14 s
    assert runs(trace, "a") == runs(trace, "c") == "0-4 34-44"


def test_jobs_in_the_line_for_a_thread_are_not_lost():
    trace = trace_of(
        flow("f"), arrive("f", "0s 0s", names="a b"), DOWN, platform=replace(QUICK, worker_threads=1)
    )

    assert runs(trace, "b") == "14-24"


def test_a_result_that_is_on_its_way_is_not_lost():
    latency = replace(QUICK, latency=replace(QUICK.latency, result_us=2_000_000))
    trace = trace_of(flow("f"), arrive("f", names="a"), crash("worker", at="11s"), platform=latency)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:12"


def test_a_lost_task_of_several_leaves_the_others_alone():
    two = replace(QUICK, workers=2)
    trace = trace_of(
        flow("f", parallel("p", work("x"), work("y"))), arrive("f", names="a"), DOWN, platform=two
    )

    assert task_runs(trace, "a") == "x:0 y:0 x:34"
    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:44"


def test_a_crash_with_nobody_at_work_loses_nothing():
    trace = trace_of(flow("f"), arrive("f", "5s", names="a"), crash("worker", at="1s", for_="1s"))

    assert lives(trace)["a"] == "CREATED:5 RUNNING:5 SUCCESS:15"


def test_a_second_crash_loses_the_second_run_too():
    trace = trace_of(*ONE, DOWN, crash("worker", at="36s", for_="1s"), platform=QUICK)

    assert runs(trace, "a") == "0-4 34-36 66-76"


# --- who is killed meanwhile


def test_under_the_contract_a_kill_frees_the_slot_of_a_lost_task_at_once():
    trace = trace_of(*ONE, DOWN, act("20s", "kill", "a"), platform=QUICK)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLING:20 KILLED:20"
    assert lives(trace)["b"].startswith("CREATED:1 QUEUED:1 RUNNING:20")
    assert runs(trace, "a") == "0-4"


def test_version_2_waits_for_the_lost_task():
    """A ghost stays KILLING until its task would have been sent again (#19679)."""
    trace = trace_of(*ONE, DOWN, act("20s", "kill", "a"), platform=QUICK, semantics="kestra-2.0.0")

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLING:20 KILLED:34"
    assert lives(trace)["b"].startswith("CREATED:1 QUEUED:1 RUNNING:34")
    assert runs(trace, "a") == "0-4"


def test_version_2_waits_for_ever_where_lost_tasks_never_come_again():
    never = replace(QUICK, worker_restart=WorkerRestart.NEVER)
    trace = trace_of(*ONE, DOWN, act("20s", "kill", "a"), platform=never, semantics="kestra-2.0.0")

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLING:20"


def test_version_2_waits_for_the_last_of_several_lost_tasks():
    two = replace(QUICK, workers=2)
    trace = trace_of(
        flow("f", parallel("p", work("x", "60s"), work("y", "60s")), limit=1),
        arrive("f", names="a"),
        crash("worker", at="4s"),
        crash("worker", at="8s"),
        act("20s", "kill", "a"),
        platform=two,
        semantics="kestra-2.0.0",
    )

    assert lives(trace)["a"].endswith("KILLING:20 KILLED:38")


def test_a_deleted_execution_is_not_run_again():
    trace = trace_of(flow("f"), arrive("f", names="a"), DOWN, act("5s", "delete", "a"), platform=QUICK)

    assert task_runs(trace, "a") == "w:0"


def test_a_parent_waits_for_a_child_whose_task_is_lost():
    trace = trace_of(flow("g"), flow("f", call("c", "g")), arrive("f", names="a"), DOWN, platform=QUICK)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:44"


# --- work that outlives its worker (plugin-kubernetes#249)


def test_work_that_outlives_its_worker_is_done_twice():
    """The pod of the first run goes on to its end, and nobody hears of that."""
    trace = trace_of(flow("f", work("w", "60s"), limit=1), arrive("f", names="a"), DOWN, platform=OUTLIVED)

    assert told(trace, Kind.TASK_STARTED, Kind.TASK_ENDED) == [
        (0, "TASK_STARTED", "a", "w"),
        (34, "TASK_STARTED", "a", "w"),
        (60, "TASK_ENDED", "a", "w"),
        (94, "TASK_ENDED", "a", "w"),
    ]
    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 SUCCESS:94"


def test_a_kill_does_not_reach_work_that_outlives_its_worker():
    trace = trace_of(*ONE, DOWN, act("6s", "kill", "a"), platform=OUTLIVED)

    assert lives(trace)["a"] == "CREATED:0 RUNNING:0 KILLING:6 KILLED:6"
    assert runs(trace, "a") == "0-10"


# --- what the checks make of it


def broken(*parts, **keys):
    """Return the invariants that a run breaks."""
    scenario = wrong(*parts, **keys)
    verdict = judge(scenario, (simulate(scenario),))
    return {finding.check for finding in verdict.of(Outcome.FAIL)}


LONG = flow("f", work("w", "60s"), limit=1), arrive("f", "0s 1s", names="a b")


def test_a_task_that_is_lost_and_run_again_breaks_nothing():
    assert broken(*LONG, DOWN, platform=QUICK) == set()


def test_work_that_is_done_twice_at_a_time_is_seen():
    assert broken(*LONG, DOWN, platform=OUTLIVED) == {"external_work_within_limit"}


def test_so_is_work_that_goes_on_beside_the_next_executions():
    soon_back = crash("worker", at="4s", for_="1s")

    assert broken(*LONG, soon_back, act("6s", "kill", "a"), platform=OUTLIVED) == {
        "external_work_within_limit"
    }


def test_a_task_that_is_never_run_again_is_what_a_crash_must_not_lose():
    never = replace(QUICK, worker_restart=WorkerRestart.NEVER)

    assert broken(*LONG, DOWN, platform=never, heal="20s") == {
        "crash_loses_nothing",
        "no_stranded_execution",
        "stuck",
    }
