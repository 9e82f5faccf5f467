"""Altered steps, for fault models that no rule speaks of: each wraps a sound step and breaks one thing in it."""

from __future__ import annotations

from collections.abc import Callable

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.pauses import pauses_of
from flowconc.protocol.progress import Run, end
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, RowKey, StepFunction, StepResult, Unlocked
from flowconc.protocol.tables import Change, Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Behavior

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


def innermost_scope_only(step: StepFunction) -> StepFunction:
    """Claim a slot in the innermost of an execution's namespaces and in none around it (#17339)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = step(tables, message, now_us)
        claimed = [
            report[6] for report in result.reports if report[0] is Kind.CLAIM and report[6] is not None
        ]
        outer = frozenset(claimed[1:])
        result.reports = [
            each for each in result.reports if each[0] is not Kind.CLAIM or each[6] not in outer
        ]
        result.changes = [
            _without_scopes(change, outer)
            for change in result.changes
            if change[0] != "counters" or change[1] not in outer
        ]
        return result

    return altered


def _without_scopes(change: Change, scopes: frozenset[str]) -> Change:
    table, key, row = change
    if isinstance(row, Execution) and row.scopes:
        return table, key, row._replace(scopes=tuple(each for each in row.scopes if each not in scopes))
    return change


def dropping_queue(step: StepFunction) -> StepFunction:
    """Take everybody of a flow out of the queue with it: (flow,) (probe 9)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = step(tables, message, now_us)
        (flow,) = message.argument
        result.changes += [("queued", (flow, number), None) for number in tables.queued.oldest(flow)]
        return result

    return altered


def turning_queue_away(step: StepFunction, state: State) -> StepFunction:
    """End everybody of a flow who waits, where it is deleted, or saved with a behavior other than QUEUE: (flow, ...)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        flow, *saved = message.argument
        limits = [definition.concurrency for definition in saved]
        if all(limit is not None and limit.behavior is not Behavior.QUEUE for limit in limits):
            waiting = [Message("unqueue", number, state) for number in tables.queued.oldest(flow)]
        else:
            waiting = []
        result = step(tables, message, now_us)
        result.orders += waiting
        return result

    return altered


def do_nothing(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Take a message and do nothing about it."""
    return StepResult()


def several_times(step: StepFunction, times: int) -> StepFunction:
    """Let a trigger answer so many times, none of them knowing of the others (#18422, #14196)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        seen = tables.copy()
        result = StepResult()
        for _ in range(times):
            once = step(seen, message, now_us)
            seen.apply(change for change in once.changes if change[0] != "triggers")
            result.changes += once.changes
            result.reports += once.reports
            result.orders += once.orders
        return result

    return altered


def unlocked(step: StepFunction) -> StepFunction:
    """Let a trigger fire whoever has it locked (#4754)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        key = message.argument[:2]
        row = tables.triggers.get(key)
        if row is None or row.locked_by is None:
            return step(tables, message, now_us)
        seen = tables.copy()
        seen.apply([("triggers", key, row._replace(locked_by=None))])
        return step(seen, message, now_us)

    return altered


def without_unlocking(step: StepFunction) -> StepFunction:
    """Leave the trigger locked for an execution that the step ends (#6889)."""

    def altered(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = step(tables, message, now_us)
        result.changes = [change for change in result.changes if change[0] != "triggers"]
        result.reports = [report for report in result.reports if report[0] is not Kind.TRIGGER_UNLOCKED]
        result.orders = [order for order in result.orders if not isinstance(order, Unlocked)]
        return result

    return altered


def gated_resume(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Send a resumed execution to the gate, as if it had no slot: RESTARTED is all that is looked at (#7880)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state is not State.PAUSED:
        return StepResult()
    meant = message.argument if isinstance(message.argument, tuple) else (message.argument,)
    nodes = [node for node in pauses_of(tables, execution) if node in meant]
    if meant and not nodes:
        return StepResult()
    draft = Draft(tables)
    plan = tables.plan_of(execution)
    for node in nodes:
        execution = execution.at(end(plan, execution.progress, node, Run.SUCCESS).progress)
    draft.write(draft.enter(execution, State.RESTARTED, "resume"))
    draft.order(Message("gate", execution.birth.number))
    return draft


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
