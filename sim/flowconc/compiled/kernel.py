"""The event loop: which event is next, and what follows from it.

The counterpart of `simulation.clock`, `installation` and `sources`. `advance` runs until nothing is left, or until
Python has to lend a hand: to fill a feed or a pool, or to make room. All that it knows is in its arguments, so it goes
on where it was.
"""

from __future__ import annotations

from typing import Final

from flowconc.compiled.agenda import first_key, first_us, order_lanes, put, put_later, sink, take
from flowconc.compiled.fields import (
    ARRIVAL_US,
    BACKOFF_ATTEMPTS,
    BACKOFF_ON,
    BACKOFF_WAITS,
    BLOCK,
    BY_CHANCE,
    CONSEQUENCE,
    DISPATCH_US,
    DRAWN,
    E_ARRIVED,
    E_COMMIT,
    E_DISPATCHED,
    E_GATE,
    E_OVER,
    E_RESEND,
    E_RESULT,
    E_RETRY,
    E_STOPPING,
    END,
    ENDED_ORDER,
    EXECUTORS,
    FAILING,
    FEED,
    FILLED,
    FIRE,
    FLOW,
    FOREVER,
    GATE,
    GATE_ORDER,
    GIVEN_US,
    HAS_LENGTH,
    HEAD,
    HORIZON_US,
    IS_COPY,
    IS_DISABLED,
    JITTERS,
    KEY,
    KIND_BITS,
    LANE_FAILS,
    LANE_FLOW,
    LANE_RANK,
    LANE_TRIGGER,
    LANE_WIDTH,
    LANES,
    LINE_WIDTH,
    LOCKS,
    NEXT_US,
    NONE,
    NOW,
    OVER,
    POS,
    RENEWED,
    RESENT,
    RESULT,
    RESULT_US,
    RETRIES,
    ROW,
    RUN_ORDER,
    RUN_SLOT,
    SCHEDULER,
    SEQUENCE,
    SINCE_US,
    SLOT_WIDTH,
    SOURCE,
    SOURCE_DRAWS,
    STEP,
    STOP_ORDER,
    STOPPED,
    TAKES_TIME,
    THREADS,
    TRIES,
    TRIGGER,
    UNITS,
    UNTIL_US,
    WAKE_KIND,
    WAKE_ORDER,
    WAKE_US,
    WANTED,
    Columns,
    Program,
    State,
)
from flowconc.compiled.lines import give_slot, take_slot
from flowconc.compiled.steps import create, fire, gate, result, retry_due, stopped
from flowconc.compiled.transactions import begin, let_go
from flowconc.compiled.workers import dispatched, hand_on_thread, later_dispatched

DONE: Final = 0
PAUSED: Final = 1

_KIND: Final = (1 << KIND_BITS) - 1


def advance(p: Program, s: State, c: Columns) -> int:
    """Go on until the run is DONE, or PAUSED for Python to help."""
    g = s.scalar
    order_lanes(s)
    horizon_us = g[HORIZON_US]
    lane = s.lane_heap[0]
    lane_us = s.lane[lane * LANE_WIDTH + NEXT_US]
    while g[WANTED] == 0:
        near_us = first_us(g)
        lane_first = lane_us < near_us
        if lane_us == near_us and lane_us < FOREVER:
            lane_first = s.lane[lane * LANE_WIDTH + KEY] < first_key(g)
        t_us = lane_us if lane_first else near_us
        if t_us > horizon_us:
            return DONE
        g[NOW] = t_us
        if lane_first:
            slot, kind = _next_of_lane(p, s, c, lane), E_ARRIVED
            lane = s.lane_heap[0]
            lane_us = s.lane[lane * LANE_WIDTH + NEXT_US]
        else:
            what = take(g, s.far)
            slot, kind = what >> KIND_BITS, what & _KIND
        _happen(p, s, c, slot, kind)
    return PAUSED


def _next_of_lane(p: Program, s: State, c: Columns, lane: int) -> int:
    """Let the next arrival or fire of a lane come. Returns the slot whose step is to run, or NONE."""
    if s.lane[lane * LANE_WIDTH + LANE_TRIGGER] == 1:
        return _fire(p, s, lane)
    return _arrive(p, s, c, lane)


def _happen(p: Program, s: State, c: Columns, slot: int, kind: int) -> None:
    """Let an event happen: an arrival or a fire, whose slot is then to take its step, or one of the agenda."""
    g = s.scalar
    commits = kind == E_COMMIT
    if not commits:
        if kind > E_COMMIT:
            slot = _seldom(p, s, c, slot, kind)
        elif kind == E_OVER and g[RESULT_US] > 0:
            put_later(g, s.far, g[NOW] + g[RESULT_US], CONSEQUENCE, slot << KIND_BITS | E_RESULT)
            slot = NONE
        if slot != NONE:
            if g[TAKES_TIME] == 1:
                begin(p, s, slot)
            else:
                commits = True
    while commits:
        commits = _commit(p, s, c, slot)
    if kind == E_OVER:
        if s.line[THREADS * LINE_WIDTH + HEAD] == NONE:
            s.line[THREADS * LINE_WIDTH + UNITS] += 1
        else:
            hand_on_thread(p, s, c)


