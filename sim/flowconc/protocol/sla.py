"""SLAs with a maximum duration: broken when it runs out, time in the queue included (SEMANTICS 3.21, OBSERVED 19)."""

from __future__ import annotations

from flowconc.protocol.conclusion import conclude
from flowconc.protocol.events import Kind
from flowconc.protocol.lifecycle import stop
from flowconc.protocol.plan import SLA_ENDS
from flowconc.protocol.progress import Run, kill, waiting
from flowconc.protocol.rules import SlaInQueue
from flowconc.protocol.states import FINAL, State
from flowconc.protocol.steps import Message, StepResult, StopTasks, Wake
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft

_BEFORE_THE_GATE = frozenset({State.CREATED, State.RESTARTED})


def sla_due(tables: Tables, message: Message, now_us: int) -> StepResult:
    """End an execution whose time has run out, as the SLA's behavior says: (SLA id,)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state in FINAL or execution.state is State.KILLING:
        return StepResult()
    draft = Draft(tables)
    sla = next(each for each in tables.plan_of(execution).sla if each.id == message.argument)
    draft.report(Kind.SLA_BROKEN, execution, detail=sla.id)
    if sla.behavior not in SLA_ENDS:
        return draft
    state = SLA_ENDS[sla.behavior]
    if execution.state is State.QUEUED:
        _end_queued(draft, execution, state, now_us)
    elif execution.state in _BEFORE_THE_GATE and not tables.rules.ending:
        execution = draft.enter(execution, state, "sla")  # nothing runs yet, and the gate finds it ended
        draft.write(execution)
        conclude(draft, execution, now_us)
    elif tables.rules.ending:
        _end_running(draft, execution, state, now_us)
    else:
        stop(draft, execution, state, "sla")
    if tables.rules.sla_kills_children:
        draft.order(*(Message("kill", child) for child in execution.children))
    return draft


def sla_kill(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Carry out the kill that an SLA asked for, on an execution that has come to run meanwhile: (state,)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state in FINAL:
        return StepResult()
    draft = Draft(tables)
    _end_running(draft, execution, message.argument, now_us)
    return draft


def _end_queued(draft: Draft, execution: Execution, state: State, now_us: int) -> None:
    rules = draft.tables.rules
    number = execution.birth.number
    execution = draft.enter(execution, state, "sla")
    if rules.sla_in_queue is SlaInQueue.FREES:
        draft.end(execution)
        draft.order(Wake(1, 1, Message("sla_kill", number, state), looked_for=False))
        return
    if rules.sla_in_queue is SlaInQueue.LEAVES:
        draft.changes.append(("queued", (execution.birth.flow, number), None))
    else:
        draft.changes.append(("killed", number, True))
    draft.write(execution)
    conclude(draft, execution, now_us)


def _end_running(draft: Draft, execution: Execution, state: State, now_us: int) -> None:
    """End it at once, as the engine does; its tasks hear of it later."""
    number = execution.birth.number
    running = waiting(execution.progress, Run.RUNNING)
    execution = draft.enter(execution.at(kill(execution.progress)), state, "sla")
    if draft.tables.rules.sla_end_frees:
        draft.end(execution)
    else:
        draft.write(execution)
        conclude(draft, execution, now_us)
    draft.order(StopTasks(number, running, Message("stopped", number, (state, "sla", ()))))
