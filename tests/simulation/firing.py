"""Runs of triggers, told in short.

`fires` tells them as `2` when made in time, `3@5.5` when planned for 3 s and made at 5.5 s, and `3@5.5b1` when the
trigger's first backfill made it. Dates are whole seconds; `date_at` moves them against the scheduler's grid, which
begins with the run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flowconc.protocol.events import Kind
from flowconc.scenario.model import Action, Verb
from flowconc.simulation.simulate import simulate
from flowconc.trace.trace import Event, Trace
from tests.flows import NOWHERE, scene
from tests.traces import us

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def firing(*parts, semantics: str = "documented", date_at: str = "0s", **keys) -> Trace:
    """Run the scenario of `parts`; midnight is at `date_at`."""
    scenario = scene(*parts, semantics=semantics, **keys)
    return simulate(replace(scenario, clock_start=MIDNIGHT - timedelta(microseconds=us(date_at))))


def backfill(at: str, first: str, last: str, trigger: str = "n.f.s", **keys) -> Action:
    """Return a backfill of a window; `-5s` is before the start."""
    return Action(us(at), Verb.BACKFILL, trigger, NOWHERE, window_us=(_us(first), _us(last)), **keys)


def fires(trace: Trace, trigger: str | None = None) -> str:
    return " ".join(_told(event) for event in _of(trace, Kind.FIRE, trigger))


def planned(trace: Trace, kind: Kind = Kind.FIRE) -> list[float]:
    """Return the planned times, in seconds, in the order of the trace."""
    return [event.before / 1e6 for event in _of(trace, kind)]


def _of(trace: Trace, kind: Kind, trigger: str | None = None) -> list[Event]:
    return [event for event in trace.events() if event.kind is kind and trigger in (None, event.detail)]


def _told(event: Event) -> str:
    in_time = "" if event.before == event.t_us else f"@{event.t_us / 1e6:g}"
    return f"{event.before / 1e6:g}{in_time}" + ("" if event.after is None else f"b{event.after}")


def _us(text: str) -> int:
    return -us(text[1:]) if text.startswith("-") else us(text)
