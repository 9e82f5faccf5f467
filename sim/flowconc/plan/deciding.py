"""Whether a goal is met, decided on confidence bounds as thresholds are; and which limits that leaves.

Replications are added in a few looks (10, 20, 40, 80 by default), and each look may decide. So that all looks together
err with probability alpha at most, each has its share of it: the interval of a look has confidence 1 - alpha / looks
(Bonferroni). A goal is a PASS when the whole interval meets it, a FAIL when none of it does. Waits have a long tail, and
so have their means over a run; the interval is wider there than Student's (`check.statistics.skewed_interval`).

Among the limits no further share is needed. Goals are looked at from the largest limit downwards, and the first limit
that does not pass ends it: a test in a fixed sequence (Maurer, Hothorn and Lehmacher 1995), in which each limit has the
full confidence since it is looked at only if all before it passed. All goals must be met, so that the error of one is
that of all (an intersection-union test, Berger 1982). That they are not met takes but one that fails, so there each has
its share; an interval errs to one side with half of its error, so that two goals need none. What must be spared is
looked at from the smallest limit upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from flowconc.check.statistics import Interval, skewed_interval
from flowconc.check.thresholds import ROUNDED_TO, compare
from flowconc.check.verdict import Outcome
from flowconc.scenario.conditions import Threshold

_EXTREMES: Final = frozenset({"max", "min"})


def looks(first: int, most: int) -> tuple[int, ...]:
    """Return after how many replications is looked: twice as many each time, `most` in the end."""
    counts = [first]
    while counts[-1] < most:
        counts.append(min(2 * counts[-1], most))
    return tuple(counts)


@dataclass(frozen=True, slots=True)
class Decision:
    """What replications say of a condition. `interval` is None where a run has no data."""

    condition: Threshold
    outcome: Outcome
    replications: int
    interval: Interval | None = None


def decide(
    condition: Threshold, values: Sequence[float | None], confidence: float, *, strict: bool = False
) -> Decision:
    """Decide a condition on the values of two replications at least; `confidence` is that of this look.

    `strict` is for what must be spared: a bound of a maximum or minimum that one run breaks is broken, whatever the
    mean over the runs.
    """
    known = [round(value, ROUNDED_TO) for value in values if value is not None]
    if len(known) < len(values):
        return Decision(condition, Outcome.FAIL, len(values))
    interval = skewed_interval(known, confidence)
    outcome = compare(interval, condition.must_be)
    if strict and condition.statistic in _EXTREMES and not all(map(condition.must_be.holds, known)):
        outcome = Outcome.FAIL
    return Decision(condition, outcome, len(known), interval)


def decide_all(
    conditions: Sequence[Threshold],
    values_of: Callable[[Threshold], Sequence[float | None]],
    confidence: float,
    *,
    strict: bool = False,
) -> tuple[Decision, ...]:
    """Decide conditions that all must hold, so that what is said of them together has this confidence."""
    stricter = 1 - (1 - confidence) / max(1, ceil(len(conditions) / 2))
    decisions = []
    for condition in conditions:
        values = values_of(condition)
        decision = decide(condition, values, confidence, strict=strict)
        if decision.outcome is Outcome.FAIL:
            surely = decide(condition, values, stricter, strict=strict).outcome is Outcome.FAIL
            decision = decision if surely else replace(decision, outcome=Outcome.INCONCLUSIVE)
        decisions.append(decision)
    return tuple(decisions)


def together(decisions: Iterable[Decision]) -> Outcome:
    """Return the outcome of conditions that all must hold."""
    outcomes = {each.outcome for each in decisions}
    return next((each for each in (Outcome.FAIL, Outcome.INCONCLUSIVE) if each in outcomes), Outcome.PASS)


@dataclass(frozen=True, slots=True)
class Chain:
    """How far a sequence of limits goes: the last that passes, and the one that ends it, with its outcome."""

    reached: int | None
    ended_by: int | None = None
    outcome: Outcome = Outcome.PASS  # of the one that ends it


def chain(limits: Iterable[int], outcome_of: Callable[[int], Outcome]) -> Chain:
    """Look at limits in the order given, as long as they pass."""
    reached: int | None = None
    for limit in limits:
        outcome = outcome_of(limit)
        if outcome is not Outcome.PASS:
            return Chain(reached, limit, outcome)
        reached = limit
    return Chain(reached)
