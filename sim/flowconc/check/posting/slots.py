"""Limits and counters: of flows, of namespaces and tenants, as they are set, claimed and released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowconc.check.entries import ExecutionEntry, Limit, ScopeEntry
from flowconc.check.posting.executions import begin, place
from flowconc.check.posting.tuples import without
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

if TYPE_CHECKING:
    from flowconc.check.ledger import Ledger

BY_HAND = "set_counter"
"""The detail of a COUNTER_SET by an operator; the others follow from saving or deleting a flow."""

_QUEUED = State.QUEUED


def flow_saved(ledger: Ledger, event: Event) -> None:
    """Enter a saved revision: its limit governs from now on, or for those created on it."""
    flow = ledger.flow(event.flow or "")
    flow.latest = Limit(None if event.after is None else int(event.after), event.detail)
    flow.revision = event.revision
    flow.limits = (*flow.limits, (event.revision, flow.latest))
    if flow.latest.slots is not None and not flow.has_row:
        flow.has_row, flow.counter = True, 0
    flow.moving = bool(ledger.scopes)
    ledger.touch(flow)


def scope_saved(ledger: Ledger, event: Event) -> None:
    """Enter the limit of a namespace or a tenant, or its removal."""
    name, _, behavior = (event.detail or "").partition(" ")
    scope = ledger.scope(name)
    scope.limit = Limit(None if event.after is None else int(event.after), behavior or None)
    for key in scope.flows:
        flow = ledger.flow(key)
        flow.moving = True
        ledger.touch(flow)


def counter_set(ledger: Ledger, event: Event) -> None:
    """Enter a counter that was set, by an operator or with a flow."""
    flow = ledger.flow(event.flow or "")
    flow.counter = event.after if isinstance(event.after, int) else 0
    flow.counted = True
    by_hand = event.detail == BY_HAND
    flow.has_row = by_hand or (flow.latest.slots is not None and event.detail == "save_flow")
    if by_hand:
        ledger.set_by_hand[flow.key] = flow
        lost = max(flow.counter - len(flow.holders), 0)
        for name in list(flow.leaked)[: max(len(flow.leaked) - lost, 0)]:
            del flow.leaked[name]  # the operator has written its slot off
    ledger.touch(flow)


def claim(ledger: Ledger, event: Event) -> None:
    """Enter a claim, of the flow or of a scope."""
    entry = ledger.execution(event)
    if event.detail is not None:
        _claim_scope(ledger, entry, event)
        return
    ledger.began = None
    entry.popped = entry.state is _QUEUED or entry.ended
    begin(ledger, entry, from_queue=entry.popped)
    entry.claims += 1
    entry.held += 1
    _count(ledger, entry, event)


def release(ledger: Ledger, event: Event) -> None:
    """Enter a release, of the flow or of a scope."""
    entry = ledger.execution(event)
    if event.detail is not None:
        _release_scope(ledger, entry, event)
        return
    entry.releases += 1
    entry.held = max(entry.held - 1, 0)
    entry.in_hand = None
    entry.flow.gave = entry.revision
    _count(ledger, entry, event)
    ledger.touch_locks(entry)


def _count(ledger: Ledger, entry: ExecutionEntry, event: Event) -> None:
    flow = entry.flow
    flow.counted = True
    flow.in_hand = None
    if isinstance(event.after, int):
        flow.counter = event.after
        flow.has_row = flow.has_row or event.after != event.before
    slots = flow.leaked if entry.deleted else flow.holders
    if entry.holds:
        slots[entry.name] = entry
    else:
        slots.pop(entry.name, None)
    place(ledger, entry)
    ledger.touch(flow)


def _claim_scope(ledger: Ledger, entry: ExecutionEntry, event: Event) -> None:
    scope = _count_scope(ledger, event)
    scope.flows[entry.flow.key] = None
    scope.holders[entry.name] = entry.flow.key
    entry.scopes = (*entry.scopes, scope.name)
    ledger.touch(entry.flow)


def _release_scope(ledger: Ledger, entry: ExecutionEntry, event: Event) -> None:
    scope = _count_scope(ledger, event)
    scope.holders.pop(entry.name, None)
    entry.scopes = without(entry.scopes, scope.name)
    for key in scope.flows:
        ledger.touch(ledger.flow(key))


def _count_scope(ledger: Ledger, event: Event) -> ScopeEntry:
    scope = ledger.scope(event.detail or "")
    scope.counter = event.after if isinstance(event.after, int) else scope.counter
    return scope
