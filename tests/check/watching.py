"""Shows hand-made runs to every invariant."""

from __future__ import annotations

from flowconc.check.invariants import INVARIANTS, Break, Invariant, watch
from flowconc.check.wording import duration
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
    invariants = watched(trace, scenario)
    for invariant in invariants.values():
        if invariant.first is not None:
            _tells(invariant, invariant.first, trace)
    return {name for name, invariant in invariants.items() if invariant.breaks}


def _tells(invariant: Invariant, first: Break, trace: Trace) -> None:
    """Whatever breaks, somebody wants to read what, where, and how the flow stood."""
    assert first.sentence
    assert first.flow is not None
    assert first.story[0].startswith(f"at {duration(first.t_us)}, {first.flow}: ")
    if type(invariant).at_end is Invariant.at_end and not invariant.looks_at_rest:
        assert trace.event(first.seq).kind in (*invariant.before_kinds, *invariant.after_kinds)


def first_break(name: str, *lines: str, semantics: str = "documented") -> str:
    """Return what the invariant says about its first break, with its story, one line each."""
    first = watched(trace_of(*lines, semantics=semantics))[name].first
    assert first is not None, f"{name} held"
    return "\n".join((first.sentence, *first.story))
