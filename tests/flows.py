"""Flows and scenarios in few words, and what became of them.

    scene(
        flow("f", work("w", "10s"), limit=1),
        arrive("f", "0s 1s", names="a b"),
        act("3s", "kill", "a"),
    )

Times are text, `10s` or `250ms`. A flow without tasks has one, `w`, of 10 s. `life` tells an execution's history as
`CREATED:0 RUNNING:0 SUCCESS:10`, with times in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flowconc.protocol.events import Kind
from flowconc.scenario.distributions import Constant, Distribution
from flowconc.scenario.flow import (
    Behavior,
    Branch,
    Call,
    Concurrency,
    Failures,
    Flow,
    Retry,
    Task,
    TaskKind,
    Trigger,
    TriggerKind,
    Upstream,
)
from flowconc.scenario.model import (
    Action,
    Arrivals,
    AtTimes,
    Pattern,
    Platform,
    RunSettings,
    Scenario,
    ScopeLimit,
    Selection,
    Verb,
)
from flowconc.scenario.problems import Position
from flowconc.simulation.simulate import simulate
from flowconc.trace.trace import Event, Trace
from tests.traces import us

NOWHERE = Position("test")
NAMESPACE = "n"


# --- flows


def task(task_id: str, kind: TaskKind, **keys) -> Task:
    return Task(task_id, f"test.{kind.value}", kind, NOWHERE, **keys)


def work(task_id: str, duration: str | Distribution = "10s", *, fails: Iterable[int] = (), **keys) -> Task:
    """Return a task that takes `duration`; its runs with the numbers `fails`, over all executions, fail."""
    length = Constant(us(duration)) if isinstance(duration, str) else duration
    failures = Failures(runs=frozenset(fails)) if fails else None
    return task(task_id, TaskKind.WORK, duration=length, failures=failures, **keys)


def failing(task_id: str, duration: str = "0s", **keys) -> Task:
    """Return a task that always fails, after `duration`."""
    return replace(work(task_id, duration, **keys), failures=Failures(share=1.0))


def sequence(task_id: str, *children: Task, **keys) -> Task:
    return task(task_id, TaskKind.SEQUENCE, children=children, **keys)


def parallel(task_id: str, *children: Task, **keys) -> Task:
    return task(task_id, TaskKind.PARALLEL, children=children, **keys)


def graph(task_id: str, *children: Task, **keys) -> Task:
    return task(task_id, TaskKind.GRAPH, children=children, **keys)


def choice(task_id: str, *branches: tuple[float, tuple[Task, ...]], **keys) -> Task:
    """Return a choice; each branch is its weight and its tasks."""
    named = tuple(Branch(f"b{index}", tasks, weight) for index, (weight, tasks) in enumerate(branches))
    return task(task_id, TaskKind.CHOICE, branches=named, **keys)


def pause(task_id: str, duration: str | None = None, **keys) -> Task:
    return task(task_id, TaskKind.PAUSE, pause_us=None if duration is None else us(duration), **keys)


def call(task_id: str, flow_id: str, *, retry: Retry | None = None, **keys) -> Task:
    return task(task_id, TaskKind.SUBFLOW, call=Call(key_of(flow_id), **keys), retry=retry)


def retry(interval: str, **keys) -> Retry:
    return Retry(us(interval), **keys)


def flow(flow_id: str, *tasks: Task, limit: int | None = None, behavior: str = "QUEUE", **keys) -> Flow:
    concurrency = None if limit is None else Concurrency(limit, Behavior(behavior))
    return Flow(NAMESPACE, flow_id, tasks or (work("w"),), NOWHERE, concurrency=concurrency, **keys)


def schedule(trigger_id: str = "s", cron: str = "* * * * * *", **keys) -> Trigger:
    """Return a Schedule, each second unless `cron`, with its seconds, says otherwise."""
    return Trigger(
        trigger_id, "test.Schedule", TriggerKind.SCHEDULE, NOWHERE, cron=cron, with_seconds=True, **keys
    )


def polling(trigger_id: str, interval: str, **keys) -> Trigger:
    return Trigger(trigger_id, "test.Poll", TriggerKind.POLLING, NOWHERE, interval_us=us(interval), **keys)


def after(*flow_ids: str, states: Iterable[str] = ("SUCCESS",), trigger_id: str = "after", **keys) -> Trigger:
    """Return a Flow trigger that waits for one of `states` of each of the flows."""
    upstream = tuple(Upstream(NAMESPACE, flow_id, frozenset(states)) for flow_id in flow_ids)
    return Trigger(trigger_id, "test.Flow", TriggerKind.FLOW, NOWHERE, upstream=upstream, **keys)


def key_of(flow_id: str) -> str:
    return f"{NAMESPACE}.{flow_id}"


# --- scenarios


def arrive(flow_id: str, when: str | Pattern = "0s", *, names: str = "", **keys) -> Arrivals:
    """Return arrivals at the times of a text such as `0s 0s 5s`, or of a pattern."""
    pattern = AtTimes(tuple(us(time) for time in when.split())) if isinstance(when, str) else when
    return Arrivals(key_of(flow_id), pattern, NOWHERE, names=tuple(names.split()), **keys)


def act(at: str, verb: str, target: str | Selection, saved: Flow | None = None, **keys) -> Action:
    """Return an action on the execution `target`, on a selection, or on the flow or trigger of that key."""
    return Action(us(at), Verb(verb), target, NOWHERE, flow=saved, **keys)


def edit(at: str, saved: Flow) -> Action:
    return act(at, "edit", saved.key, saved)


def every_one(flow_id: str, *states: str) -> Selection:
    """Select the executions of a flow that are in one of `states`; without states, all."""
    return Selection(key_of(flow_id), frozenset(states))


def scope(limit: int, behavior: str = "QUEUE", **where: str) -> ScopeLimit:
    """Return the limit of a `namespace` or a `tenant`."""
    return ScopeLimit(Concurrency(limit, Behavior(behavior)), NOWHERE, **where)


IDEAL = Platform()


def scene(
    *parts: Flow | Arrivals | Action,
    platform: Platform = IDEAL,
    until: str | None = None,
    semantics: str = "documented",
    limits: tuple[ScopeLimit, ...] = (),
    **run,
) -> Scenario:
    """Return the scenario of these flows, arrivals and actions; `run` are fields of RunSettings."""
    return Scenario(
        "test",
        tuple(part for part in parts if isinstance(part, Flow)),
        NOWHERE,
        arrivals=tuple(part for part in parts if isinstance(part, Arrivals)),
        actions=tuple(part for part in parts if isinstance(part, Action)),
        platform=platform,
        semantics=semantics,
        limits=limits,
        run=RunSettings(until_us=None if until is None else us(until), **run),
    )


# --- what became of them


def trace_of_run(*parts: Flow | Arrivals | Action, **keys) -> Trace:
    return simulate(scene(*parts, **keys))


def lives(trace: Trace) -> dict[str, str]:
    """Return the history of each execution, by name: `CREATED:0 RUNNING:0 SUCCESS:10`."""
    told: dict[str, list[str]] = {}
    for event in trace.events():
        if event.kind in (Kind.CREATED, Kind.STATE):
            told.setdefault(event.execution, []).append(f"{event.after}:{seconds(event.t_us)}")
    return {name: " ".join(states) for name, states in told.items()}


def life(name: str, *parts: Flow | Arrivals | Action, **keys) -> str:
    """Run the scenario of `parts` and return the history of one execution."""
    return lives(trace_of_run(*parts, **keys))[name]


def task_runs(trace: Trace, name: str) -> str:
    """Return when the tasks of an execution started, in order: `w:0 x:10`."""
    return " ".join(
        f"{event.detail}:{seconds(event.t_us)}"
        for event in trace.events()
        if event.kind is Kind.TASK_STARTED and event.execution == name
    )


def told(trace: Trace, *kinds: Kind) -> list[tuple[object, ...]]:
    """Return (time in seconds, kind, execution, detail) of the events of some kinds."""
    return [
        (event.t_us / 1e6, event.kind.name, event.execution, event.detail)
        for event in trace.events()
        if event.kind in kinds
    ]


def written(trace: Trace, since: str = "0s") -> list[str]:
    """Return what the steps wrote down from a time on: `10 RELEASE a f/1 1 0 -`.

    That is seconds, kind, execution, flow and revision, before, after, detail; `-` where there is none.
    """
    return [_line(event) for event in trace.events() if event.t_us >= us(since)]


def _line(event: Event) -> str:
    flow = None if event.flow is None else event.flow.removeprefix(f"{NAMESPACE}.")
    where = flow if event.revision is None else f"{flow}/{event.revision}"
    parts = (event.kind.name, event.execution, where, event.before, event.after, event.detail)
    return " ".join((seconds(event.t_us), *("-" if part is None else str(part) for part in parts)))


def lines(text: str) -> list[str]:
    """Return the lines of an indented text."""
    return [line.strip() for line in text.strip().splitlines()]


def times_of(trace: Trace, kind: Kind) -> list[float]:
    """Return when events of a kind happened, in seconds."""
    return [event.t_us / 1e6 for event in trace.events() if event.kind is kind]


def last(trace: Trace) -> Event:
    return trace.event(len(trace) - 1)


def seconds(t_us: int) -> str:
    return f"{t_us / 1e6:g}"
