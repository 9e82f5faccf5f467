"""The plain M/M/c queue, which other simulators can express too: customers a second, and how far ahead we are.

Each peer runs as its documentation writes the queue, in a process of its own that measures its processor time, three
times. The peers are installed under `build/peers`, because Ciw brings a package `tests` that would hide ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.figure import Figure, fastest_cpu_s
from flowconc import compiled
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.flow import Concurrency, Flow, Task, TaskKind
from flowconc.scenario.model import Arrivals, PoissonProcess, Scenario
from flowconc.scenario.problems import Position

HERE = Position("benchmarks")
PEERS = Path(__file__).parents[1] / "build" / "peers"
SERVERS, RATE_PER_S, MEAN_US = 10, 10.0, 900_000
CUSTOMERS = 10_000

MEASURE = """
import time

def measure(work):
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    print(min(times))
"""

CIW = """
import ciw

network = ciw.create_network(
    arrival_distributions=[ciw.dists.Exponential(rate=10.0)],
    service_distributions=[ciw.dists.Exponential(rate=1 / 0.9)],
    number_of_servers=[10],
)

def work():
    ciw.seed(1)
    ciw.Simulation(network).simulate_until_max_customers(%d)

measure(work)
"""

SALABIM = """
import salabim

salabim.yieldless(False)
COUNT = %d

class Customer(salabim.Component):
    def process(self):
        yield self.request(servers)
        yield self.hold(salabim.Exponential(0.9).sample())
        self.release()

class Source(salabim.Component):
    def process(self):
        for _ in range(COUNT):
            yield self.hold(salabim.Exponential(1 / 10.0).sample())
            Customer()

def work():
    global servers
    environment = salabim.Environment(trace=False, random_seed=1)
    servers = salabim.Resource("servers", capacity=10)
    Source()
    environment.run()

measure(work)
"""

SIMPY = """
import random
import simpy

COUNT = %d

def customer(environment, servers):
    with servers.request() as server:
        yield server
        yield environment.timeout(random.expovariate(1 / 0.9))

def source(environment, servers):
    for _ in range(COUNT):
        yield environment.timeout(random.expovariate(10.0))
        environment.process(customer(environment, servers))

def work():
    random.seed(1)
    environment = simpy.Environment()
    environment.process(source(environment, simpy.Resource(environment, 10)))
    environment.run()

measure(work)
"""


def queue(customers: int) -> Scenario:
    """Make the same queue: a flow with a limit of 10 on the ideal platform."""
    work = Task("work", "benchmark", TaskKind.WORK, HERE, duration=Exponential(MEAN_US))
    flow = Flow("bench", "queue", (work,), HERE, concurrency=Concurrency(SERVERS))
    arrivals = Arrivals(flow.key, PoissonProcess(RATE_PER_S, count=customers), HERE)
    return Scenario("M/M/c", (flow,), HERE, arrivals=(arrivals,))


def figures() -> list[Figure]:
    """Measure all four in one run."""
    customers = 1_000_000
    scenario = queue(customers)
    compiled.run(queue(100), announce=print)
    ours = customers / fastest_cpu_s(lambda: compiled.run(scenario), rounds=5)
    theirs = {
        name: CUSTOMERS / _peer_s(code % CUSTOMERS)
        for name, code in (("Ciw", CIW), ("salabim", SALABIM), ("plain SimPy", SIMPY))
    }
    return [
        Figure("M/M/c: customers through the compiled backend", ours, "1/s"),
        *(Figure(f"M/M/c: customers through {name}", rate, "1/s") for name, rate in theirs.items()),
        *(
            Figure(f"M/M/c: compiled against {name}", ours / rate, "ratio", ">= 1")
            for name, rate in theirs.items()
        ),
    ]


def _peer_s(code: str) -> float:
    environment = {**os.environ, "PYTHONPATH": str(PEERS)}
    command = [sys.executable, "-W", "ignore", "-c", MEASURE + code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout.split()[-1])
