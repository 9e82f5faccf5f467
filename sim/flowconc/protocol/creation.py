"""How executions come into being: from people and clients, from triggers, from other executions (SEMANTICS A2, A5)."""

from __future__ import annotations

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.progress import Run
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, RowKey, StepResult, Wake
from flowconc.protocol.tables import Birth, Change, Execution, Listener, Origin, Tables
from flowconc.protocol.transitions import Draft
from flowconc.protocol.values import value
from flowconc.scenario.flow import Trigger
from flowconc.scenario.names import automatic_name

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_STATE_CREATED, _CREATED = State.CREATED, Kind.CREATED


BELOW_THE_API = "queue"
"""The source of an execution that is put on the engine's queue directly: the API's own checks are passed by."""


@value
class Request:
    """A wish for a new execution. The fields are those of `tables.Birth`; `first_created_us` is None for now."""

    flow: str
    source: str
    name: str | None = None
    trigger: str | None = None
    parent: int | None = None
    parent_node: int | None = None
    fails: frozenset[str] = frozenset()
    attempt: int = 1
    duration_us: int | None = None
    origin: Origin | None = None
    first_created_us: int | None = None
    loop_path: tuple[int, ...] = ()
    stamped: bool = False  # it starts with a copy of another one's claim stamp
    gated: bool = True
    takes: tuple[tuple[str, str], ...] = ()
    schedule_in_us: int | None = None  # how long after its creation it is scheduled to run


def create(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Create the execution that a request asks for, or refuse: a flow that is deleted or disabled runs nothing new.

    Nor is a subflow of a killed execution tried again (SEMANTICS 3.4).
    """
    request: Request = message.argument
    draft = Draft(tables)
    why = refusal(tables, request)
    if why is not None:
        flow = tables.flows.get(request.flow)
        revision = None if flow is None else flow.revision
        draft.reports.append(Report(Kind.ARRIVAL_REFUSED, request.parent, request.flow, revision, detail=why))
        if request.parent_node is not None:
            draft.order(Message("task_ended", request.parent, (request.parent_node, Run.FAILED, now_us)))
        return draft
    new_execution(draft, request, now_us)
    return draft


def refusal(tables: Tables, request: Request) -> str | None:
    """Say why an execution is not made, or None."""
    flow = tables.flows.get(request.flow)
    if request.loop_path:
        return "parent killed" if _being_killed(tables, request.parent) else None
    if flow is None or flow.deleted:
        return "flow not found"
    if flow.definition.disabled and request.source != BELOW_THE_API:
        return "flow disabled"
    return "parent killed" if _being_killed(tables, request.parent) else None


def _being_killed(tables: Tables, number: int | None) -> bool:
    execution = tables.find(number)
    return execution is not None and execution.state in (State.KILLING, State.KILLED)


def parent_lock(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the row of the execution that asks for a subflow."""
    parent = message.argument.parent
    return () if parent is None else (("executions", parent),)


def flow_trigger(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Tell a Flow trigger of a state change upstream; it fires when each of its conditions has been met. It never locks."""
    listener: Listener = message.argument
    trigger = find_trigger(tables, listener.flow, listener.trigger)
    row = tables.triggers.get((listener.flow, listener.trigger))
    if trigger is None or row is None or row.disabled:
        return StepResult()
    draft = Draft(tables)
    window = None
    if trigger.window_us is not None:  # what was met in an earlier one counts no more
        window = (now_us - trigger.window_start_us) // trigger.window_us
    met = (row.met if row.window == window else frozenset()) | {listener.upstream}
    complete = len(met) >= (trigger.min_satisfied or len(trigger.upstream))
    row = row._replace(met=frozenset() if complete else met, window=window)
    draft.changes.append(("triggers", (listener.flow, listener.trigger), row))
    if complete:
        number = len(tables.names)
        revision = tables.flows[listener.flow].revision
        draft.reports.append(Report(Kind.FIRE, number, listener.flow, revision, detail=listener.trigger))
        source = f"trigger:{listener.trigger}"
        new_execution(draft, Request(listener.flow, source, trigger=listener.trigger), now_us)
    return draft


def listener_lock(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the row of the Flow trigger that listens."""
    return (("triggers", (message.argument.flow, message.argument.trigger)),)


def find_trigger(tables: Tables, flow: str, name: str) -> Trigger | None:
    """Return a trigger of the latest revision of a flow that can run, or None."""
    row = tables.flows.get(flow)
    if row is None or row.deleted or row.definition.disabled:
        return None
    return next((trigger for trigger in row.definition.triggers if trigger.id == name), None)


def new_execution(draft: Draft, request: Request, now_us: int) -> Execution:
    """Store a new execution, numbered and named, on the flow's latest revision, and send it to the gate."""
    tables = draft.tables
    flow = tables.flows[request.flow]
    number, name, ordinal, unnamed = number_and_name(tables, request.flow, request.name)
    parent = tables.find(request.parent)
    loop = parent if request.loop_path else None
    birth = Birth(
        number,
        name,
        request.flow,
        flow.revision if loop is None else loop.birth.revision,
        ordinal,
        request.source,
        request.trigger,
        request.parent,
        request.parent_node,
        request.fails,
        request.attempt,
        request.duration_us,
        request.origin,
        now_us if request.first_created_us is None else request.first_created_us,
        request.loop_path,
        request.takes,
    )
    execution = Execution(birth, _STATE_CREATED, stamped=request.stamped)
    draft.report(_CREATED, execution, None, _STATE_CREATED, request.source)
    draft.write(execution)
    draft.changes += written(request.flow, number, name, ordinal, unnamed)
    if parent is not None:
        draft.write(parent._replace(children=(*parent.children, number)))
    due_us = request.schedule_in_us
    if not request.gated:
        draft.order(Message("later_pass", number))
    elif due_us is None:
        draft.orders.append(Message("gate", number))
    else:
        draft.order(Wake(due_us, due_us, Message("schedule_due", number)))
    if flow.definition.sla:
        for sla in tables.plan_of(execution).sla:
            if sla.duration_us is not None:
                draft.order(Wake(sla.duration_us, sla.duration_us, Message("sla_due", number, sla.id)))
    return execution


def number_and_name(tables: Tables, flow: str, name: str | None) -> tuple[int, str, int, int]:
    """Return what the next execution of a flow is known by: number, name, place in its flow, unnamed ones so far."""
    ordinal, unnamed = tables.numbering.get(flow, (0, 0))
    if name is None:
        unnamed += 1
        name = automatic_name(tables.short_names[flow], unnamed)
    return len(tables.names), name, ordinal, unnamed


def written(flow: str, number: int, name: str, ordinal: int, unnamed: int) -> tuple[Change, ...]:
    """Return the rows that keep an execution's number and name."""
    return ("numbering", flow, (ordinal + 1, unnamed)), ("names", number, name)
