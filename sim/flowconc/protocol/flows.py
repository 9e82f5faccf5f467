"""Saving and deleting flows, and switching triggers on and off (SEMANTICS A8)."""

from __future__ import annotations

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.plan import compile_plan
from flowconc.protocol.release import pop
from flowconc.protocol.rules import Counting
from flowconc.protocol.steps import Message, Reschedule, RowKey, StepResult
from flowconc.protocol.tables import FlowRow, Listener, Tables, TriggerRow
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Flow, TriggerKind, Upstream


def edit_flow(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Save a new revision of a flow that exists: (key, definition)."""
    flow, definition = message.argument
    row = tables.flows.get(flow)
    if row is None or row.deleted:
        return _answer(Kind.ACTION_REFUSED, flow, f"edit {flow}: the flow does not exist")
    return _answer(Kind.ACTION_APPLIED, flow, "edit", Message("save_flow", None, (flow, definition)))


def create_flow(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Save a flow that does not exist, or not any more: (key, definition)."""
    flow, definition = message.argument
    row = tables.flows.get(flow)
    if row is not None and not row.deleted:
        return _answer(Kind.ACTION_REFUSED, flow, f"create_flow {flow}: the flow exists")
    return _answer(Kind.ACTION_APPLIED, flow, "create_flow", Message("save_flow", None, (flow, definition)))


def save_flow(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Store a revision. Its limit applies at once: queued executions start as far as it lets them (A8)."""
    flow: str
    definition: Flow
    flow, definition = message.argument
    old = tables.flows.get(flow)
    revision = 1 if old is None else old.revision + 1
    before = None if old is None or old.concurrency is None else old.concurrency.limit
    concurrency = definition.concurrency
    draft = Draft(tables)
    draft.reports.append(
        Report(
            Kind.FLOW_SAVED,
            None,
            flow,
            revision,
            before,
            None if concurrency is None else concurrency.limit,
            None if concurrency is None else concurrency.behavior.value,
        )
    )
    draft.changes += (
        ("flows", flow, FlowRow(revision, definition)),
        ("plans", (flow, revision), compile_plan(definition, loops_apart=tables.rules.loop_is_executions)),
    )
    draft.changes += _trigger_rows(tables, flow, old, definition)
    draft.changes += _listeners({**_definitions(tables), flow: definition})
    draft.order(Reschedule(flow))
    if tables.rules.save_resets_counter:
        _match_counter(draft, flow, wanted=concurrency is not None, why="save_flow")
    if tables.rules.save_moves_queue:
        if tables.scopes:
            draft.order(Message("move_queue", None, (flow,)))
        else:
            pop(draft, flow, tables.counters.get(flow, 0), concurrency, now_us)
    return draft


def _match_counter(draft: Draft, flow: str, *, wanted: bool, why: str) -> None:
    """Let the counter's row come and go with the flow's limit, as the engine does since 2.0 (SEMANTICS 3.15)."""
    counter = draft.tables.counters.get(flow)
    if wanted and counter is None:
        draft.changes.append(("counters", flow, 0))
    elif not wanted and counter is not None:
        draft.changes.append(("counters", flow, None))
        if counter:
            draft.reports.append(Report(Kind.COUNTER_SET, None, flow, None, counter, 0, why))


def set_counter(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Set a flow's counter by hand: (key, number). The queue is not looked at (SEMANTICS 4.4)."""
    flow, running = message.argument
    rules = tables.rules
    what = f"set_counter {flow} to {running}"
    if rules.counting is not Counting.COUNTER:
        return _answer(Kind.ACTION_REFUSED, flow, f"{what}: this version has no counter to set")
    if flow not in tables.flows or (rules.save_resets_counter and flow not in tables.counters):
        return _answer(Kind.ACTION_REFUSED, flow, f"{what}: the flow has no counter")
    if running < 0 and not rules.counter_may_be_negative:
        return _answer(Kind.ACTION_REFUSED, flow, f"{what}: a counter is 0 or more")
    before = tables.counters.get(flow, 0)
    return StepResult(
        changes=(("counters", flow, running),),
        reports=(
            Report(Kind.ACTION_APPLIED, None, flow, detail="set_counter"),
            Report(Kind.COUNTER_SET, None, flow, None, before, running, "set_counter"),
        ),
    )


def delete_flow(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Delete a flow: nothing new starts. What runs and waits goes on under its last limit (SEMANTICS 9.1, 17)."""
    (flow,) = message.argument
    row = tables.flows.get(flow)
    if row is None or row.deleted:
        return _answer(Kind.ACTION_REFUSED, flow, f"delete_flow {flow}: the flow does not exist")
    definitions = _definitions(tables)
    del definitions[flow]
    draft = Draft(tables)
    draft.changes += (("flows", flow, row._replace(deleted=True)), *_listeners(definitions))
    draft.reports += (
        Report(Kind.ACTION_APPLIED, None, flow, row.revision, detail="delete_flow"),
        Report(Kind.FLOW_DELETED, None, flow, row.revision),
    )
    draft.order(Reschedule(flow))
    if tables.rules.save_resets_counter:
        _match_counter(draft, flow, wanted=False, why="delete_flow")
    return draft


def switch_trigger(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Disable or enable a trigger: (verb, flow, trigger id)."""
    verb, flow, name = message.argument
    row = tables.triggers.get((flow, name))
    flow_row = tables.flows.get(flow)
    if row is None or flow_row is None or flow_row.deleted:
        return _answer(Kind.ACTION_REFUSED, flow, f"{verb} {name}: the trigger does not exist")
    disabled = verb == "disable_trigger"
    if row.disabled is disabled:
        return _answer(Kind.ACTION_IGNORED, flow, f"{verb} {name}: it is so already")
    kind = Kind.TRIGGER_DISABLED if disabled else Kind.TRIGGER_ENABLED
    return StepResult(
        changes=(("triggers", (flow, name), row._replace(disabled=disabled)),),
        reports=(
            Report(Kind.ACTION_APPLIED, None, flow, flow_row.revision, detail=verb),
            Report(kind, None, flow, flow_row.revision, detail=name),
        ),
        orders=(Reschedule(flow),),
    )


def counter_of_saved_flow(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the counter of the flow that is saved: its queue may move."""
    return (("counters", message.argument[0]),)


def _answer(kind: Kind, flow: str, detail: str, *orders: Message) -> StepResult:
    return StepResult(reports=(Report(kind, None, flow, detail=detail),), orders=orders)


def _definitions(tables: Tables) -> dict[str, Flow]:
    return {flow: row.definition for flow, row in tables.flows.items() if not row.deleted}


def _trigger_rows(
    tables: Tables, flow: str, old: FlowRow | None, definition: Flow
) -> list[tuple[str, tuple[str, str], TriggerRow]]:
    """Keep locks of triggers that stay, and what Flow triggers have heard of conditions that stay. A trigger is disabled by its definition, or by hand until it is enabled."""
    before = old.definition.triggers if old is not None else ()
    disabled_before = {trigger.id for trigger in before if trigger.disabled}
    upstream_before = {trigger.id: trigger.upstream for trigger in before}
    changes = []
    for trigger in definition.triggers:
        row = tables.triggers.get((flow, trigger.id), TriggerRow())
        by_hand = row.disabled and trigger.id not in disabled_before
        met = row.met if upstream_before.get(trigger.id) == trigger.upstream else frozenset()
        row = row._replace(disabled=trigger.disabled or by_hand, met=met)
        changes.append(("triggers", (flow, trigger.id), row))
    return changes


def _listeners(definitions: dict[str, Flow]) -> list[tuple[str, str, tuple[Listener, ...]]]:
    """Say for each flow which Flow triggers listen to it: of other flows of its tenant."""
    waiting = [
        (condition, Listener(flow, trigger.id, index, condition.states))
        for flow, definition in definitions.items()
        for trigger in definition.triggers
        if trigger.kind is TriggerKind.FLOW
        for index, condition in enumerate(trigger.upstream)
    ]
    return [
        (
            "listeners",
            upstream,
            tuple(
                listener
                for condition, listener in waiting
                if listener.flow != upstream
                and definitions[listener.flow].tenant == definition.tenant
                and _matches(condition, definition)
            ),
        )
        for upstream, definition in definitions.items()
    ]


def _matches(condition: Upstream, flow: Flow) -> bool:
    return condition.namespace in (None, flow.namespace) and condition.flow_id in (None, flow.id)
