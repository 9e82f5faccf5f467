"""What `plan:` may say: limits, factors, conditions of metrics."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from flowconc.scenario.document.planning import (
    PlanDocument,
    PlanVaryDocument,
    RecoveryDocument,
    read_factor,
    read_limits,
    split_condition,
)

GOALS = {"goals": ["queue_wait p95 < 60s"]}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (3, (3,)),
        ("2..5", (2, 3, 4, 5)),
        ([8, 1, 2, 2], (1, 2, 8)),
        (["1..3", 6, "3..4"], (1, 2, 3, 4, 6)),
    ],
)
def test_limits_are_numbers_and_ranges_in_order_and_each_once(written, expected):
    assert read_limits(written) == expected


@pytest.mark.parametrize(
    ("read", "written", "what"),
    [
        (read_limits, "0..4", "no limit at all"),
        (read_limits, "4..1", "ends before it begins"),
        (read_limits, [], "is empty"),
        (read_limits, "1..1001", "too many"),
        (read_limits, ["1..900", "901..1002"], "too many"),
        (read_limits, "many", "not a range"),
        (read_factor, 0, "out of range"),
        (read_factor, float("nan"), "out of range"),
        (read_factor, 1e9, "out of range"),
        (read_factor, "110%", "is not a factor"),
        (read_factor, True, "is not a factor"),
    ],
)
def test_what_can_not_be_tried_is_refused(read, written, what):
    with pytest.raises(ValueError, match=what):
        read(written)


def test_a_factor_may_stand_alone():
    given = PlanVaryDocument.model_validate({"load": 1.25, "behavior": "CANCEL", "limit": "1..2"})

    assert (given.load, given.duration, given.behavior) == ([1.25], [1.0], ["CANCEL"])


def test_a_plan_has_goals_and_a_goal_may_stand_alone():
    with pytest.raises(ValidationError, match="goals"):
        PlanDocument.model_validate({})

    assert PlanDocument.model_validate({"goals": "rejected rate < 1%"}).goals == ["rejected rate < 1%"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("queue_wait p95 < 60s", ("queue_wait", "p95 < 60s")),
        ("queue_wait{flow=f, source=ui} p95<60s", ("queue_wait{flow=f, source=ui}", "p95<60s")),
    ],
)
def test_a_condition_is_a_metric_and_what_holds_of_it(text, parts):
    assert split_condition(text) == parts


@pytest.mark.parametrize("wrong", ["queue_wait", "", "{a} b", 7, None, ["x"]])
def test_what_is_no_condition_is_refused(wrong):
    with pytest.raises(ValidationError):
        PlanDocument.model_validate({"goals": [wrong]})


@pytest.mark.parametrize("given", [{}, {"outage": "1m", "burst": 5}, {"outage": "0s"}])
def test_a_disturbance_is_an_outage_or_a_burst(given):
    with pytest.raises(ValidationError):
        RecoveryDocument.model_validate(given)


@pytest.mark.parametrize("key", ["replications", "max_replications"])
def test_one_run_makes_no_interval(key):
    with pytest.raises(ValidationError, match="greater_than_equal"):
        PlanDocument.model_validate({**GOALS, key: 1})
