"""Scenarios that vary, as tests: one item each, a failure that is a file, and the file a test from then on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.plugin.conftest import SLEEPS

Write = Callable[..., None]

HOLDS = f"""\
scenario: kills
flows:
  - {{id: few, namespace: company.team, concurrency: {{limit: 1}}, {SLEEPS}}}
vary: {{within: 10s, arrivals: {{count: 0..6}}, kills: 0..2, examples: 30}}
sometimes: [queue_not_empty]
"""
BREAKS = f"{HOLDS}semantics: documented+kill_queued_frees\n".replace("examples: 30", "examples: 300")
WEAK = HOLDS.replace("queue_not_empty", "queue_not_empty, fire_skipped")


def test_a_batch_is_one_test(project: pytest.Pytester, write: Write) -> None:
    write(kills=HOLDS)
    result = project.runpytest("--flowconc", "-v")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["PASS  kills.flowconc.yaml: kills  (30 examples, seed 1)"])


def test_a_weak_batch_fails_with_its_own_outcome(project: pytest.Pytester, write: Write) -> None:
    write(kills=WEAK)
    result = project.runpytest("--flowconc", "--flowconc-json=v.json")
    (scenario,) = json.loads((project.path / "v.json").read_text(encoding="utf-8"))["scenarios"]

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "kills.flowconc.yaml:5: fire_skipped (*): never met in 30 examples, must be met in one at least",
            "how often the others were met: queue_not_empty in *",
            "WEAK  kills.flowconc.yaml: kills  (30 examples, seed 1)",
        ]
    )
    assert (scenario["outcome"], scenario["examples"], scenario["smallest_failure"]) == ("weak", 30, None)


def test_a_failure_shows_the_smallest_variation_as_a_file(project: pytest.Pytester, write: Write) -> None:
    write(kills=BREAKS)
    result = project.runpytest("--flowconc")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "example * of 300 fails; the smallest that does, of * smaller ones tried:",
            "scenario: kills, failure ????????",
            "semantics: documented+kill_queued_frees",
            "arrivals:",
            "actions:",
            "  - {at: *, kill: *}",
            "run: {seed: 1}",
            "--flowconc-save-failures keeps it beside the scenario's file",
            "repeat: pytest --flowconc --flowconc-seed=1 kills.flowconc.yaml::kills",
        ]
    )
    assert list(project.path.glob("*.failure-*")) == []


@pytest.mark.parametrize("how", ["option", "ini"])
def test_a_failure_that_is_saved_is_a_test_from_then_on(
    project: pytest.Pytester, write: Write, how: str
) -> None:
    write(kills=BREAKS)
    if how == "ini":
        project.makeini("[pytest]\nflowconc_save_failures = true\n")
    result = project.runpytest("--flowconc", *(["--flowconc-save-failures"] if how == "option" else []))
    (path,) = project.path.glob("kills.failure-*.flowconc.yaml")

    result.stdout.fnmatch_lines([f"kept: {path.name}"])
    project.runpytest("--flowconc").assert_outcomes(failed=2)
    project.runpytest("--flowconc", path.name).assert_outcomes(failed=1)


def test_saving_again_changes_nothing(project: pytest.Pytester, write: Write) -> None:
    write(kills=BREAKS)
    project.runpytest("--flowconc", "--flowconc-save-failures", "kills.flowconc.yaml")
    before = {path: path.read_bytes() for path in project.path.glob("*.failure-*")}
    project.runpytest("--flowconc", "--flowconc-save-failures", "kills.flowconc.yaml")

    assert {path: path.read_bytes() for path in project.path.glob("*.failure-*")} == before
    assert len(before) == 1


@pytest.mark.slow
def test_workers_find_the_same(project: pytest.Pytester, write: Write) -> None:
    write(kills=BREAKS, others=HOLDS)
    alone = project.runpytest("--flowconc", "--flowconc-json=alone.json")
    spread = project.runpytest_subprocess("--flowconc", "--flowconc-json=spread.json", "-n2")

    assert alone.ret == spread.ret == pytest.ExitCode.TESTS_FAILED
    first, second = (
        (project.path / f"{name}.json").read_text(encoding="utf-8") for name in ("alone", "spread")
    )
    assert first == second


def test_hypothesis_is_imported_only_when_a_scenario_varies(project: pytest.Pytester, write: Write) -> None:
    write(plain=HOLDS.split("vary:", maxsplit=1)[0])
    project.makeconftest(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    print('loaded' if 'flowconc.vary.search' in sys.modules else 'not loaded')\n"
    )
    result = project.runpytest_subprocess("--flowconc", "-s", "-p", "no:hypothesispytest")

    result.assert_outcomes(passed=1)
    assert "not loaded" in result.stdout.str()
