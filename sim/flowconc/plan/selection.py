"""Which of several options is best: the fully sequential procedure of Kim and Nelson.

S.-H. Kim and B. L. Nelson, A fully sequential procedure for indifference-zone selection in simulation, ACM Transactions
on Modeling and Computer Simulation 11 (2001), with c = 1. It allows common random numbers: what counts is the variance of
differences. With normal observations it selects the smallest mean with the given probability, if that is smaller than all
others by `indifference` at least; otherwise one that is not far from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor
from typing import Final

from flowconc.check.statistics import Interval, confidence_interval

Sample = Callable[[Sequence[int], int, int], Sequence[Sequence[float]]]
"""Given some systems, and the first and (excluded) the last replication: their observations, a row a system."""

_BLOCK: Final = 10
"""Replications that are fetched at a time. Each is looked at as if it came alone; those that came too early are lost."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The system (from 0) with the smallest mean, and all that were still in the race when it ended.

    `decided` is False when the cap ended it: then any of the `survivors` may be the best.
    """

    best: int
    survivors: tuple[int, ...]
    replications: int
    decided: bool


def select(
    sample: Sample, systems: int, *, first: int, most: int, confidence: float, indifference: float
) -> Selection:
    """Select the system with the smallest mean, by `first` replications of each at first and `most` at last."""
    if systems < 2:
        return Selection(0, (0,), 0, decided=True)
    if first < 2 or not 0 < confidence < 1 or indifference <= 0:
        raise ValueError(
            "at least two first replications, a confidence between 0 and 1, an indifference above 0"
        )
    rows = {system: list(row) for system, row in enumerate(sample(range(systems), 0, first))}
    race = _Race(rows, first, confidence, indifference)
    alive = race.screened(range(systems), first)
    count = first
    while len(alive) > 1 and count <= race.last(alive) and count < most:
        upto = min(count + _BLOCK, most)
        for system, row in zip(alive, sample(alive, count, upto), strict=True):
            rows[system].extend(row)
        while len(alive) > 1 and count < upto and count <= race.last(alive):
            count += 1
            alive = race.screened(alive, count)
    best = min(alive, key=lambda system: (race.mean(system, count), system))
    decided = len(alive) == 1 or count > race.last(alive)
    return Selection(best, tuple(alive), count, decided)


class _Race:
    """The observations so far, and the bounds within which two systems stay in."""

    def __init__(
        self, rows: dict[int, list[float]], first: int, confidence: float, indifference: float
    ) -> None:
        self._rows = rows
        self._indifference = indifference
        share = 2 * (1 - confidence) / (len(rows) - 1)
        eta: float = (share ** (-2 / (first - 1)) - 1) / 2
        self._h2 = 2 * eta * (first - 1)
        self._variances = {
            (one, two): _variance([a - b for a, b in zip(rows[one][:first], rows[two][:first], strict=True)])
            for one in rows
            for two in rows
            if one < two
        }

    def mean(self, system: int, count: int) -> float:
        return sum(self._rows[system][:count]) / count

    def screened(self, alive: Sequence[int], count: int) -> list[int]:
        """Return those that no other one is better than by more than chance may make it seem."""
        means = {system: self.mean(system, count) for system in alive}
        return [
            one
            for one in alive
            if all(means[one] <= means[two] + self._width(one, two, count) for two in alive if two != one)
        ]

    def last(self, alive: Sequence[int]) -> int:
        """Return after how many replications the widths of all pairs are down to nothing."""
        return max(floor(self._scaled(one, two)) for one in alive for two in alive if one != two)

    def _scaled(self, one: int, two: int) -> float:
        variance = self._variances[min(one, two), max(one, two)]
        return self._h2 * variance / (self._indifference * self._indifference)

    def _width(self, one: int, two: int, count: int) -> float:
        return max(0.0, self._indifference / (2 * count) * (self._scaled(one, two) - count))


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


# --- differences


def paired_difference(
    values: Sequence[float | None], reference: Sequence[float | None], confidence: float, *, pairs: int = 1
) -> Interval | None:
    """Return by how much `values` exceed `reference`, replication by replication, on common random numbers.

    Student's interval over the replications that both have; `pairs` intervals hold together (Bonferroni). None where
    there are fewer than two, or one has no data.
    """
    both = list(zip(values, reference, strict=False))
    known = [a - b for a, b in both if a is not None and b is not None]
    if len(known) < len(both) or len(known) < 2:
        return None
    return confidence_interval(known, 1 - (1 - confidence) / pairs)
