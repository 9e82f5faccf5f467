"""What operators do to executions (SEMANTICS A9, A10 and section 3), and when the engine ignores or refuses it.

An action is judged at once, as the API's guards do: applied, ignored (it changes nothing) or refused (an error to
the caller). What is applied is then done by steps of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flowconc.protocol.conclusion import conclude
from flowconc.protocol.events import Kind, Report
from flowconc.protocol.lifecycle import run
from flowconc.protocol.pauses import go_on_killed, pauses_of
from flowconc.protocol.plan import node_of
from flowconc.protocol.progress import Run, kill, waiting
from flowconc.protocol.release import free
from flowconc.protocol.retrying import repeat
from flowconc.protocol.rules import Claims, RetryKill, Rules
from flowconc.protocol.states import FINAL, State
from flowconc.protocol.steps import Message, StepResult, StopTasks
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft

UNQUEUE_TO = frozenset({State.RUNNING, State.CANCELLED, State.FAILED})
"""Where an execution may go from the queue by hand (SEMANTICS 3.14)."""

APPLIED, IGNORED, REFUSED = Kind.ACTION_APPLIED, Kind.ACTION_IGNORED, Kind.ACTION_REFUSED


class Answer(NamedTuple):
    """What becomes of an action on one execution: applied, ignored or refused, and why not."""

    kind: Kind
    why: str = ""


def _judge_kill(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if execution.state in FINAL:
        return Answer(IGNORED, f"it is {execution.state} already")
    if execution.state is State.KILLING:
        return Answer(IGNORED, "it is being killed already")
    return Answer(APPLIED)


def _judge_delete(tables: Tables, execution: Execution, argument: Any) -> Answer:
    return Answer(APPLIED)


def _judge_purge(tables: Tables, execution: Execution, argument: Any) -> Answer:
    """Purge takes executions that have an end date, and others only when asked to: (unended,) (SEMANTICS 9.1, 10)."""
    if argument or (execution.state in FINAL and not execution.in_after_execution):
        return Answer(APPLIED)
    return Answer(IGNORED, f"it is {execution.state}, and purge takes only ended executions")


def _judge_force_run(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if execution.state in FINAL:
        kind = REFUSED if tables.rules.forced_end_refused else IGNORED
        return Answer(kind, f"it is {execution.state}; only executions that have not ended can be forced")
    if execution.state in (State.CREATED, State.QUEUED, State.RESTARTED, State.PAUSED):
        return Answer(APPLIED)
    return Answer(IGNORED, f"it is {execution.state} already")


def _judge_pause(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if execution.state is State.RUNNING:
        return Answer(APPLIED)
    return Answer(REFUSED, f"it is {execution.state}; only RUNNING executions can be paused")


def _judge_resume(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if execution.state is State.PAUSED:
        return Answer(APPLIED)
    return Answer(REFUSED, f"it is {execution.state}; only PAUSED executions can be resumed")


def _judge_restart(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if execution.state is not State.FAILED or execution.in_after_execution:
        return Answer(REFUSED, f"it is {execution.state}; only FAILED executions can be restarted")
    never_ran = not execution.progress and tables.rules.restarts_rejected
    failed = waiting(execution.progress, Run.FAILED) + waiting(execution.progress, Run.READY)
    if not failed and not never_ran:
        return Answer(REFUSED, "it has no failed task to restart from")
    if execution.holds_slot and tables.rules.claims is Claims.HELD:
        return Answer(REFUSED, "it has not given its slot back yet")
    return Answer(APPLIED)


def _judge_unqueue(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if execution.state is not State.QUEUED:
        return Answer(
            REFUSED, f"it is {execution.state}; only QUEUED executions can be taken out of the queue"
        )
    if argument not in UNQUEUE_TO:
        return Answer(REFUSED, f"to {argument} it cannot go; only to {', '.join(sorted(UNQUEUE_TO))}")
    return Answer(APPLIED)


def _judge_change_status(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if execution.state not in FINAL or execution.in_after_execution:
        return Answer(REFUSED, f"it is {execution.state}; only ended executions can change their status")
    if argument not in FINAL:
        return Answer(REFUSED, f"{argument} is no final state")
    if argument is execution.state:
        return Answer(IGNORED, f"it is {execution.state} already")
    return Answer(APPLIED)


def _judge_replay(tables: Tables, execution: Execution, argument: Any) -> Answer:
    if not execution.ended:
        return Answer(REFUSED, f"it is {execution.state}; only ended executions can be replayed")
    task, _ = argument
    if task is not None and node_of(tables.plan_of(execution), task) is None:
        return Answer(REFUSED, f"it has no task {task}")
    return Answer(APPLIED)


_JUDGES: dict[str, Callable[[Tables, Execution, Any], Answer]] = {
    "kill": _judge_kill,
    "delete": _judge_delete,
    "purge": _judge_purge,
    "force_run": _judge_force_run,
    "pause": _judge_pause,
    "resume": _judge_resume,
    "restart": _judge_restart,
    "unqueue": _judge_unqueue,
    "change_status": _judge_change_status,
    "replay": _judge_replay,
}


def act_on_one(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Judge an action on the execution of a name: (verb, name, what else the verb needs)."""
    verb, name, argument = message.argument
    number = tables.number_of(name)
    execution = None if number is None else tables.executions.get(number)
    if execution is None:
        why = "not created yet" if number is None else "deleted"
        report = Report(REFUSED, number, detail=f"{verb} {name}: {why}")
        return StepResult(reports=(report,))
    answer = _JUDGES[verb](tables, execution, argument)
    if verb == "kill" and _frees_again(execution, tables.rules):
        answer = Answer(APPLIED)  # for the sake of its children it is sent all the same (OBSERVED 6)
    birth = execution.birth
    detail = verb if not answer.why else f"{verb} {name}: {answer.why}"
    report = Report(answer.kind, birth.number, birth.flow, birth.revision, detail=detail)
    draft = Draft(tables)
    draft.reports.append(report)
    if answer.kind is APPLIED:
        draft.order(_ordered(tables, verb, execution, argument))
    elif verb == "unqueue" and not tables.rules.unqueue_checks_first:
        _leave_queue(draft, execution)
    return draft


