"""How each kind of event changes the checks' books: `ENTER` has the function for each kind that changes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flowconc.check.posting import executions, interventions, mishaps, slots, tasks
from flowconc.protocol.events import Kind
from flowconc.trace.trace import Event

if TYPE_CHECKING:
    from flowconc.check.ledger import Ledger


def run_ended(ledger: Ledger, event: Event) -> None:
    """Enter how the run ended."""
    ledger.ending = event.detail


_ENTERED: dict[Kind, Callable[[Ledger, Event], None]] = {
    Kind.FLOW_SAVED: slots.flow_saved,
    Kind.SCOPE_SAVED: slots.scope_saved,
    Kind.CREATED: executions.created,
    Kind.STATE: executions.state,
    Kind.GATE: executions.gate,
    Kind.CLAIM: slots.claim,
    Kind.RELEASE: slots.release,
    Kind.COUNTER_SET: slots.counter_set,
    Kind.FORCED: executions.forced,
    Kind.TASK_STARTED: tasks.task_started,
    Kind.TASK_ENDED: tasks.task_ended,
    Kind.DELETED: executions.deleted,
    Kind.FIRE: tasks.fire,
    Kind.TRIGGER_LOCKED: tasks.trigger_locked,
    Kind.TRIGGER_UNLOCKED: tasks.trigger_unlocked,
    Kind.ACTION_APPLIED: interventions.applied,
    Kind.SLA_BROKEN: interventions.sla_broken,
    Kind.STEP_FAILED: mishaps.fault,
    Kind.MESSAGE_LOST: mishaps.fault,
    Kind.MESSAGE_REPEATED: mishaps.repeated,
    Kind.MESSAGE_DELAYED: mishaps.delayed,
    Kind.COMPONENT_DOWN: mishaps.component_down,
    Kind.LOCK_WAIT: mishaps.lock_wait,
    Kind.TRANSACTION: mishaps.transaction,
    Kind.RUN_ENDED: run_ended,
}

ENTER = tuple(_ENTERED.get(kind) for kind in Kind)
"""By kind of event: what enters it, None where nothing does."""
