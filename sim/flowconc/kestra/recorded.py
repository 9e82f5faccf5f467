"""What a recording of the engine came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from flowconc.kestra.outcome import Outcome, Run, canonical_like
from flowconc.kestra.passes import LOOP
from flowconc.kestra.recording import Moment, RecordedExecution, Recording, sighted_in_order
from flowconc.kestra.release import COMMANDS_SINCE

COMMANDS = frozenset({"pause", "resume", "restart", "force-run", "unqueue", "change-status"})
"""Operations that are messages to the executor, since 2.0: whether it refuses them, the sender does not hear."""

DISPATCHED_WITHIN_US = 2_000_000
"""A task that was stopped this soon after it was created may have been on its way to a worker."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Ids by flow: of its triggers, and of its tasks that workers run."""

    triggers: Mapping[str, frozenset[str]]
    worked: Mapping[str, frozenset[str]]


def recorded_outcome(recording: Recording, parts: Parts) -> Outcome:
    """Return what a recording came to."""
    created = _creation_order(recording)
    names: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for name in created:
        if is_automatic(name):
            execution = recording.executions[name]
            like = canonical_like(execution.flow, _origin(execution, names, parts))
            numbers[like] += 1
            names[name] = f"{like}~{numbers[like]}"
        else:
            names[name] = name
    runs = {
        names[name]: _recorded_run(recording, recording.executions[name], names, parts) for name in created
    }
    return Outcome(
        runs=runs,
        counters={flow: ((recording.end_us, counter),) for flow, counter in recording.counters.items()},
        queues={
            flow: ((recording.end_us, tuple(names.get(name, name) for name in queued)),)
            for flow, queued in recording.queues.items()
        },
        refused=tuple(
            sorted(
                (sent.verb, names.get(sent.execution or "", sent.execution or sent.flow or ""))
                for sent in recording.operations
                if sent.error is not None
            )
        ),
        end_us=recording.end_us,
        quiet=recording.ended == "quiet",
        unheard=COMMANDS if recording.release >= COMMANDS_SINCE else frozenset(),
    )


def is_automatic(name: str) -> bool:
    """Say whether an execution was named by the recorder: `FLOW~N`."""
    return "~" in name


def _creation_order(recording: Recording) -> list[str]:
    """Return the names of all executions in the order in which polls found them."""
    found = dict.fromkeys(sighting.execution for sighting in recording.sightings)
    known = [name for name in found if name in recording.executions]
    return [*known, *(name for name in recording.executions if name not in found)]


def _origin(execution: RecordedExecution, names: Mapping[str, str], parts: Parts) -> str:
    """Return where an execution came from. The engine notes the task of a subflow as a trigger that its flow does not have."""
    if execution.trigger is not None and execution.trigger in parts.triggers.get(execution.flow, ()):
        return f"trigger:{execution.trigger}"
    parent = execution.parent or execution.triggered_by
    return "" if parent is None else names.get(parent, parent)


def _recorded_run(
    recording: Recording,
    execution: RecordedExecution,
    names: Mapping[str, str],
    parts: Parts,
) -> Run:
    sightings = [each for each in sighted_in_order(recording) if each.execution == execution.name]
    born_us = _born_us(recording, execution)
    history = tuple(moment for moment in execution.history if moment[1] >= born_us)
    seen = tuple((each.state, each.t_us) for each in sightings if each.t_us >= born_us)
    if execution.name not in recording.rewritten and len(seen) < len(history):
        seen = history  # it was labelled after the first poll that saw it
    begun, undone = _tasks_run(execution, parts.worked.get(execution.flow, frozenset()), born_us)
    return Run(
        name=names[execution.name],
        flow=execution.flow,
        history=history,
        seen=seen,
        tasks=begun,
        undone=dict(undone),
        origin=_origin(execution, names, parts) or None,
        planned_us=execution.trigger_date_us,
        deleted=execution.deleted,
    )


def _born_us(recording: Recording, execution: RecordedExecution) -> int:
    """Return when an execution came into being: a replay has the history of its source copied before its own."""
    if execution.parent is None or execution.kind == LOOP:
        return -(2**62)
    sent = [
        each.t_us
        for each in recording.operations
        if each.verb == "replay" and each.execution == execution.parent
    ]
    first_us = min(
        (each.seen_us for each in recording.sightings if each.execution == execution.name), default=0
    )
    before = [t_us for t_us in sent if t_us <= first_us]
    return max(before) - 1 if before else -(2**62)


def _tasks_run(
    execution: RecordedExecution, worked: frozenset[str], born_us: int
) -> tuple[tuple[Moment, ...], Counter[str]]:
    """Return the runs that a worker has begun, and count those that were stopped before one could."""
    begun: list[Moment] = []
    undone: Counter[str] = Counter()
    for run in execution.tasks:
        own = [(state, t_us) for state, t_us in run.history if t_us >= born_us]
        if run.task not in worked or not own:
            continue
        running = [t_us for state, t_us in own if state == "RUNNING"]
        if running:
            begun.append((run.task, running[0]))
        elif own[-1][1] - own[0][1] < DISPATCHED_WITHIN_US:
            undone[run.task] += 1
    return tuple(begun), undone
