"""What goes wrong: who was in hand at it, and in which order locks were waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowconc.check.entries import ExecutionEntry
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

if TYPE_CHECKING:
    from flowconc.check.ledger import Ledger

SENT_AGAIN = "run_task"
"""The detail of a MESSAGE_REPEATED that is a job for the workers."""

_CREATED, _RESTARTED = State.CREATED, State.RESTARTED


def fault(ledger: Ledger, event: Event) -> None:
    """Note who was in hand when a step failed or a message was lost."""
    ledger.disturbed = True
    if event.execution is not None:
        what = "failed" if event.kind is Kind.STEP_FAILED else "was lost"
        _hit(ledger, ledger.execution(event), f"{event.detail} {what}")


def repeated(ledger: Ledger, event: Event) -> None:
    """Note a job that is sent to the workers again: what it starts next is a further run of the same attempt."""
    ledger.disturbed = True
    if event.detail == SENT_AGAIN and event.execution is not None:
        entry = ledger.execution(event)
        entry.sent_again = (*entry.sent_again, event.seq)


def delayed(ledger: Ledger, event: Event) -> None:
    """Note that a message comes late."""
    ledger.disturbed = True


def component_down(ledger: Ledger, event: Event) -> None:
    """Note who was in hand when something went down, as far as it shows.

    At a worker these are the executions at work. At an executor those half-way: not gated yet, popped and not
    RUNNING, ended and not released; and the flows between a release and a pop.
    """
    ledger.disturbed = True
    what = f"the {event.detail} went down"
    if event.detail == "worker":
        ledger.worker_down_seq = event.seq
        for entry in ledger.executions.values():
            if entry.runs:
                _hit(ledger, entry, what)
    elif event.detail == "executor":
        for entry in ledger.executions.values():
            ungated = entry.state in (_CREATED, _RESTARTED) and entry.gate is None
            if ungated or entry.popped or (entry.ended and entry.holds):
                _hit(ledger, entry, what)
        for flow in ledger.flows.values():
            if flow.has_free_slot and flow.head is not None:
                flow.in_hand = what


def _hit(ledger: Ledger, entry: ExecutionEntry, what: str) -> None:
    if not entry.deleted:
        entry.in_hand = entry.flow.in_hand = what


def lock_wait(ledger: Ledger, event: Event) -> None:
    """Enter a wait for a lock. Those of one transaction have one cause, and its commit comes after them."""
    who, row = (event.execution, event.flow), event.detail or ""
    cause, waited = ledger.lock_waits.get(who, (None, ()))
    if cause != event.cause_seq:
        waited = ()
    ledger.lock_orders.update((earlier, row) for earlier in waited if earlier != row)
    ledger.lock_waits[who] = event.cause_seq, (*waited, row)


def transaction(ledger: Ledger, event: Event) -> None:
    """Enter a commit: what the transaction waited for is no order any more."""
    ledger.lock_waits.pop((event.execution, event.flow), None)
