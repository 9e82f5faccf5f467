"""The capacity report: one HTML file that needs nothing beside it, and all of its numbers as JSON and CSV.

The page says what is recommended, with the table, without JavaScript; `page/capacity.js` draws the charts with
Observable Plot (`page/vendor`), for the limit that the reader picks. The same plan gives the same bytes. Needs the
extra `report` (jinja2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowconc import __version__
from flowconc.check.wording import number
from flowconc.plan.data import plans_csv, plans_json
from flowconc.plan.result import PlanResult, Recommendation, Status
from flowconc.plan.saying import recovery, sentences, unknown, warnings
from flowconc.plan.tables import Cells, legend, limits_cells, sensitivity_cells
from flowconc.plan.text import how, theory
from flowconc.report.capacity_data import capacity_data
from flowconc.report.html import PAGE, check_extra, embeddable, environment, unique_slugs

PLOT = PAGE / "vendor" / "plot.js"
"""Observable Plot, bundled with what it needs: see `page/vendor/README.md`."""

_BADGES = {Status.FOUND: "pass", Status.NONE: "fail", Status.CONFLICT: "fail", Status.UNDECIDED: "unsure"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its head; `label` says of which case it is, empty where there is but one."""

    label: str
    head: Cells
    rows: Sequence[Cells]


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one plan."""

    slug: str
    name: str
    description: str
    badge: str
    headline: str
    recommendation: str
    others: tuple[str, ...]
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    tables: tuple[Table, ...]
    sensitivity: Table | None
    recovery: tuple[str, ...]
    legend: str
    theory: str
    data: dict[str, Any]


def write_capacity_report(results: Sequence[PlanResult], directory: Path) -> Path:
    """Write the report of plans, each with its outlook, into `directory`, made if need be; return the path of its page.

    Beside it `plan.json` and `plan.csv` have every number. Raises MissingExtra without jinja2, and OSError where files
    cannot be written.
    """
    check_extra()
    slugs = unique_slugs([result.scenario.id for result in results])
    sections = [_section(result, slug) for result, slug in zip(results, slugs, strict=True)]
    text = (
        environment()
        .get_template("capacity.html.j2")
        .render(
            version=__version__,
            sections=sections,
            style="".join(
                (PAGE / name).read_text(encoding="utf-8") for name in ("report.css", "capacity.css")
            ),
            plot=PLOT.read_text(encoding="utf-8"),
            script=(PAGE / "capacity.js").read_text(encoding="utf-8"),
            data=embeddable([section.data for section in sections]),
        )
    )
    directory.mkdir(parents=True, exist_ok=True)
    page = directory / "index.html"
    for path, content in (
        (page, text),
        (directory / "plan.json", plans_json(results, indent=None)),
        (directory / "plan.csv", plans_csv(results)),
    ):
        path.write_text(content, encoding="utf-8", newline="\n")
    return page


def _section(result: PlanResult, slug: str) -> Section:
    outlook = result.outlook
    assert outlook is not None, "a report draws the outlook: see flowconc.plan.outlook"
    said = list(sentences(result))
    recommendation = said.pop(result.recommendations.index(result.base))
    scenario = result.scenario
    return Section(
        slug=slug,
        name=scenario.id,
        description=scenario.description,
        badge=_BADGES[result.base.status],
        headline=_headline(result, result.base),
        recommendation=recommendation,
        others=tuple(said),
        facts=(
            f"{scenario.position.path}:{scenario.position.line}",
            f"semantics {scenario.semantics}",
            how(result),
            f"confidence {number(100 * result.plan.confidence)} %",
        ),
        warnings=(*warnings(result), *dict.fromkeys(map(str, scenario.notices))),
        tables=tuple(_table(case.label(result.plan), limits_cells(result, case)) for case in result.cases),
        sensitivity=_sensitivity(result) if result.sensitivity else None,
        recovery=tuple(recovery(result, each) for each in result.recovery),
        legend=_legend(result),
        theory=theory(result),
        data=capacity_data(result, outlook),
    )


def _headline(result: PlanResult, each: Recommendation) -> str:
    """Say in a few words what is recommended in a case, and what the flow has now."""
    low, high = result.plan.limits[0], result.plan.limits[-1]
    now = result.now.option
    match each.status:
        case Status.FOUND:
            found = f"limit {each.limit} is enough"
            if each.largest is not None and each.largest != each.limit:
                found += f", up to {each.largest} is allowed"
        case Status.NONE | Status.CONFLICT if unknown(result, each) is not None:
            found = "no answer"
        case Status.NONE:
            found = (
                f"no limit from {low} to {high} is enough" if low != high else f"limit {low} is not enough"
            )
        case Status.CONFLICT:
            found = "no limit will do"
        case Status.UNDECIDED:
            found = "not decided"
    is_now = each.limit is not None and (each.limit, each.case) == (now.limit, now.case)
    has = "no limit" if now.limit is None else f"limit {now.limit}"
    if now.limit is not None and now.case.behavior not in {case.behavior for case in result.cases}:
        has += f" with {now.case.behavior.value}"
    label = each.case.label(result.plan)
    said = f"{label}: {found}" if label else found[0].upper() + found[1:]
    return f"{said}; the flow has it now" if is_now else f"{said}; now the flow has {has}"


def _sensitivity(result: PlanResult) -> Table:
    base = result.base
    label = base.case.label(result.plan)
    who = f"Limit {base.limit} of {label}" if label else f"Limit {base.limit}"
    return _table(f"{who}, with more and less load, and other durations", sensitivity_cells(result))


def _legend(result: PlanResult) -> str:
    """Return the legend of the terminal on one line, and what it does not say of the columns."""
    marks = " · ".join(legend(result).split("  "))
    if all(each.reference is None for each in result.recommendations):
        return marks
    return f"{marks} · from: the difference from this limit, run by run"


def _table(label: str, cells: Sequence[Cells]) -> Table:
    head, *rows = cells
    return Table(label, head, rows)
