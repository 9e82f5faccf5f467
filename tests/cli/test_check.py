"""`flowconc check`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import FLOW, PASSES, Flowconc


def test_a_flow_that_kestra_accepts(flowconc: Flowconc) -> None:
    answer = flowconc("check", "two.yaml")

    assert (answer.status, answer.out, answer.err) == (0, "1 file checked, 0 not usable\n", "")


def test_a_flow_that_kestra_refuses(flowconc: Flowconc, directory: Path) -> None:
    (directory / "two.yaml").write_text(FLOW.replace("limit: 2", "limit: 0"))
    answer = flowconc("check", "two.yaml")

    assert answer.status == 2
    assert answer.err.startswith("two.yaml:4:")


def test_what_kestra_accepts_by_accident_is_a_warning(flowconc: Flowconc, directory: Path) -> None:
    (directory / "two.yaml").write_text(FLOW.replace("limit: 2", "limit: 1.5"))
    answer = flowconc("check", "two.yaml")

    assert answer.status == 0
    assert answer.out.startswith("two.yaml:4:")
    assert "warning: " in answer.out


def test_a_scenario_with_the_flows_it_names(flowconc: Flowconc, directory: Path) -> None:
    (directory / "two.yaml").write_text(FLOW.replace("limit: 2", "limit: x"))
    answer = flowconc("check", "good.flowconc.yaml")

    assert answer.status == 2
    assert answer.err.startswith("two.yaml:4:")


def test_a_scenario_is_known_by_its_content_too(flowconc: Flowconc, directory: Path) -> None:
    (directory / "good.flowconc.yaml").rename(directory / "scenario.yaml")

    assert flowconc("check", "scenario.yaml").status == 0


def test_a_directory_is_searched_for_both(flowconc: Flowconc, directory: Path) -> None:
    """Other tools' YAML is left alone."""
    (directory / "compose.yaml").write_text("services: {}\n")
    (directory / ".hidden").mkdir()
    (directory / ".hidden" / "two.yaml").write_text("id: x\ntasks: 1\n")
    answer = flowconc("check", ".")

    assert answer.status == 2
    assert answer.out == "4 files checked, 1 not usable\n"
    assert all(line.startswith("bad.flowconc.yaml:") for line in answer.err.splitlines())


def test_a_directory_without_either(flowconc: Flowconc, directory: Path) -> None:
    (directory / "empty").mkdir()
    answer = flowconc("check", "empty")

    assert answer.status == 2
    assert answer.err == "empty:1:1: there is no flow and no scenario below\n"


def test_a_scenario_that_is_to_be_compiled_and_cannot_be(flowconc: Flowconc, directory: Path) -> None:
    (directory / "good.flowconc.yaml").write_text(f"{PASSES}backend: compiled\nsemantics: kestra-2.0\n")
    answer = flowconc("check", "good.flowconc.yaml")

    assert answer.status == 2
    assert "semantics kestra-2.0.2: only `documented` is compiled" in answer.err
