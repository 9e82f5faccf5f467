"""The steps of the protocol on arrays: creation, gate, results, release and pop, retries, fires.

Each is the counterpart of a step of the same name in `protocol`, for the executions of this subset. It returns
its orders as bits, for `kernel` to carry out once the locks are free.
"""

from __future__ import annotations

from flowconc.compiled.fields import (
    ALLOWS_CONCURRENT,
    ALLOWS_FAILURE,
    ALLOWS_WARNING,
    ATTEMPT,
    BEHAVIOR,
    BLOCK,
    BY_CHANCE,
    CANCEL,
    COUNTER,
    CREATED,
    DEPTH,
    DRAWN,
    DRAWS,
    E_RENEW,
    E_RETRY,
    ENDED_ORDER,
    FAILED_RUN,
    FIRED,
    FIRST_LEAF,
    FIRST_US,
    FLOW,
    FLOW_RETRY_DUE,
    FLOW_WIDTH,
    FLOWS,
    GATE_ORDER,
    IS_COPY,
    IS_DISABLED,
    IS_RENEWED,
    KEPT,
    LANE_FLOW,
    LANE_WIDTH,
    LAST_LEAF,
    LEAF,
    LEAF_WIDTH,
    LIMIT,
    LOCKED_BY,
    LONGEST_WAITS,
    MAX_ATTEMPTS,
    MAX_DURATION_US,
    NONE,
    NOW,
    ORDINAL,
    OUTCOME,
    POOL,
    POOL_END,
    POOL_POS,
    QUEUE,
    QUEUED,
    RESOURCES,
    RETRY,
    RETRY_DUE,
    RETRY_WIDTH,
    ROOM,
    ROW,
    RUN_ORDER,
    RUN_SLOT,
    S_CANCELLED,
    S_CREATED,
    S_FAILED,
    S_QUEUED,
    S_RETRIED,
    S_RETRYING,
    S_RUNNING,
    S_SUCCESS,
    S_WARNING,
    SINCE_US,
    SKIPPED,
    SLOT_WIDTH,
    STEP,
    STOP_AFTER,
    STOP_ORDER,
    STOPPED,
    SUCCESSFUL,
    TASK_RENEWS,
    TASK_RETRY,
    TRIES,
    TRIGGER,
    WAIT_DRAW,
    WAITS,
    WAKE_KIND,
    WAKE_ORDER,
    WAKE_US,
    WANTED,
    WARMUP_US,
    WARNED,
    WORST,
    Columns,
    Program,
    State,
)
from flowconc.compiled.lines import call, join
from flowconc.compiled.tally import tally_end, tally_gate, tally_start, weigh


def create(p: Program, s: State, c: Columns, slot: int, flow: int, origin: int) -> None:
    """Give a new execution its number and its draws. It is to go to the gate.

    The slot's fields about where it comes from have been set, PRIOR in the columns is set by those who repeat one.
    """
    me, row = slot * SLOT_WIDTH, slot
    if s.scalar[KEPT] == 1:
        row = s.scalar[CREATED]
    s.scalar[CREATED] += 1
    if s.scalar[CREATED] == s.scalar[ROOM]:
        s.scalar[WANTED] = 1
    mine = flow * FLOW_WIDTH
    now_us = s.scalar[NOW]
    s.slot[me + ROW] = row
    s.slot[me + FLOW] = flow
    s.slot[me + ATTEMPT] = 1
    s.slot[me + WORST] = SUCCESSFUL
    if s.slot[me + IS_COPY] == 0:
        s.slot[me + FIRST_US] = now_us
    if s.scalar[KEPT] == 0:
        _clear(c, row)
    c.created_us[row] = now_us + 1
    c.queue_at_arrival[row] = s.flow[mine + DEPTH]
    c.holders_at_arrival[row] = s.flow[mine + COUNTER]
    c.origin[row] = origin
    c.state[row] = S_CREATED
    s.flow[mine + ORDINAL] += 1
    draws = s.flow[flow * FLOW_WIDTH + DRAWS]
    if draws > 0:
        place = s.flow[mine + POOL_POS]
        drawn, pool = s.slot[me + DRAWN], s.flow[flow * FLOW_WIDTH + POOL] + place
        for draw in range(draws):
            s.held[drawn + draw] = s.pool[pool + draw * BLOCK]
        s.flow[mine + POOL_POS] = place + 1
        if place + 1 == s.flow[mine + POOL_END]:
            s.scalar[WANTED] = 1


