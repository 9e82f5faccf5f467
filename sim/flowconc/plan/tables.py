"""The tables of a plan: limit by metric, with intervals, theory and verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from flowconc.check.wording import number
from flowconc.plan.evaluation import Statistic, of_flow
from flowconc.plan.numbers import PER_HOUR, alone, change, per_hour, spread
from flowconc.plan.options import Case
from flowconc.plan.panel import statistic_of
from flowconc.plan.result import PlanResult, Row
from flowconc.plan.theory.queue import Prediction, Queue
from flowconc.scenario.flow import Behavior
from flowconc.scenario.model import Scenario

GAP: Final = "  "
_NO_DATA: Final = "no data"

Cells = list[str]


def limits_table(result: PlanResult, case: Case) -> Iterator[str]:
    """Yield the lines of the table of a case: its limits, each with what was measured and decided."""
    yield from aligned(limits_cells(result, case))


def limits_cells(result: PlanResult, case: Case) -> list[Cells]:
    """Return the cells of that table, its head first. The first column has marks, the last one notes."""
    columns = _columns(result, case)
    rows = result.case_rows(case)
    theory = {
        column: any(prediction_of(result, row, column) is not None for row in rows) for column in columns
    }
    protects = bool(result.plan.protects)
    reference = result.of_case(case).reference
    compared = columns[0] if reference is not None else None
    head = ["", "limit"]
    for column in columns:
        head += [title(column, result), *(["theory"] if theory[column] else [])]
        head += [f"from {reference}"] if column == compared else []
    lines = [[*head, "goals", *(["protect"] if protects else []), "runs", ""]]
    for row in rows:
        cells = [_mark(result, row), str(row.option.limit)]
        for column in columns:
            cells += [_cell(result, row, column), *([_theory(result, row, column)] if theory[column] else [])]
            cells += [_difference(row, column)] if column == compared else []
        cells += [row.meets.name, *([row.spares.name] if protects else [])]
        lines.append([*cells, str(row.runs), note(result, row)])
    return lines


def sensitivity_table(result: PlanResult) -> Iterator[str]:
    """Yield the lines of the table of the recommended limit under more and less load, and other durations."""
    yield from aligned(sensitivity_cells(result))


def sensitivity_cells(result: PlanResult) -> list[Cells]:
    """Return the cells of that table, its head first.

    What must be spared is in it, too: shorter durations may break that.
    """
    base = result.base.case
    plan = result.plan
    shown = [statistic_of(each) for each in (*plan.goals, *plan.protects)]
    columns = distinct(shown, plan.flow, result.scenario)
    verdicts = ["goals", *(["protect"] if plan.protects else [])]
    lines = [["", *(title(column, result) for column in columns), *verdicts, ""]]
    for row in result.sensitivity:
        case = row.option.case
        what = "load" if case.duration == base.duration else "duration"
        factor = case.load / base.load if what == "load" else case.duration / base.duration
        changed = f"{what} {round(100 * (factor - 1)):+d} %"
        cells = [changed, *(_cell(result, row, column) for column in columns), row.meets.name]
        lines.append([*cells, *([row.spares.name] if plan.protects else []), note(result, row)])
    return lines


def aligned(lines: Sequence[Cells]) -> Iterator[str]:
    """Yield lines with their cells under each other: the last to the left, the others to the right."""
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    for *cells, last in lines:
        padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=False)]
        yield GAP.join([*padded, last]).rstrip()


# --- what is shown


def _columns(result: PlanResult, case: Case) -> list[Statistic]:
    """Return the statistics that a table shows: those of the conditions, then what says how full it is."""
    plan, flow = result.plan, result.plan.flow
    shown = [statistic_of(each) for each in (*plan.goals, *plan.protects)]
    if case.behavior is Behavior.QUEUE:
        shown.append(of_flow("queue_wait", "mean", flow))
    else:
        shown.append(of_flow("rejected", "rate", flow))
    shown.append(of_flow("utilization", "mean", flow))
    rows = result.case_rows(case)
    extra = [of_flow("skipped_fires", "rate", flow)]
    if _takes_time(result.scenario):
        extra += [Statistic("lock_wait", "mean"), Statistic("database_utilization", "mean")]
    shown += [each for each in extra if any(any(row.values[each]) for row in rows)]
    return distinct(shown, flow, result.scenario)


def distinct(shown: Sequence[Statistic], flow: str, scenario: Scenario) -> list[Statistic]:
    """Return each once, also where one is of all flows and there is but the planned one."""
    seen: dict[tuple[object, ...], Statistic] = {}
    for each in shown:
        selectors = each.selectors
        if len(scenario.flows) == 1 and selectors == (("flow", flow),):
            selectors = ()
        seen.setdefault((each.metric, each.statistic, selectors), each)
    return list(seen.values())


def _takes_time(scenario: Scenario) -> bool:
    database = scenario.platform.database
    return bool(database.statement_us or database.per_waiting_us)


def title(statistic: Statistic, result: PlanResult) -> str:
    """Return what a statistic is called: `queue_wait p95`, `lock_wait mean of all`, `sojourn p95 of flow=n.other`."""
    name = f"{statistic.metric} {statistic.statistic}"
    if not statistic.selectors and len(result.scenario.flows) > 1:
        return f"{name} of all"
    others = [f"{key}={value}" for key, value in statistic.selectors if value != result.plan.flow]
    return f"{name} of {', '.join(others)}" if others else name


def _cell(result: PlanResult, row: Row, statistic: Statistic) -> str:
    interval = row.estimate(statistic, result.plan.confidence)
    return _NO_DATA if interval is None else spread(statistic.metric, statistic.statistic, interval)


def prediction_of(result: PlanResult, row: Row, statistic: Statistic) -> Prediction | None:
    """Return what theory says of a statistic of the planned flow; also of one of all flows, if it is the only one."""
    selectors = (("flow", row.flow),)
    own = statistic.selectors == selectors or (not statistic.selectors and len(result.scenario.flows) == 1)
    return row.predictions.get((statistic.metric, statistic.statistic)) if own else None


def _theory(result: PlanResult, row: Row, statistic: Statistic) -> str:
    found = prediction_of(result, row, statistic)
    if found is None:
        return "-"
    return f"{'' if found.exact else '~'}{alone(statistic.metric, statistic.statistic, found.value)}"


def _difference(row: Row, column: Statistic) -> str:
    if row.difference is None:
        return ""
    return change(column.metric, column.statistic, row.difference)


def _mark(result: PlanResult, row: Row) -> str:
    recommended = any(
        each.case == row.option.case and each.limit == row.option.limit for each in result.recommendations
    )
    return (">" if recommended else "") + ("*" if row.option == result.now.option else "")


def note(result: PlanResult, row: Row) -> str:
    """Say of a limit that cannot keep up how fast its queue grows; empty for one that can."""
    growth = row.growth_per_s(result.plan.confidence)
    if growth is None:
        full = isinstance(row.theory, Queue) and not row.theory.stable
        return "cannot keep up for ever: nothing is to spare" if full else ""
    fluid = row.predictions.get(("backlog", "growth"))
    decimals = 1 if fluid is not None and PER_HOUR * fluid.value >= 1 else 4
    theory = "" if fluid is None else f", fluid limit {number(round(PER_HOUR * fluid.value, decimals))}/h"
    return f"cannot keep up: the queue grows by {per_hour(growth)}{theory}"


def legend(result: PlanResult) -> str:
    """Say what the marks of the tables mean."""
    sure = number(100 * result.plan.confidence)
    return f"> recommended  * as it is now  ± {sure} % interval of the mean over the runs  ~ approximation"
