"""A flow whose past is replayed: it works as long as the recording says, and what is recorded does not fire as well.

A recording has an execution's length as a whole, not that of each task. So where it has lengths, an execution is one
piece of work that takes so long: pauses, retries, loops and subflows are in it already. A trigger that fires by itself
is left out where the recording has arrivals of its kind, by the label `schedule` or `polling`: they would come twice.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from flowconc.scenario.distributions import Constant, Distribution, Empirical
from flowconc.scenario.flow import Flow, Task, TaskKind, Trigger
from flowconc.scenario.model import Recorded, Scenario
from flowconc.scenario.problems import BadInput, Position, Problem, Severity, excerpt
from flowconc.scenario.resolve.recordings import read_arrivals

_WHOLE: Final = "execution"
"""The id of the only task of an execution that is taken as a whole."""


def recording(file: str | None) -> Recorded | None:
    """Return the arrivals of the file that `--replay` names; None where it names none. Raises BadInput."""
    if file is None:
        return None
    if not Path(file).is_file():
        what = f"there is no file {excerpt(file)}"
        raise BadInput([Problem(Position("--replay"), what, "a path from the current directory")])
    return read_arrivals(Path(file))


def lengths_us(recorded: Recorded | None) -> tuple[int, ...]:
    """Return how long the executions took of which that is known, in microseconds."""
    known = () if recorded is None else recorded.durations_us
    return tuple(length_us for length_us in known if length_us is not None)


def as_recorded(scenario: Scenario, recorded: Recorded, unsaid: Distribution | None) -> Scenario:
    """Return a scenario of one flow in which that flow does what is recorded of it.

    `unsaid` is how long an execution takes whose length is not recorded; None draws it from those that are.
    """
    (flow,) = scenario.flows
    silenced = _recorded(flow, recorded)
    flow = replace(flow, triggers=tuple(each for each in flow.triggers if each not in silenced))
    notices = (*scenario.notices, *map(_said, silenced))
    if not lengths_us(recorded):
        return replace(scenario, flows=(flow,), notices=notices)
    whole = _whole(flow, unsaid or _like_the_others(scenario, flow, recorded))
    arrivals = tuple(replace(each, fails=frozenset(), takes=()) for each in scenario.arrivals)
    return replace(scenario, flows=(whole,), arrivals=arrivals, notices=notices)


def _like_the_others(scenario: Scenario, flow: Flow, recorded: Recorded) -> Distribution:
    """Return a length like those that are recorded; a constant where nobody will need it, so that no chance is left."""
    known_us = lengths_us(recorded)
    needed = (
        None in recorded.durations_us
        or len(scenario.arrivals) > 1
        or flow.self_firing
        or (scenario.plan is not None and scenario.plan.recovery)
    )
    return Empirical(known_us) if needed else Constant(known_us[0])


def _whole(flow: Flow, duration: Distribution) -> Flow:
    task = Task(_WHOLE, "", TaskKind.WORK, flow.position, duration=duration)
    return replace(flow, tasks=(task,), errors=(), finally_=(), after_execution=(), retry=None)


def _said(trigger: Trigger) -> Problem:
    what = (
        f"the trigger {trigger.id} does not fire: the recorded arrivals have those of a {trigger.kind.value}"
    )
    return Problem(trigger.position, what, severity=Severity.NOTICE)


def _recorded(flow: Flow, recorded: Recorded) -> tuple[Trigger, ...]:
    """Return the triggers whose fires are among the recorded arrivals."""
    return tuple(each for each in flow.self_firing if each.kind.value in recorded.sources)
