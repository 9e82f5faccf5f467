"""`flowconc run`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import PASSES, Flowconc

REPLICATED = PASSES + "run: {replications: 2}\n"


class TestVerdicts:
    """A line for each scenario, more only where something is wrong."""

    def test_pass(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "good.flowconc.yaml")

        assert answer.status == 0
        assert answer.lines == [
            "PASS  the third execution waits  (1 run, seed 1)",
            "1 scenario: 1 passed, 0 failed",
        ]
        assert answer.err == ""

    def test_fail(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "wrong.flowconc.yaml")

        assert answer.status == 1
        assert answer.lines[0] == "FAIL  the fourth does not  (1 run, seed 1)"
        assert answer.lines[2].startswith("wrong.flowconc.yaml:6: ")
        assert "repeat: flowconc run --seed 1 wrong.flowconc.yaml" in answer.lines

    def test_bad_input_stops_only_its_own_file(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "bad.flowconc.yaml", "good.flowconc.yaml", "wrong.flowconc.yaml")

        assert answer.status == 2
        assert "PASS  the third execution waits  (1 run, seed 1)" in answer.lines
        assert answer.lines[-1] == "2 scenarios: 1 passed, 1 failed, 1 file not usable"
        assert [line[:20] for line in answer.err.splitlines()] == [
            "bad.flowconc.yaml:4:",
            "bad.flowconc.yaml:6:",
        ]

    def test_a_path_that_is_not_there_stops_no_other(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "nowhere.flowconc.yaml", "good.flowconc.yaml")

        assert answer.status == 2
        assert answer.lines[0].startswith("PASS")
        assert answer.err == "nowhere.flowconc.yaml:1:1: there is no such file or folder\n"

    def test_a_directory_is_searched(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", ".")

        assert answer.lines[-1] == "2 scenarios: 1 passed, 1 failed, 1 file not usable"

    def test_a_directory_without_scenarios(self, flowconc: Flowconc, directory: Path) -> None:
        (directory / "empty").mkdir()
        answer = flowconc("run", "empty")

        assert answer.status == 2
        assert answer.err == "empty:1:1: there is no scenario (*.flowconc.yaml) below\n"

    def test_the_same_words_every_time(self, flowconc: Flowconc) -> None:
        assert flowconc("run", ".") == flowconc("run", ".")

    def test_seed_and_replications(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "good.flowconc.yaml", "--seed", "7", "--replications", "3")

        assert answer.lines[0] == "PASS  the third execution waits  (3 runs, seed 7)"


class TestJson:
    """`--json`: the verdicts for machines."""

    def test_file(self, flowconc: Flowconc, directory: Path) -> None:
        flowconc("run", ".", "--json", "verdicts.json")
        document = json.loads((directory / "verdicts.json").read_text())

        assert document["schema_version"] == 1
        assert [scenario["outcome"] for scenario in document["scenarios"]] == ["pass", "fail"]
        assert [bad["path"] for bad in document["bad_input"]] == ["bad.flowconc.yaml"]

    def test_stdout_then_has_nothing_else(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "good.flowconc.yaml", "--json", "-")

        assert len(json.loads(answer.out)["scenarios"]) == 1
        assert answer.err.startswith("PASS")


class TestTrace:
    """`--trace`: what happened, event by event."""

    def test_one_run_goes_to_the_file_named(self, flowconc: Flowconc, directory: Path) -> None:
        answer = flowconc("run", "good.flowconc.yaml", "--trace", "t.jsonl")
        first, *_, last = (directory / "t.jsonl").read_text().splitlines()

        assert "schema_version" in first
        assert "run_ended" in last
        assert "trace: t.jsonl" in answer.lines

    def test_several_runs_are_numbered(self, flowconc: Flowconc, directory: Path) -> None:
        (directory / "good.flowconc.yaml").write_text(REPLICATED)
        flowconc("run", "good.flowconc.yaml", "wrong.flowconc.yaml", "--trace", "t.jsonl")

        assert sorted(path.name for path in directory.glob("t*.jsonl")) == [
            "t-1.jsonl",
            "t-2.jsonl",
            "t-3.jsonl",
        ]

    def test_for_perfetto(self, flowconc: Flowconc, directory: Path) -> None:
        flowconc("run", "good.flowconc.yaml", "wrong.flowconc.yaml", "--trace", "t.perfetto.json")

        assert sorted(path.name for path in directory.glob("t*.json")) == [
            "t-1.perfetto.json",
            "t-2.perfetto.json",
        ]
        assert json.loads((directory / "t-1.perfetto.json").read_text())["traceEvents"]

    def test_stdout_then_has_nothing_else(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "good.flowconc.yaml", "--trace", "-")

        assert all(json.loads(line) for line in answer.lines)

    def test_stdout_takes_one_run_only(self, flowconc: Flowconc) -> None:
        answer = flowconc("run", "good.flowconc.yaml", "--replications", "2", "--trace", "-")

        assert answer.status == 2
        assert "there are several runs" in answer.err


def test_a_report_is_written_and_named(flowconc: Flowconc, directory: Path) -> None:
    answer = flowconc("run", "good.flowconc.yaml", "--report", "new/out")
    (line,) = (line for line in answer.lines if line.startswith("report: "))

    assert answer.status == 0
    assert (directory / line.removeprefix("report: ")).is_file()


def test_notices_are_said_once(flowconc: Flowconc, directory: Path) -> None:
    """Two scenarios share a flow with a key that is not simulated."""
    flow = directory / "two.yaml"
    flow.write_text(flow.read_text() + "checks: []\n")
    answer = flowconc("run", "good.flowconc.yaml", "wrong.flowconc.yaml")

    assert sum("notice: " in line for line in answer.lines) == 1


def test_how_many_runs_were_compiled_is_said(flowconc: Flowconc, directory: Path) -> None:
    (directory / "good.flowconc.yaml").write_text(f"{REPLICATED}backend: compiled\n")
    answer = flowconc("run", "good.flowconc.yaml", "--json", "v.json", "--trace", "t.jsonl")
    (verdict,) = json.loads((directory / "v.json").read_text())["scenarios"]
    notice = (
        "good.flowconc.yaml:1:11: notice: replication 2 is compiled: "
        "thresholds are judged on all runs, everything else on the first"
    )

    assert answer.lines == [
        "PASS  the third execution waits  (2 runs, 1 compiled, seed 1)",
        notice,
        "1 scenario: 1 passed, 0 failed",
        "trace: t.jsonl",
    ]
    assert (verdict["replications"], verdict["compiled"], len(verdict["trace_sha256"])) == (2, 1, 1)
    assert verdict["notices"] == [notice]


def test_what_cannot_be_compiled_stops_only_its_own_file(flowconc: Flowconc, directory: Path) -> None:
    (directory / "killed.flowconc.yaml").write_text(
        f"{PASSES}backend: compiled\nactions: [{{at: 2s, kill: a}}]\n"
    )
    answer = flowconc("run", "killed.flowconc.yaml", "good.flowconc.yaml")

    assert answer.status == 2
    assert answer.lines[-1] == "1 scenario: 1 passed, 0 failed, 1 file not usable"
    assert answer.err == (
        "killed.flowconc.yaml:8:11: `backend: compiled` cannot do this: an action, kill: operators are only simulated, "
        "expected `auto` or `simulation`\n"
    )


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"a: *b", b"scenario: [", b"", b"- 1\n", b"!!python/object:x {}\n"]
)
def test_hostile_files(flowconc: Flowconc, directory: Path, content: bytes) -> None:
    (directory / "x.flowconc.yaml").write_bytes(content)
    answer = flowconc("run", "x.flowconc.yaml")

    assert answer.status == 2
    assert answer.err.startswith("x.flowconc.yaml:")
