"""Without `--flowconc` the plugin is not there, but for its options and its fixture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugin.conftest import PASSES

HEAVY = (
    "{'flowconc', 'yaml', 'numpy', 'pydantic', 'simpy', 'cronsim', 'click', 'rich', 'hypothesis.strategies'}"
)

SUITE = f"""
import sys

def test_nothing_heavy_is_loaded():
    assert not {HEAVY} & set(sys.modules)
"""


def test_an_existing_suite_loads_nothing_but_the_plugin_itself(project: pytest.Pytester) -> None:
    project.makepyfile(SUITE)

    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_even_with_the_option_the_simulation_waits_for_a_scenario_file(project: pytest.Pytester) -> None:
    project.makepyfile(SUITE.replace("'flowconc', ", ""))

    project.runpytest_subprocess("--flowconc").assert_outcomes(passed=1)


def test_scenario_files_are_left_alone(project: pytest.Pytester, write: Callable[..., None]) -> None:
    write(queue=PASSES)
    result = project.runpytest()

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.no_fnmatch_line("*flowconc*semantics*")


def test_no_scenario_at_all_is_what_pytest_says_of_no_tests(project: pytest.Pytester) -> None:
    assert project.runpytest("--flowconc").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_options_are_in_the_help(project: pytest.Pytester) -> None:
    result = project.runpytest("--help")

    for option in ("", "-seed", "-replications", "-report", "-json"):
        result.stdout.fnmatch_lines([f"*--flowconc{option}*"])
    for ini in ("flowconc (", "flowconc_files", "flowconc_seed", "flowconc_replications", "flowconc_report"):
        result.stdout.fnmatch_lines([f"*{ini}*"])
