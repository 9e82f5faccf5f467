"""`flowconc report`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Flowconc


def test_from_a_trace_of_run(flowconc: Flowconc, directory: Path) -> None:
    flowconc("run", "good.flowconc.yaml", "--trace", "t.jsonl")
    answer = flowconc("report", "t.jsonl", "-o", "out")

    assert answer.status == 0
    assert (directory / answer.out.strip().removeprefix("report: ")).is_file()
