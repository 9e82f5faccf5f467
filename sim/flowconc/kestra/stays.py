"""The stays of an exported execution: each time it came to the gate of its flow, and how long it then held a slot.

An execution that is restarted after its end comes to the gate once more, so it has one stay more. A stay holds its slot
from RUNNING to its end, also while it is paused, is being killed, or waits for a retry; not while it is QUEUED. Tasks of
`afterExecution` run after that and hold it still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from math import inf
from typing import Final

from flowconc.kestra.exported import Exported
from flowconc.kestra.recording import Moment
from flowconc.scenario.vocabulary import FINAL_STATES

RESTART: Final = "restart"
"""The label of a stay that an earlier one of the same execution went before."""

_WAITING: Final = frozenset({"CREATED", "QUEUED"})
_GOES_ON: Final = "RETRYING"  # a state that looks final and is followed by this was not

Span = tuple[int, int | None]
"""From when until when a slot was held, in microseconds since 1970; None where it still is."""


class Unknown(Enum):
    """Why it is not known how long a stay would have held a slot."""

    REJECTED = "rejected"
    KILLED = "killed before they ran"
    WAITING = "still waiting"
    RUNNING = "still running"
    DISORDER = "with states that are out of order"


@dataclass(frozen=True, slots=True)
class Stay:
    """One arrival at the gate. Times are microseconds since 1970; `waited_us` is None for what never ran."""

    at_us: int
    source: str
    held_us: int | None
    unknown: Unknown | None
    waited_us: int | None
    spans: tuple[Span, ...]


def stays(executions: Iterable[Exported]) -> list[Stay]:
    """Return the stays of executions of one flow, in order of arrival; in which order these are given changes nothing.

    Of those that came at the same time the one that had its slot first, or had it shortest, was first at the gate; those
    that had none were last. The order in which a server exports them says nothing of that.

    A replay from a task begins with a copy of its source's history: what was another execution's stay is none of its own.
    """
    found, seen = [], set[tuple[Moment, ...]]()
    for execution in sorted(executions, key=lambda each: (each.repeats, len(each.history), each.id)):
        parts = [tuple(part) for part in _parts(execution.history)]
        own = [part for part in parts if not (execution.repeats and part in seen)]
        seen.update(parts)
        found += [_stay(execution, part, first=part is own[0], last=part is parts[-1]) for part in own]
    return sorted(found, key=lambda stay: (stay.at_us, *_slot(stay), stay.source))


def _slot(stay: Stay) -> tuple[float, float]:
    """Return from when until when a stay had a slot; infinite where it never did, or has it still."""
    if not stay.spans:
        return inf, inf
    ends_us = stay.spans[-1][1]
    return stay.spans[0][0], inf if ends_us is None else ends_us


def _parts(history: tuple[Moment, ...]) -> Iterator[list[Moment]]:
    """Split a history where something follows an end that is neither an end nor a retry."""
    part: list[Moment] = []
    for moment in history:
        ended = bool(part) and part[-1][0] in FINAL_STATES
        if ended and moment[0] not in FINAL_STATES and moment[0] != _GOES_ON:
            yield part
            part = []
        part.append(moment)
    if part:
        yield part


def _stay(execution: Exported, part: Sequence[Moment], *, first: bool, last: bool) -> Stay:
    at_us = part[0][1]
    if first and execution.due_us is not None and len(part) > 1:
        began_us = part[1][1]  # before it was due, if somebody forced it to run
        at_us = max(at_us, min(execution.due_us, began_us))
    source = execution.source if first else RESTART
    running = next((index for index, (state, _) in enumerate(part) if state == "RUNNING"), None)
    if running is None:
        return Stay(at_us, source, None, _why_not_run(part), None, ())
    if any(after < before for (_, before), (_, after) in pairwise(part)):
        return Stay(at_us, source, None, Unknown.DISORDER, None, ())
    spans = tuple(_spans(part[running:], (last and execution.worked_until_us) or 0))
    waited_us = max(0, part[running][1] - at_us)
    closed = [(begin_us, end_us) for begin_us, end_us in spans if end_us is not None]
    if len(closed) < len(spans) or part[-1][0] not in FINAL_STATES:
        return Stay(at_us, source, None, Unknown.RUNNING, waited_us, spans)
    held_us = sum(end_us - begin_us for begin_us, end_us in closed)
    return Stay(at_us, source, held_us, None, waited_us, spans)


def _why_not_run(part: Sequence[Moment]) -> Unknown:
    last = part[-1][0]
    if last not in FINAL_STATES:
        return Unknown.WAITING
    return Unknown.KILLED if last == "KILLED" else Unknown.REJECTED


def _spans(part: Sequence[Moment], worked_until_us: int) -> Iterator[Span]:
    """Yield when a slot was held, in the end for as long as tasks ran; the last span may have no end."""
    begun_us: int | None = None
    for index, (state, t_us) in enumerate(part):
        goes_on = index + 1 < len(part) and part[index + 1][0] == _GOES_ON
        frees = state in _WAITING or (state in FINAL_STATES and not goes_on)
        if not frees and begun_us is None:
            begun_us = t_us
        elif frees and begun_us is not None:
            yield begun_us, max(t_us, worked_until_us) if state in FINAL_STATES else t_us
            begun_us = None
    if begun_us is not None:
        yield begun_us, None


def most_at_once(found: Iterable[Stay]) -> int:
    """Return the largest number of stays that held a slot at once; one that ends when another begins is over."""
    changes = [
        change
        for stay in found
        for begin_us, end_us in stay.spans
        for change in ((begin_us, 1), *(() if end_us is None else ((end_us, -1),)))
        if begin_us != end_us
    ]
    held = most = 0
    for _, by in sorted(changes):
        held += by
        most = max(most, held)
    return most
