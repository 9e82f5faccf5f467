"""Scenarios in which something goes wrong, in few words.

crash("executor", after="release", for_="30s"), error("gate", nth=2), delay("task_ended", "3s", rate=0.1)
"""

from __future__ import annotations

from dataclasses import replace

from flowconc.protocol.events import Kind
from flowconc.scenario.model import Component, Fault, FaultKind, Scenario
from flowconc.simulation.simulate import simulate
from flowconc.trace.trace import Trace
from tests.flows import NOWHERE, scene
from tests.traces import us

MISHAPS = (
    Kind.COMPONENT_DOWN,
    Kind.COMPONENT_UP,
    Kind.STEP_FAILED,
    Kind.MESSAGE_LOST,
    Kind.MESSAGE_REPEATED,
    Kind.MESSAGE_DELAYED,
    Kind.HEALED,
)


def crash(
    component: str, *, at: str = "0s", after: str | None = None, before: str | None = None, **keys
) -> Fault:
    step = after or before
    return _fault(
        "crash", step, component=Component(component), at_us=us(at), before=before is not None, **keys
    )


def error(step: str | None = None, **keys) -> Fault:
    return _fault("error", step, **keys)


def duplicate(step: str | None = None, **keys) -> Fault:
    return _fault("duplicate", step, **keys)


def lose(step: str | None = None, **keys) -> Fault:
    return _fault("lose", step, **keys)


def delay(step: str | None = None, for_: str | None = None, **keys) -> Fault:
    return _fault("delay", step, for_=for_, **keys)


def _fault(kind: str, step: str | None, *, for_: str | None = None, **keys) -> Fault:
    return Fault(FaultKind(kind), NOWHERE, step=step, for_us=None if for_ is None else us(for_), **keys)


def wrong(*parts, semantics: str = "documented", heal: str | None = None, **keys) -> Scenario:
    """Return the scenario of these flows, arrivals, actions and faults."""
    faults = tuple(part for part in parts if isinstance(part, Fault))
    rest = (part for part in parts if not isinstance(part, Fault))
    healed_us = None if heal is None else us(heal)
    return replace(scene(*rest, **keys), faults=faults, heal_at_us=healed_us, semantics=semantics)


def trace_of(*parts, **keys) -> Trace:
    return simulate(wrong(*parts, **keys))


def mishaps(trace: Trace) -> list[str]:
    """Return what went wrong, as `5 COMPONENT_DOWN executor 0` or `10 MESSAGE_LOST release of a`."""
    return [
        " ".join(str(part) for part in _told(event) if part is not None)
        for event in trace.events()
        if event.kind in MISHAPS
    ]


def _told(event):
    yield f"{event.t_us / 1e6:g}"
    yield event.kind.name
    yield event.detail
    if event.kind in (Kind.COMPONENT_DOWN, Kind.COMPONENT_UP):
        yield event.before
    elif event.execution is not None:
        yield f"of {event.execution}"


def without_mishaps(trace: Trace) -> list[tuple[object, ...]]:
    """Return all other events, without what numbers and causes say."""
    return [
        (event.t_us, event.actor, event.kind, event.execution, event.before, event.after, event.detail)
        for event in trace.events()
        if event.kind not in MISHAPS
    ]
