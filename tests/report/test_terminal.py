"""Verdicts as text: what a failure block shows, and how an excerpt points at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowconc.check.verdict import Finding, Outcome, Verdict
from flowconc.report.terminal import excerpt, failure_block, failures, scenario_line
from flowconc.runner import Result, run
from flowconc.scenario.builder import flow, scenario
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import Position


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "x.yaml"
    path.write_text("one\ntwo\nthree\nfour: 4\nfive\nsix\nseven\n", encoding="utf-8")
    return path


def judged(*findings: Finding, replications: int = 1) -> Result:
    """Return a result of a scenario that did not run."""
    somewhere = Position("<nowhere>")
    return Result(Scenario("made up", (), somewhere), 1, (), Verdict(findings, replications))


def finding(check: str, outcome: Outcome = Outcome.FAIL) -> Finding:
    return Finding(check, outcome, f"{check} is wrong", Position("<nowhere>", 3))


class TestExcerpt:
    """Two lines on either side, and a caret."""

    def test_the_caret_is_under_the_column(self, source: Path) -> None:
        assert excerpt(Position(str(source), 4, 7)) == [
            "  2 | two",
            "  3 | three",
            "> 4 | four: 4",
            "    |       ^",
            "  5 | five",
            "  6 | six",
        ]

    @pytest.mark.parametrize(("line", "shown"), [(1, ["1", "2", "3"]), (7, ["5", "6", "7"])])
    def test_at_the_ends_of_the_file_there_are_fewer(self, source: Path, line: int, shown: list[str]) -> None:
        lines = [each[2] for each in excerpt(Position(str(source), line, 1)) if each[2] != " "]

        assert lines == shown

    @pytest.mark.parametrize("position", [Position("<builder>"), Position("gone.yaml", 3), Position(".", 1)])
    def test_no_file_no_excerpt(self, position: Position) -> None:
        assert excerpt(position) == []

    def test_a_line_beyond_the_end(self, source: Path) -> None:
        assert excerpt(Position(str(source), 99)) == []

    def test_a_long_line_is_cut_around_the_column(self, tmp_path: Path) -> None:
        path = tmp_path / "long.yaml"
        path.write_text("x" * 5_000 + "HERE" + "y" * 5_000)
        line, caret = excerpt(Position(str(path), 1, 5_001), width=60)

        assert len(line) <= 60
        assert line[caret.index("^") :].startswith("HERE")

    def test_what_a_terminal_would_act_on_is_not_printed(self, tmp_path: Path) -> None:
        path = tmp_path / "odd.yaml"
        path.write_bytes(b"a:\t\x1b[31mred\xff\r\n")

        assert excerpt(Position(str(path), 1))[0] == "> 1 | a:  [31mred\N{REPLACEMENT CHARACTER}"

    def test_the_file_is_read_each_time(self, source: Path) -> None:
        """An editor may have changed it since, in a process that lives long."""
        excerpt(Position(str(source), 4, 7))
        source.write_text("new\n", encoding="utf-8")

        assert excerpt(Position(str(source), 1)) == ["> 1 | new", "    | ^"]


class TestFailureBlock:
    """The verdict first; the command that repeats it last."""

    def test_of_a_run(self) -> None:
        built = (
            scenario("the second waits")
            .flow(flow("one", limit=1, duration="10s"))
            .arrive("one", at=["0s", "0s"], names=["a", "b"])
            .expect(execution="b", started_at="3s")
            .build()
        )
        first, *_, last = failure_block(run(built)).splitlines()

        assert first.startswith("<builder>")
        assert "must be 3s" in first
        assert last == "repeat: seed 1"

    def test_many_failures_are_listed_but_only_some_shown_in_full(self) -> None:
        block = failure_block(judged(*(finding(f"check {number}") for number in range(8))), repeat="again")

        assert [f"<nowhere>:3: check {number} is wrong" for number in range(8)] == [
            line for line in block.splitlines() if "is wrong" in line
        ]
        assert "check 5 is wrong\n<nowhere>:3: check 6 is wrong\n" in block
        assert block.endswith("\n\nrepeat: again")

    def test_what_is_inconclusive_keeps_it_from_passing_too(self) -> None:
        result = judged(
            finding("unsure", Outcome.INCONCLUSIVE),
            finding("sure", Outcome.FAIL),
            finding("fine", Outcome.PASS),
            finding("noted", Outcome.WARN),
        )

        assert [each.check for each in failures(result)] == ["sure", "unsure"]


@pytest.mark.parametrize(
    ("findings", "replications", "line"),
    [
        ((), 1, "PASS  made up  (1 run, seed 1)"),
        ((finding("a"),), 30, "FAIL  made up  (30 runs, seed 1)"),
        ((finding("a", Outcome.INCONCLUSIVE),), 2, "INCONCLUSIVE  made up  (2 runs, seed 1)"),
        ((finding("a", Outcome.WARN),), 1, "PASS  made up  (1 run, seed 1)"),
    ],
)
def test_a_scenario_in_one_line(findings: tuple[Finding, ...], replications: int, line: str) -> None:
    assert scenario_line(judged(*findings, replications=replications)) == line
