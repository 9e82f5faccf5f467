"""A plan as data for machines: everything that its text shows, and every statistic of every option."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from functools import partial
from io import StringIO
from typing import Any, Final

from flowconc import __version__
from flowconc.check.statistics import Interval, confidence_interval
from flowconc.check.wording import number
from flowconc.plan.deciding import Decision
from flowconc.plan.evaluation import Statistic, of_flow
from flowconc.plan.options import Case, Option
from flowconc.plan.outlook_data import outlook_data
from flowconc.plan.panel import statistic_of
from flowconc.plan.result import PlanResult, Recommendation, Recovery, Row
from flowconc.plan.saying import disturbance, sentences, warnings
from flowconc.plan.theory.queue import Backlog

SCHEMA_VERSION: Final = 1

CSV_COLUMNS: Final = (
    "scenario",
    "section",
    "behavior",
    "load",
    "duration",
    "parameters",
    "limit",
    "metric",
    "selectors",
    "statistic",
    "runs",
    "mean",
    "low",
    "high",
    "theory",
    "formula",
    "difference",
    "difference_low",
    "difference_high",
    "goals",
    "protect",
)


def plans_json(results: Iterable[PlanResult], *, indent: int | None = 2) -> str:
    """Return the JSON document of plans: `schema_version` first. Times are in seconds, rates a second, shares 0 to 1."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "flowconc_version": __version__,
        "plans": [plan_data(each) for each in results],
    }
    return json.dumps(document, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def plan_data(result: PlanResult) -> dict[str, Any]:
    """Return a plan as plain data: strings, numbers, lists and dictionaries only."""
    plan, scenario, outlook = result.plan, result.scenario, result.outlook
    return {
        "scenario": scenario.id,
        "path": scenario.position.path,
        "flow": plan.flow,
        "seed": result.seed,
        "confidence": plan.confidence,
        "until_s": None if scenario.run.until_us is None else scenario.run.until_us / 1e6,
        "warmup": {"s": result.warmup.us / 1e6, "origin": result.warmup.origin.value},
        "goals": [each.written for each in plan.goals],
        "protect": [each.written for each in plan.protects],
        "sentences": list(sentences(result)),
        "warnings": list(warnings(result)),
        "recommendations": [_recommendation(each) for each in result.recommendations],
        "now": _row(result, result.now),
        "best": _best(result),
        "options": [_row(result, row) for row in result.rows.values()],
        "sensitivity": [_row(result, row) for row in result.sensitivity],
        "recovery": [_recovery(result, each) for each in result.recovery],
        "outlook": None if outlook is None else outlook_data(outlook, partial(_row, result), _option),
    }


def _recommendation(each: Recommendation) -> dict[str, Any]:
    def ended(by: tuple[int, Any] | None) -> dict[str, Any] | None:
        return None if by is None else {"limit": by[0], "outcome": by[1].value}

    return {
        **_case(each.case),
        "status": each.status.value,
        "limit": each.limit,
        "smallest_that_meets": each.smallest,
        "below": ended(each.below),
        "largest_allowed": each.largest,
        "above": ended(each.above),
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "behavior": case.behavior.value,
        "load": case.load,
        "duration": case.duration,
        "parameters": dict(case.values),
    }


def _option(option: Option) -> dict[str, Any]:
    return {"limit": option.limit, **_case(option.case)}


def _row(result: PlanResult, row: Row) -> dict[str, Any]:
    growth = row.growth_per_s(result.plan.confidence)
    return {
        **_option(row.option),
        "replications": row.replications,
        "meets_goals": row.meets.value,
        "spares": row.spares.value,
        "goals": [_decision(each) for each in row.goals],
        "protect": [_decision(each) for each in row.protects],
        "statistics": list(_statistics(result, row)),
        "theory": _theory(row),
        "difference": _difference(result, row),
        "queue_grows_per_s": None if growth is None else _interval(growth),
    }


def _difference(result: PlanResult, row: Row) -> dict[str, Any] | None:
    """Return by how much an option differs from the recommended one, in the first goal's statistic, run by run."""
    if row.difference is None:
        return None
    return {
        **_named(statistic_of(result.plan.goals[0])),
        "from_limit": result.of_case(row.option.case).reference,
        **_interval(row.difference),
    }


def _named(statistic: Statistic) -> dict[str, Any]:
    return {
        "metric": statistic.metric,
        "statistic": statistic.statistic,
        "selectors": dict(statistic.selectors),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    """Return what was decided, with the interval that decided it: that of a look, wider than the one that is shown."""
    return {
        "written": decision.condition.written,
        "outcome": decision.outcome.value,
        "decided_on": None if decision.interval is None else _interval(decision.interval),
    }


def _statistics(result: PlanResult, row: Row) -> Iterator[dict[str, Any]]:
    for statistic in row.values:
        interval = row.estimate(statistic, result.plan.confidence)
        prediction = row.predictions.get((statistic.metric, statistic.statistic))
        own = statistic == of_flow(statistic.metric, statistic.statistic, row.flow)
        yield {
            **_named(statistic),
            **(_interval(interval) if interval is not None else dict.fromkeys(("mean", "low", "high"))),
            "theory": prediction.value if prediction is not None and own else None,
            "formula": prediction.formula if prediction is not None and own else None,
            "exact": prediction.exact if prediction is not None and own else None,
        }


def _theory(row: Row) -> dict[str, Any]:
    if isinstance(row.theory, str):
        return {"queue": None, "why_not": row.theory}
    if isinstance(row.theory, Backlog):
        return {
            "queue": row.theory.name,
            "why_not": None,
            "burst": row.theory.burst,
            "service_s": row.theory.service_s,
        }
    return {
        "queue": row.theory.name,
        "why_not": None,
        "arrivals_per_s": row.theory.arrivals_per_s,
        "service_s": row.theory.service_s,
        "variation": row.theory.variation,
        "offered_load": row.theory.load,
    }


def _best(result: PlanResult) -> dict[str, Any] | None:
    best = result.best
    if best is None:
        return None
    return {
        "procedure": "Kim and Nelson 2001",
        "options": [_option(each) for each in best.options],
        "best": best.selection.best,
        "survivors": list(best.selection.survivors),
        "decided": best.selection.decided,
        "replications": best.selection.replications,
        "indifference": best.indifference,
    }


def _recovery(result: PlanResult, each: Recovery) -> dict[str, Any]:
    known = [value for value in each.values if value is not None]
    complete = len(known) == len(each.values)
    return {
        **_option(each.option),
        "disturbance": disturbance(each.disturbance),
        "replications": len(each.values),
        "recovered": len(known),
        **(
            _interval(confidence_interval(known, result.plan.confidence))
            if complete
            else dict.fromkeys(("mean", "low", "high"))
        ),
        "fluid_limit": each.fluid_s if each.fluid_s != float("inf") else None,
    }


def _interval(interval: Interval) -> dict[str, float]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}


# --- CSV


def plans_csv(results: Iterable[PlanResult]) -> str:
    """Return one line for each statistic of each option, with a head of CSV_COLUMNS; what does not apply is empty."""
    text = StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for result in results:
        data = plan_data(result)
        writer.writerows({"scenario": data["scenario"], **line} for line in _lines(data))
    return text.getvalue()


def _lines(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    outlook = data["outlook"] or {"loads": [], "turned_away": [], "queue_depth_over_the_day": []}
    sections = {
        "sweep": data["options"],
        "sensitivity": data["sensitivity"],
        "load": outlook["loads"],
        "turned away": outlook["turned_away"],
    }
    for section, rows in sections.items():
        for row in rows:
            yield from ({"section": section, **line} for line in _row_lines(row))
    yield from map(_recovery_line, data["recovery"])
    for each in outlook["queue_depth_over_the_day"]:
        yield from _day_lines(each)


def _row_lines(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a line for each statistic of an option; the difference stands with the statistic that is compared."""
    difference = row["difference"] or {}
    for each in row["statistics"]:
        is_compared = all(each[key] == difference.get(key) for key in ("metric", "statistic", "selectors"))
        yield {
            **_option_cells(row),
            "metric": each["metric"],
            "selectors": _pairs(each["selectors"]),
            "statistic": each["statistic"],
            "runs": row["replications"],
            **{key: each[key] for key in ("mean", "low", "high", "theory", "formula")},
            "difference": difference["mean"] if is_compared else None,
            "difference_low": difference["low"] if is_compared else None,
            "difference_high": difference["high"] if is_compared else None,
            "goals": row["meets_goals"],
            "protect": row["spares"],
        }


def _recovery_line(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "section": "recovery",
        **_option_cells(each),
        "metric": "recovery",
        "selectors": each["disturbance"],
        "statistic": "time",
        "runs": each["replications"],
        **{key: each[key] for key in ("mean", "low", "high")},
        "theory": each["fluid_limit"],
        "formula": None if each["fluid_limit"] is None else "fluid limit",
    }


def _day_lines(each: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield two lines for each part of the day; `selectors` says when it begins, in seconds."""
    for part, depths in enumerate(zip(each["p50"], each["p95"], strict=True)):
        at_s = number(each["begin_s"] + part * each["part_s"])
        for statistic, depth in zip(("p50", "p95"), depths, strict=True):
            yield {
                "section": "day",
                **_option_cells(each),
                "metric": "queue_depth",
                "selectors": f"at_s={at_s}",
                "statistic": statistic,
                "runs": each["observations"],
                "mean": depth,
            }


def _option_cells(row: dict[str, Any]) -> dict[str, Any]:
    same = {name: row[name] for name in ("behavior", "load", "duration", "limit")}
    return {**same, "parameters": _pairs(row["parameters"])}


def _pairs(values: dict[str, Any]) -> str:
    return ",".join(f"{name}={value}" for name, value in values.items())
