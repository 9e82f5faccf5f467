"""`flowconc init`: a first scenario for flow files."""

from __future__ import annotations

from pathlib import Path

import click

from flowconc.cli.outputs import check_writable
from flowconc.scaffold import scaffold, target_of


@click.command("init")
@click.argument("flows", metavar="FLOW...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where to write.  [default: beside the first FLOW]",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(flows: tuple[Path, ...], output: Path | None, force: bool) -> None:
    """Write a commented scenario for each FLOW together, which passes at once: change it from there.

    At time 0, two executions more than the limit arrive at each flow. Tasks whose duration the flow file does not
    say take 10 s.
    """
    target = target_of(flows[0]) if output is None else output
    check_writable(target)
    text = scaffold(flows, target)
    try:
        with target.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(f"{target} is there already; --force writes over it") from None
    click.echo(f"written: {target}")
    click.echo(f"run it:  flowconc run {target}")