def _seldom(p: Program, s: State, c: Columns, slot: int, kind: int) -> int:
    """Let one of the rarer events happen. Returns the slot if that is to take its step now, else NONE."""
    g = s.scalar
    if kind == E_DISPATCHED:
        later_dispatched(p, s, c, slot)
        return NONE
    if kind == E_STOPPING:
        if g[RESULT_US] == 0:
            return slot
        put(g, s.far, g[NOW] + g[RESULT_US], CONSEQUENCE, slot << KIND_BITS | E_RETRY)
        return NONE
    return slot if _repeat(p, s, c, slot, kind) else NONE


def _commit(p: Program, s: State, c: Columns, slot: int) -> bool:
    """Commit the step of a slot, let go of what it held, and carry out its orders, in their order.

    Says whether the slot is to take its next step at once.
    """
    g, me = s.scalar, slot * SLOT_WIDTH
    step = s.slot[me + STEP]
    locks, trigger, flow = s.slot[me + LOCKS], s.slot[me + TRIGGER], s.slot[me + FLOW]
    if step == GATE:
        orders = gate(p, s, c, slot)
    elif step == RESULT:
        orders = result(p, s, c, slot)
    else:
        orders = _rarer_step(p, s, c, slot, step)
    if s.scalar[TAKES_TIME] == 1:
        let_go(p, s, c, SCHEDULER if step == FIRE else EXECUTORS, locks, trigger, flow)
    if orders & WAKE_ORDER:
        rank = END if g[WAKE_US] > 0 else CONSEQUENCE
        put_later(g, s.far, g[NOW] + g[WAKE_US], rank, slot << KIND_BITS | g[WAKE_KIND])
    if orders & RUN_ORDER:
        if s.scalar[DISPATCH_US] > 0:
            t_us = g[NOW] + s.scalar[DISPATCH_US]
            put_later(g, s.far, t_us, CONSEQUENCE, g[RUN_SLOT] << KIND_BITS | E_DISPATCHED)
        else:
            dispatched(p, s, c, g[RUN_SLOT])
    if orders & ENDED_ORDER and not orders & WAKE_ORDER and not _answered(p, s, c, slot):
        give_slot(s, slot)
    if step == FIRE or orders & STOP_ORDER != 0:
        return _goes_on_at_once(p, s, slot, orders)
    return False


def _rarer_step(p: Program, s: State, c: Columns, slot: int, step: int) -> int:
    """Commit a step that most executions never take."""
    if step == FIRE:
        return fire(p, s, c, slot)
    if step == STOPPED:
        return stopped(p, s, c, slot)
    return retry_due(p, s, c, slot)


def _goes_on_at_once(p: Program, s: State, slot: int, orders: int) -> bool:
    """Let a slot go on after a fire, or after an order to stop; say whether that takes no time at all."""
    if orders & STOP_ORDER:
        return _stops_at_once(p, s, slot)
    return _fired(p, s, slot, orders)


def _fired(p: Program, s: State, slot: int, orders: int) -> bool:
    """Send what a fire has made to the gate; say whether that takes no time at all."""
    if orders & GATE_ORDER == 0:
        give_slot(s, slot)
        return False
    if not _goes_to_gate(p, s, slot):
        return False
    if s.scalar[TAKES_TIME] == 1:
        begin(p, s, slot)
        return False
    return True


def _stops_at_once(p: Program, s: State, slot: int) -> bool:
    """Let the order to stop go to the workers, and its answer come back; say whether that takes no time at all."""
    g = s.scalar
    if g[DISPATCH_US] > 0:
        put(g, s.far, g[NOW] + g[DISPATCH_US], CONSEQUENCE, slot << KIND_BITS | E_STOPPING)
    elif g[RESULT_US] > 0:
        put(g, s.far, g[NOW] + g[RESULT_US], CONSEQUENCE, slot << KIND_BITS | E_RETRY)
    elif g[TAKES_TIME] == 1:
        begin(p, s, slot)
    else:
        return True
    return False


def _goes_to_gate(p: Program, s: State, slot: int) -> bool:
    """Let a new execution take its time on the way from its source; say whether it has none to take."""
    s.slot[slot * SLOT_WIDTH + STEP] = GATE
    if s.scalar[ARRIVAL_US] == 0:
        return True
    t_us = s.scalar[NOW] + s.scalar[ARRIVAL_US]
    put_later(s.scalar, s.far, t_us, CONSEQUENCE, slot << KIND_BITS | E_GATE)
    return False


def _answered(p: Program, s: State, c: Columns, slot: int) -> bool:
    """Tell a source that its execution has ended, and say whether it tries again after a wait."""
    me = slot * SLOT_WIDTH
    source = s.slot[me + SOURCE]
    return source != NONE and _resends(p, s, c, slot, source)


