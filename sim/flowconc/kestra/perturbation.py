"""One choice of the times that no rule says, and a staged script with these times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final

from flowconc.kestra.staging import Staged
from flowconc.scenario.distributions import Distribution, Listed
from flowconc.scenario.flow import Branch, Flow, Task
from flowconc.scenario.model import Action, Arrivals, AtTimes, Database, Latency, Pattern


class What(Enum):
    """What can come earlier or later than is known."""

    ARRIVAL = "an arrival, by its place in the scenario"
    DUE = "the date that an arrival is scheduled for, by its place"
    LENGTH = "the end of one run of a task, by (flow, task, place of the execution in order of creation)"
    ACTION = "an operation, by its place in the scenario"
    TASK = "the end of each run of a task, by (flow, task)"
    STATEMENT = "the end of a statement of the database"
    TO_GATE = "the gate's look at an execution"
    TO_KILLED = (
        "what becomes of a kill, where its own time is known: its cascade, its end, a pop that it meets"
    )
    TO_WORKER = "the start of a task, and of a kill"
    FROM_WORKER = "the news that a task has ended, or is killed"
    TRIGGERS = "which of a flow's triggers is looked at first, by flow"
    PHASE = "all that the script says, against the engine's loops"


FURTHEST_US: Final[Mapping[What, int]] = {
    What.ARRIVAL: 300_000,
    What.DUE: 1_000_000,
    What.LENGTH: 300_000,
    What.ACTION: 300_000,
    What.TASK: 300_000,
    What.STATEMENT: 20_000,
    What.TO_GATE: 300_000,
    What.TO_KILLED: 300_000,
    What.TO_WORKER: 300_000,
    What.FROM_WORKER: 300_000,
    What.TRIGGERS: 1,
    What.PHASE: 1_000_000,
}
"""How far a thing can be moved: as far as the engine's own latencies go, and its loops."""

_WAYS: Final[Mapping[str, What]] = {
    "gate": What.TO_GATE,
    "stopped": What.TO_KILLED,
    "popped": What.TO_KILLED,
    "kill": What.TO_KILLED,
    "sla_kill": What.TO_KILLED,
}
"""What moves the messages to a step."""

Knob = tuple[What, object]
"""One thing that can be moved; those of which there is one only have None for a key."""


@dataclass(frozen=True, slots=True)
class Perturbation:
    """By how much things come later than is known, in microseconds; negative is earlier."""

    later_us: Mapping[Knob, int] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, what: What, key: object = None) -> int:
        """Return by how much one thing comes later."""
        return self.later_us.get((what, key), 0)

    def moved(self, knob: Knob, by_us: int) -> Perturbation:
        """Return the same with one thing moved further, at most as far as FURTHEST_US lets it."""
        furthest_us = FURTHEST_US[knob[0]]
        later_us = self.later_us.get(knob, 0) + by_us
        return Perturbation({**self.later_us, knob: max(-furthest_us, min(furthest_us, later_us))})


def perturbed(staged: Staged, by: Perturbation) -> Staged:
    """Return a staged script with the times that a perturbation chooses."""
    scenario = staged.scenario
    phase_us = by.of(What.PHASE)
    until_us = scenario.run.until_us
    platform = replace(
        scenario.platform,
        latency=_latency(scenario.platform.latency, by),
        database=Database(statement_us=max(0, by.of(What.STATEMENT))),
    )
    moved = replace(
        scenario,
        flows=tuple(_flow(flow, by) for flow in scenario.flows),
        arrivals=tuple(_arrival(place, each, by) for place, each in enumerate(scenario.arrivals)),
        actions=tuple(_action(place, each, by) for place, each in enumerate(scenario.actions)),
        clock_start=scenario.clock_start - timedelta(microseconds=phase_us),
        platform=platform,
        run=replace(scenario.run, until_us=None if until_us is None else until_us + phase_us),
    )
    return replace(staged, scenario=moved, shift_us=staged.shift_us + phase_us)


def _latency(known: Latency, by: Perturbation) -> Latency:
    return Latency(
        arrival_us=max(0, known.arrival_us + by.of(What.TO_GATE)),
        dispatch_us=max(0, known.dispatch_us + by.of(What.TO_WORKER)),
        result_us=max(0, known.result_us + by.of(What.FROM_WORKER)),
        ways=tuple((key, _moved(way, by.of(_WAYS[key[0]]))) for key, way in known.ways),
    )


def _moved(way: Listed, later_us: int) -> Listed:
    return Listed(
        tuple(None if way_us is None else max(0, way_us + later_us) for way_us in way.values_us),
        max(0, way.rest_us + later_us),
    )


def _arrival(place: int, arrivals: Arrivals, by: Perturbation) -> Arrivals:
    due_us = arrivals.schedule_in_us
    later_us = by.of(What.ARRIVAL, place) + by.of(What.PHASE)
    return replace(
        arrivals,
        pattern=_pattern(arrivals.pattern, later_us),
        schedule_in_us=None if due_us is None else max(0, due_us + by.of(What.DUE, place)),
    )


def _pattern(pattern: Pattern, later_us: int) -> Pattern:
    if not isinstance(pattern, AtTimes):
        return pattern
    return AtTimes(tuple(max(0, t_us + later_us) for t_us in pattern.times_us))


def _action(place: int, action: Action, by: Perturbation) -> Action:
    later_us = by.of(What.ACTION, place) + by.of(What.PHASE)
    flow = None if action.flow is None else _flow(action.flow, by)
    return replace(action, at_us=max(0, action.at_us + later_us), flow=flow)


def _flow(flow: Flow, by: Perturbation) -> Flow:
    key = flow.key
    first = by.of(What.TRIGGERS, key) % max(1, len(flow.triggers))
    return replace(
        flow,
        triggers=(*flow.triggers[first:], *flow.triggers[:first]),
        tasks=_tasks(flow.tasks, key, by),
        errors=_tasks(flow.errors, key, by),
        finally_=_tasks(flow.finally_, key, by),
        after_execution=_tasks(flow.after_execution, key, by),
    )


def _tasks(tasks: tuple[Task, ...], flow: str, by: Perturbation) -> tuple[Task, ...]:
    return tuple(
        replace(
            task,
            duration=_duration(task.duration, (flow, task.id), by),
            children=_tasks(task.children, flow, by),
            errors=_tasks(task.errors, flow, by),
            finally_=_tasks(task.finally_, flow, by),
            branches=tuple(
                Branch(branch.name, _tasks(branch.tasks, flow, by), branch.weight) for branch in task.branches
            ),
        )
        for task in tasks
    )


def _duration(duration: Distribution | None, key: tuple[str, str], by: Perturbation) -> Distribution | None:
    if not isinstance(duration, Listed):
        return duration
    longer_us = by.of(What.TASK, key)
    return Listed(
        tuple(
            None if value is None else max(0, value + longer_us + by.of(What.LENGTH, (*key, place)))
            for place, value in enumerate(duration.values_us)
        ),
        max(0, duration.rest_us + longer_us),
    )
