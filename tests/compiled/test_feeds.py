"""The same arrivals and fires as in the simulation, whatever the lengths of the blocks."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import numpy as np
import pytest

from flowconc.compiled.feeds import Feed, Known, Until, fires_of, recorded_lengths, times_of
from flowconc.scenario.flow import Trigger, TriggerKind
from flowconc.scenario.model import AtTimes, Burst, Every, Pattern, PoissonProcess, Ramp, Recorded
from flowconc.simulation.sources import times_us
from flowconc.simulation.streams import Streams
from tests.compiled.drawn import HERE

PATTERNS: list[Pattern] = [
    AtTimes((5, 1, 3)),
    Recorded((1, 1, 9), (None, 4, None), (None, None, None)),
    Burst(3, (7, 2)),
    Every(10, 3, 1_500),
    Every(10, 3, None, 9_000),
    Every(10, 3, 5, 20),
    PoissonProcess(3.0, 1_000, 1_500),
    PoissonProcess(3.0, 0, None, 200_000_000),
    PoissonProcess(0.0, 0, 5),
    Ramp(0.0, 5.0, 1_000, 300_000_000),
    Ramp(5.0, 0.0, 0, 1_000),
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
def test_arrivals(pattern: Pattern) -> None:
    expected = list(times_us(pattern, Streams(3, 1), "f/api/arrivals/1"))
    times = times_of(pattern, Streams(3, 1), "f/api/arrivals/1")

    blocks = [times.take(count) for count in (1, 600, 5, 1_000, 1_000)]

    assert np.concatenate(blocks).tolist() == expected
    assert len(times.take(1)) == 0


def test_nothing_comes_after_the_end_of_the_run() -> None:
    times = Until(Known(np.array([1, 2, 2, 3, 4])), 2)

    assert [times.take(2).tolist() for _ in range(3)] == [[1, 2], [2], []]


def test_fires_of_a_schedule() -> None:
    trigger = Trigger("s", "Schedule", TriggerKind.SCHEDULE, HERE, cron="*/20 * * * *")

    fires = fires_of(trigger, "n.f", datetime(2026, 1, 1, tzinfo=UTC), 3_600_000_000, Streams(1, 0))

    assert (fires.take(9) / 60e6).tolist() == [20, 40, 60]


def test_polls_that_find_nothing_are_left_out() -> None:
    trigger = Trigger("p", "Poll", TriggerKind.POLLING, HERE, interval_us=10, finds=0.5)
    streams = Streams(1, 0)
    found = [poll * 10 for poll in range(1, 1001) if streams.uniform("n.f/p/finds", poll - 1) < 0.5]

    fires = fires_of(trigger, "n.f", datetime(2026, 1, 1, tzinfo=UTC), 10_000, Streams(1, 0))

    assert [*fires.take(3), *fires.take(1000)] == found
    assert list(islice(found, 1)) != [10]  # something is left out


def test_what_comes_with_an_arrival_stands_below_it() -> None:
    pattern = Recorded((1, 5), (None, 40), (None, None))
    feed = Feed(Known(np.array([1, 5])), recorded_lengths(pattern))
    block = np.zeros(8, dtype=np.int64)

    assert (feed.rows, feed.fill(block, 0, 4, 4)) == (2, 2)
    assert block.tolist() == [1, 5, 0, 0, -1, 40, 0, 0]
