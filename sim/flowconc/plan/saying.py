"""What a plan found, in sentences: the recommendation, how things are now, what to look out for."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Final

from flowconc.check.statistics import confidence_interval
from flowconc.check.verdict import Outcome
from flowconc.check.wording import counted, number
from flowconc.plan.deciding import Decision
from flowconc.plan.evaluation import DRAWN, Statistic, of_flow
from flowconc.plan.numbers import alone, between
from flowconc.plan.options import Case
from flowconc.plan.result import PlanResult, Recommendation, Recovery, Row, Status
from flowconc.plan.settling import Origin, settles
from flowconc.plan.theory.queue import Backlog
from flowconc.scenario.conditions import Threshold
from flowconc.scenario.flow import Behavior
from flowconc.scenario.literals.durations import format_us
from flowconc.scenario.plan import Disturbance

NEAR_FULL: Final = 0.85
"""Utilization from which on a queue is near instability: waits grow as 1 / (1 - utilization)."""

FALSE_ALARM: Final = 0.01
"""Share of plans in which theory and simulation are said to disagree though all is right (Bonferroni)."""

_OUTCOME: Final = {Outcome.PASS: "does", Outcome.FAIL: "does not"}


def sentences(result: PlanResult) -> Iterator[str]:
    """Yield what a plan came to: a sentence a case, how it is now, and which case is best."""
    for each in result.recommendations:
        label = each.case.label(result.plan)
        yield f"{label}: {recommendation(result, each)}" if label else recommendation(result, each)
    yield now(result)
    if result.best is not None:
        yield _best(result)


# --- the recommendation


def recommendation(result: PlanResult, each: Recommendation) -> str:
    """Say what is recommended in a case, its confidence first."""
    plan = result.plan
    confidence = sure(result)
    goals = conditions(result)
    low, high = plan.limits[0], plan.limits[-1]
    without_value = unknown(result, each)
    if without_value is not None:
        return (
            f"no answer: not every run of limit {high} has a value of {subject_of(without_value)}: "
            "make the runs longer, or look at its selectors"
        )
    match each.status:
        case Status.FOUND:
            return f"{confidence}: limit {each.limit} meets {goals}{_below(result, each)}{_allowed(result, each)}"
        case Status.NONE:
            row = result.row(each.case, high)
            tried = (
                f"no limit from {low} to {high}"
                if low != high
                else f"limit {high} is not enough: it does not"
            )
            meets = "meets" if low != high else "meet"
            return f"{confidence}: {tried} {meets} {goals}; {high} has {_worst(row)}"
        case Status.CONFLICT:
            allows = "none" if each.largest is None else f"at most {each.largest}"
            protects = " and ".join(condition.written for condition in plan.protects)
            return f"{confidence}: no limit will do: {goals} needs at least {each.smallest}, {protects} allows {allows}"
        case Status.UNDECIDED:
            return f"not decided in {plan.max_replications} runs: {_open(result, each)}"


def unknown(result: PlanResult, each: Recommendation) -> Threshold | None:
    """Return the condition that runs have no value of, where it is why nothing is recommended in a case."""
    row = result.row(each.case, result.plan.limits[-1])
    match each.status:
        case Status.NONE:
            decisions = row.goals
        case Status.CONFLICT if each.largest is None:
            decisions = row.protects
        case _:
            decisions = ()
    return next((decision.condition for decision in decisions if decision.interval is None), None)


def sure(result: PlanResult) -> str:
    """Say with which confidence something is recommended; that there is no chance in it, where there is none."""
    if not any(any(row.values[DRAWN]) for row in result.rows.values()):
        return "nothing is left to chance"
    return f"{number(100 * result.plan.confidence)} % sure"


def conditions(result: PlanResult) -> str:
    """Return the goals as they are written."""
    return " and ".join(goal.written for goal in result.plan.goals)


def _below(result: PlanResult, each: Recommendation) -> str:
    if each.below is None:
        return ", and is the smallest that was tried"
    limit, outcome = each.below
    if outcome in _OUTCOME:
        return f", {limit} {_OUTCOME[outcome]}"
    return f"; {limit} could not be decided in {counted(result.row(each.case, limit).replications, 'run')}"


def _allowed(result: PlanResult, each: Recommendation) -> str:
    if not result.plan.protects:
        return ""
    protects = " and ".join(condition.written for condition in result.plan.protects)
    if each.largest == result.plan.limits[-1]:
        return f"; {protects} allows all that were tried, up to {each.largest}"
    return f"; {protects} allows at most {each.largest}"


def _open(result: PlanResult, each: Recommendation) -> str:
    if each.smallest is None:
        return f"whether limit {each.below[0] if each.below else '?'} meets {conditions(result)}"
    protects = " and ".join(condition.written for condition in result.plan.protects)
    largest = "none is sure to be allowed" if each.largest is None else f"{each.largest} is allowed"
    return f"limit {each.smallest} meets {conditions(result)}, and of {protects} only that {largest}"


def _worst(row: Row) -> str:
    """Say the goal that an option misses, as it was measured."""
    missed = next((each for each in row.goals if each.outcome is not Outcome.PASS), row.goals[0])
    return measured(missed)


def subject_of(condition: Threshold) -> str:
    """Return what a condition is about, as it is written: `queue_wait{source=webhook} p95`."""
    return condition.written.rpartition(condition.must_be.operator)[0].strip()


def measured(decision: Decision) -> str:
    """Say what was measured of a condition: `queue_wait p95 = 71.2s`."""
    condition = decision.condition
    if decision.interval is None:
        return f"{subject_of(condition)}: no data"
    return f"{subject_of(condition)} = {alone(condition.metric, condition.statistic, decision.interval.mean)}"


def now(result: PlanResult) -> str:
    """Say how the scenario is now."""
    row = result.now
    limit = "no limit" if row.option.limit is None else f"limit {row.option.limit}"
    behaviors = {case.behavior for case in result.cases}
    if row.option.limit is not None and row.option.case.behavior not in behaviors:
        limit = f"{limit} with {row.option.case.behavior.value}"
    if row.meets is Outcome.PASS:
        state = f"meets {conditions(result)}"
    elif row.meets is Outcome.FAIL:
        state = f"does not meet {conditions(result)}: {_worst(row)}"
    else:
        state = f"could not be decided in {counted(row.replications, 'run')}: {_worst(row)}"
    return f"now: {limit} {state}"


def _best(result: PlanResult) -> str:
    best = result.best
    assert best is not None
    goal = result.plan.goals[0]
    subject = f"{goal.metric} {goal.statistic}"
    shown = [
        f"{best.options[place].case.label(result.plan)} at limit {best.options[place].limit}"
        for place in ([best.selection.best] if best.selection.decided else best.selection.survivors)
    ]
    within = alone(goal.metric, goal.statistic, best.indifference)
    if best.selection.decided:
        return f"best in {subject} (Kim and Nelson, within {within}): {shown[0]}"
    return (
        f"best in {subject}: not decided in {best.selection.replications} runs between {' and '.join(shown)}"
    )


# --- how it was found


def warmup(result: PlanResult) -> str:
    """Say what is left out at the beginning of the runs, and why."""
    found = result.warmup
    match found.origin:
        case Origin.GIVEN:
            return f"warm-up {format_us(found.us)} as the scenario says"
        case Origin.FOUND:
            if not found.us:
                return f"settled from the start (MSER-5 at limit {found.limit})"
            return f"warm-up {format_us(found.us)} (MSER-5 at limit {found.limit})"
        case Origin.WHOLE:
            return "no warm-up: the scenario has a beginning and an end of its own"
        case Origin.UNSETTLED:
            return "no warm-up was found"


def disturbance(each: Disturbance) -> str:
    """Say what a flow has to recover from."""
    if each.burst is not None:
        return f"a burst of {each.burst}"
    return f"an outage of {format_us(each.outage_us or 0)}"


def recovery(result: PlanResult, each: Recovery) -> str:
    """Say how long an option takes to recover."""
    known = [value for value in each.values if value is not None]
    limit = "no limit" if each.option.limit is None else f"limit {each.option.limit}"
    head = f"{limit}, after {disturbance(each.disturbance)}: "
    if len(known) < len(each.values):
        missing = len(each.values) - len(known)
        return f"{head}not over by the end of the run in {missing} of {counted(len(each.values), 'run')}"
    interval = confidence_interval(known, result.plan.confidence)
    fluid = ""
    if each.fluid_s is not None and isfinite(each.fluid_s):
        fluid = f", fluid limit {alone('recovery', 'time', each.fluid_s)}"
    return f"{head}recovered after {between('recovery', 'time', interval)}{fluid}"


# --- what to look out for


def warnings(result: PlanResult) -> Iterator[str]:
    """Yield what the reader of a plan should know beside its numbers."""
    if result.warmup.origin is Origin.UNSETTLED:
        yield (
            f"the runs had not settled by their middle at limit {result.warmup.limit}: they are too short, "
            "or the limits keep up with too little to spare; their beginning is in the numbers"
        )
    yield from _nobody(result)
    yield from _of_recommended(result)
    yield from _not_scaled(result)
    yield from _not_monotone(result)
    yield from _disagreements(result)
    yield from _unfinished(result)


def _nobody(result: PlanResult) -> Iterator[str]:
    key = of_flow("sojourn", "mean", result.plan.flow)
    if all(value is None for row in result.rows.values() for value in row.values[key]):
        yield f"no execution of {result.plan.flow} ended in any run: nothing is said of it, whatever the goals say"


def _of_recommended(result: PlanResult) -> Iterator[str]:
    base, plan = result.base, result.plan
    if base.limit is None:
        return
    row, confidence = result.row(base.case, base.limit), plan.confidence
    busy = row.of_flow("utilization", "mean", confidence)
    # a backlog, or so many arrivals and no more, is to be worked off by every slot there is
    is_steady = not isinstance(row.theory, Backlog) and result.scenario.run.until_us is not None
    waits = base.case.behavior is Behavior.QUEUE
    if waits and is_steady and busy is not None and busy.high >= NEAR_FULL:
        share = between("utilization", "mean", busy)
        yield f"limit {base.limit} is near instability: {share} of its slots are in use"
    lost = row.of_flow("rejected", "rate", confidence)
    if base.case.behavior is not Behavior.QUEUE and lost is not None:
        count = row.of_flow("rejected", "count", confidence)
        runs = "" if count is None else f", {alone('rejected', 'count', count.mean)} in a run"
        yield f"limit {base.limit} with {base.case.behavior.value} turns away {between('rejected', 'rate', lost)}{runs}"
    skipped = row.of_flow("skipped_fires", "rate", confidence)
    if skipped is not None and skipped.high > 0:
        yield f"limit {base.limit}: the locked trigger skips {between('skipped_fires', 'rate', skipped)} of its fires"
    pool = row.estimate(Statistic("database_utilization", "mean"), confidence)
    if pool is not None and pool.high >= NEAR_FULL:
        share = between("database_utilization", "mean", pool)
        yield f"limit {base.limit}: {share} of the database's connections are in use"


def _not_scaled(result: PlanResult) -> Iterator[str]:
    scaled = [case.load for case in result.cases if case.load != 1] or result.sensitivity
    if scaled and any(flow.self_firing for flow in result.scenario.flows):
        yield "Schedule and polling triggers are not scaled with the load: their times are in the flow files"


def _not_monotone(result: PlanResult) -> Iterator[str]:
    for each in result.recommendations:
        if not each.monotone:
            yield f"{_where(result, each.case)}larger limits than those that meet the goals do not: see the table"


def _disagreements(result: PlanResult) -> Iterator[str]:
    """Say where formulas do not fit. That one does, though all is right, happens in FALSE_ALARM of all plans."""
    if not settles(result.scenario):
        return
    rows = [row for row in result.rows.values() if row.growth_per_s(result.plan.confidence) is None]
    confidence = 1 - FALSE_ALARM / max(1, sum(len(row.checkable) for row in rows))
    for row in rows:
        for statistic, prediction, interval in row.disagreements(confidence):
            metric, name = statistic.metric, statistic.statistic
            yield (
                f"{_where(result, row.option.case)}limit {row.option.limit}: {metric} {name} is "
                f"{between(metric, name, interval)}, but {alone(metric, name, prediction.value)} by "
                f"{prediction.formula}: the runs are too short to settle, or this is an error of ours"
            )


def _unfinished(result: PlanResult) -> Iterator[str]:
    key = of_flow("queue_wait", "unfinished", result.plan.flow)
    waiting = [row for row in result.rows.values() if any(row.values[key])]
    if waiting:
        limits = ", ".join(dict.fromkeys(str(row.option.limit) for row in waiting))
        yield f"who still waited at the end of a run is left out of its waits, at limit {limits}: see `run.drain`"


def _where(result: PlanResult, case: Case) -> str:
    label = case.label(result.plan)
    return f"{label}: " if label else ""
