"""The two tables of a trace: one row an execution, and the step function of every flow's slots.

Both are read off `Trace.records` with array operations, so a million executions take a few seconds. Times are
int64 microseconds from the scenario's start; -1 stands for a time that never came.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.intervals import OPEN, Flags, Ints, first_of_run, holds, stays
from flowconc.trace.trace import NOTHING, STATE_CODES, Trace

Codes = npt.NDArray[np.int8]
Texts = npt.NDArray[np.object_]

NEVER = -1
"""A time that never came, or a state that was never reached."""

UNLIMITED = -1
"""The limit of a flow without `concurrency`."""

_FINAL_CODES = np.array(sorted(STATE_CODES[state] for state in FINAL))
_APPLIED = {"queue": "QUEUE", "cancel": "CANCEL", "fail": "FAIL"}


@dataclass(frozen=True, slots=True)
class ExecutionsTable:
    """One row an execution, in order of creation, those that have not ended included. Every column has shape (n,).

    A wait that has not ended lasts until the execution's deletion or the end of the trace.
    """

    number: Ints  # 0, 1, ...: the row
    name: Texts
    flow: Texts  # the flow's key
    revision: Ints  # that it was created on; -1: not said
    source: Texts  # `ui`, `api`, `webhook`, ..., `trigger`, `subflow`, `loop`, `retry`, `replay`
    parent: Texts  # the execution whose Subflow or Loop task made it, or None
    trigger: Texts  # the id of the trigger that made it, or None
    created_us: Ints
    queued_us: Ints  # first QUEUED
    started_us: Ints  # first RUNNING
    ended_us: Ints  # when it became what `final` says
    final: Codes  # index into `STATES` of the final state it is in, or was in when deleted; -1: not ended
    state: Codes  # index into `STATES` of the last state it had
    applied: Texts  # the behavior that its first gate applied: QUEUE, CANCEL, FAIL, or None when admitted
    queue_at_arrival: Ints  # executions of the flow in QUEUED when it was created
    holders_at_arrival: Ints  # executions that held a slot of the flow when it was created
    slot_wait_us: Ints  # time in QUEUED
    lock_wait_us: Ints  # for row locks of the database
    worker_wait_us: Ints  # of its tasks for worker threads
    dispatch_us: Ints  # rest of the time from creation to start: neither QUEUED nor waiting for a lock
    gate_us: Ints  # first GATE
    planned_us: (
        Ints  # when the fire that made it was due; triggers that answer events, and backfills, have no plan
    )
    tasks_run: Ints  # task runs started; further attempts of one run count once
    forced: Flags
    deleted: Flags

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True)
class SlotsTable:
    """How the slots of flows stood, as a step function: row i holds from `t_us[i]` to the flow's next row.

    One row for each event that changed something, in the order of the trace; several may share an instant. Every
    column has shape (rows,).
    """

    seq: Ints  # the event's sequence number
    t_us: Ints
    flow: Texts  # the flow's key
    running: Ints  # executions in RUNNING
    queued: Ints  # executions in QUEUED
    holding: Ints  # executions that hold a slot, as `intervals.holds` has it
    limit: Ints  # slots of the flow's latest revision; -1: unlimited
    counter: Ints  # the engine's own figure, as its last CLAIM, RELEASE or COUNTER_SET left it

    def __len__(self) -> int:
        return len(self.t_us)


def executions_table(trace: Trace) -> ExecutionsTable:
    """Return the executions of `trace`: who came when, waited for what, and ended how."""
    log = _Log(trace)
    stay = stays(trace)
    waits = stay.where(stay.state == STATE_CODES[State.QUEUED])
    created = log.rows(Kind.CREATED)
    queued = waits.first
    running = stay.first[stay.state == STATE_CODES[State.RUNNING]]
    gates = log.rows(Kind.GATE)
    lock_waits = log.rows(Kind.LOCK_WAIT)
    tasks = log.rows(Kind.TASK_STARTED)
    fires = log.rows(Kind.FIRE)
    # An answer to an event plans nothing; and a backfill's fires are late by intent.
    fires = fires[(log.before[fires] != NOTHING) & (log.after[fires] == NOTHING)]

    created_us = log.first(created, log.t_us[created])
    started_us = log.first(running, log.t_us[running])
    start_row = log.first(running, running)
    before_start = log.total(*_until(start_row, log, queued, waits.length_us))
    before_start += log.total(*_until(start_row, log, lock_waits, log.before[lock_waits]))
    began = (started_us != NEVER) & (created_us != NEVER)
    state = log.last(stay.first, stay.state).astype(np.int8)
    ended = np.isin(state, _FINAL_CODES)
    source, parent, trigger = _origins(trace, log.first(created, log.detail[created]))
    worker_waits = log.after[tasks]
    planned = log.before[fires]

    return ExecutionsTable(
        number=np.arange(log.size),
        name=_texts(trace.names),
        flow=_lookup(trace.flows, log.first(created, log.flow[created])),
        revision=log.first(created, log.revision[created]),
        source=source,
        parent=parent,
        trigger=trigger,
        created_us=created_us,
        queued_us=log.first(queued, log.t_us[queued]),
        started_us=started_us,
        ended_us=np.where(ended, log.last(stay.first, stay.start_us), NEVER),
        final=np.where(ended, state, NEVER).astype(np.int8),
        state=state,
        applied=_lookup(_applied(trace.details), log.first(gates, log.detail[gates])),
        queue_at_arrival=log.first(created, log.queued[created]),
        holders_at_arrival=log.first(created, _holding(trace)[created]),
        slot_wait_us=log.total(queued, waits.length_us),
        lock_wait_us=log.total(lock_waits, log.before[lock_waits]),
        worker_wait_us=log.total(tasks, np.where(worker_waits == NOTHING, 0, worker_waits)),
        dispatch_us=np.where(began, np.maximum(started_us - created_us - before_start, 0), NEVER),
        gate_us=log.first(gates, log.t_us[gates]),
        planned_us=log.first(fires, np.where(planned == NOTHING, NEVER, planned)),
        tasks_run=log.total(tasks, (log.before[tasks] <= 1).astype(np.int64)),
        forced=log.seen(log.rows(Kind.FORCED)),
        deleted=log.seen(log.rows(Kind.DELETED)),
    )


def slots_table(trace: Trace, flow: str | None = None) -> SlotsTable:
    """Return how the slots of `flow` stood over time, or those of every flow when it is None.

    A flow that the trace does not know has an empty table.
    """
    records = trace.records
    wanted = records["flow"] >= 0 if flow is None else records["flow"] == _index(trace.flows, flow)
    rows = np.flatnonzero(wanted)
    rows = rows[np.argsort(records["flow"][rows], kind="stable")]
    of_flow = records["flow"][rows]
    kind = records["kind"][rows]
    after = records["after"][rows]
    first = first_of_run(of_flow)
    saved = kind == Kind.FLOW_SAVED
    counted = ((kind == Kind.CLAIM) | (kind == Kind.RELEASE)) & (records["detail"][rows] < 0)
    counted |= kind == Kind.COUNTER_SET
    levels = (
        _carried(records["running"][rows], records["running"][rows] >= 0, first, 0),
        _carried(records["queued"][rows], records["queued"][rows] >= 0, first, 0),
        _holding(trace)[rows],
        _carried(np.where(after == NOTHING, UNLIMITED, after), saved, first, UNLIMITED),
        _carried(np.where(after == NOTHING, 0, after), counted, first, 0),
    )
    changed = first.copy()
    for level in levels:
        changed[1:] |= level[1:] != level[:-1]
    keep = np.flatnonzero(changed)
    keep = keep[np.argsort(rows[keep])]
    return SlotsTable(
        rows[keep],
        records["t_us"][rows[keep]],
        _lookup(trace.flows, of_flow[keep]),
        *(level[keep] for level in levels),
    )


class _Log:
    """The columns of a trace that the executions table needs, and how to fold rows into executions."""

    def __init__(self, trace: Trace) -> None:
        records = trace.records
        self.size = len(trace.names)
        self.t_us = records["t_us"].copy()  # columns of their own: the packed records are slow to stride over
        self.kind = records["kind"].copy()
        self.execution = records["execution"].copy()
        self.before = records["before"]
        self.after = records["after"]
        self.detail = records["detail"]
        self.flow = records["flow"]
        self.revision = records["revision"]
        self.queued = records["queued"]

    def rows(self, kind: Kind) -> Ints:
        """Return the rows of one kind that name an execution."""
        return np.flatnonzero((self.kind == kind) & (self.execution >= 0))

    def first(self, rows: Ints, values: npt.NDArray[np.integer]) -> Ints:
        """Return per execution the value at the first of its `rows`, or -1."""
        found = np.full(self.size, NEVER, dtype=np.int64)
        found[self.execution[rows[::-1]]] = values[::-1]
        return found

    def last(self, rows: Ints, values: npt.NDArray[np.integer]) -> Ints:
        """Return per execution the value at the last of its `rows`, or -1."""
        found = np.full(self.size, NEVER, dtype=np.int64)
        found[self.execution[rows]] = values
        return found

    def total(self, rows: Ints, values: npt.NDArray[np.integer]) -> Ints:
        """Return per execution the sum of the values at its `rows`."""
        sums = np.zeros(self.size, dtype=np.int64)
        np.add.at(sums, self.execution[rows], values)
        return sums

    def seen(self, rows: Ints) -> Flags:
        """Say for each execution whether one of `rows` is its own."""
        flags = np.zeros(self.size, dtype=np.bool_)
        flags[self.execution[rows]] = True
        return flags


def _until(start_row: Ints, log: _Log, rows: Ints, values: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Keep those of `rows` that come before their execution's start."""
    early = rows < start_row[log.execution[rows]]
    return rows[early], values[early]