def act_on_many(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Judge an action in bulk: (verb, flow, states, what else the verb needs), in order of creation."""
    verb, flow, states, argument = message.argument
    meant = [
        execution
        for execution in tables.executions.values()
        if execution.birth.flow == flow
        and (not states or execution.state in states)
        and _JUDGES[verb](tables, execution, argument).kind is APPLIED
    ]
    kind = APPLIED if meant else IGNORED
    report = Report(kind, None, flow, None, detail=f"{verb} {len(meant)} of {flow}")
    meant.sort(key=lambda execution: execution.birth.number)
    orders = tuple(_ordered(tables, verb, execution, argument) for execution in meant)
    return StepResult(reports=(report,), orders=orders)


def _ordered(tables: Tables, verb: str, execution: Execution, argument: Any) -> Message:
    """Return the message that carries an action out. A resume names the pauses that it is to end (see `resume`)."""
    meant = pauses_of(tables, execution) if verb == "resume" else argument
    return Message(verb, execution.birth.number, meant)


def kill_execution(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Kill: a QUEUED execution leaves the queue; any other has its tasks stopped (A9). Subflows are killed too."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    rules = tables.rules
    number = execution.birth.number
    if execution.state in FINAL or execution.state is State.KILLING:
        if _frees_again(execution, rules):
            draft.end(execution)  # its end is handled once more
        return draft
    if rules.kill_leaves_queue:
        _leave_queue(draft, execution)
    if not rules.forgets_kills:
        draft.changes.append(("killed", number, True))
    draft.order(*(Message("kill", child) for child in execution.children))
    path: tuple[State, ...] = (State.KILLING,)
    if execution.state is State.PAUSED and pauses_of(tables, execution):
        path = rules.kill_of_paused
    if State.KILLING not in path:
        go_on_killed(draft, execution, path, now_us)
        return draft
    running = waiting(execution.progress, Run.RUNNING)
    spared = Run.PENDING if rules.kill_of_retrying is RetryKill.ENDS else Run.RETRYING
    hangs = rules.kill_of_retrying is RetryKill.HANGS and _waits_for_retry(execution)
    heard = rules.kill_waits_for_tasks and not hangs
    if not rules.killing_takes_results:
        execution = execution.at(kill(execution.progress, spared=spared))
    for state in path:
        execution = draft.enter(execution, state, "kill")
    draft.write(execution)
    after = Message("stopped", number, (State.KILLED, "kill", ()))
    if heard:
        draft.order(StopTasks(number, running, after))
    elif running:
        draft.order(StopTasks(number, running, Message("answered", number)))
    if not rules.kill_waits_for_tasks:
        draft.order(after)
    return draft


def _frees_again(execution: Execution, rules: Rules) -> bool:
    """Say whether a kill of one that has ended, or is being killed, frees a slot once more (BUGS, #13211 and #16579)."""
    if execution.state in (State.KILLING, State.KILLED):
        return rules.killed_again_frees
    return execution.ended and rules.kill_of_ended_frees


def answered(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Take the answer of the workers to a kill that does not wait for it (SEMANTICS 3.1), or that hangs (9.1, 18).

    When it comes after the end, that is handled once more (#13211, recording 16f_kill_stream of 1.1.0).
    """
    execution = tables.find(message.execution)
    draft = Draft(tables)
    if execution is not None and execution.state is State.KILLED and tables.rules.killed_again_frees:
        draft.end(execution)
    return draft


def _waits_for_retry(execution: Execution) -> bool:
    return execution.state is State.RETRYING


def delete_execution(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Delete: the row is gone, and so is its place in the queue; a slot that it held stays taken for ever (A9)."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    draft.report(Kind.DELETED, execution, execution.state)
    if tables.rules.delete_leaves_queue:
        _leave_queue(draft, execution)
    if tables.rules.delete_frees and execution.holds_slot:
        free(draft, execution, now_us)
    draft.changes.append(("executions", execution.birth.number, None))
    return draft


def force_run(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Run an execution that waits, without a slot (A10). A PAUSED one is resumed: it has its slot."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    if execution.state is State.PAUSED:
        return StepResult(orders=(Message("resume", execution.birth.number, pauses_of(tables, execution)),))
    if execution.state not in (State.CREATED, State.QUEUED, State.RESTARTED):
        return StepResult()
    draft = Draft(tables)
    if tables.rules.forced_leaves_queue:
        _leave_queue(draft, execution)
    draft.report(Kind.FORCED, execution)
    run(draft, execution._replace(forced=True), "force_run", now_us)
    return draft


def unqueue(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Take an execution out of the queue: to run without a slot, or to end as it is (SEMANTICS 3.14)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state is not State.QUEUED:
        return StepResult()
    state: State = message.argument
    if state is State.RUNNING:
        return force_run(tables, message, now_us)
    draft = Draft(tables)
    _leave_queue(draft, execution)
    execution = draft.enter(execution, state, "unqueue")
    if tables.rules.unqueued_end_frees:
        draft.end(execution)
    else:
        draft.write(execution)
        conclude(draft, execution, now_us)
    return draft


def change_status(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Give an ended execution another final state. Nothing follows from it: no slot, no trigger (SEMANTICS 3.17)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state not in FINAL:
        return StepResult()
    draft = Draft(tables)
    draft.write(draft.enter(execution, message.argument, "change_status"))
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
    if execution is None or _judge_restart(tables, execution, None).kind is not APPLIED:
        return StepResult()
    draft = Draft(tables)
    if execution.progress and not waiting(execution.progress, Run.READY):
        execution, _ = repeat(tables, execution, now_us)
    stamped = execution.stamped and tables.rules.restart_keeps_claim
    execution = execution._replace(forced=False, stamped=stamped)
    draft.write(draft.enter(execution, State.RESTARTED, "restart"))
    draft.order(Message("gate", execution.birth.number))
    return draft


def _leave_queue(draft: Draft, execution: Execution) -> None:
    if (execution.birth.flow, execution.birth.number) in draft.tables.queued:
        draft.changes.append(("queued", (execution.birth.flow, execution.birth.number), None))
