"""What a scenario that does not pass shows: the verdict first, then where, when, who, and how to repeat it."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest

from tests.plugin.conftest import FAILS, FAILS_AT_LINE, PASSES

Write = Callable[..., None]


def failing_report(project: pytest.Pytester, *options: str) -> pytest.TestReport:
    (report,) = project.inline_run("--flowconc", *options).getfailures()
    assert isinstance(report, pytest.TestReport)
    return report


def test_the_first_line_is_the_verdict(project: pytest.Pytester, write: Write) -> None:
    write(wrong=FAILS)
    longrepr = failing_report(project).longrepr

    assert isinstance(longrepr, str)
    first = longrepr.splitlines()[0]
    assert first.startswith(f"wrong.flowconc.yaml:{FAILS_AT_LINE}: ")
    assert "queued" in first
    assert "must be 2" in first


def test_the_summary_has_it_too(project: pytest.Pytester, write: Write) -> None:
    write(wrong=FAILS)
    result = project.runpytest("--flowconc")

    result.stdout.fnmatch_lines(
        [f"FAILED wrong.flowconc.yaml::the fourth does not - wrong.flowconc.yaml:{FAILS_AT_LINE}:*"]
    )


def test_then_the_yaml_with_a_caret(project: pytest.Pytester, write: Write) -> None:
    write(wrong=FAILS)
    lines = str(failing_report(project).longrepr).splitlines()
    marked = next(number for number, line in enumerate(lines) if line.startswith(f"> {FAILS_AT_LINE} | "))
    column = lines[marked + 1].index("^")

    assert "queued: 2" in lines[marked]
    assert lines[marked][column:].startswith(("queued", "2"))


def test_then_the_timeline_around_the_moment(project: pytest.Pytester, write: Write) -> None:
    write(wrong=FAILS)
    text = str(failing_report(project).longrepr)

    assert "company.team.two, " in text
    for execution in "abc":
        assert f"\n{execution} " in text


def test_then_the_command_that_repeats_it(project: pytest.Pytester, write: Write) -> None:
    write(wrong=FAILS, other=PASSES)
    last = str(failing_report(project, "--flowconc-seed=7").longrepr).splitlines()[-1]
    program, *arguments = shlex.split(last.removeprefix("repeat: "))

    assert program == "pytest"
    assert "--flowconc-seed=7" in arguments
    project.runpytest(*arguments).assert_outcomes(failed=1)


def test_in_another_directory_paths_are_as_one_would_type_them(
    project: pytest.Pytester, write: Write
) -> None:
    folder = project.mkdir("deep")
    (folder / "wrong.flowconc.yaml").write_text(FAILS)
    project.makeini("[pytest]")
    result = project.runpytest("--flowconc", "deep")

    result.stdout.fnmatch_lines(
        [f"deep/wrong.flowconc.yaml:{FAILS_AT_LINE}: *", "repeat: *'deep/wrong.flowconc.yaml::*'"]
    )


def test_annotations_find_the_line_of_the_check(project: pytest.Pytester, write: Write) -> None:
    """pytest-github-actions-annotate-failures reads `report.location`, where lines count from 0."""
    write(wrong=FAILS)
    report = failing_report(project)

    assert report.location == ("wrong.flowconc.yaml", FAILS_AT_LINE - 1, "scenario: the fourth does not")


def test_the_item_itself_is_at_the_scenario(project: pytest.Pytester, write: Write) -> None:
    write(queue=f"# a comment\n---\n{PASSES}")
    (item,) = project.inline_genitems("--flowconc")[0]

    assert item.location == ("queue.flowconc.yaml", 2, "scenario: the third execution waits")


def test_warnings_are_shown_and_fail_nothing(project: pytest.Pytester, write: Write) -> None:
    warns = "thresholds:\n  queue_wait: {expr: max < 1s, severity: warn}\n"
    write(queue=PASSES + warns)
    result = project.runpytest("--flowconc", "-W", "error")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["warning: queue.flowconc.yaml:9: queue_wait max = 10s, must be < 1s*"])
