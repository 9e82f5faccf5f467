"""Who waited for whom: for each wait for a slot, who held the slots meanwhile, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.intervals import OPEN, Intervals, holds, release_behind, stays
from flowconc.trace.trace import STATE_CODES, Trace

MOST_WAITS = 20
"""Waits that are told, the longest ones; the others are counted."""

MOST_HOLDERS = 6
"""Holders named for each wait, those that held longest meanwhile; the others are counted."""


@dataclass(frozen=True, slots=True)
class Holder:
    """An execution that held a slot while another waited. A `leaked` slot's holder was deleted (SEMANTICS A9)."""

    name: str
    held_us: int  # of the wait
    leaked: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """One stay in QUEUED. `let_in_by` gave back the slot that ended it; None where no release did."""

    execution: str
    flow: str
    start_us: int
    end_us: int
    over: bool
    holders: tuple[Holder, ...]
    more_holders: int
    let_in_by: str | None

    @property
    def length_us(self) -> int:
        """How long it lasted, or has lasted at the end of the trace."""
        return self.end_us - self.start_us


@dataclass(frozen=True, slots=True)
class Blame:
    """The longest waits of a run, longest first; `count` waits took `total_us` in all."""

    waits: tuple[Wait, ...]
    count: int
    total_us: int

    @property
    def left_out(self) -> int:
        """How many waits are not told."""
        return self.count - len(self.waits)


def blame(trace: Trace) -> Blame:
    """Return the longest waits of `trace`; equal ones in the order in which they began."""
    stay = stays(trace)
    waits = stay.where((stay.state == STATE_CODES[State.QUEUED]) & (stay.end_us > stay.start_us))
    worst = np.argsort(-waits.length_us, kind="stable")[:MOST_WAITS]
    held = holds(trace)
    leaks = _leaks(trace, held)
    told = tuple(_wait(trace, waits, row, held, leaks) for row in worst.tolist())
    return Blame(told, len(waits), int(waits.length_us.sum()))


def _wait(trace: Trace, waits: Intervals, row: int, held: Intervals, leaks: Intervals) -> Wait:
    start_us, end_us, last = int(waits.start_us[row]), int(waits.end_us[row]), int(waits.last[row])
    holders = [
        Holder(trace.names[execution], shared_us, leaked)
        for intervals, leaked in ((held, False), (leaks, True))
        for execution, shared_us in _shares(intervals, int(waits.flow[row]), start_us, end_us)
    ]
    holders.sort(key=lambda holder: -holder.held_us)
    release = release_behind(trace, last) if last != OPEN else -1
    giver = int(trace.records["execution"][release]) if release >= 0 else -1
    return Wait(
        trace.names[waits.execution[row]],
        trace.flows[waits.flow[row]],
        start_us,
        end_us,
        last != OPEN,
        tuple(holders[:MOST_HOLDERS]),
        max(len(holders) - MOST_HOLDERS, 0),
        trace.names[giver] if giver >= 0 else None,
    )


def _shares(intervals: Intervals, flow: int, start_us: int, end_us: int) -> list[tuple[int, int]]:
    """Return whose intervals of `flow` overlap the span, and for how long."""
    overlap_us = np.minimum(intervals.end_us, end_us) - np.maximum(intervals.start_us, start_us)
    meanwhile = np.flatnonzero((intervals.flow == flow) & (overlap_us > 0))
    return list(zip(intervals.execution[meanwhile].tolist(), overlap_us[meanwhile].tolist(), strict=True))


def _leaks(trace: Trace, held: Intervals) -> Intervals:
    """Return the slots of deleted holders, which stay occupied to the end."""
    ended = held.last != OPEN
    deleted = ended.copy()
    deleted[ended] = trace.records["kind"][held.last[ended]] == Kind.DELETED
    gone = held.where(deleted)
    end_us = np.full(len(gone), trace.end_us, dtype=np.int64)
    nothing = np.full(len(gone), OPEN, dtype=np.int64)
    return Intervals(gone.execution, gone.flow, gone.state, gone.end_us, end_us, gone.last, nothing)
