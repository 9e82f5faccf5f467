"""Triggers that the scheduler keeps: which of their fires make executions, are skipped, or wait (SEMANTICS A5, 5).

When a date has come is the scheduler's business (`simulation.scheduler`); what becomes of it is decided here. Flow
triggers, which answer state changes, are in `creation`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flowconc.protocol.creation import Request, find_trigger, new_execution, refusal
from flowconc.protocol.events import Kind, Report
from flowconc.protocol.rules import Missed, Rules
from flowconc.protocol.steps import Backfill, Evaluated, Message, RowKey, StepResult
from flowconc.protocol.tables import Tables, TriggerRow
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Trigger, TriggerKind


class Fire(NamedTuple):
    """A planned fire: the argument of the step `fire`.

    One that is `made_up` belongs to a backfill, or to the time that the scheduler was down. `backfill` is which of the
    trigger's backfills, from 1.
    """

    flow: str
    trigger: str
    planned_us: int
    backfill: int | None = None
    made_up: bool = False


def fire(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Let a trigger fire, unless an execution that it made has not ended: then the fire is skipped, or stays (A5).

    Fires that are made up for stay in every version; the others as the version has it (SEMANTICS 5.2).
    """
    planned = Fire(*message.argument)
    flow, name, planned_us, backfill, made_up = planned
    trigger = find_trigger(tables, flow, name)
    row = tables.triggers.get((flow, name))
    if trigger is None or row is None or row.disabled:
        return StepResult()
    draft = Draft(tables)
    done = True
    if not is_locked(tables, row, trigger):
        _make(
            draft, Request(flow, f"trigger:{name}", trigger=name), trigger, row, now_us, planned_us, backfill
        )
    elif made_up or fires_stay(tables.rules):
        done = False
    else:
        revision = tables.flows[flow].revision
        draft.reports.append(
            Report(Kind.FIRE_SKIPPED, row.locked_by, flow, revision, planned_us, detail=name)
        )
    draft.order(Evaluated(flow, name, planned_us, done))
    return draft


def realtime_event(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Let a realtime trigger fire for an event.

    Where the trigger is locked by the consumer that listens, and not by executions, each event makes one (5.5).
    """
    request: Request = message.argument
    flow, name = request.flow, request.trigger or ""
    draft = Draft(tables)
    trigger = find_trigger(tables, flow, name)
    row = tables.triggers.get((flow, name))
    flow_row = tables.flows.get(flow)
    revision = None if flow_row is None else flow_row.revision
    why = refusal(tables, request)
    if why is None and (trigger is None or row is None):
        why = "trigger not found"
    if why is None and row is not None and row.disabled:
        why = "trigger disabled"
    if why is not None or trigger is None or row is None:
        draft.reports.append(Report(Kind.ARRIVAL_REFUSED, None, flow, revision, detail=why))
    elif is_locked(tables, row, trigger):
        draft.reports.append(Report(Kind.FIRE_SKIPPED, row.locked_by, flow, revision, detail=name))
    else:
        _make(draft, request, trigger, row, now_us)
    return draft


def trigger_lock(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the row of the trigger that fires."""
    return (("triggers", tuple(message.argument[:2])),)


def event_lock(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the row of the trigger that an event has come to."""
    return (("triggers", (message.argument.flow, message.argument.trigger)),)


# --- locks


def is_locked(tables: Tables, row: TriggerRow, trigger: Trigger) -> bool:
    """Say whether an execution that has not ended keeps a trigger from firing."""
    return row.locked_by is not None and locks(tables.rules, trigger)


def locks(rules: Rules, trigger: Trigger) -> bool:
    """Say whether a trigger is locked by the executions that it makes: not with `allowConcurrent`, where it exists."""
    if trigger.kind is TriggerKind.REALTIME and not rules.realtime_locks:
        return False
    return not (trigger.allow_concurrent and rules.has_allow_concurrent)


def fires_stay(rules: Rules) -> bool:
    """Say whether a fire that finds its trigger locked comes when it is unlocked, and is not skipped."""
    return rules.missed is not Missed.SKIPPED


def _make(
    draft: Draft,
    request: Request,
    trigger: Trigger,
    row: TriggerRow,
    now_us: int,
    planned_us: int | None = None,
    backfill: int | None = None,
) -> None:
    tables = draft.tables
    flow, name, number = request.flow, trigger.id, len(tables.names)
    revision = tables.flows[flow].revision
    draft.reports.append(Report(Kind.FIRE, number, flow, revision, planned_us, backfill, name))
    execution = new_execution(draft, request, now_us)
    if locks(tables.rules, trigger):
        draft.report(Kind.TRIGGER_LOCKED, execution, detail=name)
        draft.changes.append(("triggers", (flow, name), row._replace(locked_by=number)))


# --- fires that are made up for, and fires that come to nothing


def backfill(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Let a Schedule fire for the dates of a window, one after the other: (flow, trigger, start, end) (SEMANTICS 5.4)."""
    flow, name, first_us, last_us = message.argument
    flow_row = tables.flows.get(flow)
    revision = None if flow_row is None else flow_row.revision
    row = tables.triggers.get((flow, name))
    why = _not_filled(tables, flow, name, row)
    if why is not None or row is None:
        detail = f"backfill {name}: {why}"
        return StepResult(reports=(Report(Kind.ACTION_REFUSED, None, flow, revision, detail=detail),))
    number = row.backfills + 1
    return StepResult(
        changes=(("triggers", (flow, name), row._replace(backfills=number, backfilling=True)),),
        reports=(
            Report(Kind.ACTION_APPLIED, None, flow, revision, detail="backfill"),
            Report(Kind.BACKFILL, None, flow, revision, first_us, last_us, name),
        ),
        orders=(Backfill(flow, name, number, first_us, last_us),),
    )


def _not_filled(tables: Tables, flow: str, name: str, row: TriggerRow | None) -> str | None:
    """Say why a trigger cannot be backfilled, or None."""
    trigger = find_trigger(tables, flow, name)
    if trigger is None or row is None:
        return "the trigger does not exist"
    if trigger.kind is not TriggerKind.SCHEDULE:
        return "only a Schedule has dates"
    if row.disabled:
        return "the trigger is disabled"
    if row.backfilling and tables.rules.one_backfill:
        return "a backfill is under way"
    return None


def backfill_over(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Note that the dates of a backfill are all done, or will never be: (flow, trigger, number)."""
    flow, name, number = message.argument
    row = tables.triggers.get((flow, name))
    if row is None or row.backfills != number:
        return StepResult()
    return StepResult(changes=(("triggers", (flow, name), row._replace(backfilling=False)),))


def skip_fires(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Write down fires that will make no execution: (flow, trigger, planned times)."""
    flow, name, planned = message.argument
    times_us: Iterable[int] = planned
    row = tables.triggers.get((flow, name), TriggerRow())
    revision = tables.flows[flow].revision
    return StepResult(
        reports=(
            Report(Kind.FIRE_SKIPPED, row.locked_by, flow, revision, time_us, detail=name)
            for time_us in times_us
        )
    )