def _holding(trace: Trace) -> Ints:
    """Return after each event how many executions hold a slot of the event's flow; 0 for an event without one."""
    held = holds(trace)
    change = np.zeros(len(trace), dtype=np.int64)
    change[held.first] += 1
    change[held.last[held.last != OPEN]] -= 1
    by_flow = np.argsort(trace.records["flow"], kind="stable")
    first = first_of_run(trace.records["flow"][by_flow])
    total = np.cumsum(change[by_flow])
    others = _carried(total - change[by_flow], first, first, 0)
    holding = np.empty(len(trace), dtype=np.int64)
    holding[by_flow] = total - others
    return holding


def _carried(values: npt.NDArray[np.integer], said: Flags, first: Flags, initial: int) -> Ints:
    """Carry each value that is `said` forward within its group; `initial` holds until the first one."""
    row = np.arange(len(values))
    latest = np.maximum.accumulate(np.where(said, row, -1))
    group = np.maximum.accumulate(np.where(first, row, 0))
    carried: Ints = np.where(latest >= group, values[latest], initial).astype(np.int64)
    return carried


def _texts(strings: tuple[str | None, ...]) -> Texts:
    column = np.empty(len(strings), dtype=np.object_)
    column[:] = strings
    return column


def _lookup(strings: tuple[str | None, ...], codes: npt.NDArray[np.integer]) -> Texts:
    """Return the string of each code; None for -1."""
    column: Texts = _texts((*strings, None))[codes]
    return column


def _index(strings: tuple[str, ...], wanted: str) -> int:
    return strings.index(wanted) if wanted in strings else len(strings)


def _applied(details: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(_APPLIED.get(detail) for detail in details)


def _origins(trace: Trace, codes: Ints) -> tuple[Texts, Texts, Texts]:
    """Split the detail of each CREATED (`ui`, `trigger:ID`, `subflow:PARENT`) into source, parent and trigger."""
    used, where = np.unique(codes, return_inverse=True)
    split = [trace.details[code].partition(":") if code >= 0 else ("", "", "") for code in used.tolist()]
    sources = tuple(source or None for source, _, _ in split)
    parents = tuple((rest or None) if source in ("subflow", "loop") else None for source, _, rest in split)
    triggers = tuple(rest if source == "trigger" else None for source, _, rest in split)
    return _lookup(sources, where), _lookup(parents, where), _lookup(triggers, where)
