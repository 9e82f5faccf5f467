"""`flowconc init`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Flowconc


def test_beside_the_flow_and_green_at_once(flowconc: Flowconc, directory: Path) -> None:
    answer = flowconc("init", "two.yaml")

    assert answer.status == 0
    assert answer.lines == ["written: two.flowconc.yaml", "run it:  flowconc run two.flowconc.yaml"]
    assert flowconc("run", "two.flowconc.yaml").status == 0


def test_elsewhere(flowconc: Flowconc, directory: Path) -> None:
    """The flow's path is then relative to the scenario."""
    (directory / "tests").mkdir()
    flowconc("init", "two.yaml", "-o", "tests/first.flowconc.yaml")

    assert "- ../two.yaml" in (directory / "tests" / "first.flowconc.yaml").read_text()
    assert flowconc("run", "tests").status == 0


def test_a_file_that_is_there_is_not_overwritten(flowconc: Flowconc, directory: Path) -> None:
    (directory / "two.flowconc.yaml").write_text("mine")
    answer = flowconc("init", "two.yaml")

    assert answer.status == 2
    assert "--force" in answer.err
    assert (directory / "two.flowconc.yaml").read_text() == "mine"


def test_unless_forced(flowconc: Flowconc, directory: Path) -> None:
    (directory / "two.flowconc.yaml").write_text("mine")

    assert flowconc("init", "two.yaml", "--force").status == 0
    assert flowconc("run", "two.flowconc.yaml").status == 0


def test_a_flow_that_cannot_be_used(flowconc: Flowconc, directory: Path) -> None:
    (directory / "two.yaml").write_text("id: two\n")
    answer = flowconc("init", "two.yaml")

    assert answer.status == 2
    assert answer.err.startswith("two.yaml:")
    assert not (directory / "two.flowconc.yaml").exists()
