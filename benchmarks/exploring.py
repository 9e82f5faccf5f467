"""How fast orders of events are explored, and how soon the races of history are found."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial

from benchmarks.figure import Figure, fastest_s
from flowconc.explore.exhaustive import Exhaustion
from flowconc.explore.explore import Exploration, explore
from flowconc.explore.model import Model
from flowconc.explore.reduction import Reduction
from flowconc.explore.scope import Scope
from flowconc.scenario.distributions import Constant
from flowconc.scenario.flow import Concurrency, Flow, Task, TaskKind
from flowconc.scenario.model import Action, Arrivals, AtTimes, Explore, Invariants, Scenario, Selection, Verb
from flowconc.scenario.problems import Position
from flowconc.simulation.garbage import not_collecting_garbage

HERE = Position("benchmarks")
SECOND_US = 1_000_000


@dataclass(frozen=True)
class Race:
    """A race of history: the semantics that had it, what it breaks, and what it needs."""

    name: str
    semantics: str
    breaks: str
    limit: int = 1
    arrivals: int = 3
    bulk_kill: bool = False
    crashes: int = 0


RACES = (
    Race("burst at admission", "kestra-0.22.0", "limit_never_exceeded"),
    Race("bulk kill under SKIP LOCKED", "kestra-1.1.0", "work_conserving", 2, 4, bulk_kill=True),
    Race("arrival between decrement and pop", "kestra-1.1.10", "fifo"),
    Race("crash between pop and emission", "kestra-2.0.2", "no_stranded_execution", crashes=1),
)


def scenario(
    semantics: str, *, limit: int = 1, tasks: int = 1, arrivals: int = 3, bulk_kill: bool = False
) -> Scenario:
    """Make executions that arrive at once at a flow with QUEUE, and perhaps a kill of all that run."""
    work = tuple(
        Task(f"work_{number}", "benchmark", TaskKind.WORK, HERE, duration=Constant(10 * SECOND_US))
        for number in range(tasks)
    )
    flow = Flow("bench", "queue", work, HERE, concurrency=Concurrency(limit))
    kill = Action(SECOND_US, Verb.KILL, Selection(flow.key, "RUNNING"), HERE)
    return Scenario(
        "exploring",
        (flow,),
        HERE,
        arrivals=(Arrivals(flow.key, AtTimes((0,) * arrivals), HERE),),
        actions=(kill,) if bulk_kill else (),
        semantics=semantics,
    )


def small_scope(semantics: str) -> Exploration:
    """Follow every order of 3 executions, limit 1, on 2 executors of which one may crash, whatever breaks."""
    return explore(scenario(semantics), Explore(HERE, executors=2, crashes=1), everything=True)


def states_per_s(semantics: str) -> float:
    """Follow the orders of more executions than can all be followed, up to a bound, and count the distinct states."""
    made = scenario(semantics, limit=2, tasks=2, arrivals=6, bulk_kill=True)
    machine = Model.of(made).machine(Scope(executors=3, crashes=2))
    began = time.perf_counter()
    with not_collecting_garbage():
        seen = Exhaustion(machine, Reduction(machine)).go_on(200_000)
    return seen.states / (time.perf_counter() - began)


def find(race: Race) -> None:
    """Explore until a race is found, without a hint but for what it breaks, and made small and told."""
    made = scenario(race.semantics, limit=race.limit, arrivals=race.arrivals, bulk_kill=race.bulk_kill)
    judged = Invariants(chosen=frozenset({race.breaks}))
    found = explore(replace(made, invariants=judged), Explore(HERE, executors=2, crashes=race.crashes))
    assert [each.broken for each in found.discoveries] == [race.breaks]


def figures() -> list[Figure]:
    """Measure the small scope under every kind of semantics, states a second in a large one, and each race."""
    scopes = ("documented", "kestra-2.0.2", "kestra-1.1.10", "kestra-0.24.0", "kestra-0.21.0")
    complete_s = [_complete_s(semantics) for semantics in scopes]
    return [
        Figure("3 executions, limit 1, 2 executors, 1 crash: every order", max(complete_s), "s", "<= 60"),
        *(
            Figure(f"distinct states explored, {semantics}", states_per_s(semantics), "1/s", ">= 20000")
            for semantics in ("documented", "kestra-2.0.2", "kestra-1.3.31")
        ),
        *(
            Figure(f"race found: {race.name}", fastest_s(partial(find, race), rounds=3), "s", "<= 10")
            for race in RACES
        ),
    ]


def _complete_s(semantics: str) -> float:
    began = time.perf_counter()
    assert small_scope(semantics).complete
    return time.perf_counter() - began
