"""What operators do to executions (SEMANTICS A9, A10 and section 3), and when the engine ignores or refuses it.

An action is judged at once, as the API's guards do: applied, ignored (it changes nothing) or refused (an error to
the caller). What is applied is then done by steps of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.lifecycle import repeat, start_tasks
from flowconc.protocol.progress import Run, kill, waiting
from flowconc.protocol.states import FINAL, State
from flowconc.protocol.steps import Message, StepResult, StopTasks
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft

APPLIED, IGNORED, REFUSED = Kind.ACTION_APPLIED, Kind.ACTION_IGNORED, Kind.ACTION_REFUSED


class Answer(NamedTuple):
    """What becomes of an action on one execution: applied, ignored or refused, and why not."""

    kind: Kind
    why: str = ""


def _judge_kill(execution: Execution) -> Answer:
    if execution.state in FINAL:
        return Answer(IGNORED, f"it is {execution.state} already")
    if execution.state is State.KILLING:
        return Answer(IGNORED, "it is being killed already")
    return Answer(APPLIED)


def _judge_delete(execution: Execution) -> Answer:
    return Answer(APPLIED)


def _judge_purge(execution: Execution) -> Answer:
    """Purge takes executions that have an end date, and passes over the others (SEMANTICS 9.1, 10)."""
    if execution.state in FINAL and not execution.in_after_execution:
        return Answer(APPLIED)
    return Answer(IGNORED, f"it is {execution.state}, and purge takes only ended executions")


def _judge_force_run(execution: Execution) -> Answer:
    if execution.state in FINAL:
        return Answer(REFUSED, f"it is {execution.state}; only executions that have not ended can be forced")
    if execution.state in (State.CREATED, State.QUEUED, State.RESTARTED, State.PAUSED):
        return Answer(APPLIED)
    return Answer(IGNORED, f"it is {execution.state} already")


def _judge_pause(execution: Execution) -> Answer:
    if execution.state is State.RUNNING:
        return Answer(APPLIED)
    return Answer(REFUSED, f"it is {execution.state}; only RUNNING executions can be paused")


def _judge_resume(execution: Execution) -> Answer:
    if execution.state is State.PAUSED:
        return Answer(APPLIED)
    return Answer(REFUSED, f"it is {execution.state}; only PAUSED executions can be resumed")


def _judge_restart(execution: Execution) -> Answer:
    if execution.state is not State.FAILED or execution.in_after_execution:
        return Answer(REFUSED, f"it is {execution.state}; only FAILED executions can be restarted")
    if not waiting(execution.progress, Run.FAILED) + waiting(execution.progress, Run.READY):
        return Answer(REFUSED, "it has no failed task to restart from")
    return Answer(APPLIED)


_JUDGES: dict[str, Callable[[Execution], Answer]] = {
    "kill": _judge_kill,
    "delete": _judge_delete,
    "purge": _judge_purge,
    "force_run": _judge_force_run,
    "pause": _judge_pause,
    "resume": _judge_resume,
    "restart": _judge_restart,
}


def act_on_one(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Judge an action on the execution of a name: (verb, name)."""
    verb, name = message.argument
    number = tables.number_of(name)
    execution = None if number is None else tables.executions.get(number)
    if execution is None:
        why = "not created yet" if number is None else "deleted"
        report = Report(REFUSED, number, detail=f"{verb} {name}: {why}")
        return StepResult(reports=(report,))
    answer = _JUDGES[verb](execution)
    birth = execution.birth
    detail = verb if not answer.why else f"{verb} {name}: {answer.why}"
    report = Report(answer.kind, birth.number, birth.flow, birth.revision, detail=detail)
    orders = (Message(verb, birth.number),) if answer.kind is APPLIED else ()
    return StepResult(reports=(report,), orders=orders)


def act_on_many(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Judge an action in bulk: (verb, flow, states), on those it applies to, in order of creation."""
    verb, flow, states = message.argument
    numbers = [
        execution.birth.number
        for execution in tables.executions.values()
        if execution.birth.flow == flow
        and (not states or execution.state in states)
        and _JUDGES[verb](execution).kind is APPLIED
    ]
    kind = APPLIED if numbers else IGNORED
    report = Report(kind, None, flow, None, detail=f"{verb} {len(numbers)} of {flow}")
    return StepResult(reports=(report,), orders=tuple(Message(verb, number) for number in sorted(numbers)))


def kill_execution(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Kill: a QUEUED execution leaves the queue; any other has its tasks stopped first (A9). Subflows are killed too."""
    execution = tables.find(message.execution)
    if execution is None or execution.state in FINAL or execution.state is State.KILLING:
        return StepResult()
    draft = Draft(tables)
    number = execution.birth.number
    _leave_queue(draft, execution)
    running = waiting(execution.progress, Run.RUNNING)
    draft.write(draft.enter(execution.at(kill(execution.progress)), State.KILLING, "kill"))
    draft.order(*(Message("kill", child) for child in execution.children))
    draft.order(StopTasks(number, running, Message("stopped", number, (State.KILLED, "kill", ()))))
    return draft


def delete_execution(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Delete: the row is gone, and so is its place in the queue; a slot that it held stays taken for ever (A9)."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    draft.report(Kind.DELETED, execution, execution.state)
    _leave_queue(draft, execution)
    draft.changes.append(("executions", execution.birth.number, None))
    return draft


def force_run(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Run an execution that waits, without a slot (A10). A PAUSED one is resumed: it has its slot."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    if execution.state is State.PAUSED:
        return StepResult(orders=(Message("resume", execution.birth.number),))
    if execution.state not in (State.CREATED, State.QUEUED, State.RESTARTED):
        return StepResult()
    draft = Draft(tables)
    _leave_queue(draft, execution)
    draft.report(Kind.FORCED, execution)
    start_tasks(draft, draft.enter(execution._replace(forced=True), State.RUNNING, "force_run"), now_us)
    return draft


def pause(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Pause by hand: tasks that run go on to their end, nothing new starts, the slot is kept (SEMANTICS 3.7)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state is not State.RUNNING:
        return StepResult()
    draft = Draft(tables)
    draft.write(draft.enter(execution, State.PAUSED, "pause"))
    return draft


def restart(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Restart a FAILED execution from its failed tasks: it passes the gate again, like any other (A2, SEMANTICS 3.9).

    After a restart that the gate turned away, those tasks are READY still.
    """
    execution = tables.find(message.execution)
    if execution is None or _judge_restart(execution).kind is not APPLIED:
        return StepResult()
    draft = Draft(tables)
    if not waiting(execution.progress, Run.READY):
        execution, _ = repeat(tables, execution, now_us)
    draft.write(draft.enter(execution._replace(forced=False), State.RESTARTED, "restart"))
    draft.order(Message("gate", execution.birth.number))
    return draft


def _leave_queue(draft: Draft, execution: Execution) -> None:
    if execution.state is State.QUEUED:
        draft.changes.append(("queued", (execution.birth.flow, execution.birth.number), None))
