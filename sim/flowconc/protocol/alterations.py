"""Altered steps, for fault models that no rule speaks of: each wraps a sound step and breaks one thing in it."""

from __future__ import annotations

from collections.abc import Callable

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.steps import Message, RowKey, StepFunction, StepResult
from flowconc.protocol.tables import Change, Execution, Tables

Locks = Callable[[Tables, Message], tuple[RowKey, ...]]


def without_saving_claims(step: StepFunction) -> StepFunction:
    """Leave the claim out of the rows that a step saves: the counter has it, the execution does not (#11357)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = step(tables, message, now_us)
        result.changes = [_unclaimed(change) for change in result.changes]
        return result

    return altered


def _unclaimed(change: Change) -> Change:
    table, key, row = change
    if isinstance(row, Execution) and row.holds_slot:
        return table, key, row._replace(holds_slot=False, stamped=False)
    return change


def do_nothing(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Take a message and do nothing about it."""
    return StepResult()


def fire_three_times(step: StepFunction) -> StepFunction:
    """Let a fire come three times, none of them knowing of the others (#18422)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        seen = tables.copy()
        result = StepResult()
        for _ in range(3):
            once = step(seen, message, now_us)
            lock = ("triggers", message.argument[:2])
            seen.apply(change for change in once.changes if change[:2] != lock)
            result.changes += once.changes
            result.reports += once.reports
            result.orders += once.orders
        return result

    return altered


def later_trigger_rows(step: StepFunction) -> StepFunction:
    """Write the rows of a flow's triggers back later than the rest, as they were when the save began (#16703)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = step(tables, message, now_us)
        flow = message.argument[0]
        rows = tuple((key, row) for key, row in tables.triggers.items() if key[0] == flow)
        result.orders.append(Message("restore_triggers", None, (flow, rows)))
        return result

    return altered


def restore_triggers(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Write rows of triggers as they once were: (flow, rows)."""
    flow, rows = message.argument
    result = StepResult()
    for key, row in rows:
        now = tables.triggers.get(key)
        if now is None or now == row:
            continue
        result.changes.append(("triggers", key, row))
        if row.locked_by is not None and now.locked_by is None:
            result.reports.append(_locked(tables, flow, key[1], row.locked_by))
    return result


def in_reverse(locks: Locks) -> Locks:
    """Take the same locks in the reverse order."""

    def reversed_locks(tables: Tables, message: Message) -> tuple[RowKey, ...]:
        return tuple(reversed(locks(tables, message)))

    return reversed_locks


def _locked(tables: Tables, flow: str, trigger: str, number: int) -> Report:
    revision = tables.flows[flow].revision
    return Report(Kind.TRIGGER_LOCKED, number, flow, revision, detail=trigger)
