"""Arrivals and fires, ahead of the kernel: the times that `simulation.sources` and the scheduler have, in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice, takewhile
from typing import Protocol

import numpy as np
import numpy.typing as npt

from flowconc.compiled.draws import Draws
from flowconc.compiled.fields import FOREVER, NONE, Ints
from flowconc.scenario.flow import Trigger, TriggerKind
from flowconc.scenario.model import AtTimes, Burst, Every, Pattern, PoissonProcess, Ramp, Recorded
from flowconc.simulation.scheduler_dates import fire_times_us
from flowconc.simulation.streams import Streams

_CANDIDATES = 4096
"""Arrivals of a ramp that are looked at at a time."""


class Times(Protocol):
    """Times in ascending order."""

    def take(self, count: int) -> Ints:
        """Return the next times: `count` of them, fewer only when no more follow."""


class Known:
    """Times that are known beforehand."""

    def __init__(self, times_us: Ints) -> None:
        self._times_us = times_us
        self._place = 0

    def take(self, count: int) -> Ints:
        """Return the next times."""
        first, self._place = self._place, self._place + count
        return self._times_us[first : first + count]


class Computed:
    """Times that an iterator yields."""

    def __init__(self, times_us: Iterator[int]) -> None:
        self._times_us = times_us

    def take(self, count: int) -> Ints:
        """Return the next times."""
        return np.fromiter(islice(self._times_us, count), dtype=np.int64)


class Regular:
    """One time every `period_us`."""

    def __init__(self, pattern: Every) -> None:
        self._pattern = pattern
        self._index = 0

    def take(self, count: int) -> Ints:
        """Return the next times."""
        pattern = self._pattern
        first = self._index
        self._index += count
        last = self._index if pattern.count is None else min(self._index, pattern.count)
        times_us = pattern.start_us + np.arange(first, max(first, last), dtype=np.int64) * pattern.period_us
        return times_us if pattern.until_us is None else times_us[times_us <= pattern.until_us]


class Poisson:
    """Exponential gaps, whose exact sum is rounded to microseconds."""

    def __init__(self, pattern: PoissonProcess, streams: Streams, stream: str) -> None:
        self._rate_per_s = pattern.rate_per_s
        self._left = FOREVER if pattern.count is None else pattern.count
        self._until_us = FOREVER if pattern.until_us is None else pattern.until_us
        self._t_us = float(pattern.start_us)
        self._streams = streams
        self._generator = streams.generator(stream)
        self._room = np.empty(0)

    def take(self, count: int) -> Ints:
        """Return the next times."""
        count = min(count, self._left)
        if count <= 0 or self._rate_per_s <= 0:
            return np.zeros(0, dtype=np.int64)
        self._streams.drawn = True
        if len(self._room) <= count:
            self._room = np.empty(count + 1)
        sums = self._room[: count + 1]
        sums[0] = self._t_us
        gaps = sums[1:]
        self._generator.standard_exponential(out=gaps)
        gaps *= 1e6
        gaps /= self._rate_per_s
        np.add.accumulate(sums, out=sums)  # one after the other, as the simulation adds them up
        self._t_us = float(sums[-1])
        self._left -= count
        if self._t_us > self._until_us:
            gaps = gaps[: np.searchsorted(gaps, self._until_us, side="right")]
            self._left = 0
        return np.rint(gaps, out=gaps).astype(np.int64)


class Thinned:
    """A Poisson process whose rate goes in a straight line: candidates at the highest rate, of which a share is kept."""

    def __init__(self, pattern: Ramp, streams: Streams, stream: str) -> None:
        self._pattern = pattern
        self._highest = max(pattern.from_per_s, pattern.to_per_s)
        process = PoissonProcess(self._highest, pattern.start_us, None, pattern.until_us)
        self._candidates = Poisson(process, streams, stream)
        self._generator = streams.generator(f"{stream}/thinning")
        self._kept: Ints = np.zeros(0, dtype=np.int64)
        self._over = False

    def take(self, count: int) -> Ints:
        """Return the next times."""
        while len(self._kept) < count and not self._over:
            times_us = self._candidates.take(_CANDIDATES)
            self._over = len(times_us) < _CANDIDATES
            self._kept = np.concatenate((self._kept, times_us[self._chosen(times_us)]))
        taken, self._kept = self._kept[:count], self._kept[count:]
        return taken

    def _chosen(self, times_us: Ints) -> npt.NDArray[np.bool_]:
        pattern = self._pattern
        progress = (times_us - pattern.start_us) / max(1, pattern.until_us - pattern.start_us)
        due = pattern.from_per_s + (pattern.to_per_s - pattern.from_per_s) * progress
        chosen: npt.NDArray[np.bool_] = self._generator.random(len(times_us)) * self._highest < due
        return chosen


class Found:
    """The polls of a trigger that find something."""

    def __init__(self, polls: Times, share: float, streams: Streams, stream: str) -> None:
        self._polls = polls
        self._share = share
        self._streams = streams
        self._generator = streams.generator(stream)

    def take(self, count: int) -> Ints:
        """Return the next times."""
        found: list[Ints] = []
        size = 0
        while size < count:
            polls = self._polls.take(count - size)
            if not len(polls):
                break
            self._streams.drawn = True
            found.append(polls[self._generator.random(len(polls)) < self._share])
            size += len(found[-1])
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def times_of(pattern: Pattern, streams: Streams, stream: str) -> Times:
    """Return the arrivals of a pattern."""
    match pattern:
        case AtTimes(times) | Recorded(times):
            return Known(np.array(sorted(times), dtype=np.int64))
        case Burst(burst, times):
            return Known(np.repeat(np.array(sorted(times), dtype=np.int64), burst))
        case Every():
            return Regular(pattern)
        case PoissonProcess():
            return Poisson(pattern, streams, stream)
        case Ramp():
            return Thinned(pattern, streams, stream)


def fires_of(trigger: Trigger, flow: str, clock_start: datetime, until_us: int, streams: Streams) -> Times:
    """Return the fires of a Schedule, or the polls that find something."""
    fires = Computed(takewhile(until_us.__ge__, fire_times_us(trigger, clock_start, 0)))
    if trigger.kind is TriggerKind.POLLING and trigger.finds < 1:
        return Found(fires, trigger.finds, streams, f"{flow}/{trigger.id}/finds")
    return fires


class Until:
    """Times up to the end of the run's `until`, that included; and nothing after the first that is later."""

    def __init__(self, times: Times, until_us: int) -> None:
        self._times = times
        self._until_us = until_us
        self._over = False

    def take(self, count: int) -> Ints:
        """Return the next times."""
        if self._over:
            return np.zeros(0, dtype=np.int64)
        times_us = self._times.take(count)
        if len(times_us) and times_us[-1] > self._until_us:
            self._over = True
            times_us = times_us[: np.searchsorted(times_us, self._until_us, side="right")]
        return times_us


