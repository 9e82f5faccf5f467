"""What lies around a plan: other loads, the day, and what would be turned away. Reports draw it.

Everything is measured at every limit, on the same random numbers as the plan itself, so that a reader can move from
limit to limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from flowconc.plan.evaluation import Statistic, part_of
from flowconc.plan.options import Case, Option, applied
from flowconc.plan.profile import PARTS, Window, window_of
from flowconc.plan.result import FULL, Cliff, Envelope, Outlook, PlanResult
from flowconc.plan.runs import Prepared, Runs, Wanted
from flowconc.plan.sweep import Sweep
from flowconc.plan.theory.queue import Queue
from flowconc.scenario.flow import Behavior

LOADS: Final = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""Factors of the load at which every limit is measured."""


def look_out(result: PlanResult, runs: Runs) -> PlanResult:
    """Return a plan with its outlook. `runs` are those that it was carried out with. Raises what `Runs.fetch` raises."""
    cases = tuple(case for case in result.cases if _is_like(case, result.base.case))
    sweep = Sweep(result.scenario, result.plan, result.cases, runs)
    loads = [
        Option(limit, replace(case, load=case.load * factor))
        for case in cases
        for limit in result.plan.limits
        for factor in LOADS
    ]
    rejecting = [
        Option(limit, replace(case, behavior=Behavior.CANCEL))
        for case in cases
        if case.behavior is Behavior.QUEUE
        for limit in result.plan.limits
    ]
    sweep.measure(list(dict.fromkeys((*loads, *rejecting))), result.plan.replications, "other loads")
    outlook = Outlook(
        cases,
        {option: sweep.row(option) for option in loads},
        {option: sweep.row(option) for option in rejecting},
        dict(_cliffs(result, cases)),
        dict(_envelopes(result, cases, runs)),
    )
    return replace(result, outlook=outlook)


def _is_like(case: Case, base: Case) -> bool:
    return (case.load, case.duration) == (base.load, base.duration)


# --- the cliff


def _cliffs(result: PlanResult, cases: tuple[Case, ...]) -> Iterator[tuple[Option, Cliff]]:
    """Yield the load from which on each limit cannot keep up: where the offered load is as large as the limit.

    What ends by itself, after so many arrivals, has no long run to keep up in.
    """
    if result.scenario.run.until_us is None:
        return
    for case in cases:
        if case.behavior is not Behavior.QUEUE:
            continue
        offered = _offered_slots(result, case)
        if offered:
            exact = isinstance(result.case_rows(case)[0].theory, Queue)
            for limit in result.plan.limits:
                yield Option(limit, case), Cliff(case.load * limit / offered, exact)


def _offered_slots(result: PlanResult, case: Case) -> float | None:
    """Return how many slots would be in use if there were enough; None where that does not grow with the load."""
    most = result.case_rows(case)[-1]
    if isinstance(most.theory, Queue):
        return most.theory.load
    if any(flow.self_firing for flow in result.scenario.flows if flow.key == result.plan.flow):
        return None
    in_use = most.of_flow("slots_in_use", "mean", result.plan.confidence)
    busy = most.of_flow("utilization", "mean", result.plan.confidence)
    if in_use is None or busy is None or busy.mean >= FULL:
        return None
    return in_use.mean


# --- the day


def _envelopes(result: PlanResult, cases: tuple[Case, ...], runs: Runs) -> Iterator[tuple[Option, Envelope]]:
    window = window_of(result.scenario.run)
    if window is None:
        return
    asked = _parts(window, result.plan.flow)
    options = [Option(limit, case) for case in cases for limit in result.plan.limits]
    wanted = [
        Wanted(Prepared(applied(result.scenario, result.plan, option)), asked, result.rows[option].runs)
        for option in options
    ]
    for option, values in zip(options, runs.fetch("the day", wanted), strict=True):
        means = np.array(values, dtype=np.float64).reshape(-1, PARTS)  # a row a run and a day
        median, p95 = np.quantile(means, (0.5, 0.95), axis=0, method="inverted_cdf")
        yield option, Envelope(window, len(means), tuple(median.tolist()), tuple(p95.tolist()))


def _parts(window: Window, flow: str) -> tuple[Statistic, ...]:
    parts = window.days * PARTS
    return tuple(part_of(flow, part, parts, window.begin_us, window.end_us) for part in range(parts))
