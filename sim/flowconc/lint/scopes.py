"""What a limit counts, and the slots that executions hold while they wait for others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowconc.lint.calls import Call
from flowconc.lint.graph import components, shortest_way
from flowconc.scenario.flow import Behavior, Concurrency
from flowconc.scenario.kestra_flow.flow_file import FlowSource


@dataclass(frozen=True, slots=True)
class Scope:
    """A limit and the executions that it counts: of one flow; or of a namespace and those below it; or of a tenant.

    An execution needs a slot of every scope that its flow is in, and holds them until it ends (SEMANTICS 3.16).
    """

    concurrency: Concurrency
    flow: str | None = None  # its key
    namespace: str | None = None
    tenant: str | None = None

    @property
    def limit(self) -> int:
        """How many executions hold a slot at most."""
        return self.concurrency.limit

    @property
    def rejects(self) -> bool:
        """Say whether executions that find it full are turned away, rather than queued."""
        return self.concurrency.behavior is not Behavior.QUEUE

    @property
    def rejection(self) -> str:
        """The state of an execution that is turned away."""
        return "FAILED" if self.concurrency.behavior is Behavior.FAIL else "CANCELLED"

    @property
    def shown(self) -> str:
        """The limit as messages show it: `limit 2 of company.team.a`."""
        return f"limit {self.limit:,} of {self}"

    def covers(self, flow: FlowSource) -> bool:
        """Say whether executions of the flow need a slot of this scope."""
        if self.flow is not None:
            return self.flow == flow.key
        below = self.namespace is None or f"{flow.namespace}.".startswith(f"{self.namespace}.")
        return below and flow.tenant == self.tenant

    def __str__(self) -> str:
        if self.flow is not None:
            return self.flow
        return "the tenant" if self.namespace is None else f"the namespace {self.namespace}"


@dataclass(frozen=True, slots=True)
class Reclaim:
    """A call that waits for an execution which needs a slot of a scope that an ancestor of it holds.

    `chain` leads from the nearest ancestor to the flow called. `is_certain`: one ancestry alone takes more slots
    than there are, so the call never succeeds; otherwise it takes several at a time, or recursion that data decides.
    """

    call: Call
    scope: Scope
    chain: tuple[str, ...]
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two calls by which executions under two limits wait for each other.

    At `call` an execution holds a slot of `held` and waits for one of `needed`; at `back` it is the other way round.
    """

    call: Call
    held: Scope
    needed: Scope
    back: Call


class Waits:
    """Who waits for whom: the calls that wait, as a graph of flows. `members` has the flows that a scope covers."""

    def __init__(self, calls: Iterable[Call], members: Mapping[Scope, Sequence[str]]) -> None:
        self._members = {scope: frozenset(flows) for scope, flows in members.items()}
        self._calls = [call for call in calls if call.wait]
        self._callees = _graph((call.caller, call.target) for call in self._calls)
        self._callers = _graph((call.target, call.caller) for call in self._calls)
        self._components = components(self._callees)
        self._component = _numbered(self._components)
        certain = _graph((call.caller, call.target) for call in self._calls if call.is_certain)
        self._certain_component = _numbered(components(certain))
        self._recurs = {
            flow
            for group in self._components
            for flow in group
            if len(group) > 1 or flow in self._callees.get(flow, ())
        }

    def reclaims(self) -> Iterator[Reclaim]:
        """Give every call that needs a slot which an ancestor holds, scope by scope."""
        for scope, members in self._members.items():
            # only a cycle of calls comes back to a single flow
            if scope.flow is None or scope.flow in self._recurs:
                yield from self._reclaims(scope, members)

    def crossings(self) -> Iterator[Crossing]:
        """Give the calls by which executions of two ancestries wait for each other, under two limits.

        Only limits on several flows can do that: with those of single flows, one ancestry has both calls.
        """
        calls: dict[tuple[Scope, Scope], list[Call]] = {}
        shared = {scope: members for scope, members in self._members.items() if scope.flow is None}
        held = {scope: self._most_held(members) for scope, members in shared.items()}
        for call in self._calls:
            holds = [scope for scope in shared if held[scope][self._component[call.caller]]]
            for needed, members in shared.items():
                if call.target in members and needed not in holds:
                    for scope in holds:
                        calls.setdefault((scope, needed), []).append(call)
        for (scope, needed), there in calls.items():
            back = calls.get((needed, scope))
            if back is not None and not scope.rejects and not needed.rejects:
                yield from (Crossing(call, scope, needed, back[0]) for call in there)

    def _reclaims(self, scope: Scope, members: frozenset[str]) -> Iterator[Reclaim]:
        held = self._most_held(members)
        for call in self._calls:
            if call.target not in members:
                continue
            recursive = self._component[call.caller] == self._component[call.target]
            before = held[self._component[call.caller]]
            if before or recursive:
                goes_on = recursive and (scope.limit == 1 or self._is_certainly_recursive(call))
                certain = goes_on or before + 1 > scope.limit
                yield Reclaim(call, scope, self._chain(call, members), certain)

    def _most_held(self, members: frozenset[str]) -> list[int]:
        """Return how many slots an execution and its ancestors hold at most, by component, counting cycles once."""
        held = [0] * len(self._components)
        for number in reversed(range(len(self._components))):  # callers first
            before = max(
                (
                    held[self._component[caller]]
                    for flow in self._components[number]
                    for caller in self._callers.get(flow, ())
                ),
                default=0,
            )
            held[number] = before + (not members.isdisjoint(self._components[number]))
        return held

    def _is_certainly_recursive(self, call: Call) -> bool:
        """Say whether every execution of this cycle goes around once more, whatever its data."""
        component = self._certain_component
        return call.is_certain and component.get(call.caller) == component.get(call.target, -1)

    def _chain(self, call: Call, members: frozenset[str]) -> tuple[str, ...]:
        if call.caller in members:
            return call.caller, call.target
        way = shortest_way(call.caller, members, self._callers)
        assert way is not None  # some ancestor holds a slot, or this is no reclaim
        return (*reversed(way), call.target)


def _graph(edges: Iterable[tuple[str, str]]) -> dict[str, dict[str, None]]:
    graph: dict[str, dict[str, None]] = {}
    for start, end in edges:
        graph.setdefault(start, {})[end] = None
        graph.setdefault(end, {})
    return graph


def _numbered(groups: Sequence[Sequence[str]]) -> dict[str, int]:
    return {name: number for number, group in enumerate(groups) for name in group}
