"""What a step of the protocol reports: one line of the trace each, before the driver adds time and cause.

`before` and `after` are states for STATE, CREATED, DELETED and TASK_ENDED, numbers for every other kind, and None
where the table says nothing.

| kind | execution | before | after | detail |
|---|---|---|---|---|
| FLOW_SAVED | | limit of the revision before | limit (None: unlimited) | behavior, or None |
| FLOW_DELETED | | | | |
| CREATED | the new one | | CREATED | where from: `ui`, `api`, ..., `trigger:ID`, `subflow:PARENT`, `retry:OLD` |
| STATE | it | state | state | why: `gate`, `pop`, `force_run`, `kill`, `tasks`, ... |
| GATE | it | counter found | limit (None: unlimited) | `admit`, `queue`, `cancel`, `fail` |
| CLAIM, RELEASE | it | counter | counter | |
| FORCED | it | | | |
| TASK_STARTED | it | attempt, from 1 | wait for a worker thread, us | task id |
| TASK_ENDED | it | | SUCCESS, WARNING, FAILED, KILLED | task id |
| DELETED | it | its last state | | |
| FIRE | the one made | planned time, us (None: it answers an event) | which backfill of the trigger's, from 1 | trigger id |
| FIRE_SKIPPED | the holder of the trigger's lock, if any | planned time, us (None: an event) | | trigger id |
| TRIGGER_LOCKED, TRIGGER_UNLOCKED | the holder | | | trigger id |
| TRIGGER_DISABLED, TRIGGER_ENABLED | | | | trigger id |
| ARRIVAL_REFUSED | | | | why |
| ACTION_APPLIED, ACTION_IGNORED, ACTION_REFUSED | target, if one | | | verb, and why not |
| LOCK_WAIT | who waited | wait, us | waiters left behind | the row: `execution`, `counter`, `trigger` |
| TRANSACTION | who for | connection held, us | wait for a connection, us | the step |
| RUN_ENDED | | | | `drained`, `until`, `max_events` |
| COUNTER_SET | | counter | counter | why: `set_counter`, `save_flow`, `delete_flow` |
| SLA_BROKEN | it | | | SLA id |
| COMPONENT_DOWN, COMPONENT_UP | | which one, from 0 | | `executor`, `worker`, `scheduler` |
| STEP_FAILED | who for | | | the step whose transaction was rolled back |
| MESSAGE_LOST, MESSAGE_REPEATED | who for | | | the step it was for; `run_task` of a job for the workers |
| MESSAGE_DELAYED | who for | by how much, us | | the step it was for |
| BACKFILL | | start of the window, us | its end, us | trigger id |
| HEALED | | | | |
| DEADLOCK | whose transaction was rolled back | transactions in the circle | how long it had waited, us | the rows, in order of waiting |
| SCOPE_SAVED | | limit before | limit (None: unlimited) | scope and behavior: `namespace:company QUEUE` |

A pop of the engine runs the copy that the queue kept: its STATE has QUEUED in `before` whatever the row was meanwhile,
killed or deleted, and the row's history is the copy's from then on. CLAIM and RELEASE of a namespace or tenant limit have the
scope in `detail`; those of the flow's own counter have none.

A task run whose worker goes down ends there and then, KILLED, though the engine hears nothing of it; where work outlives
its worker, when that ends. A job that is sent again is a further TASK_STARTED of the same attempt.

LOCK_WAIT is written when a lock that was not free at once is granted; TRANSACTION at each commit of a database
that takes time.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from flowconc.protocol.states import State


class Kind(IntEnum):
    """What happened."""

    FLOW_SAVED = 0
    FLOW_DELETED = 1
    CREATED = 2
    STATE = 3
    GATE = 4
    CLAIM = 5
    RELEASE = 6
    FORCED = 7
    TASK_STARTED = 8
    TASK_ENDED = 9
    DELETED = 10
    FIRE = 11
    FIRE_SKIPPED = 12
    TRIGGER_LOCKED = 13
    TRIGGER_UNLOCKED = 14
    TRIGGER_DISABLED = 15
    TRIGGER_ENABLED = 16
    ARRIVAL_REFUSED = 17
    ACTION_APPLIED = 18
    ACTION_IGNORED = 19
    ACTION_REFUSED = 20
    LOCK_WAIT = 21
    TRANSACTION = 22
    RUN_ENDED = 23
    COUNTER_SET = 24
    SLA_BROKEN = 25
    COMPONENT_DOWN = 26
    COMPONENT_UP = 27
    STEP_FAILED = 28
    MESSAGE_LOST = 29
    MESSAGE_REPEATED = 30
    MESSAGE_DELAYED = 31
    BACKFILL = 32
    HEALED = 33
    DEADLOCK = 34
    SCOPE_SAVED = 35


STATE_KINDS = frozenset({Kind.CREATED, Kind.STATE, Kind.DELETED, Kind.TASK_ENDED})
"""Kinds whose `before` and `after` are states."""


class Report(NamedTuple):
    """One thing that a step did. `execution` is its number, in order of creation from 0; None where none is meant."""

    kind: Kind
    execution: int | None = None
    flow: str | None = None
    revision: int | None = None
    before: State | int | None = None
    after: State | int | None = None
    detail: str | None = None


ReportFields = tuple[
    Kind, int | None, str | None, int | None, State | int | None, State | int | None, str | None
]
"""The fields of a Report as a plain tuple, which is quicker to make: there are a dozen for each execution."""
