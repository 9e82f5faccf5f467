"""A plan as a check of a scenario: at the limit that the flow has now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.check.verdict import Outcome
from flowconc.plan import evaluation, verdict
from flowconc.runner import run_scenario
from flowconc.scenario.model import Backend, RunSettings
from tests.plan.evaluators import modelled
from tests.plan.plans import S, plan, scenario


def found(made):
    return verdict.findings(made, made.plan, seed=1, evaluate=modelled)


def test_a_goal_that_is_met_passes():
    (finding,) = found(scenario(plan("queue_wait p95 < 30s"), limit=5))

    assert finding.outcome is Outcome.PASS
    assert finding.sentence.startswith("queue_wait p95 = 20.2s ")
    assert "at limit 5, must be < 30s (" in finding.sentence
    assert finding.sentence.endswith(", 10 runs)")


def test_one_that_is_not_names_the_limit_that_would_do():
    (finding,) = found(scenario(plan("queue_wait p95 < 30s"), limit=2))

    assert finding.outcome is Outcome.FAIL
    assert finding.sentence.endswith("; limit 4 would do (95 % sure)")


@pytest.mark.parametrize(
    ("goal", "protect", "end"),
    [
        ("queue_wait p95 < 5s", [], "; no limit from 1 to 8 would do (95 % sure)"),
        (
            "queue_wait p95 < 30s",
            ["slots_in_use max <= 3"],
            "; no limit would do: the goals need at least 4, `protect` allows at most 3",
        ),
        ("queue_wait p95 < 12.51s", [], "; which limit would do is not decided in 40 runs"),
    ],
)
def test_where_none_would_do_that_is_said(goal, protect, end):
    finding = found(scenario(plan(goal, protect=protect), limit=2))[0]

    assert finding.sentence.endswith(end)


def test_what_must_be_spared_is_a_check_too():
    outcomes = [each.outcome for each in found(scenario(plan(protect=["slots_in_use max <= 3"]), limit=5))]

    assert outcomes == [Outcome.PASS, Outcome.FAIL]


def test_without_a_limit_that_is_said():
    (finding,) = found(scenario(plan("queue_wait p95 < 30s"), limit=None))

    assert "without a limit, must be < 30s" in finding.sentence


def test_a_scenario_with_a_plan_is_judged_by_it():
    made = replace(scenario(plan("queue_wait p95 < 30s"), limit=2), run=RunSettings(until_us=60 * S))
    result = run_scenario(made)

    assert not result.passed
    assert [each.check for each in result.verdict.failures] == ["plan"]


@pytest.mark.parametrize("backend", [Backend.COMPILED, Backend.AUTO])
def test_runs_are_computed_by_the_backend_of_the_scenario(backend, monkeypatch):
    made = scenario(plan("queue_wait max < 30s", limits=range(1, 13)), limit=12)
    made = replace(made, run=RunSettings(until_us=600 * S))
    by_simulation = run_scenario(made).verdict
    monkeypatch.setattr(evaluation, "simulate", not_to_be_called)

    assert run_scenario(replace(made, backend=backend)).verdict == by_simulation


def not_to_be_called(*_, **__):
    raise AssertionError("a run of the plan was simulated")