def _clear(c: Columns, row: int) -> None:
    """Prepare a row for the next execution."""
    c.gate_us[row] = 0
    c.queued_us[row] = 0
    c.started_us[row] = 0
    c.ended_us[row] = 0
    c.planned_us[row] = 0
    c.lock_wait_us[row] = 0
    c.gate_lock_us[row] = 0
    c.worker_wait_us[row] = 0
    c.tasks_run[row] = 0


def gate(p: Program, s: State, c: Columns, slot: int) -> int:
    """Admit an execution, queue it, or turn it away (A1-A3)."""
    me = slot * SLOT_WIDTH
    flow, row = s.slot[me + FLOW], s.slot[me + ROW]
    now_us = s.scalar[NOW]
    c.gate_us[row] = now_us + 1
    mine = flow * FLOW_WIDTH
    if s.scalar[KEPT] == 0:
        tally_gate(s, c, row, flow)
        weigh(s, flow)
    if s.flow[mine + COUNTER] < s.flow[flow * FLOW_WIDTH + LIMIT]:
        _admit(p, s, c, slot)
        return RUN_ORDER
    behavior = s.flow[flow * FLOW_WIDTH + BEHAVIOR]
    if behavior == QUEUE:
        c.queued_us[row] = now_us + 1
        c.state[row] = S_QUEUED
        s.flow[mine + DEPTH] += 1
        s.scalar[QUEUED] += 1
        join(s.slot, s.line, queue_of(flow), slot)
        return 0
    return _end(p, s, c, slot, S_CANCELLED if behavior == CANCEL else S_FAILED)


def _admit(p: Program, s: State, c: Columns, slot: int) -> None:
    """Claim a slot for an execution, which runs from now on, in the order RUN_ORDER."""
    me = slot * SLOT_WIDTH
    flow, row = s.slot[me + FLOW], s.slot[me + ROW]
    s.flow[flow * FLOW_WIDTH + COUNTER] += 1
    s.slot[me + LEAF] = s.flow[flow * FLOW_WIDTH + FIRST_LEAF]
    c.started_us[row] = s.scalar[NOW] + 1
    c.state[row] = S_RUNNING
    s.scalar[RUN_SLOT] = slot
    if s.scalar[KEPT] == 0:
        tally_start(s, c, row, flow)


def _end(p: Program, s: State, c: Columns, slot: int, state: int) -> int:
    """Give an execution its final state, and order that everyone be told who waits for that."""
    me = slot * SLOT_WIDTH
    row = s.slot[me + ROW]
    c.state[row] = state
    c.ended_us[row] = s.scalar[NOW] + 1
    if s.scalar[KEPT] == 0:
        tally_end(s, c, row, s.slot[me + FLOW], state)
    trigger = s.slot[me + TRIGGER]
    if trigger != NONE:
        mine = trigger * LANE_WIDTH
        if s.lane[mine + LOCKED_BY] == slot:
            s.lane[mine + LOCKED_BY] = NONE
        if s.lane[trigger * LANE_WIDTH + STOP_AFTER] >> state & 1 == 1:
            s.lane[mine + IS_DISABLED] = 1
    return ENDED_ORDER


