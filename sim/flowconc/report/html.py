"""The report: one HTML file that needs nothing beside it, and the plots as SVG files next to it.

The page says the verdicts and shows the plots without JavaScript; `page/report.js` adds the moment picker. The same
results give the same bytes. Needs the extra `report` (matplotlib, jinja2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowconc import __version__
from flowconc.check.verdict import Outcome
from flowconc.check.wording import duration
from flowconc.report.moments import shares, state_changes
from flowconc.report.summary import COLUMNS
from flowconc.trace.trace import Trace

if TYPE_CHECKING:
    from jinja2 import Environment

    from flowconc.report.sections import Section
    from flowconc.runner import Result

PAGE = Path(__file__).parent / "page"
"""The page's template, style and script."""

MOST_CHANGES = 60_000
"""Changes of executions that a page embeds, over all scenarios: some 14 bytes each."""

_OPEN_SECTIONS = 3
"""Up to so many scenarios are unfolded even when they pass."""


class MissingExtra(ImportError):  # noqa: N818 - it says what it is
    """The libraries that a report needs are not installed; the message says how to install them."""


def write_report(results: Sequence[Result], directory: Path) -> Path:
    """Write the report of judged scenarios into `directory`, made if need be; return the path of its page.

    Raises MissingExtra without matplotlib or jinja2, and OSError where files cannot be written.
    """
    check_extra()
    from flowconc.report.sections import of_result  # noqa: PLC0415 - needs the extra

    slugs = unique_slugs([result.scenario.id for result in results])
    budgets = shares([state_changes(result.trace) for result in results], MOST_CHANGES)
    return _write([of_result(*row) for row in zip(results, slugs, budgets, strict=True)], directory)


def write_trace_report(traces: Sequence[Trace], directory: Path) -> Path:
    """Write a report of traces alone, without verdicts, one section each; the rest is as in `write_report`."""
    check_extra()
    from flowconc.report.sections import of_trace  # noqa: PLC0415 - needs the extra

    slugs = unique_slugs([trace.header.scenario for trace in traces])
    budgets = shares([state_changes(trace) for trace in traces], MOST_CHANGES)
    return _write([of_trace(*row) for row in zip(traces, slugs, budgets, strict=True)], directory)


def check_extra() -> None:
    """Raise MissingExtra when a library of the extra `report` is not installed."""
    missing = [library for library in ("matplotlib", "jinja2") if find_spec(library) is None]
    if missing:
        needed = " and ".join(missing)
        raise MissingExtra(f"the report needs {needed}: pip install 'pytest-flowconc[report]'")


def unique_slugs(names: Sequence[str]) -> list[str]:
    """Return a directory name for each: its letters and digits in lower case, numbered where two are the same."""
    taken: set[str] = set()
    slugs = []
    for name in names:
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].rstrip("-") or "scenario"
        slug, number = stem, 1
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        taken.add(slug)
        slugs.append(slug)
    return slugs


def _write(sections: Sequence[Section], directory: Path) -> Path:
    """Write the page, and each section's plots to a directory of its own."""
    for section in sections:
        folder = directory / section.slug
        folder.mkdir(parents=True, exist_ok=True)
        for plot in section.plots:
            (folder / plot.file).write_text(plot.svg, encoding="utf-8", newline="\n")
    directory.mkdir(parents=True, exist_ok=True)
    page = directory / "index.html"
    page.write_text(_page(sections), encoding="utf-8", newline="\n")
    return page


def environment() -> Environment:
    """Return what renders the templates of PAGE: everything is escaped, and nothing may be missing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - an extra

    made = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"duration": duration, "about": about}
    return made


def _page(sections: Sequence[Section]) -> str:
    outcomes = [section.outcome for section in sections]
    text: str = (
        environment()
        .get_template("report.html.j2")
        .render(
            version=__version__,
            sections=sections,
            columns=COLUMNS,
            judged=any(outcomes),
            headline=_headline(outcomes),
            open_all=len(sections) <= _OPEN_SECTIONS,
            style=(PAGE / "report.css").read_text(encoding="utf-8"),
            script=(PAGE / "report.js").read_text(encoding="utf-8"),
            data=embeddable([section.moments for section in sections]),
        )
    )
    return text


def about(t_us: int) -> str:
    """Say a time to the millisecond, for tables."""
    return duration(round(t_us, -3))


def embeddable(data: Any) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _headline(outcomes: Sequence[Outcome | None]) -> str:
    """Say in one line how many scenarios passed."""
    judged = [outcome for outcome in outcomes if outcome is not None]
    if not judged:
        return "Traces, without verdicts" if outcomes else "No scenario ran"
    counts = [(judged.count(outcome), word) for outcome, word in _WORDS]
    return ", ".join(f"{count} {word}" for count, word in counts if count)


_WORDS = ((Outcome.FAIL, "failed"), (Outcome.INCONCLUSIVE, "inconclusive"), (Outcome.PASS, "passed"))
