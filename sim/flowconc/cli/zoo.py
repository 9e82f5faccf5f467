"""`flowconc zoo`: the known bugs of Kestra, and what catches each."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from flowconc.cli.progress import tracked
from flowconc.scenario.names import UnknownName
from flowconc.scenario.semantics import resolve_semantics
from flowconc.scenario.vocabulary import SEMANTICS
from flowconc.zoo.matrix import Examined, examine_all
from flowconc.zoo.pages import closing, data, html, markdown, text, versions_text
from flowconc.zoo.registry import Bug, chosen, unused_faults

ALL = "all"


@click.command("zoo")
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option(
    "--semantics",
    "names",
    multiple=True,
    help=f"Ask which bugs this version shows; may be given several times. `{ALL}` is every version.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    help="How to write the result.",
)
def command(ids: tuple[str, ...], names: tuple[str, ...], form: str) -> int:
    """Run the scenario of each known bug (or of those with these IDs) with the bug in it and without.

    With it an invariant must break, without it none. Printed is which invariant catches which bug; with --semantics,
    which version shows which bug.

    Exits 0 if every bug is caught and every fixed semantics is clean, 1 if not, 2 if an ID or a name is not known.
    """
    bugs, versions = _chosen(ids, names)
    examined = list(tracked(examine_all(bugs, versions), total=len(bugs), what="bugs"))
    unused = () if ids else unused_faults()
    _write(examined, unused, form, of_versions=bool(versions))
    return 0 if not unused and all(each.caught and each.clean for each in examined) else 1


def _chosen(ids: Sequence[str], names: Sequence[str]) -> tuple[tuple[Bug, ...], tuple[str, ...]]:
    try:
        bugs = chosen(ids)
        versions = SEMANTICS if ALL in names else tuple(dict.fromkeys(map(resolve_semantics, names)))
    except UnknownName as unknown:
        raise click.UsageError(_sentence(unknown)) from None
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from None
    return bugs, versions


def _sentence(unknown: UnknownName) -> str:
    expected = "" if unknown.expected is None else f", expected {unknown.expected}"
    suggestion = "" if unknown.suggestion is None else f", did you mean {unknown.suggestion!r}?"
    return f"{unknown.what}{expected}{suggestion}"


def _write(examined: Sequence[Examined], unused: Sequence[str], form: str, *, of_versions: bool) -> None:
    if form == "json":
        click.echo(json.dumps(data(examined, unused), indent=2, ensure_ascii=False))
    elif form == "markdown":
        click.echo(markdown(examined, unused), nl=False)
    elif form == "html":
        click.echo(html(examined, unused), nl=False)
    elif of_versions:
        for line in (*versions_text(examined), *closing(examined, unused)):
            click.echo(line)
    else:
        for line in text(examined, unused):
            click.echo(line)
