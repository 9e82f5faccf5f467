"""Events paired into intervals: how long each execution was in each state, and how long it held a slot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import Kind
from flowconc.trace.trace import Trace

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

OPEN = -1
"""The last event of an interval that the trace does not see the end of."""

_LONGEST_CHAIN = 16
"""Causes that may lie between a release and what it leads to."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals in the order in which they begin. Every column has shape (n,).

    One that the trace does not see the end of lasts until the trace's end.
    """

    execution: Ints  # number, in order of creation
    flow: Ints  # index into `Trace.flows`
    state: Ints  # index into `STATES`; of a hold: -1
    start_us: Ints
    end_us: Ints
    first: Ints  # sequence number of the event that began it
    last: Ints  # of the event that ended it, or OPEN

    def __len__(self) -> int:
        return len(self.execution)

    def where(self, chosen: Flags | Ints) -> Intervals:
        """Return the intervals that a mask or an array of rows chooses."""
        return Intervals(*(getattr(self, column)[chosen] for column in self.__slots__))

    @property
    def length_us(self) -> Ints:
        """How long each lasted, in microseconds."""
        return self.end_us - self.start_us


def stays(trace: Trace) -> Intervals:
    """Return how long each execution was in each state, from one state to the next or to its deletion."""
    kinds = trace.records["kind"]
    return _intervals(
        trace, np.isin(kinds, (Kind.CREATED, Kind.STATE)), kinds == Kind.DELETED, with_state=True
    )


def holds(trace: Trace) -> Intervals:
    """Return how long each execution held a slot: from its CLAIM to its RELEASE or its deletion.

    A second CLAIM of a holder and a RELEASE by one that holds nothing are passed over: they are for the
    invariants to find.
    """
    kinds = trace.records["kind"]
    over = (kinds == Kind.RELEASE) | (kinds == Kind.DELETED)
    return _intervals(trace, kinds == Kind.CLAIM, over, with_state=False)


def release_behind(trace: Trace, seq: int) -> int:
    """Return the sequence number of the RELEASE that event `seq` follows from, or -1."""
    causes, kinds = trace.records["cause"], trace.records["kind"]
    for _ in range(_LONGEST_CHAIN):
        seq = int(causes[seq])
        if seq < 0 or kinds[seq] == Kind.RELEASE:
            return seq
    return -1


def _intervals(trace: Trace, begins: Flags, ends: Flags, *, with_state: bool) -> Intervals:
    """Pair each beginning with the execution's next event that begins or ends an interval.

    With states every beginning ends the interval before it; without, a beginning within one goes on with it.
    """
    records = trace.records
    rows = np.flatnonzero((begins | ends) & (records["execution"] >= 0))
    rows = rows[np.argsort(records["execution"][rows], kind="stable")]
    execution = records["execution"][rows].astype(np.int64)
    begin = begins[rows]
    if not with_state:  # only changes between holding and not holding count
        change = begin != np.where(first_of_run(execution), False, np.roll(begin, 1))
        rows, execution, begin = rows[change], execution[change], begin[change]
    last = np.full(len(rows), OPEN, dtype=np.int64)
    follows = execution[1:] == execution[:-1]
    last[:-1][follows] = rows[1:][follows]
    start = rows[begin]
    last = last[begin]
    order = np.argsort(start)
    start, last = start[order], last[order]
    t_us = records["t_us"]
    return Intervals(
        execution[begin][order],
        records["flow"][start].astype(np.int64),
        records["after"][start] if with_state else np.full(len(start), -1, dtype=np.int64),
        t_us[start],
        np.where(last == OPEN, trace.end_us, t_us[last] if len(t_us) else 0),
        start,
        last,
    )


def first_of_run(keys: npt.NDArray[np.integer]) -> Flags:
    """Mark where each run of equal keys begins."""
    first = np.ones(len(keys), dtype=np.bool_)
    first[1:] = keys[1:] != keys[:-1]
    return first
