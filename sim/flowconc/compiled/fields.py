"""Where things are in the kernel's arrays.

The kernel is written for numba and for plain Python at once, so its data are flat int64 arrays in three named tuples:
what never changes (`Program`), what does (`State`), and what comes of it (`Columns`). A table of rows is one array; the
names below are the places of its fields in a row, and each is read as `array[row * WIDTH + FIELD]`; widths are powers
of two, by which it is quick to multiply. All times are
microseconds from the scenario's start; -1 is none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]

NONE: Final = -1
FOREVER: Final = 1 << 62
"""A time that never comes; a limit, or a number of units, that is never reached."""

# --- the order of equal times (simulation.clock): rank, then place in the file, then sequence

SEQUENCE_BITS: Final = 44
PLACE_BITS: Final = 15
RANK_SHIFT: Final = SEQUENCE_BITS + PLACE_BITS
CONSEQUENCE: Final = 0
END: Final = 1 << RANK_SHIFT
FIRE_RANK: Final = 3 << RANK_SHIFT
ARRIVAL: Final = 4 << RANK_SHIFT

# --- State.flow: what the scenario says, then how it stands

LIMIT: Final = 0
IS_LIMITED: Final = 1
BEHAVIOR: Final = 2
FIRST_LEAF: Final = 3
LAST_LEAF: Final = 4
DRAWS: Final = 5  # streams of numbers of which each of its executions takes one
POOL: Final = 6  # where these begin in `State.pool`
RETRY: Final = 7  # a row of `Program.retry`, of the whole flow
IS_RENEWED: Final = 8  # 1: that retry makes new executions
FLOW_WIDTH: Final = 16

QUEUE: Final = 0
CANCEL: Final = 1
FAIL: Final = 2

# --- Program.leaf: a task that runs, in the order of the flow

LENGTH_US: Final = 0  # constant
LENGTH_DRAW: Final = 1  # which draw of the execution, that of the first attempt
IS_WORK: Final = 2  # 1; 2 where its length is left to chance
TIMEOUT_US: Final = 3
ALLOWS_FAILURE: Final = 4
ALLOWS_WARNING: Final = 5
FAILS: Final = 6  # NEVER_FAILS, ALWAYS_FAILS, or SOMETIMES_FAILS as the fields from FAIL_DRAW on say
FAIL_DRAW: Final = 7
FAIL_ATTEMPTS: Final = 8
ONLY_ORIGINAL: Final = 9
RUNS: Final = 10  # where its failing runs begin in `Program.runs`
RUNS_END: Final = 11
TASK: Final = 12  # leaves of one task id count their runs together
TASK_RETRY: Final = 13  # a row of `Program.retry`
OTHERWISE: Final = 14  # 1: fails where nothing else decides
TASK_RENEWS: Final = 15  # 1: its retry makes new executions
LEAF_WIDTH: Final = 16

NEVER_FAILS: Final = 0
ALWAYS_FAILS: Final = 1
SOMETIMES_FAILS: Final = 2

# --- Program.retry

MAX_ATTEMPTS: Final = 0
MAX_DURATION_US: Final = 1
WAITS: Final = 2  # where the waits after attempt 1, 2, ... begin in `Program.waits`
WAIT_DRAW: Final = 3  # which draw of the execution, in their place
LONGEST_WAITS: Final = 4  # where the longest possible waits begin in `Program.waits`
RETRY_WIDTH: Final = 8

# --- State.lane: a source of arrivals, or a trigger; what the scenario says, then how it stands

LANE_FLOW: Final = 0
LANE_RANK: Final = 1  # rank and place, as a key
LANE_TRIGGER: Final = 2  # the trigger's number
HAS_LENGTH: Final = 3  # 1: the second row of its feed is the length of its work
JITTERS: Final = 4  # rows of its feed with waits before the first, second, ... retry
FEED: Final = 5  # where its feed begins in `State.feed`
BACKOFF_ON: Final = 6  # bits of the states that it answers
BACKOFF_ATTEMPTS: Final = 7
BACKOFF_WAITS: Final = 8  # where its waits begin in `Program.waits`, without jitter
SOURCE_DRAWS: Final = 9  # where its waits are among the draws that an execution keeps
LANE_FAILS: Final = 10  # where its flags begin in `Program.fails`, one a leaf of its flow
ALLOWS_CONCURRENT: Final = 11
STOP_AFTER: Final = 12  # bits of the states that disable the trigger
LANE_WIDTH: Final = 32

# --- State.scalar

NOW: Final = 0
SEQUENCE: Final = 1
NEAR: Final = 2
FAR: Final = 3
FREE: Final = 4  # the first free slot
CREATED: Final = 5
ROOM: Final = 6  # executions that the columns have rows for
WANTED: Final = 7  # 1: a feed or a pool is used up, or the room for executions
QUEUED: Final = 8  # executions that wait for a slot, of all flows
BY_CHANCE: Final = 9  # 1: a draw has been used
RUN_SLOT: Final = 11  # whose task the committed step starts
WAKE_US: Final = 12  # after what time, and as which kind of event, it wants to try again
WAKE_KIND: Final = 13

# --- State.scalar: what the scenario says of the whole

STATEMENT_US: Final = 14
PER_WAITING_US: Final = 15
TAKES_TIME: Final = 16  # 1: the database does
ARRIVAL_US: Final = 17
DISPATCH_US: Final = 18
RESULT_US: Final = 19
HORIZON_US: Final = 20  # nothing happens later: `until` of a run that does not drain
UNTIL_US: Final = 21  # of arrivals
FLOWS: Final = 22
LANES: Final = 23
HELD_WIDTH: Final = 24  # draws that an execution keeps, those of its source included
KEPT: Final = 25  # 1: every execution has a row of its own in the columns; 0: the row of its slot
WARMUP_US: Final = 26
END_OF_WINDOW_US: Final = 27  # of what is counted where no table is kept
SCALARS: Final = 31  # there the agenda's next events begin, after a place that says FOREVER

# --- what a step orders, as bits

RUN_ORDER: Final = 1  # start the task of RUN_SLOT
WAKE_ORDER: Final = 2  # try again
GATE_ORDER: Final = 4  # go to the gate
ENDED_ORDER: Final = 8  # tell the source
STOP_ORDER: Final = 16  # stop what runs, of which there is nothing; the answer takes the slot's step

# --- State.slot: an execution, from its creation until its source has been told of its end; or a fire on its way

NEXT: Final = 0  # in whatever line it stands
ROW: Final = 1  # in the columns
FLOW: Final = 2
LEAF: Final = 3
ATTEMPT: Final = 4
OUTCOME: Final = 5
WORST: Final = 6
STEP: Final = 7
LOCKS: Final = 8  # bits: 1 the trigger's row, 2 the flow's counter
ASKED_US: Final = 9
TRIGGER: Final = 10  # the lane of the trigger that made it
SOURCE: Final = 11  # the lane of the source that hears of its end
RETRIES: Final = 12  # of the source
GIVEN_US: Final = 13  # recorded length of its work
SINCE_US: Final = 14  # start of the task's first attempt; of a fire, its planned time
TRIES: Final = 15  # of the flow's retry
FIRST_US: Final = 16  # creation of the first one that a flow's retry repeats
FAILING: Final = 17  # where its flags are in `Program.fails`
IS_COPY: Final = 18  # 1: it repeats another one
DRAWN: Final = 19  # where its draws begin in `State.held`
CONNECTED_US: Final = 20  # since when its transaction has had its connection
SLOT_WIDTH: Final = 32


COUNTER: Final = 9
DEPTH: Final = 10
ORDINAL: Final = 11
POOL_POS: Final = 12
POOL_END: Final = 13


NEXT_US: Final = 13
KEY: Final = 14
POS: Final = 15  # of the arrival after the next one, in its feed
FILLED: Final = 16
OVER: Final = 17  # 1: nothing follows what is in the feed
LOCKED_BY: Final = 18  # the slot that holds the trigger's lock
IS_DISABLED: Final = 19
SKIPPED: Final = 20
FIRED: Final = 21

# --- lines, by number: those of the resources, then one a counter, one a queue, one a trigger row

EXECUTORS: Final = 0
SCHEDULER: Final = 1
CONNECTIONS: Final = 2
THREADS: Final = 3
RESOURCES: Final = 4

HEAD: Final = 0
TAIL: Final = 1
UNITS: Final = 2  # free ones of a resource; of a row that can be locked: 1 when it is free
LINE_WIDTH: Final = 4

# --- steps, and kinds of events in the agenda

GATE: Final = 0
STOPPED: Final = 1  # up to here those that change who has a slot, and lock what that takes
RESULT: Final = 2
FIRE: Final = 3
RETRY_DUE: Final = 4
FLOW_RETRY_DUE: Final = 5

E_ARRIVED: Final = 0  # an arrival or a fire, which is not in the agenda
E_GATE: Final = 1
E_OVER: Final = 2
E_RESULT: Final = 3
E_RETRY: Final = 4  # so far those that let a slot take its step
E_COMMIT: Final = 5
E_DISPATCHED: Final = 6
E_STOPPING: Final = 7
E_RESEND: Final = 8  # from here on those that make an execution anew
E_RENEW: Final = 9
KIND_BITS: Final = 4

# --- outcomes of a task

SUCCESSFUL: Final = 0
WARNED: Final = 1
FAILED_RUN: Final = 2

# --- states, as `trace.trace.STATES` numbers them (held to it by a test)

S_CREATED: Final = 0
S_QUEUED: Final = 1
S_RUNNING: Final = 2
S_RETRYING: Final = 5
S_SUCCESS: Final = 8
S_WARNING: Final = 9
S_FAILED: Final = 10
S_CANCELLED: Final = 12
S_RETRIED: Final = 13


class Program(NamedTuple):
    """Tables of what the scenario says, besides what stands in the state; nothing of it changes during a run."""

    leaf: Ints  # (leaves * LEAF_WIDTH,)
    retry: Ints  # (retries * RETRY_WIDTH,)
    runs: Ints
    waits: Ints
    fails: Ints


class State(NamedTuple):
    """Where a run is. Between two calls of the kernel all of it is here, so that arrays can grow in between.

    What is looked at together stands together, so that the machine code has few addresses to keep.
    """

    scalar: (
        Ints  # (SCALARS,), and after that the agenda's next events, the first one last: (NEAR_ROOM * ENTRY,)
    )
    far: Ints  # the other events, a binary heap: (slots * ENTRY,)
    slot: Ints  # (slots * SLOT_WIDTH,)
    held: Ints  # the draws of the executions in the slots: (slots * held width,)
    flow: Ints  # (flows * FLOW_WIDTH,)
    lane: Ints  # (lanes * LANE_WIDTH,)
    lane_heap: Ints  # lanes, a binary heap by time and key: (lanes,)
    line: Ints  # (lines * LINE_WIDTH,)
    free: Ints  # how long so many connections were free; for how many are now, less the time when that began
    begun: Ints  # runs so far of each task id
    run_pos: Ints  # of each leaf: its next failing run in `Program.runs`
    feed: Ints  # times of arrivals and fires, and what comes with them, a block a row
    pool: Ints  # draws, a block a stream
    tally: Ints  # (flows * TALLY_WIDTH,) where no table is kept


class Columns(NamedTuple):
    """What becomes of each execution, one row each: (rows,).

    All begin with zeros, so that what never comes is never written. Times are therefore kept one microsecond late.
    """

    created_us: Ints
    gate_us: Ints
    queued_us: Ints
    started_us: Ints
    ended_us: Ints
    planned_us: Ints
    lock_wait_us: Ints
    gate_lock_us: Ints
    worker_wait_us: Ints
    queue_at_arrival: Small
    holders_at_arrival: Small
    tasks_run: Small
    origin: Small  # the lane; with RESENT or RENEWED added, when it comes of another execution
    prior: Small  # that other execution's row, counted from 1
    state: Codes


RESENT: Final = 1 << 20
RENEWED: Final = 1 << 21
BLOCK: Final = 1 << 15
"""Numbers of a feed or a stream of draws that are there at a time."""
STATE_CODES_USED: Final = {
    "CREATED": S_CREATED,
    "QUEUED": S_QUEUED,
    "RUNNING": S_RUNNING,
    "RETRYING": S_RETRYING,
    "SUCCESS": S_SUCCESS,
    "WARNING": S_WARNING,
    "FAILED": S_FAILED,
    "CANCELLED": S_CANCELLED,
    "RETRIED": S_RETRIED,
}
