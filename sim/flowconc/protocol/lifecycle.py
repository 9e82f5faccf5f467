"""An execution from its first task to its end: results, retries, pauses, subflows, errors, finally, afterExecution.

An execution holds its slot from admission until its afterExecution tasks have ended (SEMANTICS 2.1): while it is
RUNNING, PAUSED, RETRYING or KILLING, and while its state is final but afterExecution runs.
"""

from __future__ import annotations

from flowconc.protocol.creation import Request
from flowconc.protocol.plan import NONE, Node, Plan
from flowconc.protocol.progress import Run, Step, begin, choose, end, kill, mark, waiting
from flowconc.protocol.retries import attempts_of, may_retry, one_more, stuttering, successor, wake_after
from flowconc.protocol.rules import RetryKill
from flowconc.protocol.states import FINAL, State
from flowconc.protocol.steps import (
    Choose,
    Message,
    Order,
    RowKey,
    RunTask,
    StepResult,
    StopTasks,
    Wake,
    execution_lock,
    slot_locks,
)
from flowconc.protocol.tables import Attempts, Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Retry, RetryBehavior, TaskKind

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_RUNNING, _PAUSED, _KILLING = State.RUNNING, State.PAUSED, State.KILLING
_NODE_RUNNING, _NODE_FAILED, _NODE_KILLED = Run.RUNNING, Run.FAILED, Run.KILLED
_OF_WORKERS = frozenset({TaskKind.WORK, TaskKind.INSTANT, TaskKind.FAIL})
_CHOICE, _PAUSE, _SUBFLOW = TaskKind.CHOICE, TaskKind.PAUSE, TaskKind.SUBFLOW

_FINAL_STATE: dict[int, State] = {
    Run.SUCCESS: State.SUCCESS,
    Run.WARNING: State.WARNING,
    Run.FAILED: State.FAILED,
    Run.KILLED: State.KILLED,
}
_ENDED = int(Run.SUCCESS)
_IN_PROGRESS = frozenset({State.RUNNING, State.RETRYING, State.PAUSED})


def _start_tasks(draft: Draft, execution: Execution, plan: Plan, now_us: int) -> None:
    """Start the tasks of an execution that has become RUNNING: all of them, or those that a restart left READY."""
    if execution.progress:
        step = Step(execution.progress, waiting(execution.progress, Run.READY))
    else:
        step = begin(plan)
    go_on(draft, execution, plan, step, now_us)


def run(draft: Draft, execution: Execution, why: str, now_us: int, *, claims: bool = False) -> None:
    """Let an execution that waited run, in a slot if it `claims` one: its tasks start.

    An SLA assertion that does not hold ends it first (SEMANTICS 1.4).
    """
    plan = draft.tables.plan_of(execution)
    if plan.asserted is None:
        _start_tasks(draft, draft.enter(execution, _RUNNING, why, claims=claims), plan, now_us)
        return
    rules = draft.tables.rules
    execution = execution.with_slot(execution.holds_slot or claims)
    if rules.asserts_running or (rules.ending and execution.state is State.QUEUED):
        execution = draft.enter(execution, _RUNNING, why)
    draft.end(draft.enter(execution, plan.asserted, "sla"))


def end_rejected(draft: Draft, execution: Execution, now_us: int) -> None:
    """End an execution that was turned away. The engine runs it all the same if it has afterExecution (OBSERVED 2).

    Of its main tasks only the first ones run; it has ended when its afterExecution tasks have.
    """
    plan = draft.tables.plan_of(execution)
    if plan.after == NONE or not draft.tables.rules.rejected_runs:
        draft.end(execution)
        return
    main = begin(plan, 0, execution.progress)
    after = begin(plan, plan.after, main.progress)
    execution = execution._replace(in_after_execution=True)
    execution = _launch(draft, execution, plan, Step(after.progress, main.ready))
    go_on(draft, execution, plan, Step(execution.progress, after.ready), now_us)


