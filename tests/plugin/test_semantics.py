"""`--flowconc-semantics`: each scenario once under each of several semantics."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.plugin.conftest import PASSES, SLEEPS, SWEEP

Write = Callable[..., None]

RAISED = f"""\
scenario: the limit is raised
flows:
  - {{id: one, namespace: company.team, concurrency: {{limit: 1}}, {SLEEPS}}}
arrivals:
  - {{flow: one, at: [0s, 0s], names: [a, b]}}
actions:
  - {{at: 5s, edit: one, concurrency: {{limit: 2}}}}
expect:
  - {{execution: b, started_at: 5s}}
"""
LOOP = """\
scenario: a loop
flows:
  - id: job
    namespace: company.team
    tasks:
      - {id: each, type: io.kestra.plugin.core.flow.Loop, values: [one],
         tasks: [{id: work, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}]}
arrivals: [{flow: job, at: [0s], names: [a]}]
"""


def ids(project: pytest.Pytester, *options: str) -> list[str]:
    items, _ = project.inline_genitems("--flowconc", *options)
    return [item.name for item in items]


def test_the_semantics_is_part_of_the_id(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES)

    assert ids(project, "--flowconc-semantics=documented,kestra-2.0") == [
        "the third execution waits[documented]",
        "the third execution waits[kestra-2.0.2]",
    ]


def test_parameters_come_before_it(project: pytest.Pytester, write: Write) -> None:
    project.makeini("[pytest]\nmarkers = slow: slow\n")
    write(sweep=SWEEP)

    assert ids(project, "--flowconc-semantics=documented,kestra-2.0.0") == [
        "the limit holds[limit=1][documented]",
        "the limit holds[limit=1][kestra-2.0.0]",
        "the limit holds[limit=2][documented]",
        "the limit holds[limit=2][kestra-2.0.0]",
    ]


def test_each_is_judged_by_its_own_rules(project: pytest.Pytester, write: Write) -> None:
    write(raised=RAISED)
    result = project.runpytest("--flowconc", "--flowconc-semantics=documented,kestra-2.0.0", "-v")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "flowconc *: semantics documented, kestra-2.0.0, *",
            "*the limit is raised?documented? PASSED*",
            "*the limit is raised?kestra-2.0.0? FAILED*",
            "repeat: pytest --flowconc --flowconc-seed=1 --flowconc-semantics=kestra-2.0.0 *",
        ]
    )


def test_it_is_in_place_of_the_scenarios_own(project: pytest.Pytester, write: Write) -> None:
    write(raised=RAISED.replace("flows:", "semantics: kestra-2.0.0\nflows:", 1))

    project.runpytest("--flowconc").assert_outcomes(failed=1)
    project.runpytest("--flowconc", "--flowconc-semantics=documented").assert_outcomes(passed=1)


def test_what_a_version_cannot_read_is_skipped_with_the_reason(
    project: pytest.Pytester, write: Write
) -> None:
    write(loop=LOOP)
    result = project.runpytest("--flowconc", "--flowconc-semantics=documented,kestra-1.3.31", "-rs")

    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * kestra-1.3.31 cannot read it: *has no task type Loop*"])


def test_other_scenarios_of_that_file_are_run(project: pytest.Pytester, write: Write) -> None:
    write(both=f"{LOOP}---\n{PASSES}")

    project.runpytest("--flowconc", "--flowconc-semantics=kestra-1.3.31").assert_outcomes(passed=1, skipped=1)


def test_a_file_that_is_wrong_anyhow_fails_once(project: pytest.Pytester, write: Write) -> None:
    write(bad=PASSES.replace("limit: 2", "limitt: 2"))
    result = project.runpytest("--flowconc", "--flowconc-semantics=all")

    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_an_unknown_name_is_a_usage_error(project: pytest.Pytester) -> None:
    result = project.runpytest("--flowconc", "--flowconc-semantics=kestra-3")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no semantics 'kestra-3', expected one of documented, *"])


def test_verdicts_are_in_the_order_asked_for(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES)
    project.runpytest("--flowconc", "--flowconc-semantics=kestra-2.0.0,documented", "--flowconc-json=v.json")
    verdicts = json.loads((project.path / "v.json").read_text())["scenarios"]

    assert [verdict["semantics"] for verdict in verdicts] == ["kestra-2.0.0", "documented"]


def test_under_xdist_the_report_has_both(project: pytest.Pytester, write: Write) -> None:
    pytest.importorskip("xdist")
    write(queue=f"{LOOP}---\n{PASSES}")
    result = project.runpytest_subprocess(
        "--flowconc", "-n1", "--flowconc-semantics=documented,kestra-1.3.31", "--flowconc-report=report", "-v"
    )

    result.assert_outcomes(passed=3, skipped=1)
    assert (project.path / "report" / "index.html").exists()
