"""The flows that are checked together, and what they have to do with each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from flowconc.lint.calls import Call, calls_of
from flowconc.lint.durations import least_us
from flowconc.lint.graph import components
from flowconc.lint.places import Places
from flowconc.lint.scopes import Crossing, Reclaim, Scope, Waits
from flowconc.scenario.kestra_flow.flow_file import FlowSource


class Repository:
    """Flows, by name across files; disabled ones are left out, since nothing starts them.

    `limits` are those that no flow file says: on namespaces, or on all flows. What a file refers to and is not among
    the flows is unknown, and nothing is said of it.
    """

    def __init__(self, flows: Iterable[FlowSource], limits: Iterable[Scope] = ()) -> None:
        self.every_flow = tuple(flows)
        self.flows = tuple(flow for flow in self.every_flow if not flow.disabled)
        self._places = {id(flow): Places(flow) for flow in self.flows}
        self._by_key = {flow.key: flow for flow in reversed(self.flows)}  # of two with one name, the first
        own = (Scope(flow.concurrency, flow=flow.key) for flow in self.flows if flow.concurrency is not None)
        tenants = dict.fromkeys(flow.tenant for flow in self.flows)
        shared = (replace(limit, tenant=tenant) for limit in limits for tenant in tenants)
        self.scopes = (*dict.fromkeys(own), *shared)

    def __contains__(self, key: str) -> bool:
        """Say whether the flow with this key is among them."""
        return key in self._by_key

    def flow(self, key: str) -> FlowSource:
        """Return the flow with this key."""
        return self._by_key[key]

    def places(self, flow: FlowSource) -> Places:
        """Return where the tasks and triggers of one of the flows are."""
        return self._places[id(flow)]

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call of one of the flows by another, or by itself, in the order of the files."""
        every = (call for flow in self.flows for call in calls_of(flow, self.places(flow)))
        return tuple(call for call in every if call.target in self)

    def calls_by(self, flow: FlowSource) -> Iterator[Call]:
        """Give the calls that the flow makes."""
        return iter(self._calls_by.get(flow.key, ()))

    def is_called(self, flow: FlowSource) -> bool:
        """Say whether one of the flows calls this one."""
        return flow.key in self._called

    @cached_property
    def _calls_by(self) -> Mapping[str, list[Call]]:
        found: dict[str, list[Call]] = {}
        for call in self.calls:
            found.setdefault(call.caller, []).append(call)
        return found

    @cached_property
    def _called(self) -> frozenset[str]:
        return frozenset(call.target for call in self.calls)

    # Limits

    def scopes_of(self, key: str) -> tuple[Scope, ...]:
        """Return the scopes in which executions of the flow need a slot: its own first."""
        return self._scopes_of.get(key, ())

    @cached_property
    def _scopes_of(self) -> Mapping[str, tuple[Scope, ...]]:
        found: dict[str, list[Scope]] = {}
        for scope, keys in self._members.items():
            for key in keys:
                found.setdefault(key, []).append(scope)
        return {key: tuple(scopes) for key, scopes in found.items()}

    @cached_property
    def _members(self) -> Mapping[Scope, tuple[str, ...]]:
        shared = [scope for scope in self.scopes if scope.flow is None]
        own = {scope: (scope.flow,) for scope in self.scopes if scope.flow is not None}
        return own | {
            scope: tuple(key for key, flow in self._by_key.items() if scope.covers(flow)) for scope in shared
        }

    @cached_property
    def reclaims(self) -> tuple[Reclaim, ...]:
        """The calls that need a slot which an ancestor holds."""
        return tuple(self._waits.reclaims())

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """The calls by which executions under two limits wait for each other."""
        return tuple(self._waits.crossings())

    @cached_property
    def _waits(self) -> Waits:
        return Waits(self.calls, self._members)

    # Durations

    def least_us(self, flow: FlowSource) -> int:
        """Return the least time that an execution of the flow takes, as far as the files say, in microseconds."""
        return self._least_us[flow.key]

    @cached_property
    def _least_us(self) -> Mapping[str, int]:
        graph: dict[str, list[str]] = {key: [] for key in self._by_key}
        for call in self.calls:
            graph[call.caller].append(call.target)
        found: dict[str, int] = {}
        for group in components(graph):  # the called ones first
            for key in group:
                flow = self.flow(key)
                waits_us = {
                    call.position: found.get(call.target, 0)
                    for call in self.calls_by(flow)
                    if call.wait and not call.is_batched
                }
                found[key] = least_us(flow, self.places(flow), waits_us)
        return found
