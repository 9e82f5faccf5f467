"""What is taken from a recording because it is no matter of semantics: when things came, and how long tasks ran.

The engine's own latencies (queues polled, messages passed on) decide races, and no rule says what they are. So the
comparison takes from the recording, and only from it: when each operation took effect, which is the order in which
the engine handled simultaneous ones; how long each task ran; and the phase of the engine's loops. What comes of that,
the states, who waits, who starts next, the counter, is simulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

from flowconc.kestra.lengths import NO_LENGTHS, Lengths, TaskKey, lengths_of
from flowconc.kestra.recording import RecordedExecution, Recording, SentOperation, Sighting
from flowconc.kestra.ways import Ways, usual_gate_us, ways_of
from flowconc.scenario.vocabulary import FINAL_STATES

EFFECT_WITHIN_US: Final = 3_000_000
"""A state that an operation leads to belongs to it when it comes this soon after."""

HANDLING_US: Final = 20_000
"""How long an operation takes to reach the tables when nothing in the recording shows it."""

LOOP_US: Final = 1_000_000
"""The period of the engine's loops over schedules and delays."""

_EFFECTS: Final[Mapping[str, frozenset[str]]] = {
    "pause": frozenset({"PAUSED"}),
    "resume": frozenset({"RESTARTED", "RUNNING"}),
    "restart": frozenset({"RESTARTED"}),
    "force-run": frozenset({"RUNNING"}),
}
_GATED: Final = frozenset({"RUNNING", "QUEUED", "CANCELLED", "FAILED"})


@dataclass(frozen=True, slots=True)
class Facts:
    """Times from a recording, in microseconds.

    `handled_us` is when the n-th operation of a verb on an execution took effect; `created_us` when each execution was
    created. `killed_us` has, for each operation that kills all, who was killed and when. `ends_us` is when each execution of a flow last changed, in order of
    creation. `gate_us` is how long the gate usually takes to look at an execution that nobody labelled; `worker_us` how
    long a message takes to a worker, by how long kills take; `ways` has what single messages took. `phase_us` is how
    long after the start the engine's loops first came round, when the recording shows it; `first_date_us` the first
    date for which a schedule fired: the engine looks at a new trigger once per loop.
    """

    handled_us: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    created_us: Mapping[str, int] = field(default_factory=dict)
    killed_us: tuple[tuple[tuple[str, int], ...], ...] = ()
    lengths: Lengths = NO_LENGTHS
    ends_us: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    gate_us: int = 0
    worker_us: int = 0
    ways: Ways = ()
    phase_us: int | None = None
    first_date_us: int | None = None


def facts_of(recording: Recording, nominal_us: Mapping[TaskKey, int]) -> Facts:
    """Take the facts from a recording.

    `nominal_us` is what the flow files say that each task takes that workers run, 0 where they say nothing.
    """
    order = _order(recording)
    worker_us = _worker_us(recording)
    dates = [
        each.trigger_date_us for each in recording.executions.values() if each.trigger_date_us is not None
    ]
    return Facts(
        handled_us=_handled(recording),
        created_us={name: each.history[0][1] for name, each in recording.executions.items() if each.history},
        killed_us=tuple(_killed(recording, sent) for sent in recording.operations if sent.verb == "kill-all"),
        lengths=lengths_of(recording, order, nominal_us),
        ends_us={
            flow: tuple(recording.executions[name].history[-1][1] for name in names)
            for flow, names in order.items()
        },
        gate_us=usual_gate_us(recording),
        worker_us=worker_us,
        ways=ways_of(recording, order, worker_us),
        phase_us=_phase(recording),
        first_date_us=min(dates, default=None),
    )


def _order(recording: Recording) -> dict[str, list[str]]:
    """Return the executions of each flow in the order in which the engine took them up."""
    seen_us: dict[str, int] = {}
    for sighting in recording.sightings:
        seen_us.setdefault(sighting.execution, sighting.seen_us)
    sent_us = {each.execution: each.t_us for each in recording.operations if each.verb == "trigger"}
    taken_up: dict[str, list[tuple[int, str]]] = {}
    for name, execution in recording.executions.items():
        if not execution.history:
            continue
        t_us = execution.history[0][1]
        if name in sent_us:
            t_us = _gated_us(execution, sent_us[name])
        elif execution.kind is not None or t_us < seen_us.get(name, t_us) - EFFECT_WITHIN_US:
            t_us = seen_us[name]  # its history is a copy
        taken_up.setdefault(execution.flow, []).append((t_us, name))
    return {flow: [name for _, name in sorted(found)] for flow, found in taken_up.items()}


def _handled(recording: Recording) -> dict[tuple[str, str, int], int]:
    """Return when each operation on an execution took effect."""
    counts: dict[tuple[str, str], int] = {}
    handled: dict[tuple[str, str, int], int] = {}
    for sent in recording.operations:
        if sent.execution is None:
            continue
        key = (sent.verb, sent.execution)
        number = counts[key] = counts.get(key, 0) + 1
        sightings = [each for each in recording.sightings if each.execution == sent.execution]
        handled[(*key, number)] = _effect_us(recording, sent, sightings)
    return handled


def _effect_us(recording: Recording, sent: SentOperation, sightings: list[Sighting]) -> int:
    if sent.verb == "trigger":
        execution = recording.executions.get(sent.execution or "")
        if execution is None:
            return sent.t_us + HANDLING_US
        return _gated_us(execution, sent.t_us)
    if sent.verb == "replay":
        return _replayed_us(recording, sent)
    if sent.verb == "kill":
        return _killed_us(sent, sightings)
    return _first_us(sightings, sent, _EFFECTS.get(sent.verb, frozenset()))


