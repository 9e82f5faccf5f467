"""How a plan says numbers: with their unit, and no more digits than their interval allows."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, inf, isfinite, log10
from typing import Final

from flowconc.check.metrics import SHARES
from flowconc.check.statistics import Interval
from flowconc.check.thresholds import S_PER_MIN, SHARES_AS_RATE
from flowconc.check.wording import number
from flowconc.scenario.vocabulary import TIME_METRICS

DIGITS: Final = 3
"""Significant digits of a number that has no interval, or one without width."""

DIGITS_OF_WIDTH: Final = 2
MOST_DECIMALS: Final = 6
PER_HOUR: Final = 3600.0

_TIMES: Final = frozenset({*TIME_METRICS, "recovery"})
_TIME_UNITS: Final = ((1, 1e3, "ms"), (600, 1.0, "s"), (36_000, 1 / 60, "m"), (inf, 1 / 3600, "h"))
"""Times of fewer seconds than the first number, by what they are multiplied, and their unit: as scenarios write them."""


def spread(metric: str, statistic: str, interval: Interval) -> str:
    """Say a mean and half the width of its interval, in one unit: `12.3s ±0.4`."""
    scale, unit = _unit(metric, statistic, max(abs(interval.low), abs(interval.high)))
    half = scale * (interval.high - interval.low) / 2
    mean, width = _alike((scale * interval.mean, half), half)
    return f"{mean}{unit} ±{width}"


def change(metric: str, statistic: str, interval: Interval) -> str:
    """Say a difference and half the width of its interval, with its sign: `+12.3s ±0.4`."""
    return ("+" if interval.mean > 0 else "") + spread(metric, statistic, interval)


def between(metric: str, statistic: str, interval: Interval) -> str:
    """Say a mean and its interval: `12.3s (11.9 to 12.7)`."""
    return _between(*_unit(metric, statistic, interval.high), interval)


def per_hour(interval: Interval) -> str:
    """Say by how many executions an hour a queue grows, of an interval a second: `421/h (413 to 429)`."""
    return _between(PER_HOUR, "/h", interval)


def alone(metric: str, statistic: str, value: float) -> str:
    """Say a number that has no interval: `12.3s`."""
    if not isfinite(value):
        return "infinite"
    scale, unit = _unit(metric, statistic, value)
    (text,) = _alike((scale * value,), 0.0)
    return f"{text}{unit}"


def unit_of(metric: str, statistic: str) -> tuple[float, str]:
    """Return by what the values of an axis are multiplied, and their unit: times are in seconds."""
    return _unit(metric, statistic, 1.0)


def _between(scale: float, unit: str, interval: Interval) -> str:
    half = scale * (interval.high - interval.low) / 2
    mean, low, high = _alike([scale * each for each in (interval.mean, interval.low, interval.high)], half)
    return f"{mean}{unit} ({low} to {high})"


def _alike(values: Sequence[float], half: float) -> list[str]:
    """Return numbers with the decimals that half the width of their interval allows.

    Without a width they have a few digits, and no needless zeros.
    """
    if half:
        decimals = _decimals(half, DIGITS_OF_WIDTH)
        texts = [f"{each:.{decimals}f}" for each in values]
    else:
        texts = [number(round(each, _decimals(values[0], DIGITS))) for each in values]
    return [text.removeprefix("-") if float(text) == 0 else text for text in texts]


def _unit(metric: str, statistic: str, largest: float) -> tuple[float, str]:
    """Return by what a value is multiplied to be shown, and its unit."""
    if metric in SHARES or (metric in SHARES_AS_RATE and statistic == "rate"):
        return 100.0, "%"
    if metric in _TIMES and statistic not in ("count", "unfinished"):
        largest_s = abs(largest) or 1.0
        return next((scale, unit) for below_s, scale, unit in _TIME_UNITS if largest_s < below_s)
    if statistic == "rate":
        return S_PER_MIN, "/min"
    return 1.0, "/s" if statistic == "growth" else ""


def _decimals(value: float, digits: int) -> int:
    """Return after how many decimals a number has so many significant digits."""
    if not value:
        return 0
    return min(MOST_DECIMALS, max(0, digits - 1 - floor(log10(abs(value)))))
