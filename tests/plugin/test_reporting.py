"""What the session says and writes: header, summary, properties, verdict file, report."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.plugin.conftest import BAD, FAILS, PASSES

Write = Callable[..., None]


def verdicts(project: pytest.Pytester, *options: str) -> dict[str, Any]:
    project.runpytest("--flowconc", "--flowconc-json=out/verdicts.json", *options)
    document: dict[str, Any] = json.loads((project.path / "out" / "verdicts.json").read_text())
    return document


class TestHeader:
    """What it takes to repeat the session."""

    def test_version_semantics_and_seed(self, project: pytest.Pytester) -> None:
        project.runpytest("--flowconc").stdout.fnmatch_lines(
            ["flowconc [0-9]*: semantics documented*own seed"]
        )

    def test_seed_and_replications_that_were_given(self, project: pytest.Pytester) -> None:
        result = project.runpytest("--flowconc", "--flowconc-seed=7", "--flowconc-replications=3")

        result.stdout.fnmatch_lines(["flowconc *seed 7, 3 replications"])


class TestSummary:
    """Short when all is well."""

    def test_nothing_to_say(self, project: pytest.Pytester, write: Write) -> None:
        write(queue=PASSES)

        project.runpytest("--flowconc").stdout.no_fnmatch_line("*= flowconc =*")

    def test_verdicts_if_asked_for(self, project: pytest.Pytester, write: Write) -> None:
        write(queue=PASSES)

        project.runpytest("--flowconc", "-v").stdout.fnmatch_lines(
            ["*= flowconc =*", "PASS  queue.flowconc.yaml: the third execution waits  (1 run, seed 1)"]
        )

    def test_verdicts_if_one_is_bad(self, project: pytest.Pytester, write: Write) -> None:
        write(good=PASSES, wrong=FAILS)

        project.runpytest("--flowconc").stdout.fnmatch_lines(["PASS  good*", "FAIL  wrong*"])

    def test_what_is_not_simulated_is_said_once(self, project: pytest.Pytester, write: Write) -> None:
        notable = PASSES.replace("concurrency: {limit: 2}", "concurrency: {limit: 2}, checks: []")
        write(queue=f"{notable}parametrize: {{x: [1, 2]}}\ndescription: 'x is ${{x}}'\n")
        result = project.runpytest("--flowconc")

        result.assert_outcomes(passed=2)
        assert sum("notice" in line and "checks" in line for line in result.outlines) == 1

    def test_what_is_judged_on_the_first_run_alone_is_said(
        self, project: pytest.Pytester, write: Write
    ) -> None:
        write(queue=f"{PASSES}run: {{replications: 3}}\nbackend: auto\n")
        result = project.runpytest("--flowconc", "--junitxml=junit.xml")
        tree = ElementTree.parse(project.path / "junit.xml")
        found = {each.get("name"): each.get("value") for each in tree.iter("property")}

        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["queue.flowconc.yaml:1:11: notice: replications 2 to 3 are compiled: *"])
        assert (found["flowconc.replications"], found["flowconc.queue_wait_s_mean"]) == ("3", "3.333333")


class TestProperties:
    """`--junitxml` has what the run measured, under names that do not change."""

    def test_properties_of_a_test_case(self, project: pytest.Pytester, write: Write) -> None:
        write(queue=PASSES)
        project.runpytest("--flowconc", "--junitxml=junit.xml")
        tree = ElementTree.parse(project.path / "junit.xml")
        found = {each.get("name"): each.get("value") for each in tree.iter("property")}

        assert found == {
            "flowconc.semantics": "documented",
            "flowconc.seed": "1",
            "flowconc.replications": "1",
            "flowconc.outcome": "pass",
            "flowconc.queue_wait_s_mean": "3.333333",
            "flowconc.queue_wait_s_p95": "10.0",
            "flowconc.queue_wait_s_max": "10.0",
            "flowconc.start_delay_s_p95": "10.0",
            "flowconc.sojourn_s_p95": "20.0",
            "flowconc.queue_depth_executions_max": "1.0",
            "flowconc.slots_in_use_executions_mean": "1.5",
            "flowconc.slots_in_use_executions_max": "2.0",
            "flowconc.rejected_executions_count": "0.0",
            "flowconc.skipped_fires_count": "0.0",
            "flowconc.throughput_executions_count": "3.0",
        }


class TestVerdictFile:
    """`--flowconc-json`, for machines."""

    def test_it_says_what_it_is(self, project: pytest.Pytester, write: Write) -> None:
        write(queue=PASSES)
        document = verdicts(project)

        assert list(document) == ["schema_version", "flowconc_version", "scenarios", "bad_input"]
        assert document["schema_version"] == 1

    def test_scenarios_and_findings(self, project: pytest.Pytester, write: Write) -> None:
        write(wrong=FAILS)
        (scenario,) = verdicts(project)["scenarios"]
        failed = [finding for finding in scenario["findings"] if finding["outcome"] == "fail"]

        assert (
            scenario["id"],
            scenario["path"],
            scenario["outcome"],
        ) == ("the fourth does not", "wrong.flowconc.yaml", "fail")
        assert [finding["line"] for finding in failed] == [7]

    def test_unusable_files(self, project: pytest.Pytester, write: Write) -> None:
        write(bad=BAD)
        (bad,) = verdicts(project)["bad_input"]

        assert bad["path"] == "bad.flowconc.yaml"
        assert all(problem.startswith("bad.flowconc.yaml:") for problem in bad["problems"])


class TestReport:
    """`--flowconc-report`, for people."""

    def test_it_is_written_and_named(self, project: pytest.Pytester, write: Write) -> None:
        write(queue=PASSES)
        result = project.runpytest_subprocess("--flowconc", "--flowconc-report=out")

        assert result.ret == pytest.ExitCode.OK
        result.stdout.fnmatch_lines(["report: *out*.html"])


@pytest.mark.parametrize("option", ["--flowconc-json=file/x.json", "--flowconc-report=file/x"])
def test_an_output_that_cannot_be_written_is_a_usage_error(
    project: pytest.Pytester, write: Write, option: str
) -> None:
    write(queue=PASSES)
    (project.path / "file").touch()
    result = project.runpytest("--flowconc", option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*not written to*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
