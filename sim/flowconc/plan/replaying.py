"""A flow whose past is replayed: it works as long as the recording says, and what is recorded does not fire as well.

A recording has an execution's length as a whole, not that of each task. So where it has lengths, an execution is one
piece of work that takes so long: pauses, retries, loops and subflows are in it already. A trigger that fires by itself
is left out where the recording has arrivals of its kind, by the label `schedule` or `polling`: they would come twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from flowconc.scenario.distributions import Constant, Distribution, Empirical
from flowconc.scenario.flow import Flow, Task, TaskKind, TriggerKind
from flowconc.scenario.model import Recorded, Scenario
from flowconc.scenario.problems import Problem, Severity
from flowconc.scenario.resolve.recordings import read_arrivals

SELF_FIRING: Final = frozenset({TriggerKind.SCHEDULE, TriggerKind.POLLING})
"""Triggers that fire without being told of anything."""

_WHOLE: Final = "execution"
"""The id of the only task of an execution that is taken as a whole."""


def recording(file: str | None) -> Recorded | None:
    """Return the arrivals of a file, None where there is none: that is said where the file is named. Raises BadInput."""
    return None if file is None or not Path(file).is_file() else read_arrivals(Path(file))


def lengths_us(recorded: Recorded | None) -> tuple[int, ...]:
    """Return how long the executions took of which that is known, in microseconds."""
    known = () if recorded is None else recorded.durations_us
    return tuple(length_us for length_us in known if length_us is not None)


def as_recorded(scenario: Scenario, flow: str, recorded: Recorded, unsaid: Distribution | None) -> Scenario:
    """Return a scenario in which a flow does what is recorded of it.

    `unsaid` is how long an execution takes whose length is not recorded; None draws it from those that are.
    """
    known_us = lengths_us(recorded)
    flows, notices = [], list(scenario.notices)
    for each in scenario.flows:
        changed = each
        if each.key == flow:
            notices += _left_out(each, recorded)
            changed = _without_triggers(changed, recorded)
            if known_us:
                changed = _whole(changed, unsaid or _like_the_others(scenario, changed, recorded))
        flows.append(changed)
    arrivals = scenario.arrivals
    if known_us:
        arrivals = tuple(replace(each, fails=frozenset(), takes=()) for each in arrivals)
    return replace(scenario, flows=tuple(flows), arrivals=arrivals, notices=tuple(notices))


def _like_the_others(scenario: Scenario, flow: Flow, recorded: Recorded) -> Distribution:
    """Return a length like those that are recorded; a constant where nobody will need it, so that no chance is left."""
    known_us = lengths_us(recorded)
    needed = (
        None in recorded.durations_us
        or len(scenario.arrivals) > 1
        or any(trigger.kind in SELF_FIRING for trigger in flow.triggers)
        or (scenario.plan is not None and scenario.plan.recovery)
    )
    return Empirical(known_us) if needed else Constant(known_us[0])


def _whole(flow: Flow, duration: Distribution) -> Flow:
    task = Task(_WHOLE, "", TaskKind.WORK, flow.position, duration=duration)
    return replace(flow, tasks=(task,), errors=(), finally_=(), after_execution=(), retry=None)


def _without_triggers(flow: Flow, recorded: Recorded) -> Flow:
    kept = tuple(each for each in flow.triggers if not _is_recorded(each.kind, recorded))
    return replace(flow, triggers=kept)


def _left_out(flow: Flow, recorded: Recorded) -> Iterator[Problem]:
    for trigger in flow.triggers:
        if _is_recorded(trigger.kind, recorded):
            what = f"the trigger {trigger.id} does not fire: the recorded arrivals have those of a {trigger.kind.value}"
            yield Problem(trigger.position, what, severity=Severity.NOTICE)


def _is_recorded(kind: TriggerKind, recorded: Recorded) -> bool:
    return kind in SELF_FIRING and kind.value in recorded.sources
