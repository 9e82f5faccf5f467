"""Options: on the command line, in the ini file, and which wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_flowconc.options import SETTINGS, Settings
from tests.plugin.conftest import PASSES

Write = Callable[..., None]


def settings(project: pytest.Pytester, *options: str) -> Settings:
    return project.parseconfigure(*options).stash[SETTINGS]


def test_defaults(project: pytest.Pytester) -> None:
    expected = Settings(
        enabled=False,
        files=("*.flowconc.yaml",),
        seed=None,
        replications=None,
        semantics=(),
        report=None,
        json=None,
    )

    assert expected == settings(project)


def test_every_option_has_an_ini_twin(project: pytest.Pytester) -> None:
    project.makeini(
        """
        [pytest]
        flowconc = true
        flowconc_files = *.x.yaml
        flowconc_seed = 3
        flowconc_replications = 4
        flowconc_semantics = kestra-2.0.0,documented
        flowconc_report = out
        flowconc_json = out/v.json
        """
    )
    root: Path = project.path

    expected = Settings(
        True,
        ("*.x.yaml",),
        3,
        4,
        ("kestra-2.0.0", "documented"),
        root / "out",
        root / "out" / "v.json",
    )

    assert expected == settings(project)


def test_the_command_line_wins(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nflowconc_seed = 3\nflowconc_replications = 4\nflowconc_json = a.json\n")
    found = settings(project, "--flowconc-seed=0", "--flowconc-replications=9", "--flowconc-json=b.json")

    assert (0, 9, project.path / "b.json") == (found.seed, found.replications, found.json)


def test_the_ini_file_turns_it_on_and_the_command_line_off(project: pytest.Pytester, write: Write) -> None:
    project.makeini("[pytest]\nflowconc = true\n")
    write(queue=PASSES)

    project.runpytest().assert_outcomes(passed=1)
    assert project.runpytest("-o", "flowconc=false").ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(
    "wrong",
    ["--flowconc-seed=x", "--flowconc-seed=-1", "--flowconc-replications=0", "--flowconc-replications=1.5"],
)
def test_wrong_numbers_are_usage_errors(project: pytest.Pytester, wrong: str) -> None:
    result = project.runpytest("--flowconc", wrong)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*is not an integer of at least*"])


@pytest.mark.parametrize("wrong", ["flowconc_seed = -1", "flowconc_seed = x", "flowconc_replications = 0"])
def test_wrong_numbers_in_the_ini_file_too(project: pytest.Pytester, wrong: str) -> None:
    project.makeini(f"[pytest]\n{wrong}\n")

    assert project.runpytest("--flowconc").ret == pytest.ExitCode.USAGE_ERROR


def test_seed_and_replications_reach_the_run(project: pytest.Pytester, write: Write) -> None:
    write(queue=PASSES)
    result = project.runpytest("--flowconc", "--flowconc-seed=7", "--flowconc-replications=3", "-v")

    result.stdout.fnmatch_lines(["PASS *(3 runs, seed 7)"])
