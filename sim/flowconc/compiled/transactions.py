"""The database in time: places at a station, connections and row locks (`simulation.database`)."""

from __future__ import annotations

from typing import Final

from flowconc.compiled.agenda import put
from flowconc.compiled.fields import (
    ASKED_US,
    CONNECTED_US,
    CONNECTIONS,
    CONSEQUENCE,
    E_COMMIT,
    EXECUTORS,
    FIRE,
    FLOW,
    FLOW_WIDTH,
    GATE,
    HEAD,
    IS_LIMITED,
    KIND_BITS,
    LINE_WIDTH,
    LOCKS,
    NONE,
    NOW,
    PER_WAITING_US,
    QUEUED,
    RESULT,
    RETRY_DUE,
    ROW,
    SCHEDULER,
    SLOT_WIDTH,
    STATEMENT_US,
    STEP,
    STOPPED,
    TRIGGER,
    UNITS,
    Columns,
    Program,
    State,
)
from flowconc.compiled.lines import call, join
from flowconc.compiled.steps import counter_line, ends, trigger_line

TRIGGER_ROW: Final = 1
COUNTER_ROW: Final = 2


def begin(p: Program, s: State, slot: int) -> None:
    """Ask for a place at the executors, or the scheduler."""
    station = SCHEDULER if s.slot[slot * SLOT_WIDTH + STEP] == FIRE else EXECUTORS
    if s.line[station * LINE_WIDTH + UNITS] > 0:
        s.line[station * LINE_WIDTH + UNITS] -= 1
        _seated(p, s, slot)
    else:
        join(s.slot, s.line, station, slot)


def _seated(p: Program, s: State, slot: int) -> None:
    """Ask for a connection."""
    free = s.line[CONNECTIONS * LINE_WIDTH + UNITS]
    if free > 0:
        now_us = s.scalar[NOW]
        s.free[free] += now_us
        s.free[free - 1] -= now_us
        s.line[CONNECTIONS * LINE_WIDTH + UNITS] = free - 1
        _take_locks(p, s, slot)
    else:
        join(s.slot, s.line, CONNECTIONS, slot)


def _take_locks(p: Program, s: State, slot: int) -> None:
    """Lock the rows that the step declares: the trigger's, then the counter's.

    Nobody else ever asks for the execution's own row, since what happens to it happens one after the other.
    """
    me = slot * SLOT_WIDTH
    s.slot[me + CONNECTED_US] = s.scalar[NOW]
    step, locks = s.slot[me + STEP], 0
    if step == FIRE:
        locks = TRIGGER_ROW
    elif step <= STOPPED or (step == RESULT and ends(p, s, slot)):
        if s.slot[me + TRIGGER] != NONE:
            locks = TRIGGER_ROW
        if s.flow[s.slot[me + FLOW] * FLOW_WIDTH + IS_LIMITED] == 1:
            locks |= COUNTER_ROW
    s.slot[me + LOCKS] = locks
    if locks & TRIGGER_ROW:
        line = trigger_line(s, s.slot[me + TRIGGER])
        if s.line[line * LINE_WIDTH + UNITS] == 0:
            s.slot[me + ASKED_US] = s.scalar[NOW]
            join(s.slot, s.line, line, slot)
            return
        s.line[line * LINE_WIDTH + UNITS] = 0
    _take_counter(p, s, slot, locks)


def _take_counter(p: Program, s: State, slot: int, locks: int) -> None:
    if locks & COUNTER_ROW:
        line = counter_line(s.slot[slot * SLOT_WIDTH + FLOW])
        if s.line[line * LINE_WIDTH + UNITS] == 0:
            s.slot[slot * SLOT_WIDTH + ASKED_US] = s.scalar[NOW]
            join(s.slot, s.line, line, slot)
            return
        s.line[line * LINE_WIDTH + UNITS] = 0
    _work(p, s, slot)


def _work(p: Program, s: State, slot: int) -> None:
    """Run the statements, longer by what each execution costs that waits for a slot."""
    step = s.slot[slot * SLOT_WIDTH + STEP]
    statements = 4
    if step == FIRE:
        statements = 3
    elif step >= RETRY_DUE:
        statements = 2
    length_us = statements * s.scalar[STATEMENT_US] + s.scalar[PER_WAITING_US] * s.scalar[QUEUED]
    what = slot << KIND_BITS | E_COMMIT
    put(s.scalar, s.far, s.scalar[NOW] + length_us, CONSEQUENCE, what)


def let_go(p: Program, s: State, c: Columns, station: int, locks: int, trigger: int, flow: int) -> None:
    """Give back what a transaction had, in the reverse order: each to the one that has waited longest for it."""
    if locks & COUNTER_ROW:
        line = counter_line(flow)
        if s.line[line * LINE_WIDTH + HEAD] == NONE:
            s.line[line * LINE_WIDTH + UNITS] = 1
        else:
            _hand_on_row(p, s, c, line, 0)
    if locks & TRIGGER_ROW:
        line = trigger_line(s, trigger)
        if s.line[line * LINE_WIDTH + HEAD] == NONE:
            s.line[line * LINE_WIDTH + UNITS] = 1
        else:
            _hand_on_row(p, s, c, line, COUNTER_ROW)
    if s.line[CONNECTIONS * LINE_WIDTH + HEAD] == NONE:
        free, now_us = s.line[CONNECTIONS * LINE_WIDTH + UNITS], s.scalar[NOW]
        s.free[free] += now_us
        s.free[free + 1] -= now_us
        s.line[CONNECTIONS * LINE_WIDTH + UNITS] = free + 1
    else:
        _hand_on_connection(p, s)
    if s.line[station * LINE_WIDTH + HEAD] == NONE:
        s.line[station * LINE_WIDTH + UNITS] += 1
    else:
        _hand_on_place(p, s, station)


def _hand_on_row(p: Program, s: State, c: Columns, line: int, missing: int) -> None:
    """Let the first in a line have the row that it waits for; `missing` is what it may have to lock after that."""
    slot = call(s.slot, s.line, line)
    me = slot * SLOT_WIDTH
    step = s.slot[me + STEP]
    if step != FIRE:
        row, waited_us = s.slot[me + ROW], s.scalar[NOW] - s.slot[me + ASKED_US]
        c.lock_wait_us[row] += waited_us
        if step == GATE:
            c.gate_lock_us[row] += waited_us
    _take_counter(p, s, slot, s.slot[me + LOCKS] & missing)


def _hand_on_connection(p: Program, s: State) -> None:
    _take_locks(p, s, call(s.slot, s.line, CONNECTIONS))


def _hand_on_place(p: Program, s: State, station: int) -> None:
    _seated(p, s, call(s.slot, s.line, station))
