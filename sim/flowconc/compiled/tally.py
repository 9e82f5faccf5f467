"""Statistics of a run that keeps no table: counts, sums and histograms of each flow, in constant memory.

What counts is what `check.metrics` has: executions created from the warm-up on, levels and ends within the window
from the warm-up to the horizon.
"""

from __future__ import annotations

from typing import Final

from flowconc.compiled.fields import (
    COUNTER,
    DEPTH,
    END_OF_WINDOW_US,
    FLOW_WIDTH,
    NOW,
    WARMUP_US,
    Columns,
    Ints,
    State,
)

EXACT_BITS: Final = 8
"""Times below 2 ** EXACT_BITS microseconds have buckets of their own; above, a bucket is at most 1/128 wide."""

BUCKETS: Final = (64 - EXACT_BITS) << (EXACT_BITS - 1)

# --- a flow's row: how many, levels, then a block for each time metric

IN_STATE: Final = 0  # executions that ended in each state, by its code
TALLIED: Final = 16  # executions that count
GATED: Final = 17
TURNED_AWAY: Final = 18
DONE: Final = 19  # ended within the window, and not turned away
CHANGED_US: Final = 20  # when the levels last changed
QUEUED_AREA: Final = 21  # executions times microseconds
HELD_AREA: Final = 22
MOST_QUEUED: Final = 23
MOST_HELD: Final = 24
METRICS: Final = 25

COUNT: Final = 0
SUM_US: Final = 1
MOST_US: Final = 2
FIRST_BUCKET: Final = 3
BLOCK_WIDTH: Final = FIRST_BUCKET + BUCKETS

QUEUE_WAIT: Final = METRICS
START_DELAY: Final = METRICS + BLOCK_WIDTH
SOJOURN: Final = METRICS + 2 * BLOCK_WIDTH
GATE_LATENCY: Final = METRICS + 3 * BLOCK_WIDTH
LOCK_WAIT: Final = METRICS + 4 * BLOCK_WIDTH
WORKER_WAIT: Final = METRICS + 5 * BLOCK_WIDTH
TALLY_WIDTH: Final = METRICS + 6 * BLOCK_WIDTH


def bucket_of(value: int) -> int:
    """Return the bucket of a time, in microseconds."""
    rest, shift = value >> EXACT_BITS, 0
    for bits in (32, 16, 8, 4, 2, 1):
        if rest >> bits > 0:
            rest >>= bits
            shift += bits
    shift += rest
    return (shift << (EXACT_BITS - 1)) + (value >> shift)


def note(tally: Ints, block: int, value_us: int) -> None:
    """Add a time to a metric."""
    tally[block + COUNT] += 1
    tally[block + SUM_US] += value_us
    if value_us > tally[block + MOST_US]:
        tally[block + MOST_US] = value_us
    tally[block + FIRST_BUCKET + bucket_of(value_us)] += 1


def weigh(s: State, flow: int) -> None:
    """Let the levels of a flow count for the time that they stood: they are about to change, or the run is over."""
    mine, row = flow * FLOW_WIDTH, flow * TALLY_WIDTH
    since_us, now_us = s.tally[row + CHANGED_US], s.scalar[NOW]
    if now_us == since_us:
        return
    s.tally[row + CHANGED_US] = now_us
    start_us, horizon_us = s.scalar[WARMUP_US], s.scalar[END_OF_WINDOW_US]
    if now_us <= start_us or since_us > horizon_us:
        return
    length_us = min(now_us, horizon_us) - max(since_us, start_us)
    queued, held = s.flow[mine + DEPTH], s.flow[mine + COUNTER]
    s.tally[row + QUEUED_AREA] += queued * length_us
    s.tally[row + HELD_AREA] += held * length_us
    s.tally[row + MOST_QUEUED] = max(s.tally[row + MOST_QUEUED], queued)
    s.tally[row + MOST_HELD] = max(s.tally[row + MOST_HELD], held)


def tally_gate(s: State, c: Columns, row: int, flow: int) -> None:
    """Count an execution that has reached the gate."""
    created_us = c.created_us[row] - 1
    if created_us >= s.scalar[WARMUP_US]:
        s.tally[flow * TALLY_WIDTH + GATED] += 1
        note(s.tally, flow * TALLY_WIDTH + GATE_LATENCY, s.scalar[NOW] - created_us)


def tally_start(s: State, c: Columns, row: int, flow: int) -> None:
    """Count an execution that has started."""
    now_us, created_us = s.scalar[NOW], c.created_us[row] - 1
    if created_us >= s.scalar[WARMUP_US]:
        waited_us = now_us + 1 - c.queued_us[row] if c.queued_us[row] > 0 else 0
        note(s.tally, flow * TALLY_WIDTH + QUEUE_WAIT, waited_us)
        note(s.tally, flow * TALLY_WIDTH + START_DELAY, now_us - created_us)


def tally_end(s: State, c: Columns, row: int, flow: int, state: int) -> None:
    """Count an execution that has ended."""
    now_us, created_us = s.scalar[NOW], c.created_us[row] - 1
    mine = flow * TALLY_WIDTH
    turned_away = c.started_us[row] == 0
    if not turned_away and s.scalar[WARMUP_US] <= now_us <= s.scalar[END_OF_WINDOW_US]:
        s.tally[mine + DONE] += 1
    if created_us < s.scalar[WARMUP_US]:
        return
    s.tally[mine + TALLIED] += 1
    s.tally[mine + IN_STATE + state] += 1
    note(s.tally, mine + LOCK_WAIT, c.lock_wait_us[row])
    note(s.tally, mine + WORKER_WAIT, c.worker_wait_us[row])
    if turned_away:
        s.tally[mine + TURNED_AWAY] += 1
    else:
        note(s.tally, mine + SOJOURN, now_us - created_us)
