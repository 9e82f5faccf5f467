"""How often a cron expression fires, against counting its fires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from flowconc.lint.schedules import mean_period_us, shortest_gap_us
from flowconc.scenario.literals import cron

FROM = datetime(2025, 1, 1, tzinfo=UTC) - timedelta(seconds=1)

EXPRESSIONS = [
    "* * * * *",
    "*/7 * * * *",
    "0 2 * * *",
    "0 9,10 * * *",
    "55 23 * * *",
    "0,59 0,23 * * *",
    "0 0 1 * *",
    "0 0 L * *",
    "30 8 * * MON-FRI",
    "0 12 1,15 * MON",
    "0 0 29 2 *",
    "0 0 31 12 *",
    "* 9-17 * * MON",
    "@hourly",
    "@weekly",
]


def fires(expression: str) -> list[datetime]:
    return list(islice(cron.parse(expression).fires(FROM), 1_000))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_shortest_gap_is_one_of_the_gaps_and_none_is_shorter(expression: str) -> None:
    gaps = [later - earlier for earlier, later in pairwise(fires(expression))]

    assert shortest_gap_us(cron.parse(expression)) == min(gaps) / timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("expression", "gap_s"),
    [("* * * * * *", 1), ("*/20 * * * * *", 20), ("0,50 * * * * *", 10), ("59 59 23 * * *", 86_400)],
)
def test_gaps_of_seconds(expression: str, gap_s: int) -> None:
    assert shortest_gap_us(cron.parse(expression, with_seconds=True)) == gap_s * 1_000_000


@pytest.mark.parametrize(
    ("expression", "per_day"),
    [
        ("* * * * *", 1_440),
        ("0 */6 * * *", 4),
        ("30 8 * * MON-FRI", 5 / 7),
        ("* 9 * * *", 60),
        ("@hourly", 24),
    ],
)
def test_the_mean_period(expression: str, per_day: float) -> None:
    mean_us = mean_period_us(cron.parse(expression))

    assert mean_us == pytest.approx(86_400e6 / per_day, rel=1e-3)


def test_a_leap_day_comes_every_four_years() -> None:
    assert mean_period_us(cron.parse("0 0 29 2 *")) == pytest.approx(4 * 365.25 * 86_400e6)
    assert shortest_gap_us(cron.parse("0 0 29 2 *")) == (4 * 365 + 1) * 86_400_000_000


def test_what_never_fires_has_neither() -> None:
    assert shortest_gap_us(cron.parse("0 0 30 2 *")) is None
    assert mean_period_us(cron.parse("0 0 30 2 *")) is None


def test_of_joined_expressions_the_most_frequent_one_counts() -> None:
    joined = cron.parse("0 2 * * * || */5 3 * * *")

    assert shortest_gap_us(joined) == 300_000_000
    assert mean_period_us(joined) == pytest.approx(86_400e6 / 12)
