"""Executions a second and bytes an execution, through the whole protocol with the trace on."""

from __future__ import annotations

import sys

import simpy
from numpy.random import default_rng

from benchmarks import figure
from benchmarks.figure import Figure, fastest_s, python
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.flow import Concurrency, Flow, Task, TaskKind
from flowconc.scenario.model import Arrivals, Database, Platform, PoissonProcess, Scenario
from flowconc.scenario.problems import Position
from flowconc.simulation.simulate import simulate

HERE = Position("benchmarks")
SLOTS, RATE_PER_S, MEAN_US = 10, 10.0, 900_000


def scenario(executions: int) -> Scenario:
    """Make a QUEUE flow at 90 % of its limit, on a database whose transactions and locks take time."""
    work = Task("work", "benchmark", TaskKind.WORK, HERE, duration=Exponential(MEAN_US))
    flow = Flow("bench", "queue", (work,), HERE, concurrency=Concurrency(SLOTS))
    return Scenario(
        "throughput",
        (flow,),
        HERE,
        arrivals=(Arrivals(flow.key, PoissonProcess(RATE_PER_S, count=executions), HERE),),
        platform=Platform(executors=4, worker_threads=64, database=Database(10, 1_000, 10)),
    )


def plain_simpy(customers: int) -> None:
    """Run the yardstick: the queue as SimPy's documentation would write it. No protocol, no locks, no trace."""
    environment = simpy.Environment()
    slots = simpy.Resource(environment, SLOTS)
    generator = default_rng(1)
    gaps = generator.exponential(1 / RATE_PER_S, customers).tolist()
    services = generator.exponential(MEAN_US / 1e6, customers).tolist()

    def customer(service_s: float):  # noqa: ANN202 - a SimPy process
        with slots.request() as slot:
            yield slot
            yield environment.timeout(service_s)

    def source():  # noqa: ANN202 - a SimPy process
        for gap_s, service_s in zip(gaps, services, strict=True):
            yield environment.timeout(gap_s)
            environment.process(customer(service_s))

    environment.process(source())
    environment.run()


def figures() -> list[Figure]:
    """Measure both in turn, and the memory in processes of their own."""
    executions = 20_000
    ours_s = fastest_s(lambda: simulate(scenario(executions)), rounds=9)
    simpy_s = fastest_s(lambda: plain_simpy(executions), rounds=9)
    small, large = (peak_bytes(count) for count in (10_000, 110_000))
    return [
        Figure("executions through the protocol", executions / ours_s, "1/s", ">= 20000"),
        Figure("customers through plain SimPy, no protocol", executions / simpy_s, "1/s"),
        Figure("protocol against plain SimPy, time per execution", ours_s / simpy_s, "ratio"),
        Figure("memory per execution, full trace", (large - small) / 100_000 / 1024, "KB", "<= 1.5"),
    ]


def peak_bytes(executions: int) -> int:
    """Return the peak memory of a process that simulates this many executions."""
    return int(python("-m", "benchmarks.throughput", str(executions)))


if __name__ == "__main__":
    trace = simulate(scenario(int(sys.argv[1])))
    print(figure.peak_bytes())
