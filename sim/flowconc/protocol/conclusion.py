"""The end of an execution: everyone who waits for it is told, in the step that ends it."""

from __future__ import annotations

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.progress import Run
from flowconc.protocol.rules import Missed
from flowconc.protocol.states import State
from flowconc.protocol.steps import Ended, Message, Reschedule, Unlocked
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft

_PASSED_ON = {State.FAILED: Run.FAILED, State.WARNING: Run.WARNING, State.KILLED: Run.KILLED}
"""How a subflow task ends whose child ended so; with any other end it is a success."""


def conclude(draft: Draft, execution: Execution, now_us: int) -> None:
    """Unlock the trigger that made the execution (A5), answer the task that waits for it, tell its source."""
    birth = execution.birth
    if birth.trigger is not None:
        _unlock(draft, execution, birth.trigger)
    if (
        birth.parent_node is not None
        and execution.state is not State.RETRIED
        and (execution.has_run or draft.tables.rules.rejected_child_reports)
    ):
        transmits = _transmits_failure(draft.tables, birth.parent, birth.parent_node)
        outcome = _outcome_for_parent(execution.state, transmits=transmits)
        node = birth.parent_node
        if birth.loop_path and outcome is Run.KILLED:
            outcome = Run.FAILED  # a Loop takes a killed pass for one that failed
        if birth.loop_path and execution.state is State.CANCELLED:
            node = _loop_of(draft.tables, birth.parent, node)  # the whole loop ends with it (OBSERVED 13)
        draft.order(Message("task_ended", birth.parent, (node, outcome, now_us)))
    if birth.origin is not None:
        draft.order(Ended(birth.number))


def _unlock(draft: Draft, execution: Execution, trigger: str) -> None:
    """Unlock the trigger that this execution holds; a final state in its `stopAfter` disables it."""
    birth = execution.birth
    key = (birth.flow, trigger)
    row = draft.tables.triggers.get(key)
    if row is None:
        return
    if row.locked_by == birth.number:
        row = row._replace(locked_by=None)
        draft.report(Kind.TRIGGER_UNLOCKED, execution, detail=trigger)
        draft.order(Unlocked(birth.flow, trigger, draft.tables.rules.missed is Missed.RECOVERED))
    triggers = draft.tables.flows[birth.flow].definition.triggers
    definition = next((candidate for candidate in triggers if candidate.id == trigger), None)
    if definition is not None and execution.state in definition.stop_after and not row.disabled:
        row = row._replace(disabled=True)
        draft.reports.append(Report(Kind.TRIGGER_DISABLED, None, birth.flow, birth.revision, detail=trigger))
        draft.order(Reschedule(birth.flow))
    draft.changes.append(("triggers", key, row))


def _loop_of(tables: Tables, parent: int | None, node: int) -> int:
    execution = tables.find(parent)
    return node if execution is None else tables.plan_of(execution).nodes[node].parent


def _transmits_failure(tables: Tables, parent: int | None, node: int) -> bool:
    execution = tables.find(parent)
    if execution is None:
        return False
    task = tables.plan_of(execution).nodes[node].task
    return task is None or task.call is None or task.call.transmit_failed


def _outcome_for_parent(state: State, *, transmits: bool) -> Run:
    """Say how a waiting subflow task ends: as its child did, and a CANCELLED one counts as a success (OBSERVED 13).

    A kill is passed on as it is: what may fail may not be killed, so `allowFailure` does not come into it.
    """
    return _PASSED_ON.get(state, Run.SUCCESS) if transmits else Run.SUCCESS
