"""`flowconc merge`: stores of several machines in one."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from flowconc.check.wording import counted
from flowconc.cli.outputs import check_writable
from flowconc.cli.words import CannotGoOn
from flowconc.plan.store import BadStore, Store

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("merge")
@click.argument("stores", metavar="STORE...", nargs=-1, required=True, type=_FILE)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The store to add them to; made if it is not there.",
)
def command(stores: tuple[Path, ...], output: Path) -> None:
    """Put every value of each STORE, as `flowconc plan --shard` writes them, into one store.

    Then `flowconc plan --store` of it computes only what is still missing. Stores that contradict each other are
    refused: the same run has the same values everywhere.
    """
    check_writable(output)
    if output.resolve() in (store.resolve() for store in stores):
        raise click.UsageError(f"{output} is one of the stores, expected another file")
    try:
        with ExitStack() as opened:
            given = [opened.enter_context(Store(path)) for path in stores]
            merged = opened.enter_context(Store(output))  # last, so that it is not made in vain
            for store in given:
                merged.take_over(store)
            click.echo(f"{output}: {len(merged):,} values of {counted(len(stores), 'store')}")
    except BadStore as bad:
        raise CannotGoOn(str(bad)) from None