class Feed:
    """What a lane is fed: times, and rows of numbers that come with them.

    `lengths_us` has the recorded length of each arrival's work; `waits` are streams of the waits after a rejection.
    """

    def __init__(self, times: Times, lengths_us: Ints | None = None, waits: tuple[Draws, ...] = ()) -> None:
        self._times = times
        self._lengths_us = lengths_us
        self._waits = waits
        self._taken = 0

    @property
    def rows(self) -> int:
        """How many rows there are, times included."""
        return 1 + (self._lengths_us is not None) + len(self._waits)

    def fill(self, feed: Ints, start: int, stride: int, count: int) -> int:
        """Write the next `count` columns from `feed[start]` on, a row every `stride`; return how many there were."""
        times_us = self._times.take(count)
        size = len(times_us)
        feed[start : start + size] = times_us
        start += stride
        if self._lengths_us is not None:
            feed[start : start + size] = self._lengths_us[self._taken : self._taken + size]
            start += stride
        for waits in self._waits:
            feed[start : start + size] = waits.take(size)
            start += stride
        self._taken += size
        return size


def recorded_lengths(pattern: Pattern) -> Ints | None:
    """Return how long the work of each arrival takes by a recording, NONE where it does not say; None without any."""
    if not isinstance(pattern, Recorded) or all(each is None for each in pattern.durations_us):
        return None
    return np.array([NONE if each is None else each for each in pattern.durations_us], dtype=np.int64)
