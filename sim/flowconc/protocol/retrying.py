"""When the wait for a retry is over: a task, or what failed in a whole execution, runs again (SEMANTICS 3.13, 9.1)."""

from __future__ import annotations

from flowconc.protocol.lifecycle import awaits, go_on, show_failure
from flowconc.protocol.progress import Run, Step, again, mark, waiting
from flowconc.protocol.retries import attempts_of, one_more
from flowconc.protocol.rules import RetryKill
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, StepResult, Wake
from flowconc.protocol.tables import Attempts, Execution, Tables
from flowconc.protocol.transitions import Draft


def retry_due(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Start the next attempt of a task (SEMANTICS 3.13). A killed execution is not revived."""
    execution = tables.find(message.execution)
    node = message.argument
    if execution is None or not (
        awaits(tables, execution, node, Run.RETRYING)
        or (_revives(tables, execution) and execution.progress[node] == Run.RETRYING)
    ):
        return StepResult()
    draft = Draft(tables)
    if execution.state is State.KILLED:
        execution = draft.enter(execution._replace(in_after_execution=False), State.RUNNING, "retry")
    elif execution.state is State.RETRYING and waiting(execution.progress, Run.RETRYING) == (node,):
        execution = draft.enter(execution, State.RUNNING, "retry")
    step = Step(mark(execution.progress, (node,), Run.READY), (node,))
    go_on(draft, execution, tables.plan_of(execution), step, now_us)
    return draft


def flow_retry_due(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Run the failed tasks of an execution again, in its slot (flow retry, RETRY_FAILED_TASK)."""
    execution = tables.find(message.execution)
    if execution is None or not (execution.state is State.RETRYING or _revives(tables, execution)):
        return StepResult()
    draft = Draft(tables)
    execution = execution._replace(tries=execution.tries + 1, in_after_execution=False)
    execution = draft.enter(execution, State.RUNNING, "retry")
    if message.argument:  # once more, without any task having run (OBSERVED 8, RETRY_FAILED_TASK)
        execution = show_failure(draft, execution)
        draft.write(draft.enter(execution._replace(tries=execution.tries - 1), State.RETRYING, "retry"))
        draft.order(Wake(1, 1, Message("flow_retry_due", execution.birth.number)))
        return draft
    execution, step = repeat(tables, execution, now_us)
    go_on(draft, execution, tables.plan_of(execution), step, now_us)
    return draft


def repeat(tables: Tables, execution: Execution, now_us: int) -> tuple[Execution, Step]:
    """Make the failed tasks of an execution READY, each for one more attempt."""
    step = again(tables.plan_of(execution), execution.progress)
    execution = execution._replace(progress=step.progress)
    for node in step.ready:
        execution = one_more(execution, attempts_of(execution, node) or Attempts(node, 1, now_us))
    return execution, step


def _revives(tables: Tables, execution: Execution) -> bool:
    """Say whether the wait for a retry outlived a kill, and will run the killed execution again (BUGS, #19679)."""
    return tables.rules.kill_of_retrying is RetryKill.REVIVED and execution.state is State.KILLED
