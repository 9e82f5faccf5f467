"""Chaos, then healing: once nothing goes wrong any more, everything must come to its end within a bound.

The bound is `run.heal_within` after `heal_at`, or after the last thing that came from outside (an arrival, a fire, an
action) when that was later. Who has not ended by then is stuck, unless it waits for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flowconc.check.entries import ExecutionEntry
from flowconc.check.invariants.waiting import stranded
from flowconc.check.ledger import Ledger
from flowconc.check.verdict import Finding, Moment, Outcome
from flowconc.check.wording import SHOWN_AT_MOST, counted, duration
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Scenario
from flowconc.trace.trace import Trace

CHECK = "stuck"

_OUTSIDE = ("source:", "scheduler", "operator")
"""How the names of actors begin that bring something in from outside."""


_OF_COMPONENTS = (Kind.COMPONENT_DOWN, Kind.COMPONENT_UP)


class _Stuck(NamedTuple):
    """What one run had not brought to its end in time: who, and why each waits. `at_us` is when it had to be over."""

    trace: Trace
    at_us: int
    seq: int
    waiting: list[tuple[ExecutionEntry, str]]


def judge_healing(scenario: Scenario, traces: Sequence[Trace]) -> list[Finding]:
    """Return one finding for a scenario that heals: the first run that got stuck, or that none did."""
    if scenario.heal_at_us is None:
        return []
    within_us = scenario.run.heal_within_us
    broke = [
        stuck for trace in traces if (stuck := _judge(trace, scenario.heal_at_us, within_us)) is not None
    ]
    bound = f"within {duration(within_us)} of the healing at {duration(scenario.heal_at_us)}"
    if not broke:
        return [Finding(CHECK, Outcome.PASS, f"everything came to its end {bound}", scenario.position)]
    first = broke[0]
    runs = f" (in {len(broke)} of {counted(len(traces), 'run')})" if len(traces) > 1 else ""
    who = counted(len(first.waiting), "execution")
    moment = Moment(first.trace.header.replication, first.at_us, first.seq)
    return [
        Finding(
            CHECK,
            Outcome.FAIL,
            f"at {duration(first.at_us)} {who} had not ended, must all have ended {bound}{runs}",
            scenario.position,
            _story(first.waiting),
            moment,
            first.waiting[0][0].flow.key,
        )
    ]


def _judge(trace: Trace, heal_at_us: int, within_us: int) -> _Stuck | None:
    """Return what a run had not brought to its end in time, or None. One that breaks off before is judged elsewhere."""
    deadline_us = max(heal_at_us, _last_from_outside_us(trace)) + within_us
    ledger = Ledger.of(trace.header)
    for event in trace.events():
        if event.t_us > deadline_us:
            break
        ledger.post(event)
    if ledger.ending is not None and not ledger.drained:
        return None
    waiting = [(entry, _what_it_waits_for(entry, why)) for entry, why in stranded(ledger)]
    if not waiting:
        return None
    return _Stuck(trace, min(deadline_us, trace.end_us), max(ledger.seq, 0), waiting)


def _last_from_outside_us(trace: Trace) -> int:
    """Return when the last arrival, fire or action was, in microseconds; 0 when there was none."""
    outside = [code for code, actor in enumerate(trace.actors) if actor.startswith(_OUTSIDE)]
    rows = np.isin(trace.records["actor"], outside) & ~np.isin(trace.records["kind"], _OF_COMPONENTS)
    times_us = trace.records["t_us"][rows]
    return int(times_us[-1]) if len(times_us) else 0


def _what_it_waits_for(entry: ExecutionEntry, why: str) -> str:
    """Say why an execution waits: `why` is the answer where neither a task nor a fault is."""
    if entry.runs:
        return f"its task {entry.runs[0]} goes on"
    if entry.popped:
        why = f"it has its slot of {entry.flow.key}, and nothing tells it to run"
    return why if entry.in_hand is None else f"{why}: {entry.in_hand}"


def _story(waiting: Sequence[tuple[ExecutionEntry, str]]) -> tuple[str, ...]:
    more = len(waiting) - SHOWN_AT_MOST
    return (
        *(f"{entry}: {why}" for entry, why in waiting[:SHOWN_AT_MOST]),
        *((f"and {more} more",) if more > 0 else ()),
    )
