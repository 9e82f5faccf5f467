"""`flowconc report`: the HTML report of a trace recorded earlier."""

from __future__ import annotations

from pathlib import Path

import click

from flowconc.cli.outputs import check_report
from flowconc.report.html import write_trace_report
from flowconc.trace.jsonl_reading import read_jsonl


@click.command("report")
@click.argument("trace", metavar="TRACE", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "directory",
    type=click.Path(path_type=Path),
    default=Path("flowconc-report"),
    show_default=True,
    help="Directory to write into.",
)
def command(trace: Path, directory: Path) -> None:
    """Make the HTML report of TRACE, a file written by `flowconc run --trace`."""
    with trace.open(encoding="utf-8") as stream:
        recorded = read_jsonl(stream, str(trace))
    check_report(directory)
    click.echo(f"report: {write_trace_report([recorded], directory)}")
