"""Worker threads, and what becomes of the tasks that run on them (`simulation.workers`)."""

from __future__ import annotations

from flowconc.compiled.agenda import put
from flowconc.compiled.fields import (
    ALWAYS_FAILS,
    ASKED_US,
    ATTEMPT,
    BY_CHANCE,
    CONSEQUENCE,
    DRAWN,
    E_OVER,
    END,
    FAIL_ATTEMPTS,
    FAIL_DRAW,
    FAILED_RUN,
    FAILING,
    FAILS,
    FIRST_LEAF,
    FLOW,
    FLOW_WIDTH,
    GIVEN_US,
    IS_COPY,
    IS_WORK,
    KIND_BITS,
    LEAF,
    LEAF_WIDTH,
    LENGTH_DRAW,
    LENGTH_US,
    LINE_WIDTH,
    NEVER_FAILS,
    NONE,
    NOW,
    ONLY_ORIGINAL,
    OTHERWISE,
    OUTCOME,
    RESULT,
    ROW,
    RUNS,
    RUNS_END,
    SINCE_US,
    SLOT_WIDTH,
    STEP,
    SUCCESSFUL,
    TASK,
    THREADS,
    TIMEOUT_US,
    UNITS,
    Columns,
    Program,
    State,
)
from flowconc.compiled.lines import call, join


def dispatched(p: Program, s: State, c: Columns, slot: int) -> None:
    """Ask for a thread."""
    s.slot[slot * SLOT_WIDTH + ASKED_US] = s.scalar[NOW]
    if s.line[THREADS * LINE_WIDTH + UNITS] > 0:
        s.line[THREADS * LINE_WIDTH + UNITS] -= 1
        start(p, s, c, slot)
    else:
        join(s.slot, s.line, THREADS, slot)


def later_dispatched(p: Program, s: State, c: Columns, slot: int) -> None:
    """Ask for a thread, after a latency."""
    dispatched(p, s, c, slot)


def hand_on_thread(p: Program, s: State, c: Columns) -> None:
    """Give a thread to whoever has waited longest for one."""
    start(p, s, c, call(s.slot, s.line, THREADS))


def start(p: Program, s: State, c: Columns, slot: int) -> None:
    """Run the task on a thread until it ends, or its timeout does."""
    me = slot * SLOT_WIDTH
    now_us, row = s.scalar[NOW], s.slot[me + ROW]
    leaf = s.slot[me + LEAF] * LEAF_WIDTH
    attempt = s.slot[me + ATTEMPT]
    if now_us > s.slot[me + ASKED_US]:
        c.worker_wait_us[row] += now_us - s.slot[me + ASKED_US]
    if attempt == 1:
        first = s.flow[s.slot[me + FLOW] * FLOW_WIDTH + FIRST_LEAF]
        c.tasks_run[row] = s.slot[me + LEAF] - first + 1
        s.slot[me + SINCE_US] = now_us
    outcome = SUCCESSFUL
    if p.leaf[leaf + FAILS] != NEVER_FAILS or s.slot[me + FAILING] != NONE:
        outcome = outcome_of(p, s, slot, attempt)
    length_us = p.leaf[leaf + LENGTH_US]
    is_work = p.leaf[leaf + IS_WORK]
    if is_work != 0:
        if s.slot[me + GIVEN_US] != NONE:
            length_us = s.slot[me + GIVEN_US]
        elif p.leaf[leaf + LENGTH_DRAW] != NONE:
            length_us = s.held[s.slot[me + DRAWN] + p.leaf[leaf + LENGTH_DRAW] + attempt - 1]
            if is_work == 2:
                s.scalar[BY_CHANCE] = 1
    timeout_us = p.leaf[leaf + TIMEOUT_US]
    if timeout_us != NONE and timeout_us < length_us:
        length_us, outcome = timeout_us, FAILED_RUN
    s.slot[me + OUTCOME] = outcome
    s.slot[me + STEP] = RESULT
    what = slot << KIND_BITS | E_OVER
    rank = END if length_us > 0 else CONSEQUENCE
    put(s.scalar, s.far, now_us + length_us, rank, what)


def outcome_of(p: Program, s: State, slot: int, attempt: int) -> int:
    """Say whether this run of a task fails: as the execution, the n-th run, or chance has it."""
    me = slot * SLOT_WIDTH
    number = s.slot[me + LEAF]
    leaf = number * LEAF_WIDTH
    task = p.leaf[leaf + TASK]
    begun = s.begun[task] + 1
    s.begun[task] = begun
    failing = s.slot[me + FAILING]
    if failing != NONE and p.fails[failing + number] == 1:
        return FAILED_RUN
    kind = p.leaf[leaf + FAILS]
    if kind == ALWAYS_FAILS:
        return FAILED_RUN
    if kind == NEVER_FAILS or (p.leaf[leaf + ONLY_ORIGINAL] == 1 and s.slot[me + IS_COPY] == 1):
        return SUCCESSFUL
    place, end = s.run_pos[number], p.leaf[leaf + RUNS_END]
    while place < end and p.runs[p.leaf[leaf + RUNS] + place] < begun:
        place += 1
    s.run_pos[number] = place
    if place < end and p.runs[p.leaf[leaf + RUNS] + place] == begun:
        return FAILED_RUN
    if attempt <= p.leaf[leaf + FAIL_ATTEMPTS]:
        return FAILED_RUN
    if p.leaf[leaf + FAIL_DRAW] == NONE:
        return FAILED_RUN if p.leaf[leaf + OTHERWISE] == 1 else SUCCESSFUL
    s.scalar[BY_CHANCE] = 1
    drawn = s.held[s.slot[me + DRAWN] + p.leaf[leaf + FAIL_DRAW] + attempt - 1]
    return FAILED_RUN if drawn == 1 else SUCCESSFUL