def _replayed_us(recording: Recording, sent: SentOperation) -> int:
    """Return when the execution that replays another one came into being; before that, its history is a copy."""
    own = (
        t_us
        for execution in recording.executions.values()
        if execution.parent == sent.execution
        for _, t_us in execution.history
        if 0 <= t_us - sent.t_us <= EFFECT_WITHIN_US
    )
    return min(own, default=sent.t_us + HANDLING_US)


def _first_us(sightings: Iterable[Sighting], sent: SentOperation, states: AbstractSet[str]) -> int:
    """Return when an operation first led to one of these states; soon after it was sent when it never did."""
    moments = (each.t_us for each in sightings if each.state in states)
    return next(
        (t_us for t_us in moments if 0 <= t_us - sent.t_us <= EFFECT_WITHIN_US), sent.t_us + HANDLING_US
    )


def _killed_us(sent: SentOperation, sightings: Sequence[Sighting]) -> int:
    """Return when a kill took effect: when its execution was KILLING, or KILLED where a poll missed that.

    Of one that is popped at that moment only RUNNING may be seen, and KILLED after that.
    """
    before = [each.state for each in sightings if each.t_us <= sent.t_us]
    killing = {each.state for each in sightings if 0 <= each.t_us - sent.t_us <= EFFECT_WITHIN_US}
    if before[-1:] == ["QUEUED"] and "KILLING" not in killing:
        return _first_us(sightings, sent, frozenset({"RUNNING", "KILLED"}))
    return _first_us(sightings, sent, frozenset({"KILLING", "KILLED"}))


def _killed(recording: Recording, sent: SentOperation) -> tuple[tuple[str, int], ...]:
    """Return whom an operation that kills all reached, and when: all that had not ended, in order of creation."""
    found = []
    for name, execution in recording.executions.items():
        before = [state for state, t_us in execution.history if t_us <= sent.t_us]
        if not before or before[-1] in FINAL_STATES:
            continue
        sightings = [each for each in recording.sightings if each.execution == name]
        found.append((execution.history[0][1], name, _killed_us(sent, sightings)))
    return tuple((name, t_us) for _, name, t_us in sorted(found))


def _gated_us(execution: RecordedExecution, sent_us: int) -> int:
    """Return when the gate looked at a new execution, when it did so soon; else when it was created."""
    moments = [t_us for state, t_us in execution.history[1:2] if state in _GATED]
    if execution.schedule_date_us is not None:
        moments = []
    if moments and 0 <= moments[0] - sent_us <= EFFECT_WITHIN_US:
        return moments[0]
    created_us = execution.history[0][1] if execution.history else sent_us
    return created_us if 0 <= created_us - sent_us <= EFFECT_WITHIN_US else sent_us + HANDLING_US


def _worker_us(recording: Recording) -> int:
    """Return how long a message takes to a worker: as a kill usually does, else as a new task does.

    When no kill came in time, it is longer than what was left of the task.
    """
    kills: list[int] = []
    outrun: list[int] = []
    tasks: list[int] = []
    for execution in recording.executions.values():
        for (running, _), (killing, begun_us), (end, end_us) in zip(
            execution.history, execution.history[1:], execution.history[2:], strict=False
        ):
            if (running, killing) == ("RUNNING", "KILLING"):
                (kills if end == "KILLED" else outrun).append(end_us - begun_us)
        for run in execution.tasks:
            begun = [t_us for state, t_us in run.history if state == "RUNNING"]
            tasks += [t_us - run.history[0][1] for t_us in begun[:1]]
    if outrun and not kills:
        return max(outrun) + HANDLING_US
    return round(median(kills or tasks or [0]))


def _phase(recording: Recording) -> int | None:
    """Return the phase of the engine's loops, by what only they do: fire, wake what waited for a date or a retry."""
    moments = list(_looped(recording))
    if not moments:
        return None
    phases = [t_us % LOOP_US for t_us in moments]
    return min(phases, key=lambda phase: sum(_apart(phase, other) for other in phases))


def _looped(recording: Recording) -> Iterator[int]:
    """Yield when the loops did something."""
    told = {sent.execution for sent in recording.operations if sent.verb != "trigger"}
    for name, execution in recording.executions.items():
        history = execution.history
        if not history:
            continue
        by_schedule = execution.trigger_date_us is not None
        if by_schedule or (execution.parent is not None and execution.kind is None and name not in told):
            yield history[0][1]  # fired, or the retry of another execution
        elif execution.schedule_date_us is not None:
            due_us = execution.schedule_date_us
            yield from (t_us for _, t_us in history[1:2] if due_us < t_us < due_us + 2 * LOOP_US)
        yield from (t_us for (before, _), (_, t_us) in pairwise(history) if before == "RETRYING")
    yield from _broken(recording, told)


def _broken(recording: Recording, told: AbstractSet[str | None]) -> Iterator[int]:
    """Yield when SLAs ended executions: those that nothing of their own led to that, and no operation."""
    before: dict[str, str] = {}
    done = set(told)
    for sighting in recording.sightings:
        name, state = sighting.execution, sighting.state
        last = before.get(name)
        before[name] = state
        if name in done or last not in {"QUEUED", "RUNNING"} or state not in {"CANCELLED", "FAILED"}:
            continue
        execution = recording.executions.get(name)
        if execution is not None and all(run.history[-1][0] == "KILLED" for run in execution.tasks):
            done.add(name)
            yield sighting.t_us


def _apart(one_us: int, other_us: int) -> int:
    """Return how far two phases are apart, the short way round."""
    apart = abs(one_us - other_us)
    return min(apart, LOOP_US - apart)
