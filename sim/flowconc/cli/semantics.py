"""`flowconc semantics`: the rules of the known semantics, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from flowconc.compare.rules import (
    ABOUT,
    DOCUMENTED,
    Differing,
    Row,
    differing,
    differing_steps,
    faults,
    short,
    versions_table,
)
from flowconc.compare.tables import fault_table, pair_table, rule_table
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.names import UnknownName
from flowconc.scenario.semantics import resolve_semantics


def _full_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the full name of a semantics, or of the version that begins so."""
    if value is None:
        return None
    try:
        return resolve_semantics(value)
    except UnknownName as error:
        near = f", did you mean {error.suggestion!r}?" if error.suggestion else ""
        raise click.UsageError(f"{error.what}, expected {error.expected}{near}", ctx) from None


@click.command("semantics")
@click.argument("first", metavar="[A", required=False, callback=_full_name)
@click.argument("second", metavar="[B]]", required=False, callback=_full_name)
@click.option("--faults", "with_faults", is_flag=True, help="Print the fault models instead.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to print.",
)
def command(first: str | None, second: str | None, *, with_faults: bool, form: str) -> int:
    """Print the known semantics and the rules in which they differ.

    Without names: every semantics, and what it answers to each rule. With A: the rules in which A departs from
    `documented`. With A and B: those in which the two differ. A version may be cut short: kestra-2.0 is the newest 2.0.
    """
    if with_faults:
        if first is not None:
            raise click.UsageError("--faults takes no names")
        told = {"text": _faults_text, "markdown": fault_table, "json": _faults_json}[form]()
    elif first is None:
        told = {"text": _all_text, "markdown": rule_table, "json": _all_json}[form]()
    else:
        one, other = (DOCUMENTED, first) if second is None else (first, second)
        told = {"text": _pair_text, "markdown": pair_table, "json": _pair_json}[form](one, other)
    click.echo(told.rstrip("\n"))
    return 0


# --- all of them


def _all_text() -> str:
    width = max(map(len, VERSIONS))
    lines = [f"{name:{width}}  {ABOUT[name]}" for name in VERSIONS]
    lines += ["", "NAME+FAULT is one of these with a fault model in it: flowconc semantics --faults", ""]
    rows = versions_table()
    name_width = max(len(row.rule.name) for row in rows)
    lines.append(_line("rule", [short(name) for name in VERSIONS], name_width))
    lines += [_line(row.rule.name, row.marks, name_width) for row in rows]
    lines += ["", "The rules:"]
    for row in rows:
        lines += _question(row)
    return "\n".join(lines)


def _line(name: str, marks: tuple[str, ...] | list[str], width: int) -> str:
    columns = (f"{mark:{len(short(version))}}" for version, mark in zip(VERSIONS, marks, strict=True))
    return f"{name:{width}}  {'  '.join(columns)}".rstrip()


def _question(row: Row) -> Iterator[str]:
    yield f"  {row.rule.name}: {row.rule.question} [{row.rule.source}]"
    for letter, meaning in row.letters:
        yield f"      {letter}  {meaning}"


def _all_json() -> str:
    return _json(
        {
            "semantics": [{"name": name, "about": ABOUT[name]} for name in VERSIONS],
            "rules": [
                {
                    "rule": row.rule.name,
                    "question": row.rule.question,
                    "source": row.rule.source,
                    "answers": {
                        name: dict(row.letters).get(mark, mark)
                        for name, mark in zip(VERSIONS, row.marks, strict=True)
                    },
                }
                for row in versions_table()
            ],
        }
    )


# --- two of them


def _pair_text(first: str, second: str) -> str:
    rules = differing(first, second)
    lines = [_headline(rules, first, second)]
    width = max(len(first), len(second))
    for each in rules:
        lines += [
            "",
            f"{each.rule.name}: {each.rule.question} [{each.rule.source}]",
            f"  {first:{width}}  {each.first}",
            f"  {second:{width}}  {each.second}",
        ]
    steps = differing_steps(first, second)
    if steps:
        lines += ["", f"steps done differently: {', '.join(steps)}"]
    return "\n".join(lines)


def _headline(rules: tuple[Differing, ...], first: str, second: str) -> str:
    if first == second:
        return f"{first} is one semantics"
    count = {0: "no rule", 1: "1 rule"}.get(len(rules), f"{len(rules)} rules")
    return f"{first} and {second} differ in {count}"


def _pair_json(first: str, second: str) -> str:
    return _json(
        {
            "first": first,
            "second": second,
            "rules": [
                {
                    "rule": each.rule.name,
                    "question": each.rule.question,
                    "source": each.rule.source,
                    "first": each.first,
                    "second": each.second,
                }
                for each in differing(first, second)
            ],
            "steps": list(differing_steps(first, second)),
        }
    )


# --- fault models


def _faults_text() -> str:
    width = max(len(each.name) for each in faults())
    return "\n".join(f"{each.name:{width}}  {each.mechanism} [{each.source}]" for each in faults())


def _faults_json() -> str:
    return _json(
        [
            {
                "name": each.name,
                "mechanism": each.mechanism,
                "source": each.source,
                "rules": sorted(each.rules),
                "steps": [step.name for step in each.steps],
            }
            for each in faults()
        ]
    )


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)