def task_ended(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Take the result of a task: (node, outcome, when it started). A failed one may be tried again.

    A result that comes after a kill, or twice, changes nothing.
    """
    execution = tables.find(message.execution)
    node, outcome, started_us = message.argument
    if execution is None or not awaits(tables, execution, node, _NODE_RUNNING):
        return StepResult()
    draft = Draft(tables)
    plan = tables.plan_of(execution)
    task = plan.nodes[node].task
    retry = task.retry if task is not None and outcome == _NODE_FAILED else None
    if retry is not None and not execution.in_after_execution and execution.state is not _KILLING:
        birth = execution.birth
        if retry.behavior is RetryBehavior.CREATE_NEW_EXECUTION:
            if may_retry(retry, birth.attempt, birth.first_created_us, now_us):
                anew = Message("create", birth.number, _successor(tables, execution))
                stop(draft, execution, State.RETRIED, "retry", wake_after(retry, birth.attempt, anew))
                return draft
        else:
            attempts = attempts_of(execution, node) or Attempts(node, 1, started_us)
            if may_retry(retry, attempts.begun, attempts.first_us, now_us):
                _retry_task(draft, execution, retry, attempts)
                return draft
    go_on(draft, execution, plan, end(plan, execution.progress, node, outcome), now_us)
    return draft


def result_locks(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the execution's row; and, when this result ends it, all that its release needs."""
    execution = tables.find(message.execution)
    node, outcome, _ = message.argument
    if execution is not None and awaits(tables, execution, node, _NODE_RUNNING):
        plan = tables.plan_of(execution)
        root = plan.after if execution.in_after_execution else 0
        if end(plan, execution.progress, node, outcome).progress[root] >= _ENDED:
            return slot_locks(tables, message)
    return execution_lock(tables, message)


def branch_chosen(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Go on with branch number `branch` of a choice: (node, branch)."""
    execution = tables.find(message.execution)
    node, branch = message.argument
    if execution is None or not awaits(tables, execution, node, _NODE_RUNNING):
        return StepResult()
    draft = Draft(tables)
    plan = tables.plan_of(execution)
    go_on(draft, execution, plan, choose(plan, execution.progress, node, branch), now_us)
    return draft


def stopped(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Set the final state of an execution whose tasks have been stopped: KILLED, CANCELLED or RETRIED.

    What else follows comes with the message: (state, why, orders). A kill that comes in between wins.
    """
    execution = tables.find(message.execution)
    state, why, orders = message.argument
    if execution is None or execution.state in FINAL:
        return StepResult()
    if execution.state is State.KILLING and state is not State.KILLED:
        return StepResult()
    draft = Draft(tables)
    draft.order(*orders)
    spared = Run.RETRYING if tables.rules.kill_of_retrying is RetryKill.REVIVED else Run.PENDING
    if state is State.RETRIED:
        execution = show_failure(draft, execution)
    execution = draft.enter(execution.at(kill(execution.progress, spared=spared)), state, why)
    _after(draft, execution, tables.plan_of(execution), now_us)
    return draft


def go_on(draft: Draft, execution: Execution, plan: Plan, step: Step, now_us: int) -> None:
    """Store progress, start what is ready unless the execution is paused, and end what has ended."""
    if execution.in_after_execution:  # of one that was turned away, no further main tasks
        step = Step(step.progress, tuple(node for node in step.ready if node > plan.after))
    if step.ready and execution.state is not _PAUSED and execution.state is not _KILLING:
        execution = _launch(draft, execution, plan, step)
    else:
        execution = execution.at(step.progress)
    root = plan.after if execution.in_after_execution else 0
    outcome = execution.progress[root]
    if outcome < _ENDED or execution.state is _PAUSED:
        draft.write(execution)
    elif execution.in_after_execution:
        execution = execution._replace(in_after_execution=False)
        if draft.tables.rules.after_execution_frees:
            draft.end(execution)
        else:
            draft.write(execution)  # nobody notices that it is over (BUGS, #10657)
    else:
        _tasks_ended(draft, execution, plan, outcome, now_us)


def _launch(draft: Draft, execution: Execution, plan: Plan, step: Step) -> Execution:
    """Start READY nodes. A call that does not wait has ended as soon as it is made, and lets others start.

    In a PAUSED execution they stay READY.
    """
    progress, ready = step
    while ready:
        execution = execution.at(mark(progress, ready, _NODE_RUNNING))
        following: tuple[int, ...] = ()
        for node in ready:
            task = plan.nodes[node].task
            outcome = None
            if task is not None and task.call is not None and not task.call.wait:
                outcome = Run.SUCCESS  # a call that does not wait has ended as soon as it is made
            elif draft.tables.killed and _is_remembered_as_killed(draft, execution, plan.nodes[node]):
                outcome = _NODE_KILLED
            if outcome is not _NODE_KILLED:
                execution = _start(draft, execution, plan, node)
            if outcome is not None:
                step = end(plan, execution.progress, node, outcome)
                execution = execution.at(step.progress)
                following += step.ready
        if execution.state is _PAUSED:
            break
        progress, ready = execution.progress, following
    return execution


def _is_remembered_as_killed(draft: Draft, execution: Execution, node: Node) -> bool:
    """Say whether a worker remembers the kill of this execution, and stops its tasks before they begin (9.2).

    What no worker runs, such as an If, goes on as if nothing had happened (recording 13e_self_call, 0.24.0).
    """
    remembered = execution.birth.number in draft.tables.killed and not execution.in_after_execution
    return remembered and node.kind in _OF_WORKERS


def _start(draft: Draft, execution: Execution, plan: Plan, index: int) -> Execution:
    """Give the order that starts one node."""
    node, number = plan.nodes[index], execution.birth.number
    task = node.task
    if node.kind is _CHOICE:
        draft.order(Choose(number, index))
    elif node.kind is _PAUSE:
        assert task is not None
        if execution.state in (State.RUNNING, State.RETRYING):
            execution = draft.enter(execution, State.PAUSED, "pause")
        pause_us = task.timeout_us if task.pause_us is None else task.pause_us
        if pause_us is not None:
            draft.order(Wake(pause_us, pause_us, Message("pause_due", number, index)))
    elif task is not None and task.call is not None:
        call = task.call
        request = Request(
            call.flow,
            f"subflow:{execution.birth.name}",
            parent=number,
            parent_node=index if call.wait else None,
            fails=call.fails,
            takes=call.takes,
        )
        draft.order(Message("create", None, request))
    elif node.kind is _SUBFLOW:
        draft.order(Message("create", None, _loop_pass(draft, execution, index)))
    else:
        attempts = attempts_of(execution, index)
        draft.orders.append(RunTask(number, index, 1 if attempts is None else attempts.begun))
    return execution


def _loop_pass(draft: Draft, execution: Execution, node: int) -> Request:
    """Ask for the execution that is one pass of a Loop: a copy of its parent, claim and all (OBSERVED 13).

    The parent's copy is CREATED, and has to pass the gate, only in the step that admits the parent.
    """
    birth = execution.birth
    return Request(
        birth.flow,
        f"loop:{birth.name}",
        parent=birth.number,
        parent_node=node,
        fails=birth.fails,
        takes=birth.takes,
        loop_path=(*birth.loop_path, node),
        stamped=execution.stamped,
        gated=draft.admitted == birth.number,
    )


def _tasks_ended(draft: Draft, execution: Execution, plan: Plan, outcome: int, now_us: int) -> None:
    """Set the state that the tasks lead to, unless the flow's own retry applies."""
    retry = plan.retry
    if retry is not None and outcome == _NODE_FAILED and execution.state is not _KILLING:
        new = retry.behavior is RetryBehavior.CREATE_NEW_EXECUTION
        tried = execution.birth.attempt if new else execution.tries
        if may_retry(retry, tried, execution.birth.first_created_us, now_us):
            execution = show_failure(draft, execution)
            if new:
                execution = draft.enter(execution, State.RETRIED, "retry")
                draft.order(
                    wake_after(
                        retry,
                        tried,
                        Message("create", execution.birth.number, _successor(draft.tables, execution)),
                    )
                )
                _after(draft, execution, plan, now_us)
            else:
                draft.write(draft.enter(execution, State.RETRYING, "retry"))
                again = stuttering(draft.tables.rules, execution, plan)
                draft.order(*(RunTask(execution.birth.number, node, 1) for node in again))
                due = Message("flow_retry_due", execution.birth.number, bool(again))
                draft.order(wake_after(retry, tried, due))
            return
    _after(draft, draft.enter(execution, _FINAL_STATE[outcome], "tasks"), plan, now_us)


def _after(draft: Draft, execution: Execution, plan: Plan, now_us: int) -> None:
    """Run the afterExecution tasks of an execution that had a slot (or was forced), then free the slot."""
    if plan.after == NONE or not (
        execution.holds_slot or execution.forced or draft.tables.rules.killed_queued_after
    ):
        draft.end(execution)
        return
    execution = execution._replace(in_after_execution=True)
    draft.write(execution)
    go_on(draft, execution, plan, begin(plan, plan.after, execution.progress), now_us)


def stop(draft: Draft, execution: Execution, state: State, why: str, *orders: Order) -> None:
    """Stop the running tasks; the answer sets the final state, and `orders` follow it."""
    order = StopTasks(
        execution.birth.number,
        waiting(execution.progress, Run.RUNNING),
        Message("stopped", execution.birth.number, (state, why, orders)),
    )
    draft.write(execution._replace(progress=kill(execution.progress)))
    draft.order(order)


def _retry_task(draft: Draft, execution: Execution, retry: Retry, attempts: Attempts) -> None:
    if execution.state is State.RUNNING:
        execution = draft.enter(show_failure(draft, execution), State.RETRYING, "retry")
    execution = execution._replace(progress=mark(execution.progress, (attempts.node,), Run.RETRYING))
    draft.write(one_more(execution, attempts))
    due = Message("retry_due", execution.birth.number, attempts.node)
    draft.order(wake_after(retry, attempts.begun, due))


def _successor(tables: Tables, execution: Execution) -> Request:
    """Ask for the execution that repeats this one, with a copy of its claim stamp where restarts keep it."""
    return successor(execution, stamped=execution.stamped and tables.rules.restart_keeps_claim)


def show_failure(draft: Draft, execution: Execution) -> Execution:
    """Let an execution that is to be tried again be FAILED for a moment, where the rules have it so (OBSERVED 8)."""
    if draft.tables.rules.retry_shows_failure:
        return draft.pass_through(execution, State.FAILED, "tasks")
    return execution


def awaits(tables: Tables, execution: Execution, node: int, run: Run) -> bool:
    """Say whether the execution is in progress and the node in state `run`."""
    alive = execution.state in _IN_PROGRESS or execution.in_after_execution
    if not alive and execution.state is _KILLING:
        alive = tables.rules.killing_takes_results
    return alive and execution.progress[node] == run