def result(p: Program, s: State, c: Columns, slot: int) -> int:
    """Take the result of a task: go on with the next one, try it again, or end the execution."""
    me = slot * SLOT_WIDTH
    leaf = s.slot[me + LEAF]
    outcome = s.slot[me + OUTCOME]
    if outcome == FAILED_RUN:
        retry = p.leaf[leaf * LEAF_WIDTH + TASK_RETRY]
        if retry != NONE and _tries_again(p, s, c, slot, retry):
            if s.slot[me + STEP] == STOPPED:
                return STOP_ORDER
            return _wake(p, s, slot, retry, s.slot[me + ATTEMPT] - 1, E_RETRY)
        outcome = allowed(p, leaf, outcome)
        if outcome == FAILED_RUN:
            return _failed(p, s, c, slot)
        s.slot[me + WORST] = max(s.slot[me + WORST], outcome)
    flow = s.slot[me + FLOW]
    if leaf == s.flow[flow * FLOW_WIDTH + LAST_LEAF]:
        state = S_WARNING if s.slot[me + WORST] == WARNED else S_SUCCESS
        return release(p, s, c, flow) | _end(p, s, c, slot, state)
    s.slot[me + LEAF] = leaf + 1
    s.slot[me + ATTEMPT] = 1
    s.scalar[RUN_SLOT] = slot
    return RUN_ORDER


def _tries_again(p: Program, s: State, c: Columns, slot: int, retry: int) -> bool:
    """Say whether a task that has failed is tried again, and turn to the step that does it."""
    me = slot * SLOT_WIDTH
    if p.leaf[s.slot[me + LEAF] * LEAF_WIDTH + TASK_RENEWS] == 1:
        if not _may_retry(p, s, retry, s.slot[me + TRIES], s.slot[me + FIRST_US]):
            return False
        s.slot[me + STEP] = STOPPED
    else:
        if not _may_retry(p, s, retry, s.slot[me + ATTEMPT], s.slot[me + SINCE_US]):
            return False
        c.state[s.slot[me + ROW]] = S_RETRYING
        s.slot[me + ATTEMPT] += 1
        s.slot[me + STEP] = RETRY_DUE
    return True


def stopped(p: Program, s: State, c: Columns, slot: int) -> int:
    """End an execution as RETRIED that a task's retry repeats as a new one."""
    me = slot * SLOT_WIDTH
    retry = p.leaf[s.slot[me + LEAF] * LEAF_WIDTH + TASK_RETRY]
    woken = _wake(p, s, slot, retry, s.slot[me + TRIES], E_RENEW)
    return woken | release(p, s, c, s.slot[me + FLOW]) | _end(p, s, c, slot, S_RETRIED)


def allowed(p: Program, leaf: int, outcome: int) -> int:
    """Return what a task's outcome counts as, by its `allowFailure` and `allowWarning`."""
    if outcome == FAILED_RUN and p.leaf[leaf * LEAF_WIDTH + ALLOWS_FAILURE] == 1:
        outcome = WARNED
    if outcome == WARNED and p.leaf[leaf * LEAF_WIDTH + ALLOWS_WARNING] == 1:
        outcome = SUCCESSFUL
    return outcome


def ends(p: Program, s: State, slot: int) -> bool:
    """Say whether the result of a slot's task leaves nothing to run, but for retries."""
    me = slot * SLOT_WIDTH
    leaf, flow = s.slot[me + LEAF], s.slot[me + FLOW]
    if leaf == s.flow[flow * FLOW_WIDTH + LAST_LEAF]:
        return True
    return allowed(p, leaf, s.slot[me + OUTCOME]) == FAILED_RUN


def _failed(p: Program, s: State, c: Columns, slot: int) -> int:
    """End an execution whose task has failed, unless the flow's own retry applies."""
    me = slot * SLOT_WIDTH
    flow = s.slot[me + FLOW]
    retry, tries = s.flow[flow * FLOW_WIDTH + RETRY], s.slot[me + TRIES]
    if retry == NONE or not _may_retry(p, s, retry, tries, s.slot[me + FIRST_US]):
        return release(p, s, c, flow) | _end(p, s, c, slot, S_FAILED)
    if s.flow[flow * FLOW_WIDTH + IS_RENEWED] == 1:
        woken = _wake(p, s, slot, retry, tries, E_RENEW)
        return woken | release(p, s, c, flow) | _end(p, s, c, slot, S_RETRIED)
    c.state[s.slot[me + ROW]] = S_RETRYING
    s.slot[me + STEP] = FLOW_RETRY_DUE
    return _wake(p, s, slot, retry, tries, E_RETRY)


