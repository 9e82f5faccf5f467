"""`flowconc compare`: a scenario under several semantics, and where they part."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from flowconc.compare.choice import ALL, EVERY_VERSION, chosen_semantics
from flowconc.compare.comparison import Comparison, compare
from flowconc.compare.data import SCHEMA_VERSION, data
from flowconc.compare.text import text
from flowconc.scenario.literals.quantities import QuantityError, parse_time
from flowconc.scenario.names import UnknownName


def _full_names(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    """Return the full names of semantics that are separated by commas, each once."""
    try:
        return chosen_semantics(value)
    except UnknownName as error:
        near = f", did you mean {error.suggestion!r}?" if error.suggestion else ""
        what = f"--semantics: {error.what}, expected {error.expected}, {ALL}, {EVERY_VERSION}{near}"
        raise click.UsageError(what, ctx) from None


def _span_us(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return a length of time, as scenarios write it, in microseconds."""
    try:
        return None if value is None else parse_time(value)
    except QuantityError as error:
        raise click.UsageError(f"--within: {error}", ctx) from None


@click.command("compare")
@click.argument("scenario", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--semantics",
    "names",
    callback=_full_names,
    default=f"documented,{EVERY_VERSION}",
    metavar="NAME,...",
    show_default=True,
    help=f"The semantics to compare, the others with the first. {ALL} is every one, {EVERY_VERSION} every version.",
)
@click.option("--test", help="Only the scenario of this name.")
@click.option("--seed", type=click.IntRange(min=0), help="Root of all random streams.")
@click.option(
    "--within",
    "within_us",
    metavar="DURATION",
    callback=_span_us,
    help="Times no further apart are the same.  [default: what the clocks of two semantics differ by]",
)
@click.option(
    "--explain/--no-explain",
    default=True,
    help="Find the rules that explain where semantics part, by trying them.  [default: explain]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print.",
)
def command(
    scenario: Path,
    names: tuple[str, ...],
    test: str | None,
    seed: int | None,
    within_us: int | None,
    explain: bool,
    form: str,
) -> int:
    """Run every scenario of the file SCENARIO under several semantics, and show where they part from the first.

    Compared is what happens, not how: the executions and their states, the times, the tasks run, counters, refusals.
    A version that cannot read a flow, because it lacks what the flow uses, parts too.

    Exits 0 if all agree, 1 if they part, 2 if the file cannot be used.
    """
    if len(names) < 2:
        raise click.UsageError("there is nothing to compare, expected two semantics or more")
    comparisons = compare(scenario, names, test=test, seed=seed, within_us=within_us, explained=explain)
    _PRINTERS[form](comparisons)
    return 0 if all(comparison.agrees for comparison in comparisons) else 1


def _text(comparisons: tuple[Comparison, ...]) -> None:
    click.echo("\n\n".join(map(text, comparisons)))


def _json(comparisons: tuple[Comparison, ...]) -> None:
    found = {"schema_version": SCHEMA_VERSION, "comparisons": list(map(data, comparisons))}
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


_PRINTERS: dict[str, Callable[[tuple[Comparison, ...]], None]] = {"text": _text, "json": _json}
