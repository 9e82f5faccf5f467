"""`flowconc run` of scenarios that vary."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Flowconc

HOLDS = """\
scenario: kills
flows: [two.yaml]
vary: {within: 10s, arrivals: {count: 0..6}, kills: 0..2, examples: 30}
"""
BREAKS = f"{HOLDS}semantics: documented+kill_queued_frees\n".replace("examples: 30", "examples: 300")


@pytest.fixture
def vary(directory: Path, flowconc: Flowconc) -> Flowconc:
    (directory / "holds.flowconc.yaml").write_text(HOLDS, encoding="utf-8")
    (directory / "breaks.flowconc.yaml").write_text(BREAKS, encoding="utf-8")
    return flowconc


def test_a_batch_that_holds_is_a_line(vary: Flowconc) -> None:
    answer = vary("run", "holds.flowconc.yaml")

    assert answer.status == 0
    assert answer.lines == [
        "PASS  kills  (30 examples, seed 1)",
        "1 scenario: 1 passed, 0 failed",
    ]


def test_a_failure_is_shown_as_a_file(vary: Flowconc) -> None:
    answer = vary("run", "breaks.flowconc.yaml")

    assert answer.status == 1
    assert "flows: [two.yaml]" in answer.lines
    assert "--save-failures keeps it beside the scenario's file" in answer.lines


def test_a_failure_can_be_saved_and_run(vary: Flowconc, directory: Path) -> None:
    answer = vary("run", "--save-failures", "breaks.flowconc.yaml")
    (path,) = directory.glob("breaks.failure-*.flowconc.yaml")
    again = vary("run", path.name)

    assert f"kept: {path.name}" in answer.lines
    assert again.status == 1
    assert again.lines[2].partition(": ")[2] == answer.lines[2].partition(": ")[2]


def test_nothing_is_left_behind(vary: Flowconc, directory: Path) -> None:
    before = sorted(directory.rglob("*"))
    vary("run", "breaks.flowconc.yaml", "holds.flowconc.yaml")

    assert sorted(directory.rglob("*")) == before


def test_another_seed_tries_others(vary: Flowconc, directory: Path) -> None:
    shown = {
        "\n".join(vary("run", "--seed", seed, "breaks.flowconc.yaml").lines)
        .partition("example ")[2]
        .split(" ")[0]
        for seed in ("1", "2", "3", "4")
    }

    assert len(shown) > 1


def test_replications_are_of_each_example(vary: Flowconc) -> None:
    answer = vary("run", "--replications", "2", "holds.flowconc.yaml")

    assert answer.lines[0] == "PASS  kills  (30 examples of 2 runs, seed 1)"


def test_a_place_that_cannot_be_written_is_a_sentence(
    vary: Flowconc, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "write_text", refuse)
    answer = vary("run", "--save-failures", "breaks.flowconc.yaml")

    assert answer.status == 2
    assert "Permission denied" in answer.err
