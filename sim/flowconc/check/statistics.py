"""Statistics of what was observed: of one run's sample or level, and over replications."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, cbrt, cos, pi, sin, sqrt, tan

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

QUANTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}

STATISTICS_OF_VALUES = frozenset({"min", "max", "mean"}) | QUANTILES.keys()


def summary(statistic: str, values: Floats, weights: Floats | None = None) -> float | None:
    """Return `min`, `max`, `mean` or a percentile of `values`; None when there are none, or they weigh nothing.

    None, too, for a statistic that is neither of these.

    `values` and `weights` have shape (n,). A percentile is the smallest value that at least that share of the
    weight does not exceed: always a value that was observed. `min` and `max` look at every value, whatever it
    weighs.
    """
    if not len(values) or statistic not in STATISTICS_OF_VALUES:
        return None
    if statistic == "min":
        return float(values.min())
    if statistic == "max":
        return float(values.max())
    weights = np.ones(len(values)) if weights is None else weights
    total = float(weights.sum())
    if total <= 0:
        return None
    if statistic == "mean":
        return float(np.dot(values, weights) / total)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    needed = QUANTILES[statistic] * total * (1 - 1e-12)  # 0.95 * 20 is to be 19, however it is rounded
    rank = min(int(np.searchsorted(reached, needed)), len(values) - 1)
    return float(values[order][rank])


@dataclass(frozen=True, slots=True)
class Interval:
    """The mean of the replications, and the confidence interval around the true mean."""

    mean: float
    low: float
    high: float


def confidence_interval(values: list[float], confidence: float) -> Interval:
    """Return Student's interval for the mean of independent replications; `values` are two at least."""
    n = len(values)
    mean = sum(values) / n
    if min(values) == max(values):  # no rounding error may give equal values a width
        return Interval(values[0], values[0], values[0])
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    half = student_t(confidence, n - 1) * sqrt(variance / n)
    return Interval(mean, mean - half, mean + half)


def skewed_interval(values: list[float], confidence: float) -> Interval:
    """Return Student's interval, made wider on the side of the long tail where the values are skewed.

    The mean of a few values of a skewed law lies mostly below the true one, and then they scatter little, too: so
    Student's interval ends too early on that side, and errs there several times as often as it says. Hall's monotone
    transformation (1992, On the removal of skewness by transformation) takes most of that back. Each bound is the
    wider one of the two intervals. `values` are two at least.
    """
    plain = confidence_interval(values, confidence)
    n = len(values)
    spread = sqrt(sum((value - plain.mean) ** 2 for value in values) / (n - 1))
    if n < 3 or not spread or plain.low == plain.high:
        return plain
    cubes = sum(((value - plain.mean) / spread) ** 3 for value in values)
    skewness = cubes * n / ((n - 1) * (n - 2))
    t = student_t(confidence, n - 1) / sqrt(n)
    above, below = (_untwisted(each, skewness, n) * spread for each in (-t, t))
    return Interval(plain.mean, min(plain.low, plain.mean - below), max(plain.high, plain.mean - above))


def _untwisted(y: float, skewness: float, n: int) -> float:
    """Return the w with w + g w^2 / 3 + g^2 w^3 / 27 + g / (6 n) = y, for the skewness g: Hall's transformation, undone."""
    if abs(skewness) < 1e-6:
        return y
    return 3 / skewness * (cbrt(1 + skewness * (y - skewness / (6 * n))) - 1)


def student_t(confidence: float, degrees: int) -> float:
    """Return the t with P(-t < T < t) = `confidence` for Student's T with whole `degrees` of freedom.

    The distribution function has a closed form for whole degrees (Abramowitz and Stegun 26.7.3 and 26.7.4), in
    the angle theta = atan(t / sqrt(degrees)); bisection inverts it to the last bit.
    """
    if not 0 <= confidence < 1:
        raise ValueError(f"confidence {confidence} is not within [0, 1)")
    if degrees < 1:
        raise ValueError(f"{degrees} degrees of freedom, at least 1 expected")
    low, high = 0.0, atan(float("inf"))
    while low < (middle := (low + high) / 2) < high:
        if _within(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return sqrt(degrees) * tan(low)


def _within(theta: float, degrees: int) -> float:
    """Return P(|T| < sqrt(degrees) * tan(theta)): a finite sum of even, or odd, powers of the cosine."""
    odd = degrees % 2
    squared = cos(theta) ** 2
    term = cos(theta) if odd else 1.0
    total = 0.0
    for power in range(odd, degrees - 1, 2):
        total += term
        term *= squared * (power + 1) / (power + 2)
    if not odd:
        return sin(theta) * total
    return 2 / pi * (theta + sin(theta) * total)
