"""Passes of a Loop in a recording: the engine makes each one as a copy of its parent, history and all.

What a copy brought with it is what its parent went through, in or out of the queue, at its parent's times. Nothing
looks at it again (OBSERVED 13): a copy that is RUNNING already passes no gate, and its end frees a slot by the claim
stamp that was copied too. So a pass has, of all that, only that it was CREATED, and the state in which it was made, at
the time when it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Final

from flowconc.kestra.recording import Moment, RecordedExecution, Recording, Sighting

LOOP: Final = "LOOP"
"""The kind of an execution that is one pass of a Loop task."""


def with_own_histories(recording: Recording) -> Recording:
    """Return a recording in which passes of Loops have histories of their own."""
    executions = dict(recording.executions)
    sightings = list(recording.sightings)
    for name, execution in recording.executions.items():
        copied = _copied(execution, recording.executions)
        if not copied:
            continue
        born_us = _born_us(execution, copied, (each for each in sightings if each.execution == name))
        kept = dict.fromkeys((0, copied - 1))
        own = [*((execution.history[place][0], born_us) for place in kept), *execution.history[copied:]]
        executions[name] = replace(execution, history=tuple(own))
        sightings = [
            replace(each, t_us=born_us) if each.execution == name and each.index in kept else each
            for each in sightings
            if each.execution != name or each.index in kept or each.index >= copied
        ]
    return replace(recording, executions=executions, sightings=tuple(sightings))


def _copied(execution: RecordedExecution, executions: Mapping[str, RecordedExecution]) -> int:
    """Return how many of the first states of an execution are its parent's; 0 when it is no pass of a Loop."""
    parent = executions.get(execution.parent or "")
    if execution.kind != LOOP or parent is None:
        return 0
    pairs: Iterable[tuple[Moment, Moment]] = zip(execution.history, parent.history, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _born_us(execution: RecordedExecution, copied: int, sightings: Iterable[Sighting]) -> int:
    """Return when a pass was made, in microseconds: at the latest when it was first seen, or did something."""
    moments = [each.seen_us for each in sightings]
    moments += [t_us for _, t_us in execution.history[copied : copied + 1]]
    moments += [run.history[0][1] for run in execution.tasks if run.history]
    return min(moments, default=execution.history[0][1])
