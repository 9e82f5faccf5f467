"""What a scenario's flows say of their triggers, where no revision says otherwise: a trace does not tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from flowconc.check.entries import Lock
from flowconc.scenario.flow import TriggerKind
from flowconc.scenario.model import Scenario

_KEPT_BY_THE_SCHEDULER = frozenset({TriggerKind.SCHEDULE, TriggerKind.POLLING, TriggerKind.REALTIME})

UNKNOWN: Mapping[Lock, bool] = MappingProxyType({})
"""For a run of which only the trace is known."""


def locking(scenario: Scenario) -> Mapping[Lock, bool]:
    """Say of each trigger whether the executions that it makes lock it (A5)."""
    said: defaultdict[Lock, set[bool]] = defaultdict(set)
    edited = (action.flow for action in scenario.actions if action.flow is not None)
    for flow in (*scenario.flows, *edited):
        for trigger in flow.triggers:
            locks = trigger.kind in _KEPT_BY_THE_SCHEDULER and not trigger.allow_concurrent
            said[flow.key, trigger.id].add(locks)
    return MappingProxyType({lock: each.pop() for lock, each in said.items() if len(each) == 1})
