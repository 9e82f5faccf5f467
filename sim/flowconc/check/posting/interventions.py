"""What was asked for from outside: by operators, and by SLAs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowconc.trace.trace import Event

if TYPE_CHECKING:
    from flowconc.check.ledger import Ledger

_INTERVENTIONS = frozenset({"kill", "delete", "purge", "force_run", "unqueue", "restart", "change_status"})
"""The verbs that move an execution which would not move by itself."""


def applied(ledger: Ledger, event: Event) -> None:
    """Enter that an operator's action is carried out: on an execution, or in bulk on some of a flow (`kill 3 of n.f`).

    Only the documented contract is judged by it; in an engine it would only tell states apart that are the same.
    """
    verb = (event.detail or "").partition(" ")[0]
    if not ledger.documented or verb not in _INTERVENTIONS:
        return
    if event.execution is not None:
        entry = ledger.execution(event)
        entry.asked = (*entry.asked, verb)
    elif event.flow is not None:
        flow = ledger.flow(event.flow)
        flow.asked = tuple(sorted({*flow.asked, verb}))


def sla_broken(ledger: Ledger, event: Event) -> None:
    """Enter that an SLA has run out: it may end the execution, and its subflows."""
    ledger.execution(event).sla_broken = True
