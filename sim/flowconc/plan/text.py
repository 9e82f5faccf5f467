"""A plan as plain text: the recommendation, its tables, what to look out for."""

from __future__ import annotations

from collections.abc import Iterator

from flowconc.check.wording import counted
from flowconc.plan.evaluation import DRAWN
from flowconc.plan.numbers import alone
from flowconc.plan.result import PlanResult
from flowconc.plan.saying import recovery, sentences, warmup, warnings
from flowconc.plan.tables import legend, limits_table, sensitivity_table
from flowconc.plan.theory.queue import Backlog
from flowconc.scenario.literals.durations import format_us


def plan_text(result: PlanResult) -> Iterator[str]:
    """Yield the lines of a whole plan."""
    yield from sentences(result)
    yield ""
    yield how(result)
    for case in result.cases:
        yield ""
        label = case.label(result.plan)
        if label:
            yield label
        yield from limits_table(result, case)
    yield ""
    yield legend(result)
    yield theory(result)
    if result.sensitivity:
        yield ""
        yield f"limit {result.base.limit} when things change:"
        yield from sensitivity_table(result)
    if result.recovery:
        yield ""
        yield from (recovery(result, each) for each in result.recovery)
    said = list(warnings(result))
    if said:
        yield ""
        yield from (f"warning: {each}" for each in said)


def how(result: PlanResult) -> str:
    """Say how the numbers of a plan were found: runs, their length, seed and warm-up."""
    until_us = result.scenario.run.until_us
    length = "" if until_us is None else f" of {format_us(until_us)}"
    least, most = (pick(row.runs for row in result.rows.values()) for pick in (min, max))
    runs = counted(least, "run") if least == most else f"{least} to {most} runs"
    made = f"{runs}{length} of each limit"
    if not any(any(row.values[DRAWN]) for row in result.rows.values()):
        made = f"one run{length} of each limit, since nothing is left to chance"
    return f"{result.plan.flow}: {made}, seed {result.seed}, {warmup(result)}"


def theory(result: PlanResult) -> str:
    """Say which queue the flow is, or why theory has nothing to say."""
    queue = result.case_rows(result.base.case)[0].theory
    if isinstance(queue, str):
        return f"no theory: {queue}"
    formulas = {
        name
        for row in result.case_rows(result.base.case)
        for prediction in row.predictions.values()
        for name in prediction.formula.split(", ")
    }
    said = ", ".join(sorted(formulas))
    if isinstance(queue, Backlog):
        return f"theory: a burst of {queue.burst} that finds every slot free; {said}"
    name = queue.name.replace(f"/{queue.servers}", "/c")
    load = alone("slots_in_use", "mean", queue.load)
    return f"theory: {name} with an offered load of {load} slots; {said}"
