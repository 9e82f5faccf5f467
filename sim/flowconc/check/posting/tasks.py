"""Task runs and triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowconc.check.posting.executions import place
from flowconc.check.posting.tuples import without
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

if TYPE_CHECKING:
    from flowconc.check.ledger import Ledger

_FAILED_RUN = frozenset({State.FAILED, State.KILLED})


def task_started(ledger: Ledger, event: Event) -> None:
    """Enter a task run that begins."""
    entry = ledger.execution(event)
    flow, task = entry.flow, event.detail or ""
    further = (isinstance(event.before, int) and event.before > 1) or event.cause_seq in entry.sent_again
    ledger.started_twice = further and task in entry.runs and task not in entry.failed_runs
    if further:
        entry.failed_runs = without(entry.failed_runs, task)
    if not entry.runs and not entry.deleted:
        flow.at_work[entry.name] = entry
        ledger.touch(flow)
    entry.runs = (*entry.runs, task)
    entry.in_hand = None
    late = event.cause_seq is not None and event.cause_seq < entry.since_seq  # ordered before it ended
    if entry.ended and not late:
        entry.closing_runs = (*entry.closing_runs, task)
        place(ledger, entry)


def task_ended(ledger: Ledger, event: Event) -> None:
    """Enter a task run that ends."""
    entry = ledger.execution(event)
    task = event.detail or ""
    entry.runs = without(entry.runs, task)
    if event.cause_seq is None or event.cause_seq != ledger.worker_down_seq:  # else it fell with its worker
        entry.in_hand = None
    if not entry.runs:
        entry.flow.at_work.pop(entry.name, None)
    if event.after in _FAILED_RUN:
        entry.failed_runs = (*entry.failed_runs, task)
    if entry.closing_runs:
        entry.closing_runs = without(entry.closing_runs, task)
        place(ledger, entry)


def fire(ledger: Ledger, event: Event) -> None:
    """Enter a fire. Each planned time comes once, and once more in each backfill that has it.

    One that answers an event is a fire of its own, unless nothing has happened since the trigger made the last one.
    """
    planned: object = event.before if event.after is None else (event.before, event.after)
    lock = event.flow or "", event.detail or ""
    fire = lock, event.execution if event.before is None else planned
    made = ledger.execution(event)
    ledger.made_before = ledger.fires.get(fire)
    if ledger.made_before is None:
        ledger.fires[fire] = made
    last = ledger.made_last = ledger.made.get(lock)
    if event.before is None and last is not None and last.created_seq and last.created_seq == event.cause_seq:
        ledger.made_before = last
    ledger.made[lock] = made


def trigger_locked(ledger: Ledger, event: Event) -> None:
    """Enter a lock, and who holds it."""
    holder = None if event.execution is None else ledger.execution(event)
    lock = event.flow or "", event.detail or ""
    if holder is not None:
        holder.locks = (*holder.locks, lock)
    ledger.locks[lock] = holder
    ledger.locked_us[lock] = event.t_us, None
    ledger.touched_locks[lock] = None


def trigger_unlocked(ledger: Ledger, event: Event) -> None:
    """Enter that a lock is open."""
    lock = event.flow or "", event.detail or ""
    holder = ledger.locks.pop(lock, None)
    since_us, _ = ledger.locked_us.get(lock, (event.t_us, None))
    ledger.locked_us[lock] = since_us, event.t_us
    if holder is not None:
        holder.locks = tuple(each for each in holder.locks if each != lock)
