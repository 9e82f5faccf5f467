"""What the capacity report embeds: the numbers that its charts are drawn from, for every limit, and their words.

A number is `[mean, low, high]`, in the unit that is shown; numbers have DIGITS significant digits. Words come from
`flowconc.plan`, so that the page says a number as the terminal does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Final

from flowconc.check.verdict import Outcome
from flowconc.check.wording import number
from flowconc.plan.deciding import Decision
from flowconc.plan.evaluation import Statistic, of_flow
from flowconc.plan.numbers import alone, spread, unit_of
from flowconc.plan.options import Case, Option
from flowconc.plan.outlook import LOADS
from flowconc.plan.panel import statistic_of
from flowconc.plan.result import Envelope, Outlook, PlanResult, Row
from flowconc.plan.tables import distinct, note, prediction_of, title
from flowconc.report.meanings import meaning
from flowconc.scenario.flow import Behavior

DIGITS: Final = 5

SHOWN: Final = (
    ("queue_wait", "mean"),
    ("queue_wait", "p50"),
    ("queue_wait", "p95"),
    ("queue_wait", "p99"),
    ("queue_wait", "max"),
    ("sojourn", "mean"),
    ("sojourn", "p95"),
    ("queue_depth", "mean"),
    ("queue_depth", "max"),
    ("utilization", "mean"),
    ("rejected", "rate"),
    ("skipped_fires", "rate"),
    ("lock_wait", "mean"),
)
"""Statistics of the planned flow that can be drawn, beside those of goals and what is protected."""

MATTERS: Final = frozenset(
    {
        ("queue_wait", "mean"),
        ("queue_depth", "max"),
        ("utilization", "mean"),
        ("rejected", "rate"),
        ("skipped_fires", "rate"),
        ("lock_wait", "mean"),
    }
)
"""Of those, the ones that are said of the limit that the reader picks."""

LOCK_WAIT: Final = Statistic("lock_wait", "mean")
BACKLOG: Final = ("queue_depth", "mean")

_US_PER_MINUTE: Final = 60_000_000
_MINUTES_PER_DAY: Final = 1_440

Data = dict[str, Any]


def capacity_data(result: PlanResult, outlook: Outlook) -> Data:
    """Return what the charts of a plan are drawn from, as plain data."""
    statistics = shown(result)
    return {
        "flow": result.plan.flow,
        "limits": list(result.plan.limits),
        "loads": list(LOADS),
        "now": result.now.option.limit,
        "statistics": [_statistic(result, each) for each in statistics],
        "cases": [_case(result, outlook, case, statistics) for case in outlook.cases],
        "case": outlook.cases.index(result.base.case),
    }


def shown(result: PlanResult) -> list[Statistic]:
    """Return the statistics that can be drawn, the first goal's first: those that any limit has a value of."""
    conditions = map(statistic_of, (*result.plan.goals, *result.plan.protects))
    others = (of_flow(metric, statistic, result.plan.flow) for metric, statistic in SHOWN)
    rows = list(result.rows.values())
    wanted = [statistic_of(goal) for goal in result.plan.goals]
    every = distinct([*conditions, *others], result.plan.flow, result.scenario)
    return [each for each in every if each in wanted or any(any(row.values[each]) for row in rows)]


def _statistic(result: PlanResult, statistic: Statistic) -> Data:
    conditions = [("goal", each) for each in result.plan.goals]
    conditions += [("protect", each) for each in result.plan.protects]
    scale, unit = unit_of(statistic.metric, statistic.statistic)
    return {
        "title": title(statistic, result),
        "unit": unit,
        "meaning": meaning(statistic.metric, statistic.statistic),
        "matters": (statistic.metric, statistic.statistic) in MATTERS,
        "bounds": [
            {"what": what, "written": each.written, "value": _rounded(scale * each.must_be.value)}
            for what, each in conditions
            if statistic_of(each) == statistic
        ],
    }


def _case(result: PlanResult, outlook: Outlook, case: Case, statistics: list[Statistic]) -> Data:
    recommendation = result.of_case(case)
    limits = result.plan.limits
    loads = [_of_limit(outlook.loads, case, limit) for limit in limits]
    return {
        "label": case.label(result.plan),
        "waits": case.behavior is Behavior.QUEUE,
        "recommended": recommendation.limit,
        "start": recommendation.limit or recommendation.reference or result.now.option.limit or limits[0],
        "rows": [_row(result, row, statistics) for row in result.case_rows(case)],
        "loads": [[_load(result, row, statistics) for row in rows] for rows in loads],
        "reaches": [_reach(result, case, rows) for rows in loads],
        "cliffs": [_cliff(outlook, Option(limit, case)) for limit in limits],
        "envelopes": [_envelope(result, outlook.envelopes.get(Option(limit, case))) for limit in limits],
        "turned_away": [_turned_away(result, outlook, Option(limit, case)) for limit in limits],
    }


