"""`flowconc import`: the history of a Kestra server as arrivals that can be replayed."""

from __future__ import annotations

from pathlib import Path

import click

from flowconc.check.wording import counted
from flowconc.cli.outputs import STDOUT, check_writable, write
from flowconc.cli.words import CannotGoOn, say_error
from flowconc.kestra.exported import instant_us, read_exports
from flowconc.kestra.history import NoHistory, history_of, lines, replay_csv

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _read_start(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """Read an ISO date with an offset, in microseconds since 1970."""
    if value is None:
        return None
    start_us = instant_us(value)
    if start_us is None:
        raise click.BadParameter(
            f"{value!r} is not a date with an offset, expected for instance 2026-11-16T00:00:00Z"
        )
    return start_us


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option(
    "--flow", metavar="FLOW", help="Of which flow: its id, or namespace.id.  [default: the only one]"
)
@click.option(
    "--start",
    "start_us",
    metavar="DATETIME",
    callback=_read_start,
    help="The date of t = 0; what arrived before is left out.  [default: the first arrival]",
)
@click.option(
    "--without",
    metavar="SOURCE",
    multiple=True,
    help="Leave out what came from there: schedule, for instance, to let the flow's own Schedule trigger fire.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=STDOUT,
    help="Write the arrivals here.  [default: stdout]",
)
def command(
    files: tuple[Path, ...], flow: str | None, start_us: int | None, without: tuple[str, ...], output: Path
) -> None:
    """Make of executions that Kestra has exported the arrivals that `flowconc plan --replay` and `replay:` read.

    Each FILE has executions as Kestra gives them: answers of the API's search, all pages; single executions; lists of
    them; one a line; or the CSV that the list of executions exports.

    An execution is there once for each time that it came to the gate of its flow, with the time that it held a slot.
    Where that is not known, because it was rejected, was killed while it waited, or still runs, no duration is written,
    and the summary says so.
    """
    if output != STDOUT:
        check_writable(output)
        if output.resolve() in (file.resolve() for file in files):
            raise click.UsageError(f"{output} is one of the exports, expected another file")
    try:
        history = history_of(read_exports(files), flow=flow, start_us=start_us, without=without)
    except NoHistory as none:
        raise CannotGoOn(f"{files[0] if len(files) == 1 else 'the files'}: {none}") from None
    write(output, replay_csv(history))
    for line in lines(history):
        click.echo(line, err=output == STDOUT)
    if history.missing:
        say_error(
            f"the search found {counted(history.missing, 'execution')} that no file has: were all of its pages given?"
        )
