"""A scenario with a plan, made of a flow file and of what the command line says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flowconc.plan.replaying import as_recorded, lengths_us, recording
from flowconc.scenario.behaviour import Behaviours, TaskBehaviour
from flowconc.scenario.distributions import Constant
from flowconc.scenario.document.validation import Loc, Locate
from flowconc.scenario.flow import Flow, Task, TaskKind
from flowconc.scenario.kestra_flow.flow_file import build_flow, read_flow
from flowconc.scenario.literals.durations import format_us
from flowconc.scenario.model import Recorded, Scenario
from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.resolve.flow_files import FlowFiles, shown_path
from flowconc.scenario.resolve.scenario import resolve

HORIZON: Final = "8h"
"""How long a run is, unless the command line says it or arrivals are replayed."""

_OPTIONS: Final[tuple[tuple[Loc, str], ...]] = (
    (("plan", "goals"), "--goal"),
    (("plan", "protect"), "--protect"),
    (("plan", "vary", "limit"), "--limit"),
    (("plan", "vary", "behavior"), "--behavior"),
    (("plan", "vary", "load"), "--load"),
    (("plan", "recovery"), "--outage or --burst"),
    (("plan", "confidence"), "--confidence"),
    (("arrivals", 0, "poisson"), "--rate"),
    (("arrivals", 0, "replay"), "--replay"),
    (("arrivals",), "--rate or --replay"),
    (("tasks",), "--duration"),
    (("clock", "start"), "--start"),
    (("run", "until"), "--horizon"),
    (("run", "warmup"), "--warmup"),
)
"""Where what an option says stands in the scenario that is made of it."""


# a length that no flow file says, so that a task that has it has none of its own
_UNSAID: Final = Constant(10_000_000_000_000_001)
_SOME: Final = "1s"  # of a task whose length nobody says, where executions are as long as recorded


@dataclass(frozen=True, slots=True)
class Ask:
    """What the command line says of a flow, as texts of the scenario format; None and empty are not said."""

    goals: tuple[str, ...]
    protects: tuple[str, ...] = ()
    rate: str | None = None
    replay: str | None = None  # a path from the current directory
    start: str | None = None
    duration: str | None = None
    limit: str | None = None
    behaviors: tuple[str, ...] = ()
    loads: tuple[float, ...] = ()
    horizon: str | None = None
    warmup: str | None = None
    outage: str | None = None
    burst: int | None = None
    confidence: str | None = None


def draft(path: Path, ask: Ask) -> Scenario:
    """Return the scenario of a flow file under what is asked. Raises BadInput.

    A problem of what an option says has the option's name for a path.
    """
    source = read_flow(path, shown_as=shown_path(path))
    flow, _ = build_flow(source, Behaviours(default=TaskBehaviour(duration=_UNSAID)))
    recorded = recording(ask.replay)
    known = bool(lengths_us(recorded))
    _check(flow, ask, known=known)
    working = list(dict.fromkeys(task.id for task in _working(flow.tasks)))
    document: dict[str, Any] = {
        "scenario": f"plan of {source.id}",
        "flows": [path.name],
        "tasks": _tasks(source.key, working, ask.duration or (_SOME if known else None), each=known),
        "arrivals": _arrivals(source.key, ask, path.parent),
        "clock": {} if ask.start is None else {"start": ask.start},
        "run": {
            "until": _horizon(recorded) if ask.horizon is None else ask.horizon,
            **({} if ask.warmup is None else {"warmup": ask.warmup}),
        },
        "plan": _plan(ask),
    }
    try:
        (scenario,) = resolve(document, _locating(path), FlowFiles(path.parent), is_plain=lambda loc: False)
    except BadInput as bad:
        of_options = [each for each in bad.problems if each.position.path.startswith("--")]
        raise BadInput(of_options or bad.problems) from None  # what else is wrong may be a consequence
    if recorded is None:
        return scenario
    (flow,) = scenario.flows
    said = next(_working(flow.tasks), None) if ask.duration is not None else None
    return as_recorded(scenario, recorded, None if said is None else said.duration)


def _horizon(recorded: Recorded | None) -> str:
    """Return how long a run is: until the last recorded arrival, if there are any."""
    return HORIZON if recorded is None else format_us(recorded.times_us[-1])


def _check(flow: Flow, ask: Ask, *, known: bool) -> None:
    """Refuse what says too little for a run; `known` is that lengths are recorded. Raises BadInput."""
    working = {task.id for task in _working(flow.tasks)}
    unsaid = dict.fromkeys(task.id for task in _working(flow.tasks) if task.duration == _UNSAID)
    problems = []
    if ask.rate is None and ask.replay is None and not flow.self_firing:
        what = f"nothing says what arrives at {flow.key}"
        problems.append(Problem(Position("--rate or --replay"), what, "for instance --rate 30/min"))
    if ask.duration is None and unsaid and not known:
        what = f"nothing says how long {' and '.join(unsaid)} of {flow.key} takes"
        problems.append(Problem(Position("--duration"), what, "for instance --duration 40s"))
    if ask.duration is not None and not unsaid and len(working) != 1 and not (known and working):
        what = "the flow has no task of which this could be said"
        problems.append(Problem(Position("--duration"), what, "a scenario that says it of each"))
    if problems:
        raise BadInput(problems)


def _working(tasks: Iterable[Task]) -> Iterator[Task]:
    for task in tasks:
        if task.kind is TaskKind.WORK:
            yield task
        yield from _working(task.children)
        for branch in task.branches:
            yield from _working(branch.tasks)


def _tasks(flow: str, working: list[str], duration: str | None, *, each: bool) -> Mapping[str, Any]:
    """Return how long tasks take: the only one that works, or all of which the flow file does not say it, or `each`."""
    if duration is None:
        return {}
    behaviour = {"duration": duration}
    if working and (each or len(working) == 1):
        return {flow: dict.fromkeys(working, behaviour)}
    return {"default": behaviour}


def _arrivals(flow: str, ask: Ask, folder: Path) -> list[dict[str, Any]]:
    arrivals: list[dict[str, Any]] = []
    if ask.rate is not None:
        arrivals.append({"flow": flow, "poisson": ask.rate})
    if ask.replay is not None:
        arrivals.append({"flow": flow, "replay": os.path.relpath(ask.replay, folder)})
    return arrivals


def _plan(ask: Ask) -> Mapping[str, Any]:
    vary = {"limit": ask.limit, "behavior": list(ask.behaviors), "load": list(ask.loads)}
    recovery = [
        *([{"outage": ask.outage}] if ask.outage is not None else []),
        *([{"burst": ask.burst}] if ask.burst is not None else []),
    ]
    given = {
        "vary": {key: value for key, value in vary.items() if value},
        "goals": list(ask.goals),
        "protect": list(ask.protects),
        "recovery": recovery,
        "confidence": ask.confidence,
    }
    return {key: value for key, value in given.items() if value}


def _locating(path: Path) -> Locate:
    """Return where parts of the made document come from: an option, or the flow file."""
    shown = shown_path(path)

    def locate(loc: Loc, *, key: bool = False) -> Position:
        option = next((name for prefix, name in _OPTIONS if loc[: len(prefix)] == prefix), None)
        # two entries of an option are two places, so that the second is not taken for a consequence of the first
        entry = loc[2] if len(loc) > 2 and isinstance(loc[2], int) else 0
        return Position(shown if option is None else option, 1, 1 + entry)

    return locate
