"""How runs of a plan scale over processes, and what it costs to hand them out.

Wall time in steady state: both processes are there, with their machine code, before the clock starts. One process is
what `--workers 1` is, this process without any other, so that handing jobs out counts against the two. The rounds
alternate, and the shortest of each counts. No ratio can be better than that of work which is given nothing and shares
nothing: that one is the yardstick, and where the machine has other things to do it is itself far from 2.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from benchmarks.compiled import two_flows
from benchmarks.figure import Figure, fastest_s
from flowconc import compiled
from flowconc.plan.evaluation import compiled as evaluate
from flowconc.plan.evaluation import of_flow
from flowconc.plan.jobs import Farm, Job
from flowconc.plan.pool import Processes

SIZES = {"2 ms": (1_200, 1_000), "20 ms": (16_000, 100)}
"""Executions of a run and the number of runs, by roughly what a run takes."""

ROUNDS = 3


def jobs(executions: int, count: int) -> list[Job]:
    """Make runs of one scenario that ask for what plans ask for."""
    scenario = two_flows(executions)
    statistics = tuple(
        of_flow(metric, statistic, flow.key)
        for flow in scenario.flows
        for metric, statistic in (("queue_wait", "p95"), ("queue_wait", "mean"), ("utilization", "mean"))
    )
    return [Job(scenario, 1, replication, statistics) for replication in range(count)]


def figures() -> list[Figure]:
    """Measure the ratio for short runs and for longer ones, and the processor time that a job costs where it is given."""
    compiled.prepare(print)
    with Processes(1) as one, Processes(2, alone_for_s=0) as two:
        short, longer = (_both(jobs(*size), one, two) for size in SIZES.values())
        given_s = _given_s(jobs(*SIZES["2 ms"]), two)
    return [
        Figure("two processes against one, loops that share nothing", _yardstick(), "ratio"),
        Figure("plan: two processes against one, runs of 2 ms", short, "ratio", ">= 1.8"),
        Figure("plan: two processes against one, runs of 20 ms", longer, "ratio", ">= 1.8"),
        Figure("plan: processor time to hand out a run of 2 ms", given_s * 1e6, "us"),
    ]


def _both(made: list[Job], one: Farm, two: Farm) -> float:
    """Return how many times as fast two processes do jobs."""
    return _ratio(partial(_do, made, one), partial(_do, made, two))


def _yardstick() -> float:
    """Return how many times as fast two processes go through loops."""
    loops = [5_000_000] * 4
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as two:
        return _ratio(lambda: list(map(_loop, loops)), lambda: list(two.map(_loop, loops)))


def _loop(steps: int) -> None:
    for _ in range(steps):
        pass


def _ratio(alone: Callable[[], object], together: Callable[[], object]) -> float:
    """Return how many times as long `alone` takes as `together`, which is begun once before: its processes start."""
    together()
    times_s = [(fastest_s(alone, rounds=1), fastest_s(together, rounds=1)) for _ in range(ROUNDS)]
    return min(one_s for one_s, _ in times_s) / min(two_s for _, two_s in times_s)


def _given_s(made: list[Job], farm: Farm) -> float:
    """Return the processor time of this process for each job that others do, in seconds."""
    began_s = time.process_time()
    _do(made, farm)
    return (time.process_time() - began_s) / len(made)


def _do(made: list[Job], farm: Farm) -> None:
    assert sum(1 for _ in farm(made, evaluate)) == len(made)
