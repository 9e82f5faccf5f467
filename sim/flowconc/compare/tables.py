"""The rules as Markdown tables, for the documentation and for issues."""

from __future__ import annotations

from collections.abc import Iterable

from flowconc.compare.rules import ABOUT, Row, differing, faults, short, versions_table
from flowconc.protocol.versions import VERSIONS


def rule_table() -> str:
    """Return the table of rules and versions; answers that depart from `documented` are bold."""
    head = ["rule", *(f"`{short(name)}`" for name in VERSIONS), "source"]
    rows = (
        [_asked(row), *(_mark(row, column) for column in range(len(row.marks))), row.rule.source]
        for row in versions_table()
    )
    return markdown(head, rows)


def semantics_table() -> str:
    """Return the table of the known semantics."""
    rows = (
        (f"`{name}`", about, str(len(differing("documented", name))) if name != "documented" else "")
        for name, about in ABOUT.items()
    )
    return markdown(("name", "in one line", "rules that differ from `documented`"), rows)


def pair_table(first: str, second: str) -> str:
    """Return the table of the rules in which two semantics, by their full names, differ."""
    rows = (
        (f"`{each.rule.name}`", each.rule.question, each.first, each.second, each.rule.source)
        for each in differing(first, second)
    )
    return markdown(("rule", "question", f"`{first}`", f"`{second}`", "source"), rows)


def fault_table() -> str:
    """Return the table of the fault models."""
    rows = ((f"`{each.name}`", each.mechanism, each.source) for each in faults())
    return markdown(("fault model", "what it does", "known from"), rows)


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; a `|` inside a cell is escaped."""
    lines = [list(head)]
    lines.append(["---"] * len(lines[0]))
    lines += [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _asked(row: Row) -> str:
    """Return name and question of a rule, and what its letters mean."""
    meanings = "".join(f"<br>{letter}: {meaning}" for letter, meaning in row.letters)
    return f"`{row.rule.name}`<br>{row.rule.question}{meanings}"


def _mark(row: Row, column: int) -> str:
    mark = row.marks[column]
    return f"**{mark}**" if row.departs(column) else mark
