"""The zoo as a text for the terminal, as Markdown, as HTML, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from flowconc.check.invariants import INVARIANTS
from flowconc.zoo.matrix import Examined, complaints
from flowconc.zoo.registry import Bug
from flowconc.zoo.tables import (
    BROKEN,
    MARKS,
    SHORT,
    VERSIONS_LEGEND,
    catches,
    matrix_rows,
    shown,
    totals,
    version_rows,
)
from flowconc.zoo.trial import Trial

_LEGEND = "x: the invariant breaks under the faulty semantics. Under the fixed one none does."


# --- the terminal


def text(examined: Sequence[Examined], unused: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the matrix of bugs against invariants, with legend and totals."""
    rows = matrix_rows(examined)
    width = max((len(f"{row.bug.id} {row.fault}") for row in rows), default=0)
    yield " " * width + "".join(f"{number:>3}" for number in range(1, len(INVARIANTS) + 1))
    for row in rows:
        cells = "".join(f"{BROKEN if broke else '.':>3}" for broke in row.broken)
        yield f"{f'{row.bug.id} {row.fault}':<{width}}{cells}  {row.verdict}".rstrip()
    yield f"{'caught by':<{width}}" + "".join(f"{number:>3}" for number in catches(rows))
    yield ""
    for number, name in enumerate(INVARIANTS, 1):
        yield f"{number:>2} {name}"
    yield ""
    yield from closing(examined, unused)


def versions_text(examined: Sequence[Examined]) -> Iterator[str]:
    """Yield the lines of the table of bugs against versions."""
    rows = version_rows(examined)
    names = _versions(examined)
    widths = [len(name) + 2 for name in names]
    wide = max((len(f"{bug.id} {bug.title}") for bug, _ in rows), default=0)
    yield " " * wide + "".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    for bug, marks in rows:
        cells = (f"{MARKS[mark] or '.':>{width}}" for mark, width in zip(marks, widths, strict=True))
        yield f"{f'{bug.id} {bug.title}':<{wide}}" + "".join(cells)
    counts = (f"{count:>{width}}" for count, width in zip(shown(rows), widths, strict=True))
    yield f"{'shown':<{wide}}" + "".join(counts)
    yield ""
    yield VERSIONS_LEGEND


def closing(examined: Sequence[Examined], unused: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong, fault models that nobody uses, and the totals."""
    yield from complaints(examined)
    for fault in unused:
        yield f"the fault model {fault} is in no bug of the list"
    yield totals(examined)


# --- Markdown


def markdown(examined: Sequence[Examined], unused: Sequence[str]) -> str:
    """Return the whole as a page in Markdown; the table of versions too, when the bugs were examined under any."""
    return "\n".join([*_markdown(examined, unused), ""])


def _markdown(examined: Sequence[Examined], unused: Sequence[str]) -> Iterator[str]:
    rows = matrix_rows(examined)
    yield from ("# The zoo", "", "The known bugs of Kestra's flow concurrency, and what catches each.", "")
    yield from closing(examined, unused)
    yield from ("", "## Bugs against invariants", "", _LEGEND, "")
    yield from _table(
        ["bug", "fault", *SHORT.values()],
        [[row.bug.id, f"`{row.fault}`", *_crosses(row.broken)] for row in rows],
        ["", "caught by", *map(str, catches(rows))],
    )
    yield ""
    yield from _table(
        ["column", "invariant", "what must hold"],
        [[SHORT[name], f"`{name}`", kind.sentence] for name, kind in INVARIANTS.items()],
    )
    names = _versions(examined)
    if names:
        found = version_rows(examined)
        yield from ("", "## Bugs against versions", "", VERSIONS_LEGEND, "")
        yield from _table(
            ["bug", *(name.removeprefix("kestra-") for name in names)],
            [[bug.id, *(MARKS[mark] for mark in marks)] for bug, marks in found],
            ["shown", *map(str, shown(found))],
        )
    yield from ("", "## The bugs", "")
    yield from _table(
        ["bug", "what goes wrong", "known from", "faulty", "fixed", "in Kestra", "recorded"],
        [
            [
                each.bug.id,
                each.bug.title,
                ", ".join(each.bug.issues),
                _codes(each.bug.faulty),
                _codes(each.bug.fixed),
                state_of(each.bug),
                ", ".join(each.bug.recorded),
            ]
            for each in examined
        ],
    )


def state_of(bug: Bug) -> str:
    """Say what has become of a bug in Kestra."""
    if bug.since is not None:
        return f"fixed: {bug.since}"
    return "no fix known" if bug.remedy is None else f"no fix; what helps: {bug.remedy}"


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _crosses(broken: Sequence[bool]) -> list[str]:
    return [BROKEN if broke else "" for broke in broken]


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], foot: Sequence[str] | None = None
) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows, *([] if foot is None else [foot])):
        yield f"| {' | '.join(cells)} |"


# --- HTML

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #ddd; padding: .2rem .5rem; text-align: left; vertical-align: top; }
td.hit { background: #c0392b; color: #fff; text-align: center; }
td.other { background: #f6d5a7; text-align: center; }
td.absent { color: #999; text-align: center; }
th.mark { vertical-align: bottom; text-align: center; }
th.mark span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
code { font-size: 13px; }
"""
_CLASSES = {"x": "hit", "o": "other", "-": "absent"}


def html(examined: Sequence[Examined], unused: Sequence[str]) -> str:
    """Return the whole as one HTML page that needs nothing else."""
    rows = matrix_rows(examined)
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>The zoo</title><style>{_STYLE}</style></head><body>',
        "<h1>The zoo</h1>",
        "<p>The known bugs of Kestra's flow concurrency, and what catches each.</p>",
        *(f"<p>{escape(line)}</p>" for line in closing(examined, unused)),
        "<h2>Bugs against invariants</h2>",
        f"<p>{escape(_LEGEND)}</p>",
        *_html_table(
            ["bug", "fault", *SHORT.values()],
            [[_named(row.bug), row.fault, *_crosses(row.broken)] for row in rows],
            marks_from=2,
        ),
        *_html_table(
            ["column", "invariant", "what must hold"],
            [[SHORT[name], name, kind.sentence] for name, kind in INVARIANTS.items()],
        ),
    ]
    names = _versions(examined)
    if names:
        parts += [
            "<h2>Bugs against versions</h2>",
            f"<p>{escape(VERSIONS_LEGEND)}</p>",
            *_html_table(
                ["bug", *names],
                [[_named(bug), *(MARKS[mark] for mark in marks)] for bug, marks in version_rows(examined)],
                marks_from=1,
            ),
        ]
    parts += [
        "<h2>The bugs</h2>",
        *_html_table(
            ["bug", "known from", "faulty", "fixed", "in Kestra"],
            [
                [
                    _named(each.bug),
                    ", ".join(each.bug.issues),
                    ", ".join(each.bug.faulty),
                    ", ".join(each.bug.fixed),
                    state_of(each.bug),
                ]
                for each in examined
            ],
        ),
        "</body></html>",
        "",
    ]
    return "\n".join(parts)


