"""Numbers with their unit, and no more digits than their interval allows."""

from __future__ import annotations

import pytest

from flowconc.check.statistics import Interval
from flowconc.plan.numbers import alone, between, change, per_hour, spread


def around(mean, half):
    return Interval(mean, mean - half, mean + half)


@pytest.mark.parametrize(
    ("metric", "statistic", "interval", "text"),
    [
        ("queue_wait", "p95", around(12.345, 0.431), "12.35s ±0.43"),
        ("queue_wait", "p95", around(508.4, 31.2), "508s ±31"),
        ("queue_wait", "p95", around(1608.4, 310.2), "26.8m ±5.2"),
        ("sojourn", "mean", around(40_000.0, 3_600.0), "11.1h ±1.0"),
        ("lock_wait", "mean", around(0.00123, 0.00021), "1.23ms ±0.21"),
        ("queue_wait", "p95", around(0.0, 0.0), "0s ±0"),
        ("queue_wait", "max", around(12.0, 0.0), "12s ±0"),
        ("utilization", "mean", around(0.6678, 0.0096), "66.78% ±0.96"),
        ("rejected", "rate", around(0.456, 0.013), "45.6% ±1.3"),
        ("rejected", "count", around(120.0, 4.0), "120.0 ±4.0"),
        ("throughput", "rate", around(0.5, 0.01), "30.00/min ±0.60"),
        ("queue_wait", "mean", around(0.1, 0.3), "100ms ±300"),
    ],
)
def test_a_mean_has_the_digits_of_its_interval(metric, statistic, interval, text):
    assert spread(metric, statistic, interval) == text


def test_an_interval_is_said_by_its_ends():
    assert between("sojourn", "mean", around(1246.2, 217.0)) == "20.8m (17.2 to 24.4)"
    assert between("rejected", "rate", around(0.0, 0.0)) == "0% (0 to 0)"


def test_a_queue_grows_by_executions_an_hour():
    assert per_hour(around(420.7 / 3600, 7.9 / 3600)) == "420.7/h (412.8 to 428.6)"


@pytest.mark.parametrize(
    ("value", "text"),
    [(22.512, "22.5s"), (600.0, "10m"), (0.0994, "99.4ms"), (0.0, "0s"), (float("inf"), "infinite")],
)
def test_a_number_alone_has_three_digits(value, text):
    assert alone("queue_wait", "mean", value) == text


def test_nothing_is_minus_zero():
    assert spread("backlog", "growth", around(-0.00001, 0.9)) == "0.00/s ±0.90"


@pytest.mark.parametrize(
    ("mean", "text"), [(1850.0, "+30.8m ±2.8"), (-1850.0, "-30.8m ±2.8"), (0.0, "0s ±170")]
)
def test_a_difference_has_its_sign(mean, text):
    assert change("queue_wait", "p95", around(mean, 170.0)) == text
