"""The death of the whole engine, and its restart on the same database.

A script of a crash has operations before it and after it, and two recordings: one until the process died, one from
its restart on, with times from there. In the second one, what came before has negative times. It is compared whole:
the operations before the crash are put on its clock, and between them and its start all components are down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

from flowconc.kestra.facts import HANDLING_US
from flowconc.kestra.recording import Recording, SentOperation
from flowconc.kestra.script import Operation, Script


@dataclass(frozen=True, slots=True)
class Crash:
    """When the engine died and when it was there again, in microseconds of the recording's time.

    `resent_us` is how long after its death it sent the tasks again that ran then; None when it did not.
    """

    died_us: int
    back_us: int
    resent_us: int | None


def after_crash(script: Script, recording: Recording) -> tuple[Script, Recording, Crash] | None:
    """Return script and recording with all operations on the recording's clock; None when it has nothing of a crash."""
    before = sorted(t_us for t_us in _moments(recording) if t_us < -recording.startup_us)
    if not script.after or not before:
        return None
    died_us = before[-1] + HANDLING_US
    offset_us = _offset_us(script, recording)
    sent = [
        replace(operation, at_us=operation.at_us - offset_us)
        for operation in script.operations
        if operation.at_us - offset_us <= died_us
    ]
    reached = replace(recording, operations=(*(_as_sent(each) for each in sent), *recording.operations))
    back_us = min((t_us for t_us in _moments(recording) if t_us > died_us), default=0)
    crash = Crash(died_us, min(0, back_us), _resent_us(recording, died_us))
    return replace(script, operations=(*sent, *script.after), after=()), reached, crash


def _moments(recording: Recording) -> Iterator[int]:
    for execution in recording.executions.values():
        yield from (t_us for _, t_us in execution.history)


def _offset_us(script: Script, recording: Recording) -> int:
    """Return how long after the script's start the engine was started again."""
    known = [
        operation.at_us + HANDLING_US - execution.history[0][1]
        for operation in script.operations
        if operation.verb == "trigger"
        and (execution := recording.executions.get(operation.label or "")) is not None
        and execution.history
    ]
    return round(median(known)) if known else 0


def _as_sent(operation: Operation) -> SentOperation:
    execution = operation.label if operation.verb == "trigger" else operation.execution
    return SentOperation(operation.verb, operation.at_us, execution, operation.flow, None)


def _resent_us(recording: Recording, died_us: int) -> int | None:
    moments = (
        t_us - died_us
        for execution in recording.executions.values()
        for run in execution.tasks
        for state, t_us in run.history
        if state == "RESUBMITTED"
    )
    return min(moments, default=None)
