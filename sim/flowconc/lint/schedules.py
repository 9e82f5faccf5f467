"""How often a cron expression fires, worked out from its fields rather than by counting fires.

Changes of clocks are left out: they move fires by an hour, twice a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final

from flowconc.scenario.literals.cron import Cron
from flowconc.scenario.literals.cron_fires import Days, Fields

_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US
_HOUR_US: Final = 60 * _MINUTE_US
_DAY_US: Final = 24 * _HOUR_US
_YEARS: Final = range(2025, 2033)
"""Years looked at: two leap years among them, and each weekday on most dates."""


def shortest_gap_us(cron: Cron) -> int | None:
    """Return the shortest time between two fires that follow each other; None when there are no two.

    Of expressions joined by `|` it is the shortest of any one of them; together they may fire more often.
    """
    return min((gap_us for fields in cron.alternatives for gap_us in _gaps_us(fields)), default=None)


def mean_period_us(cron: Cron) -> float | None:
    """Return the mean time between fires over years; None when there is none.

    Of expressions joined by `|` it is that of the most frequent one; together they may fire more often.
    """
    fires = max((_fires(fields) for fields in cron.alternatives), default=0)
    return _span_us() / fires if fires else None


def _fires(fields: Fields) -> int:
    a_day = len(fields.hours) * len(fields.minutes) * len(fields.seconds)
    return a_day * len(_dates(fields.days, fields.months))


def _gaps_us(fields: Fields) -> Iterator[int]:
    """Give the gaps within a minute, an hour, a day, and between days."""
    back_us = 0  # from the last fire of a unit to its first
    units = (
        (fields.seconds, _SECOND_US),
        (fields.minutes, _MINUTE_US),
        (fields.hours, _HOUR_US),
        (_dates(fields.days, fields.months), _DAY_US),
    )
    if not units[-1][0]:
        return
    for values, unit_us in units:
        steps = [later - earlier for earlier, later in pairwise(values)]
        if steps:
            yield min(steps) * unit_us - back_us
        back_us += (values[-1] - values[0]) * unit_us


@lru_cache(maxsize=256)
def _dates(days: Days, months: tuple[int, ...]) -> tuple[int, ...]:
    """Return the days, numbered, on which an expression fires in the years looked at."""
    return tuple(
        date(year, month, day).toordinal()
        for year in _YEARS
        for month in months
        for day in days.in_month(year, month)
    )


def _span_us() -> int:
    first, last = date(_YEARS.start, 1, 1), date(_YEARS.stop, 1, 1)
    return (last.toordinal() - first.toordinal()) * _DAY_US
