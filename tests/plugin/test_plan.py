"""Plans as tests: the goals must be met at the limit that the flow has now."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.plugin.conftest import SLEEPS

Write = Callable[..., None]

PLANNED = f"""\
scenario: in time
flows:
  - {{id: few, namespace: company.team, concurrency: {{limit: 2}}, {SLEEPS}}}
arrivals: [{{flow: few, every: 4s}}]
run: {{until: 10m}}
plan:
  vary: {{limit: 1..4}}
  goals: [queue_wait max < 1s]
  protect: slots_in_use max <= 4
"""


def test_a_plan_that_is_met_passes(project: pytest.Pytester, write: Write) -> None:
    write(few=PLANNED.replace("limit: 2", "limit: 3"))

    project.runpytest("--flowconc").assert_outcomes(passed=1)


def test_one_that_is_not_fails_with_the_limit_that_would_do(project: pytest.Pytester, write: Write) -> None:
    write(few=PLANNED)
    result = project.runpytest("--flowconc", "--flowconc-json=v.json")
    (scenario,) = json.loads((project.path / "v.json").read_text(encoding="utf-8"))["scenarios"]

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "few.flowconc.yaml:8: queue_wait max = * at limit 2, must be < 1s (*); limit 3 would do (nothing is left to chance)",
            "> 8 |   goals: [[]queue_wait max < 1s[]]",
            "repeat: pytest --flowconc --flowconc-seed=1 'few.flowconc.yaml::in time'",
        ]
    )
    assert [finding["check"] for finding in scenario["findings"] if finding["outcome"] == "fail"] == ["plan"]


def test_what_must_be_spared_is_a_test_too(project: pytest.Pytester, write: Write) -> None:
    write(few=PLANNED.replace("limit: 2", "limit: 3").replace("max <= 4", "max <= 2"))
    result = project.runpytest("--flowconc")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            (
                "few.flowconc.yaml:9: slots_in_use max = 3 at limit 3, must be <= 2 (*); no limit would do: the goals "
                "need at least 3, `protect` allows at most 2"
            )
        ]
    )


def test_bad_plans_are_bad_input(project: pytest.Pytester, write: Write) -> None:
    write(few=PLANNED.replace("goals", "gaols"))
    result = project.runpytest("--flowconc")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["few.flowconc.yaml:8:3: unknown key 'gaols', *did you mean 'goals'?*"])
