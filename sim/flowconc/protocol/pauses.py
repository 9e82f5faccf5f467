"""Pauses: of a Pause task or by hand. An execution keeps its slot, and goes on without passing the gate (SEMANTICS 3.7, 3.8)."""

from __future__ import annotations

from flowconc.protocol.lifecycle import awaits, go_on, stop
from flowconc.protocol.progress import Run, Step, end, waiting
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, RunTask, StepResult, StopTasks
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import PauseEnd, TaskKind


def pause_due(tables: Tables, message: Message, now_us: int) -> StepResult:
    """End a pause that runs out by itself, as its `behavior` says."""
    execution = tables.find(message.execution)
    node = message.argument
    if execution is None or not awaits(tables, execution, node, Run.RUNNING):
        return StepResult()
    draft = Draft(tables)
    task = tables.plan_of(execution).nodes[node].task
    assert task is not None
    ends = PauseEnd.FAIL if task.pause_us is None else task.pause_end  # without a duration, it is its timeout
    if ends is PauseEnd.CANCEL:
        stop(draft, execution, State.CANCELLED, "pause")
    else:
        outcome = {PauseEnd.WARN: Run.WARNING, PauseEnd.FAIL: Run.FAILED}.get(ends, Run.SUCCESS)
        _end_pauses(draft, execution, (node,), outcome, now_us)
    return draft


def resume(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Let a PAUSED execution go on in the slot that it kept: through RESTARTED after a Pause task (SEMANTICS 3.7, 3.8).

    The message names the Pause tasks that it ends: one that comes twice does not end the next pause as well.
    """
    execution = tables.find(message.execution)
    meant: tuple[int, ...] = message.argument
    if execution is None or execution.state is not State.PAUSED:
        return StepResult()
    nodes = tuple(node for node in pauses_of(tables, execution) if node in meant)
    if meant and not nodes:
        return StepResult()
    draft = Draft(tables)
    _end_pauses(draft, execution, nodes, Run.SUCCESS, now_us)
    return draft


def _end_pauses(
    draft: Draft, execution: Execution, nodes: tuple[int, ...], outcome: Run, now_us: int
) -> None:
    """End Pause tasks; when none is left, let the execution go on with all that has become READY meanwhile."""
    plan = draft.tables.plan_of(execution)
    for node in nodes:
        execution = execution._replace(progress=end(plan, execution.progress, node, outcome).progress)
    if execution.state is State.PAUSED and not pauses_of(draft.tables, execution):
        if nodes:
            execution = draft.enter(execution, State.RESTARTED, "resume")
        execution = draft.enter(execution, State.RUNNING, "resume")
    draft.write(execution)
    step = Step(execution.progress, waiting(execution.progress, Run.READY))
    go_on(draft, execution, plan, step, now_us)


def go_on_killed(draft: Draft, execution: Execution, path: tuple[State, ...], now_us: int) -> None:
    """Carry out a kill that is a resume: the Pause tasks are KILLED, and the execution goes on (OBSERVED 7, #12417).

    It ends when the workers have stopped what it has begun.
    """
    tables, number = draft.tables, execution.birth.number
    plan = tables.plan_of(execution)
    for state in path:
        execution = draft.enter(execution, state, "kill")
    for node in pauses_of(tables, execution):
        execution = execution.at(end(plan, execution.progress, node, Run.KILLED).progress)
    go_on(draft, execution, plan, Step(execution.progress, waiting(execution.progress, Run.READY)), now_us)
    begun = tuple(order.node for order in draft.orders if isinstance(order, RunTask))
    draft.order(StopTasks(number, begun, Message("stopped", number, (State.KILLED, "kill", ()))))


def pauses_of(tables: Tables, execution: Execution) -> tuple[int, ...]:
    """Return the Pause tasks that the execution waits in; none when it was paused by hand."""
    nodes = tables.plan_of(execution).nodes
    return tuple(
        node for node in waiting(execution.progress, Run.RUNNING) if nodes[node].kind is TaskKind.PAUSE
    )
