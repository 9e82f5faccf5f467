"""A file that cannot be used fails by itself: with all its problems, as a usage error, and the others run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugin.conftest import BAD, FAILS, PASSES

Write = Callable[..., None]

PROBLEM = "bad.flowconc.yaml:3:*limitt*limit*"
OTHER_PROBLEM = "bad.flowconc.yaml:7:*queed*queued*"


@pytest.fixture
def run(project: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    def run(*options: str) -> pytest.RunResult:
        result = project.runpytest("--flowconc", *options)
        result.stdout.no_fnmatch_line("*Traceback*")
        result.stdout.no_fnmatch_line("*INTERNALERROR*")
        return result

    return run


def test_every_problem_is_said_and_the_other_files_run(
    run: Callable[..., pytest.RunResult], write: Write
) -> None:
    write(bad=BAD, good=PASSES)
    result = run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([PROBLEM, OTHER_PROBLEM])
    result.stdout.fnmatch_lines(["FAILED bad.flowconc.yaml::bad input - bad.flowconc.yaml:3:*"])


def test_it_outweighs_a_failure(run: Callable[..., pytest.RunResult], write: Write) -> None:
    """What was not tested at all is the graver news."""
    write(bad=BAD, wrong=FAILS)

    assert run().ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    "options",
    [
        ["bad.flowconc.yaml::the third execution waits"],
        ["-k", "nothing"],
        ["--co"],
    ],
)
def test_it_cannot_be_overlooked(project: pytest.Pytester, write: Write, options: list[str]) -> None:
    """However the items are selected, a file that cannot be read may hold what was meant."""
    write(bad=BAD)
    result = project.runpytest("--flowconc", *options)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([PROBLEM, OTHER_PROBLEM])


def test_nor_if_only_the_workers_of_xdist_have_seen_it(project: pytest.Pytester, write: Write) -> None:
    write(bad=BAD)
    result = project.runpytest_subprocess("--flowconc", "-n", "1", "-k", "nothing")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([PROBLEM, OTHER_PROBLEM])


def test_a_missing_flow_file(run: Callable[..., pytest.RunResult], write: Write) -> None:
    write(bad=PASSES.replace("flows:\n", "flows:\n  - flows/nowhere.yaml\n"))
    result = run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["bad.flowconc.yaml:3:5:*nowhere*"])


def test_bytes_that_are_no_text(project: pytest.Pytester, run: Callable[..., pytest.RunResult]) -> None:
    (project.path / "bad.flowconc.yaml").write_bytes(b"\xff\xfe\x00s")
    result = run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(failed=1)
