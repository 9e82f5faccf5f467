"""Slots: who gets one, who waits, who is turned away, and what a freed slot does (SEMANTICS A1-A4, A8, A10).

The counter of a flow is the number of its executions that hold a slot. Under the documented contract it counts them
whether or not a limit is set, over all revisions and sources: so a limit that is added, changed or removed applies
at once to executions in progress, with nothing to repair.
"""

from __future__ import annotations

from flowconc.protocol.conclusion import conclude
from flowconc.protocol.events import Kind
from flowconc.protocol.lifecycle import start_tasks
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, StepFunction, StepResult
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Behavior, Concurrency

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_CREATED, _RESTARTED, _RUNNING = State.CREATED, State.RESTARTED, State.RUNNING
_GATE, _CLAIM, _RELEASE = Kind.GATE, Kind.CLAIM, Kind.RELEASE

_REJECTION = {Behavior.CANCEL: State.CANCELLED, Behavior.FAIL: State.FAILED}


def gate(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Admit, queue or turn away an execution that is CREATED or RESTARTED (A1-A3).

    It is admitted iff fewer executions of its flow hold a slot than the latest revision's limit allows.
    """
    execution = tables.find(message.execution)
    if execution is None or execution.state not in (_CREATED, _RESTARTED):
        return StepResult()  # deleted, killed or forced before the gate looked at it
    draft = Draft(tables)
    flow = execution.birth.flow
    concurrency = tables.flows[flow].definition.concurrency
    counter = tables.counters.get(flow, 0)
    if concurrency is None or counter < concurrency.limit:
        limit = None if concurrency is None else concurrency.limit
        draft.report(_GATE, execution, counter, limit, "admit")
        start_tasks(draft, _claim(draft, execution, counter, "gate"), now_us)
        return draft
    behavior = concurrency.behavior
    draft.report(_GATE, execution, counter, concurrency.limit, behavior.value.lower())
    if behavior is Behavior.QUEUE:
        draft.changes.append(("queued", (flow, execution.birth.number), True))
        draft.write(draft.enter(execution, State.QUEUED, "gate"))
    else:
        execution = draft.enter(execution, _REJECTION[behavior], "gate")
        draft.write(execution)
        conclude(draft, execution, now_us)
    return draft


def release(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Free the slot of an execution that has ended, in a transaction of its own."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    _free(draft, execution, now_us)
    return draft


def with_release(run: StepFunction) -> StepFunction:
    """Let a step that ends its execution free the slot as well, in the same transaction (A4).

    So nobody ever sees a slot that is held by an execution that has ended.
    """

    def step(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = run(tables, message, now_us)
        if isinstance(result, Draft) and result.ended is not None:
            result.orders.remove(Message("release", result.ended.birth.number))
            _free(result, result.ended, now_us)
        return result

    return step


def _free(draft: Draft, execution: Execution, now_us: int) -> None:
    """Free the slot of an execution that has ended, hand it on, and conclude the execution (A4).

    An execution that holds none (forced, A10) frees none.
    """
    tables = draft.tables
    if execution.holds_slot:
        flow = execution.birth.flow
        counter = tables.counters[flow]
        draft.report(_RELEASE, execution, counter, counter - 1)
        draft.write(execution.in_state(execution.state, holds_slot=False))
        draft.changes.append(("counters", flow, counter - 1))
        pop(draft, flow, counter - 1, tables.flows[flow].definition.concurrency, now_us)
    conclude(draft, execution, now_us)


def pop(draft: Draft, flow: str, counter: int, concurrency: Concurrency | None, now_us: int) -> None:
    """Start the oldest queued executions while a slot is free: one after a release, more after a raised limit (A4, A8).

    Their own rows need no lock: whoever touches a QUEUED execution holds its flow's counter.
    """
    tables = draft.tables
    for number in tables.queued.oldest(flow):
        if concurrency is not None and counter >= concurrency.limit:
            return
        draft.changes.append(("queued", (flow, number), None))
        start_tasks(draft, _claim(draft, tables.executions[number], counter, "pop"), now_us)
        counter += 1


def _claim(draft: Draft, execution: Execution, counter: int, why: str) -> Execution:
    """Give an execution a slot and let it run. Returns its new row, not yet written."""
    draft.report(_CLAIM, execution, counter, counter + 1)
    draft.changes.append(("counters", execution.birth.flow, counter + 1))
    return draft.enter(execution, _RUNNING, why, claims=True)