def _may_retry(p: Program, s: State, retry: int, tried: int, first_us: int) -> bool:
    """Say whether attempt `tried` + 1 is due (`protocol.retries`)."""
    mine = retry * RETRY_WIDTH
    if tried >= p.retry[mine + MAX_ATTEMPTS]:
        return False
    longest_us = p.retry[mine + MAX_DURATION_US]
    wait_us = p.waits[p.retry[mine + LONGEST_WAITS] + tried - 1]
    return longest_us == NONE or s.scalar[NOW] + wait_us - first_us <= longest_us  # type: ignore[no-any-return]


def _wake(p: Program, s: State, slot: int, retry: int, tried: int, kind: int) -> int:
    """Order the next attempt, after the wait that the policy says."""
    mine = retry * RETRY_WIDTH
    draw = p.retry[mine + WAIT_DRAW]
    if draw == NONE:
        wait_us = p.waits[p.retry[mine + WAITS] + tried - 1]
    else:
        s.scalar[BY_CHANCE] = 1
        wait_us = s.held[s.slot[slot * SLOT_WIDTH + DRAWN] + draw + tried - 1]
    s.scalar[WAKE_US] = wait_us
    s.scalar[WAKE_KIND] = kind
    return WAKE_ORDER


def retry_due(p: Program, s: State, c: Columns, slot: int) -> int:
    """Start the next attempt of a task, or of the tasks that failed."""
    me = slot * SLOT_WIDTH
    c.state[s.slot[me + ROW]] = S_RUNNING
    if s.slot[me + STEP] == FLOW_RETRY_DUE:
        s.slot[me + TRIES] += 1
        s.slot[me + ATTEMPT] += 1
    s.scalar[RUN_SLOT] = slot
    return RUN_ORDER


def release(p: Program, s: State, c: Columns, flow: int) -> int:
    """Free a slot of a flow, and hand it to the oldest execution that waits (A4)."""
    mine = flow * FLOW_WIDTH
    if s.scalar[KEPT] == 0:
        weigh(s, flow)
    s.flow[mine + COUNTER] -= 1
    if s.flow[mine + DEPTH] == 0:
        return 0
    s.flow[mine + DEPTH] -= 1
    s.scalar[QUEUED] -= 1
    _admit(p, s, c, call(s.slot, s.line, queue_of(flow)))
    return RUN_ORDER


def fire(p: Program, s: State, c: Columns, slot: int) -> int:
    """Let a trigger fire, unless an execution that it made has not ended: then the fire is skipped (A5)."""
    me = slot * SLOT_WIDTH
    trigger = s.slot[me + TRIGGER]
    mine = trigger * LANE_WIDTH
    planned_us = s.slot[me + SINCE_US]
    if s.lane[mine + IS_DISABLED] == 1:
        return 0
    counts = 1 if planned_us >= s.scalar[WARMUP_US] else 0
    concurrent = s.lane[trigger * LANE_WIDTH + ALLOWS_CONCURRENT] == 1
    if s.lane[mine + LOCKED_BY] != NONE and not concurrent:
        s.lane[mine + SKIPPED] += counts
        return 0
    s.lane[mine + FIRED] += counts
    create(p, s, c, slot, s.lane[trigger * LANE_WIDTH + LANE_FLOW], trigger)
    c.planned_us[s.slot[me + ROW]] = planned_us + 1
    if not concurrent:
        s.lane[mine + LOCKED_BY] = slot
    return GATE_ORDER


def queue_of(flow: int) -> int:
    """Return the line of those that wait for a slot of a flow."""
    return RESOURCES + 2 * flow + 1


def counter_line(flow: int) -> int:
    """Return the line of those that wait for the row of a flow's counter."""
    return RESOURCES + 2 * flow


def trigger_line(s: State, trigger: int) -> int:
    """Return the line of those that wait for the row of a trigger."""
    return RESOURCES + 2 * s.scalar[FLOWS] + trigger  # type: ignore[no-any-return]
