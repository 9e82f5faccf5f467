"""The warm-up of a plan: as the scenario says, or found with MSER-5 in some pilot runs.

One warm-up serves all options, so that they are compared on the same executions. It is found where it is longest: with
the most load and the longest durations that are tried, under the smallest limit that still keeps up, since a queue takes
the longer to settle the less is to spare.

Only what has no beginning and no end of its own can settle. Where arrivals are recorded, burst or change, where actions
or faults happen, the whole run counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import ceil
from statistics import median
from typing import Final

from flowconc.plan.evaluation import of_flow
from flowconc.plan.options import Case, Option, applied
from flowconc.plan.runs import Prepared, Runs, Wanted
from flowconc.scenario.model import Arrivals, Every, PoissonProcess, Scenario
from flowconc.scenario.plan import Plan

PILOTS: Final = 5
"""Runs in which the warm-up is looked for."""

KEEPS_UP: Final = 0.9
"""The most that slots are used, of the limit at which it is looked for."""

US_PER_S: Final = 1_000_000


class Origin(Enum):
    """Where a warm-up comes from."""

    GIVEN = "given"  # run.warmup
    FOUND = "found"  # MSER-5
    WHOLE = "whole"  # the scenario does not settle by its nature: the whole run counts
    UNSETTLED = "unsettled"  # it should have settled and has not: the whole run counts


@dataclass(frozen=True, slots=True)
class Warmup:
    """What is left out at the beginning of each run. `limit` is the one at which it was found."""

    us: int
    origin: Origin
    limit: int | None = None


def settles(scenario: Scenario) -> bool:
    """Say whether a scenario can settle: everything arrives evenly from the start to the end of the run."""
    if scenario.actions or scenario.faults or scenario.run.until_us is None:
        return False
    return all(_is_even(each, scenario.run.until_us) for each in scenario.arrivals)


def _is_even(arrivals: Arrivals, until_us: int) -> bool:
    pattern = arrivals.pattern
    return (
        isinstance(pattern, PoissonProcess | Every)
        and pattern.start_us == 0
        and pattern.count is None
        and (pattern.until_us is None or pattern.until_us >= until_us)
    )


def find_warmup(scenario: Scenario, plan: Plan, cases: Sequence[Case], runs: Runs) -> Warmup:
    """Return the warm-up of a plan. Raises what `Runs.fetch` raises."""
    if not plan.finds_warmup:
        return Warmup(scenario.run.warmup_us, Origin.GIVEN)
    if not settles(scenario):
        return Warmup(0, Origin.WHOLE)
    heaviest = max(cases, key=lambda case: case.load * case.duration)
    limit = _limit_that_keeps_up(scenario, plan, heaviest, runs)
    statistic = of_flow("warmup", "mser5", plan.flow)
    prepared = Prepared(applied(scenario, plan, Option(limit, heaviest)))
    (rows,) = runs.fetch("warm-up", [Wanted(prepared, (statistic,), PILOTS)])
    found_s = [value for (value,) in rows if value is not None]
    if 2 * len(found_s) <= PILOTS:
        return Warmup(0, Origin.UNSETTLED, limit)
    assert scenario.run.until_us is not None
    return Warmup(min(ceil(median(found_s)) * US_PER_S, scenario.run.until_us // 2), Origin.FOUND, limit)


def _limit_that_keeps_up(scenario: Scenario, plan: Plan, case: Case, runs: Runs) -> int:
    """Return the smallest limit that keeps up, by the slots in use under the largest; else the largest."""
    statistic = of_flow("slots_in_use", "mean", plan.flow)
    prepared = Prepared(applied(scenario, plan, Option(plan.limits[-1], case)))
    (rows,) = runs.fetch("warm-up", [Wanted(prepared, (statistic,), PILOTS)])
    in_use = max((value for (value,) in rows if value is not None), default=0.0)
    return next((limit for limit in plan.limits if in_use <= KEEPS_UP * limit), plan.limits[-1])


def with_warmup(scenario: Scenario, plan: Plan, warmup: Warmup) -> tuple[Scenario, Plan]:
    """Return the scenario and its plan, variants included, with this warm-up."""

    def warmed(each: Scenario) -> Scenario:
        return replace(each, run=replace(each.run, warmup_us=warmup.us))

    variants = tuple(replace(each, scenario=warmed(each.scenario)) for each in plan.variants)
    return warmed(scenario), replace(plan, variants=variants)
