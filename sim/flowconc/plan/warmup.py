"""How much of a run's beginning to leave out: MSER-5.

A run starts with an empty flow, and the first executions wait less than they would on an ordinary day. MSER-5 (White
1997, An effective truncation heuristic for bias reduction in simulation output; White, Cobb and Spratt 2000) cuts
where the rest has the smallest standard error: cutting more would lose more data than bias. It works on means of
batches of five observations.

The observations are the executions of a flow that are in the system (running or queued) when another one arrives: that
number rises from zero whether the others wait or are turned away, and with Poisson arrivals it is the level itself
(PASTA).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from flowconc.trace.tables import ExecutionsTable

BATCH: Final = 5
"""Observations in a batch: the five of MSER-5."""

FEWEST_BATCHES: Final = 10
"""Batches below which nothing is said: half of them must be enough to tell a beginning from the rest."""

Floats = npt.NDArray[np.float64]


def mser5(series: Floats) -> int | None:
    """Return how many observations of a series, shape (n,), to leave out at its beginning.

    None where that cannot be told: the series is too short, or the best cut lies at the end of its first half, which
    means that it has not settled (White, Cobb and Spratt, 2000).
    """
    batches = len(series) // BATCH
    if batches < FEWEST_BATCHES:
        return None
    means = series[: batches * BATCH].reshape(batches, BATCH).mean(axis=1)
    means = means - means.mean()  # so that the squares below do not cancel
    last = batches // 2
    kept = batches - np.arange(last + 1)
    sums = np.cumsum(means[::-1])[::-1][: last + 1]
    squares = np.cumsum(means[::-1] ** 2)[::-1][: last + 1]
    errors = np.maximum(squares - sums**2 / kept, 0.0) / kept**2
    cut = int(np.argmin(errors))
    return None if cut == last else cut * BATCH


def settled_us(table: ExecutionsTable, flow: str) -> int | None:
    """Return the time in microseconds from which on a flow (its key) has settled in a run; None as in `mser5`."""
    of_flow = table.flow == flow
    if not of_flow.any():
        return None
    seen = (table.queue_at_arrival + table.holders_at_arrival)[of_flow].astype(np.float64)
    cut = mser5(seen)
    if cut is None:
        return None
    return int(table.created_us[of_flow][cut]) if cut else 0
