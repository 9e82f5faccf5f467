"""The compiled backend: executions a second, memory, and how time grows. Processor time, on one core."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import log10

import numpy as np

from benchmarks.figure import Figure, fastest_cpu_s, peak_bytes, python
from flowconc import compiled
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.flow import Concurrency, Flow, Task, TaskKind
from flowconc.scenario.model import Arrivals, Database, Platform, PoissonProcess, Scenario
from flowconc.scenario.problems import Position
from flowconc.simulation.simulate import simulate

HERE = Position("benchmarks")
RATE_PER_S = 10.0
MANY = 1_000_000
FEW = 20_000
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
BEYOND_MEMORY = 100_000_000


def two_flows(executions: int, *, database: bool = True) -> Scenario:
    """Make two QUEUE flows at 90 and 75 % of their limits that share executors, connections and worker threads.

    With `database`, each gate, release and pop is a transaction of 4 ms that locks the flow's counter.
    """
    flows = tuple(
        Flow(
            "bench",
            name,
            (Task("work", "benchmark", TaskKind.WORK, HERE, duration=Exponential(mean_us)),),
            HERE,
            concurrency=Concurrency(limit),
        )
        for name, limit, mean_us in (("wide", 10, 900_000), ("narrow", 4, 300_000))
    )
    half = PoissonProcess(RATE_PER_S, count=executions // 2)
    locks = Platform(executors=4, worker_threads=64, database=Database(10, 1_000, 10))
    return Scenario(
        "two flows",
        flows,
        HERE,
        arrivals=tuple(Arrivals(flow.key, half, HERE) for flow in flows),
        platform=locks if database else Platform(),
    )


def figures() -> list[Figure]:
    """Measure speed in turn, memory in processes of their own."""
    compiled.run(two_flows(100), announce=print)
    scenario, ideal = two_flows(MANY), two_flows(MANY, database=False)
    full_s = fastest_cpu_s(lambda: compiled.run(scenario), rounds=9)
    ideal_s = fastest_cpu_s(lambda: compiled.run(ideal), rounds=9)
    simpy_s = fastest_cpu_s(lambda: simulate(two_flows(FEW)), rounds=3)
    times_s = [fastest_cpu_s(_run(size), rounds=3) for size in SIZES]
    slope = float(np.polyfit(np.log10(SIZES), [log10(time_s) for time_s in times_s], 1)[0])
    small, large = (_peak("run", executions) for executions in (MANY, 3 * MANY))
    columns = sum(column.itemsize for column in compiled.run(two_flows(100)).columns)
    few, most = (_peak("summarize", executions) for executions in (MANY, BEYOND_MEMORY))
    streamed_s = fastest_cpu_s(lambda: compiled.summarize(scenario), rounds=5)
    return [
        Figure("compiled: executions, two flows, locks and database", MANY / full_s, "1/s", ">= 10000000"),
        Figure("compiled: executions, two flows, ideal platform", MANY / ideal_s, "1/s", ">= 10000000"),
        Figure(
            "compiled against simulation, same scenario",
            (simpy_s / FEW) / (full_s / MANY),
            "ratio",
            ">= 200",
        ),
        *(
            Figure(f"compiled: a run of {size:,}", time_s * 1e3, "ms")
            for size, time_s in zip(SIZES, times_s, strict=True)
        ),
        Figure("compiled: growth of time, log over log", slope, "slope", "<= 1.05"),
        Figure("compiled: result columns per execution", columns, "bytes"),
        Figure(
            "compiled: memory per execution, those included",
            (large - small) / (2 * MANY),
            "bytes",
            f"<= {columns + 64}",
        ),
        Figure("compiled: executions, statistics only", MANY / streamed_s, "1/s"),
        Figure("compiled: 10^8 against 10^6, statistics only", (most - few) / 2**20, "MB", "<= 4"),
    ]


def _run(executions: int) -> Callable[[], object]:
    scenario = two_flows(executions)
    return lambda: compiled.run(scenario)


def _peak(what: str, executions: int) -> int:
    """Return the peak memory of a process that runs this many executions."""
    return int(python("-m", "benchmarks.compiled", what, str(executions)))


if __name__ == "__main__":
    {"run": compiled.run, "summarize": compiled.summarize}[sys.argv[1]](two_flows(int(sys.argv[2])))
    print(peak_bytes())
