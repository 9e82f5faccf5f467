"""Events paired into intervals: how long each execution was in each state, and how long it held a slot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.trace import STATE_CODES, Trace

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

OPEN = -1
"""The last event of an interval that the trace does not see the end of."""

_RUNNING, _RESTARTED = STATE_CODES[State.RUNNING], STATE_CODES[State.RESTARTED]
_ON_A_SLOT = [STATE_CODES[each] for each in (State.RUNNING, State.PAUSED, State.RETRYING, State.BREAKPOINT)]
_ON_A_SLOT_AFTER_A_RUN = [STATE_CODES[each] for each in (State.RESTARTED, State.KILLING)]
_FINAL = [STATE_CODES[each] for each in FINAL]

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
    """Return how long each execution held a slot of its flow.

    Under the documented contract that is from its CLAIM to its RELEASE or its deletion. A second CLAIM of a holder
    and a RELEASE by one that holds nothing are passed over: they are for the invariants to find.

    An engine's claims can be lost, doubled or never made. There it is as long as the execution runs, pauses, retries,
    is being killed after a run, or runs its afterExecution; unless it was forced, which takes no slot (A10).
    """
    if not trace.header.is_documented:
        return _occupied(trace)
    records = trace.records
    kinds, own = (
        records["kind"],
        records["detail"] < 0,
    )  # a namespace's or a tenant's limit is named in the detail
    over = ((kinds == Kind.RELEASE) & own) | (kinds == Kind.DELETED)
    return _intervals(trace, (kinds == Kind.CLAIM) & own, over, with_state=False)


def _occupied(trace: Trace) -> Intervals:
    """Return how long each execution took a slot, to judge by its states and its tasks."""
    stay = stays(trace)
    stay = stay.where(np.argsort(stay.execution, kind="stable"))
    place = np.arange(len(stay))
    before = np.roll(stay.state, 1)
    first = first_of_run(stay.execution)
    ran_out = ~first & np.isin(before, _FINAL)
    life = _latest(place, first | (ran_out & (stay.state == _RESTARTED)))
    spell = np.maximum(
        life, _latest(place, ran_out & (stay.state == _RUNNING))
    )  # a forced run ends with its end
    started = _latest(place, stay.state == _RUNNING) >= life
    forced = np.zeros(len(stay) + 1, dtype=np.bool_)
    forced[_stay_of(trace, stay, Kind.FORCED)[1] + 1] = True  # it is told before the state that it leads to
    forced = forced[:-1] & ~first
    on_slot = np.isin(stay.state, _ON_A_SLOT)
    on_slot |= np.isin(stay.state, _ON_A_SLOT_AFTER_A_RUN) & started
    end_us, last = stay.end_us.copy(), stay.last.copy()
    closing = np.isin(stay.state, _FINAL) & started & _with_tasks(trace, stay, end_us, last)
    on_slot = (on_slot | closing) & (_latest(place, forced) < spell)
    goes_on = (
        on_slot & ~first & np.roll(on_slot & (last == stay.last), 1) & (np.roll(stay.last, 1) == stay.first)
    )
    begin = np.flatnonzero(on_slot & ~goes_on)
    end = np.flatnonzero(on_slot & ~np.append(goes_on[1:], False)[: len(stay)])
    order = np.argsort(stay.first[begin])
    begin, end = begin[order], end[order]
    no_state = np.full(len(begin), -1, dtype=np.int64)
    return Intervals(
        stay.execution[begin],
        stay.flow[begin],
        no_state,
        stay.start_us[begin],
        end_us[end],
        stay.first[begin],
        last[end],
    )


def _with_tasks(trace: Trace, stay: Intervals, end_us: Ints, last: Ints) -> Flags:
    """Say in which stays tasks were ordered, and cut final ones to the end of their last task, where it is seen."""
    rows, of = _stay_of(trace, stay, Kind.TASK_STARTED)
    cause = trace.records["cause"][rows]
    started = of[(cause < 0) | (cause >= stay.first[of])]  # not those ordered earlier and late to start
    rows, of = _stay_of(trace, stay, Kind.TASK_ENDED)
    counts = np.bincount(started, minlength=len(stay))
    over = np.isin(stay.state[of], _FINAL) & (np.bincount(of, minlength=len(stay))[of] >= counts[of])
    last[of[over]] = rows[over]  # the last one of each stay remains
    end_us[of[over]] = trace.records["t_us"][rows[over]]
    return counts > 0


def _stay_of(trace: Trace, stay: Intervals, kind: Kind) -> tuple[Ints, Ints]:
    """Return the events of a kind, and for each the stay that its execution was in. `stay` is by execution."""
    records = trace.records
    rows = np.flatnonzero((records["kind"] == kind) & (records["execution"] >= 0))
    size = len(records)
    begun = stay.execution * size + stay.first
    of = np.searchsorted(begun, records["execution"][rows].astype(np.int64) * size + rows) - 1
    known = (of >= 0) & (stay.execution[of] == records["execution"][rows])
    return rows[known], of[known]


def _latest(place: Ints, marked: Flags) -> Ints:
    """Return for each place the latest marked one up to it, -1 where there is none."""
    latest: Ints = np.maximum.accumulate(np.where(marked, place, -1))
    return latest


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