def _named(bug: Bug) -> str:
    return f"{bug.id} {bug.title}"


def _html_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, marks_from: int | None = None
) -> Iterator[str]:
    """Yield a table; the heads of columns that only have marks, from `marks_from` on, stand upright."""
    upright = len(head) if marks_from is None else marks_from
    heads = [
        f"<th>{escape(cell)}</th>"
        if number < upright
        else f'<th class="mark"><span>{escape(cell)}</span></th>'
        for number, cell in enumerate(head)
    ]
    yield f"<table><tr>{''.join(heads)}</tr>"
    for cells in rows:
        yield "<tr>" + "".join(map(_html_cell, cells)) + "</tr>"
    yield "</table>"


def _html_cell(cell: str) -> str:
    mark = _CLASSES.get(cell)
    return f"<td>{escape(cell)}</td>" if mark is None else f'<td class="{mark}">{cell}</td>'


# --- data


def data(examined: Sequence[Examined], unused: Sequence[str]) -> dict[str, Any]:
    """Return the whole as plain data, for JSON."""
    return {
        "bugs": [_bug_data(each) for each in examined],
        "invariants": {name: kind.sentence for name, kind in INVARIANTS.items()},
        "unused_fault_models": list(unused),
        "complaints": list(complaints(examined)),
        "totals": totals(examined),
    }


def _bug_data(each: Examined) -> dict[str, Any]:
    bug = each.bug
    return {
        "id": bug.id,
        "title": bug.title,
        "issues": list(bug.issues),
        "scenario": bug.path.name,
        "since": bug.since,
        "remedy": bug.remedy,
        "had": list(bug.had),
        "recorded": list(bug.recorded),
        "caught": each.caught,
        "clean": each.clean,
        "faulty": [_trial_data(trial) for trial in each.faulty],
        "fixed": [_trial_data(trial) for trial in each.fixed],
        "versions": [
            {**_trial_data(trial), "shows": each.shows(trial).name.lower()} for trial in each.versions
        ],
    }


def _trial_data(trial: Trial) -> dict[str, Any]:
    return {
        "semantics": trial.semantics,
        "broken": dict(trial.broken),
        "failures": list(trial.failures),
        "unusable": trial.unusable,
    }


def _versions(examined: Sequence[Examined]) -> list[str]:
    return [trial.semantics for trial in examined[0].versions] if examined else []
