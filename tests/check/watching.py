"""Shows hand-made runs to every invariant."""

from __future__ import annotations

from flowconc.check.invariants import INVARIANTS, Invariant, watch
from flowconc.scenario.model import Scenario
from flowconc.trace.trace import Trace
from tests.traces import trace_of


def watched(trace: Trace, scenario: Scenario | None = None) -> dict[str, Invariant]:
    """Let every invariant judge a run."""
    invariants = {name: kind() for name, kind in INVARIANTS.items()}
    watch(trace, list(invariants.values()), scenario)
    return invariants


def broken(*lines: str) -> set[str]:
    """Return the ids of the invariants that the run breaks."""
    return broken_in(trace_of(*lines))


def broken_by_engine(
    *lines: str, semantics: str = "kestra-2.0.0", connections: int | None = None
) -> set[str]:
    """Return the ids of the invariants that the run breaks, as one of an engine."""
    return broken_in(trace_of(*lines, semantics=semantics, connections=connections))


def broken_in(trace: Trace, scenario: Scenario | None = None) -> set[str]:
    """Return the ids of the invariants that the run breaks."""
    return {name for name, invariant in watched(trace, scenario).items() if invariant.breaks}


def first_break(name: str, *lines: str, semantics: str = "documented") -> str:
    """Return what the invariant says about its first break, with its story, one line each."""
    first = watched(trace_of(*lines, semantics=semantics))[name].first
    assert first is not None, f"{name} held"
    return "\n".join((first.sentence, *first.story))
