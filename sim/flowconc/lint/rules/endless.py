"""Flows that start each other without end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flowconc.lint.graph import components, shortest_way
from flowconc.lint.repository import Repository
from flowconc.lint.rule import Remark, rule
from flowconc.lint.wording import chain
from flowconc.scenario.flow import Trigger, TriggerKind, Upstream
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.kestra_flow.kestra_types import condition_type
from flowconc.scenario.names import flow_key
from flowconc.scenario.problems import Position, Severity

_EVERY_RUN: Final = frozenset({"RUNNING", "SUCCESS"})
"""States that an execution that goes well passes through."""
_NAMES_A_FLOW: Final = frozenset({"flowId", "namespace", "states"})
_NARROWING: Final = ("when", "window", "timeWindow", "where", "minSatisfied", "mode")


@dataclass(frozen=True, slots=True)
class _Start:
    """An execution of `source` that goes well starts one of `target`, by what stands at `position`."""

    source: str
    target: str
    position: Position
    waits: bool


@rule("endless-start", Severity.ERROR)
def endless_start(repository: Repository) -> Iterator[Remark]:
    """Find flows that start each other in a circle, with nothing on the way that could end it.

    Subflow tasks and Flow triggers on success count, unless a condition decides on them.
    Kestra refuses to save a flow that names itself. Of several flows that start each other it says nothing
    (kestra-io/kestra#18491), nor of one that calls itself as `{{ flow.id }}`: one execution becomes executions without
    end.
    Where a limit stops the circle, `slot-deadlock` speaks of it instead.
    """
    for inside in _circles(tuple(_certain_starts(repository))):
        lasting = [start for start in inside if not start.waits]
        if lasting:
            yield _endless(lasting, inside)
        else:
            free = [start for start in inside if not repository.scopes_of(start.source)]
            yield from (_endless(circle, circle) for circle in _circles(free))


def _endless(lasting: Sequence[_Start], circle: Sequence[_Start]) -> Remark:
    """Describe a circle by the first of those starts in it that no limit can hold up."""
    first = min(lasting, key=lambda start: start.position)
    way = None if first.source == first.target else shortest_way(first.target, {first.source}, _graph(circle))
    return Remark(
        first.position,
        f"every execution starts another, without end: {chain((first.source, *(way or (first.target,))))}",
        "put a condition where the circle is to end, or take one of the starts out",
    )


def _circles(starts: Sequence[_Start]) -> Iterable[list[_Start]]:
    """Return the starts that are on a circle, those of one tangle of circles together."""
    number = {flow: index for index, group in enumerate(components(_graph(starts))) for flow in group}
    found: dict[int, list[_Start]] = {}
    for start in starts:
        if number[start.source] == number[start.target]:
            found.setdefault(number[start.source], []).append(start)
    return found.values()


def _certain_starts(repository: Repository) -> Iterator[_Start]:
    for call in repository.calls:
        if call.is_certain:
            yield _Start(call.caller, call.target, call.position, call.wait)
    for flow in repository.flows:
        for trigger in flow.triggers:
            data = repository.places(flow).data(trigger.position)
            source = _only_upstream(flow, trigger)
            if source is not None and source in repository and not _is_narrowed(data):
                yield _Start(source, flow.key, trigger.position, waits=False)


def _only_upstream(flow: FlowSource, trigger: Trigger) -> str | None:
    """Return the flow whose successful executions alone fire the trigger."""
    if trigger.kind is not TriggerKind.FLOW or trigger.disabled or len(trigger.upstream) != 1:
        return None
    upstream: Upstream = trigger.upstream[0]
    if upstream.flow_id is None or upstream.namespace is None or not upstream.states & _EVERY_RUN:
        return None
    return flow_key(flow.tenant, f"{upstream.namespace}.{upstream.flow_id}")


def _is_narrowed(data: Mapping[str, Any]) -> bool:
    """Say whether a Flow trigger asks for more than a state of a flow."""
    preconditions = data.get("preconditions")
    parts = [data, preconditions if isinstance(preconditions, dict) else {}]
    if any(part.get(key) is not None for part in parts for key in _NARROWING):
        return True
    flows = [item for part in parts for key in ("dependsOn", "flows") for item in part.get(key) or ()]
    if any(not _NAMES_A_FLOW.issuperset(item) for item in flows if isinstance(item, dict)):
        return True
    conditions = [item for item in data.get("conditions") or () if isinstance(item, dict)]
    return any(
        condition_type(str(item.get("type"))) not in {"ExecutionFlow", "ExecutionStatus"}
        for item in conditions
    )


def _graph(starts: Iterable[_Start]) -> dict[str, list[str]]:
    graph: dict[str, list[str]] = {}
    for start in starts:
        graph.setdefault(start.source, []).append(start.target)
    return graph
