"""Replays: an ended execution run once more as a new one, from its start or from one of its tasks (SEMANTICS 3.10)."""

from __future__ import annotations

from dataclasses import replace

from flowconc.protocol.creation import Request, number_and_name, written
from flowconc.protocol.events import Kind
from flowconc.protocol.plan import node_of
from flowconc.protocol.progress import rewind
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, StepResult
from flowconc.protocol.tables import Tables
from flowconc.protocol.transitions import Draft


def replay(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Make the new execution: (task or None, name or None). From a task, it starts as a copy that is RESTARTED."""
    source = tables.find(message.execution)
    if source is None:
        return StepResult()
    task, name = message.argument
    birth = source.birth
    if task is None:
        request = Request(
            birth.flow,
            f"replay:{birth.name}",
            name,
            fails=birth.fails,
            takes=birth.takes,
            duration_us=birth.duration_us,
        )
        return StepResult(orders=(Message("create", None, request),))
    draft = Draft(tables)
    number, name, ordinal, unnamed = number_and_name(tables, birth.flow, name)
    copied = replace(
        birth,
        number=number,
        name=name,
        ordinal=ordinal,
        source=f"replay:{birth.name}",
        trigger=None,
        parent=None,
        parent_node=None,
        origin=None,
        first_created_us=now_us,
    )
    plan = tables.plan_of(source)
    node = node_of(plan, task)
    assert node is not None
    stamped = source.stamped and tables.rules.restart_keeps_claim
    execution = source._replace(
        birth=copied,
        holds_slot=False,
        forced=False,
        stamped=stamped,
        children=(),
        attempts=(),
        tries=1,
        in_after_execution=False,
        progress=rewind(plan, source.progress or bytes(len(plan.nodes)), node).progress,
    )
    draft.report(Kind.CREATED, execution, None, State.CREATED, copied.source)
    draft.changes += written(birth.flow, number, name, ordinal, unnamed)
    draft.write(draft.enter(execution, State.RESTARTED, "replay"))
    draft.order(Message("gate", number))
    return draft
