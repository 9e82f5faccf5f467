"""How many executions of a flow were in which state, and what its slots were, at the end of every instant."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowconc.protocol.states import FINAL, State
from flowconc.trace.intervals import OPEN, Ints, stays
from flowconc.trace.tables import slots_table
from flowconc.trace.trace import STATE_CODES, Trace


class Levels(NamedTuple):
    """Levels of one flow at the end of each instant `t_us` at which something happened to it; all of shape (n,)."""

    t_us: Ints
    values: dict[str, Ints]


def levels(trace: Trace, flow: str) -> Levels | None:
    """Return the levels of a flow: `running`, `queued`, `paused`, `holding`, `counter`, `unended`.

    None for a flow that the trace does not know.
    """
    if flow not in trace.flows:
        return None
    mine = trace.records["flow"] == trace.flows.index(flow)
    times_us = np.unique(trace.records["t_us"][mine])
    slots = slots_table(trace, flow)
    last = np.searchsorted(slots.t_us, times_us, side="right") - 1
    values = {
        name: np.where(last >= 0, getattr(slots, name)[last], 0)
        for name in ("running", "queued", "holding", "counter")
    }
    stay = stays(trace)
    stay = stay.where(stay.flow == trace.flows.index(flow))
    paused = stay.state == STATE_CODES[State.PAUSED]
    unended = ~np.isin(stay.state, [STATE_CODES[state] for state in FINAL])
    for name, chosen in (("paused", paused), ("unended", unended)):
        begun_us, over = stay.start_us[chosen], stay.last[chosen] != OPEN
        left_us = stay.end_us[chosen][over]
        values[name] = _until(begun_us, times_us) - _until(left_us, times_us)
    return Levels(times_us, values)


def _until(events_us: Ints, times_us: Ints) -> Ints:
    """Count the events up to each time, those of the instant itself included."""
    count: Ints = np.searchsorted(np.sort(events_us), times_us, side="right").astype(np.int64)
    return count
