"""Arrivals of every pattern, and trying again at the source."""

from __future__ import annotations

from itertools import pairwise

import pytest

from flowconc.protocol.events import Kind
from flowconc.scenario.model import (
    AtTimes,
    Backoff,
    Burst,
    Every,
    PoissonProcess,
    Ramp,
    Recorded,
)
from flowconc.simulation.sources import times_us
from flowconc.simulation.streams import Streams
from tests.flows import arrive, flow, lives, times_of, trace_of_run, work

S = 1_000_000


def arrivals(pattern, seed=1):
    return [t_us / S for t_us in times_us(pattern, Streams(seed, 0), "stream")]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (AtTimes((5 * S, 0, 5 * S)), [0, 5, 5]),
        (Every(2 * S, 1 * S, count=3), [1, 3, 5]),
        (Every(2 * S, 1 * S, until_us=5 * S), [1, 3, 5]),
        (Every(2 * S, 1 * S, count=9, until_us=4 * S), [1, 3]),
        (Burst(2, (3 * S, 1 * S)), [1, 1, 3, 3]),
        (Recorded((1 * S, 2 * S), (None, None), (None, None)), [1, 2]),
        (PoissonProcess(0.0, until_us=10 * S), []),
        (Ramp(0.0, 0.0, 0, 10 * S), []),
    ],
)
def test_patterns_without_chance(pattern, expected):
    assert arrivals(pattern) == expected


def test_a_poisson_process_has_its_rate_and_exponential_gaps():
    times = arrivals(PoissonProcess(4.0, start_us=10 * S, until_us=5010 * S))

    gaps = [after - before for before, after in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    spread = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    assert times[0] > 10
    assert times[-1] <= 5010
    assert abs(len(times) / 20_000 - 1) < 0.03
    assert abs(spread / mean**2 - 1) < 0.05


def test_a_poisson_process_may_be_counted():
    assert len(arrivals(PoissonProcess(4.0, count=7))) == 7


def test_a_ramp_follows_its_rate():
    """From 0 to 10 a second over 1,000 s: 5,000 in all, a quarter of them in the first half."""
    times = arrivals(Ramp(0.0, 10.0, 0, 1000 * S))

    assert abs(len(times) / 5000 - 1) < 0.05
    assert abs(sum(time < 500 for time in times) / len(times) - 0.25) < 0.03


def test_a_falling_ramp_does_too():
    times = arrivals(Ramp(10.0, 0.0, 0, 1000 * S))

    assert abs(sum(time < 500 for time in times) / len(times) - 0.75) < 0.03


def test_names_go_with_the_times_as_they_are_written():
    trace = trace_of_run(flow("f", work("w", "0s")), arrive("f", "5s 0s 3s", names="a b"))

    assert lives(trace)["a"].startswith("CREATED:5 ")
    assert lives(trace)["b"].startswith("CREATED:0 ")
    assert lives(trace)["f#1"].startswith("CREATED:3 ")


def test_nothing_arrives_after_the_end_but_at_it():
    trace = trace_of_run(flow("f", work("w", "0s")), arrive("f", Every(1 * S)), until="3s")

    assert times_of(trace, Kind.CREATED) == [0, 1, 2, 3]


# --- back-off


def attempts(backoff, until=None):
    """Return when one client tries, whose executions are always turned away."""
    full = flow("f", work("w", "1000s"), limit=1, behavior="CANCEL")
    trace = trace_of_run(full, arrive("f"), arrive("f", "0s", backoff=backoff, names="x"), until=until)
    return times_of(trace, Kind.CREATED)[1:]


CANCELLED = frozenset({"CANCELLED"})


def test_waits_grow_up_to_their_bound():
    backoff = Backoff(CANCELLED, 1 * S, factor=2.0, max_us=5 * S, attempts=5)

    assert attempts(backoff) == [0, 1, 3, 7, 12, 17]


def test_jitter_spreads_each_wait_evenly_around_its_length():
    backoff = Backoff(CANCELLED, 10 * S, factor=1.0, jitter=0.2, attempts=90)

    times = attempts(backoff)
    waits = [after - before for before, after in pairwise(times)]
    assert len(waits) == 90
    assert 8 <= min(waits) < 8.5
    assert 11.5 < max(waits) <= 12


def test_no_attempt_is_made_after_the_end():
    assert attempts(Backoff(CANCELLED, 1 * S, attempts=50), until="6s") == [0, 1, 3]


def test_only_the_named_states_bring_a_client_back():
    assert attempts(Backoff(frozenset({"FAILED"}), 1 * S)) == [0]


def test_a_client_that_gets_in_does_not_come_again():
    full = flow("f", work("w", "2s"), limit=1, behavior="CANCEL")
    backoff = Backoff(CANCELLED, 1 * S)
    trace = trace_of_run(full, arrive("f", names="a"), arrive("f", names="x", backoff=backoff))

    assert lives(trace) == {
        "a": "CREATED:0 RUNNING:0 SUCCESS:2",
        "x": "CREATED:0 CANCELLED:0",
        "f#1": "CREATED:1 CANCELLED:1",
        "f#2": "CREATED:3 RUNNING:3 SUCCESS:5",
    }


def test_a_retry_keeps_its_source():
    full = flow("f", work("w", "2s"), limit=1, behavior="CANCEL")
    trace = trace_of_run(
        full, arrive("f"), arrive("f", source="webhook", backoff=Backoff(CANCELLED, 1 * S, attempts=1))
    )

    assert [e.detail for e in trace.events() if e.kind is Kind.CREATED] == ["api", "webhook", "webhook"]