def _of_limit(rows: Mapping[Option, Row], case: Case, limit: int) -> list[Row]:
    """Return a limit's rows by load, lightest first."""
    own = (
        row
        for option, row in rows.items()
        if option.limit == limit
        and (option.case.behavior, option.case.values) == (case.behavior, case.values)
    )
    return sorted(own, key=lambda row: row.option.case.load)


def _row(result: PlanResult, row: Row, statistics: list[Statistic]) -> Data:
    recommended = result.of_case(row.option.case)
    return {
        "limit": row.option.limit,
        "runs": row.runs,
        "marks": [
            *(["recommended"] if row.option.limit == recommended.limit else []),
            *(["as it is now"] if row.option == result.now.option else []),
        ],
        "note": note(result, row),
        "goals": [_decision(each) for each in row.goals],
        "protects": [_decision(each) for each in row.protects],
        "values": [_numbers(result, row, each) for each in statistics],
        "words": [_words(result, row, each) for each in statistics],
        "theory": [_theory(result, row, each) for each in statistics],
        "backlog": _numbers(result, row, of_flow(*BACKLOG, row.flow)),
        "lock_wait": _numbers(result, row, LOCK_WAIT),
    }


def _decision(decision: Decision) -> Data:
    condition, interval = decision.condition, decision.interval
    mean = None if interval is None else alone(condition.metric, condition.statistic, interval.mean)
    return {
        "written": condition.written,
        "outcome": decision.outcome.name,
        "measured": mean or "no data",
    }


def _reach(result: PlanResult, case: Case, rows: Sequence[Row]) -> float | None:
    """Return the largest load up to which the goals are surely met, of those that were tried; None if of none.

    It is looked for from the load of the case on, as the plan decided that; where they are not met there, below it.
    """
    met = [(row.option.case.load, result.rows.get(row.option, row).meets is Outcome.PASS) for row in rows]
    from_here = takewhile(lambda each: each[1], (each for each in met if each[0] >= case.load))
    below = (each for each in met if each[0] < case.load and each[1])
    return max((load for load, _ in from_here), default=None) or max(
        (load for load, _ in below), default=None
    )


def _load(result: PlanResult, row: Row, statistics: list[Statistic]) -> Data:
    return {
        "load": row.option.case.load,
        "grows": row.growth_per_s(result.plan.confidence) is not None,
        "values": [_numbers(result, row, each) for each in statistics],
        "backlog": _numbers(result, row, of_flow(*BACKLOG, row.flow)),
        "lock_wait": _numbers(result, row, LOCK_WAIT),
    }


def _numbers(result: PlanResult, row: Row, statistic: Statistic) -> list[float] | None:
    interval = row.estimate(statistic, result.plan.confidence)
    if interval is None:
        return None
    scale, _ = unit_of(statistic.metric, statistic.statistic)
    return [_rounded(scale * each) for each in (interval.mean, interval.low, interval.high)]


def _words(result: PlanResult, row: Row, statistic: Statistic) -> str:
    interval = row.estimate(statistic, result.plan.confidence)
    return "no data" if interval is None else spread(statistic.metric, statistic.statistic, interval)


def _theory(result: PlanResult, row: Row, statistic: Statistic) -> list[Any] | None:
    """Return what queueing theory says: the number, whether it is exact, and the number with the formula in words."""
    prediction = prediction_of(result, row, statistic)
    if prediction is None:
        return None
    scale, _ = unit_of(statistic.metric, statistic.statistic)
    said = f"{alone(statistic.metric, statistic.statistic, prediction.value)} by {prediction.formula}"
    return [_rounded(scale * prediction.value), prediction.exact, said]


def _cliff(outlook: Outlook, option: Option) -> Data | None:
    cliff = outlook.cliffs.get(option)
    if cliff is None:
        return None
    about = "" if cliff.exact else "about "
    return {"load": _rounded(cliff.load), "said": f"{about}×{number(round(cliff.load, 2))}"}


def _envelope(result: PlanResult, envelope: Envelope | None) -> Data | None:
    """Return the band over the day: minutes from the midnight before it, in the clock of the scenario."""
    if envelope is None:
        return None
    clock = result.scenario.clock_start
    midnight_us = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond
    begins = (midnight_us + envelope.window.begin_us) / _US_PER_MINUTE % _MINUTES_PER_DAY
    return {
        "begins": _rounded(begins),
        "part": _rounded(envelope.window.part_us / _US_PER_MINUTE),
        "days": envelope.window.days,
        "observations": envelope.observations,
        "p50": list(map(_rounded, envelope.median)),
        "p95": list(map(_rounded, envelope.p95)),
    }


def _turned_away(result: PlanResult, outlook: Outlook, option: Option) -> Data:
    """Return the share that a limit turns away; where it lets wait, the share that CANCEL would turn away."""
    row = outlook.turned_away.get(Option(option.limit, _cancelling(option.case))) or result.rows[option]
    statistic = of_flow("rejected", "rate", row.flow)
    return {
        "values": _numbers(result, row, statistic),
        "words": _words(result, row, statistic),
        "theory": _theory(result, row, statistic),
    }


def _cancelling(case: Case) -> Case:
    return Case(Behavior.CANCEL, case.load, case.duration, case.values)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
