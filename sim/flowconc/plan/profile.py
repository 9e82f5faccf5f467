"""How deep the queue is over the day: its mean in each quarter of an hour, a value a run.

A run of up to a day is cut into PARTS equal parts from its warm-up to its end. Of a longer one the last whole days are
taken, a week at most, and laid over each other by the time of day: each is then an observation of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from flowconc.scenario.model import RunSettings
from flowconc.trace.tables import SlotsTable

PARTS: Final = 96
"""Parts of a day: quarters of an hour."""

DAY_US: Final = 86_400_000_000
MOST_DAYS: Final = 7

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """What a profile shows of a run, in microseconds: `days` times PARTS equal parts."""

    begin_us: int
    end_us: int
    days: int

    @property
    def part_us(self) -> float:
        """How long a part is."""
        return (self.end_us - self.begin_us) / (self.days * PARTS)


def window_of(run: RunSettings) -> Window | None:
    """Return the window of a run.

    None for one that ends when nothing is left, which replications do at other times, and for one whose parts would be
    shorter than a microsecond.
    """
    if run.until_us is None or run.until_us - run.warmup_us < PARTS:
        return None
    length_us = run.until_us - run.warmup_us
    if length_us <= DAY_US:
        return Window(run.warmup_us, run.until_us, 1)
    days = min(MOST_DAYS, length_us // DAY_US)
    return Window(run.until_us - days * DAY_US, run.until_us, days)


def depths(table: SlotsTable, begin_us: int, end_us: int, parts: int) -> Floats:
    """Return the mean depth of a queue over time, in each of `parts` equal parts of a span of time, shape (parts,)."""
    edges_us = begin_us + (end_us - begin_us) * np.arange(parts + 1, dtype=np.int64) // parts
    if not len(table):
        return np.zeros(parts)
    lengths_us = np.diff(table.t_us, append=table.t_us[-1:])
    before = np.concatenate(
        ([0], np.cumsum(table.queued * lengths_us)[:-1])
    )  # depth times time, up to each row
    row = np.searchsorted(table.t_us, edges_us, side="right") - 1
    known = row >= 0
    row = np.maximum(row, 0)
    areas = np.where(known, before[row] + table.queued[row] * (edges_us - table.t_us[row]), 0)
    means: Floats = np.diff(areas) / np.diff(edges_us)
    return means