def _resends(p: Program, s: State, c: Columns, slot: int, source: int) -> bool:
    me, mine = slot * SLOT_WIDTH, source * LANE_WIDTH
    retries, state = s.slot[me + RETRIES], c.state[s.slot[me + ROW]]
    if retries >= s.lane[mine + BACKOFF_ATTEMPTS] or s.lane[mine + BACKOFF_ON] >> state & 1 == 0:
        return False
    if s.lane[mine + JITTERS] > 0:
        s.scalar[BY_CHANCE] = 1
        wait_us = s.held[s.slot[me + DRAWN] + s.lane[mine + SOURCE_DRAWS] + retries]
    else:
        wait_us = p.waits[s.lane[mine + BACKOFF_WAITS] + retries]
    due_us = s.scalar[NOW] + wait_us
    if due_us > s.scalar[UNTIL_US]:
        return False
    put(s.scalar, s.far, due_us, s.lane[mine + LANE_RANK], slot << KIND_BITS | E_RESEND)
    return True


def _plan(p: Program, s: State, lane: int) -> None:
    """Turn to a lane's next arrival or fire, the lane being the first of the heap."""
    mine = lane * LANE_WIDTH
    place = s.lane[mine + POS]
    s.lane[mine + KEY] = s.lane[lane * LANE_WIDTH + LANE_RANK] | s.scalar[SEQUENCE]
    s.scalar[SEQUENCE] += 1
    if place < s.lane[mine + FILLED]:
        s.lane[mine + NEXT_US] = s.feed[s.lane[lane * LANE_WIDTH + FEED] + place]
        s.lane[mine + POS] = place + 1
    else:
        s.lane[mine + NEXT_US] = FOREVER
        if s.lane[mine + OVER] == 0:
            s.scalar[WANTED] = 1
    sink(s.lane, s.lane_heap, 0, s.scalar[LANES])


def _arrive(p: Program, s: State, c: Columns, lane: int) -> int:
    """Let the next execution of a source arrive."""
    slot = take_slot(s)
    me, mine = slot * SLOT_WIDTH, lane * LANE_WIDTH
    feed = s.lane[mine + FEED] + s.lane[lane * LANE_WIDTH + POS] - 1
    _plan(p, s, lane)
    s.slot[me + TRIGGER] = NONE
    s.slot[me + SOURCE] = lane if s.lane[mine + BACKOFF_ATTEMPTS] > 0 else NONE
    s.slot[me + RETRIES] = 0
    s.slot[me + GIVEN_US] = s.feed[feed + BLOCK] if s.lane[mine + HAS_LENGTH] == 1 else NONE
    s.slot[me + TRIES] = 1
    s.slot[me + FAILING] = s.lane[mine + LANE_FAILS]
    s.slot[me + IS_COPY] = 0
    waits = feed + (1 + s.lane[mine + HAS_LENGTH]) * BLOCK
    for retry in range(s.lane[mine + JITTERS]):
        s.held[s.slot[me + DRAWN] + s.lane[mine + SOURCE_DRAWS] + retry] = s.feed[waits + retry * BLOCK]
    create(p, s, c, slot, s.lane[mine + LANE_FLOW], lane)
    return slot if _goes_to_gate(p, s, slot) else NONE


def _repeat(p: Program, s: State, c: Columns, slot: int, kind: int) -> bool:
    """Make an execution that repeats the one that had its slot: tried again by its source, or by its flow's retry.

    Says whether it is to pass the gate at once.
    """
    me = slot * SLOT_WIDTH
    before = s.slot[me + ROW]
    if kind == E_RESEND:
        s.slot[me + RETRIES] += 1
        s.slot[me + TRIES] = 1
        create(p, s, c, slot, s.slot[me + FLOW], s.slot[me + SOURCE] | RESENT)
    else:
        s.slot[me + SOURCE] = NONE
        s.slot[me + TRIGGER] = NONE
        s.slot[me + IS_COPY] = 1
        s.slot[me + TRIES] += 1
        create(p, s, c, slot, s.slot[me + FLOW], c.origin[before] | RENEWED)
    c.prior[s.slot[me + ROW]] = before + 1
    return _goes_to_gate(p, s, slot)


def _fire(p: Program, s: State, lane: int) -> int:
    """Let the fire of a trigger come that is due."""
    if s.lane[lane * LANE_WIDTH + IS_DISABLED] == 1:
        s.lane[lane * LANE_WIDTH + NEXT_US] = FOREVER
        s.lane[lane * LANE_WIDTH + OVER] = 1
        sink(s.lane, s.lane_heap, 0, s.scalar[LANES])
        return NONE
    _plan(p, s, lane)
    slot = take_slot(s)
    me = slot * SLOT_WIDTH
    s.slot[me + TRIGGER] = lane
    s.slot[me + SOURCE] = NONE
    s.slot[me + GIVEN_US] = NONE
    s.slot[me + SINCE_US] = s.scalar[NOW]
    s.slot[me + TRIES] = 1
    s.slot[me + FAILING] = NONE
    s.slot[me + IS_COPY] = 0
    s.slot[me + STEP] = FIRE
    return slot
