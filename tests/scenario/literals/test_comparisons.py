"""Expected values, thresholds and metrics: what is read, and what each refusal tells the author."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.scenario.conditions import Comparison
from flowconc.scenario.literals.comparisons import (
    OPERATORS,
    ComparisonError,
    parse_comparison,
    parse_metric,
    parse_threshold,
)
from flowconc.scenario.vocabulary import LEVEL_METRICS, METRICS, TIME_METRICS


@pytest.mark.parametrize(
    ("value", "unit", "comparison"),
    [
        (2, "count", Comparison("==", 2)),
        ("2", "count", Comparison("==", 2)),
        (">= 1", "count", Comparison(">=", 1)),
        ("<3", "count", Comparison("<", 3)),
        pytest.param("10s", "time", Comparison("==", 10_000_000), id="ten megabytes"),
        ("> 1m30s", "time", Comparison(">", 90_000_000)),
        ("<= PT5S", "time", Comparison("<=", 5_000_000)),
        (0, "time", Comparison("==", 0)),
    ],
)
def test_expected_values(value, unit, comparison):
    assert comparison == parse_comparison(value, unit=unit)


@pytest.mark.parametrize(
    ("value", "unit", "part_of_the_message"),
    [
        ("=> 1", "count", "expected one of < <= > >= =="),
        ("!= 1", "count", "expected one of < <= > >= =="),
        ("> > 1", "count", "expected one of < <= > >= =="),
        (">=", "count", "nothing follows the >="),
        ("many", "count", "'many' is not a number"),
        ("10s", "count", "'10s' is not a number"),
        (1.5, "count", "is not a whole number"),
        (-1, "count", "out of range"),
        (True, "count", "is not a number"),
        (None, "count", "is not a number"),
        (math.nan, "count", "out of range"),
        pytest.param(10**5_000, "count", "out of range", id="five thousand digits"),
        pytest.param("9" * 10_000_000, "count", "is not a number", id="ten megabytes"),
        (10, "time", "10 has no unit"),
        ("> -1s", "time", "is negative"),
    ],
)
def test_a_refused_value_says_why(value, unit, part_of_the_message):
    with pytest.raises(ComparisonError) as caught:
        parse_comparison(value, unit=unit)

    assert part_of_the_message in str(caught.value)


@pytest.mark.parametrize(
    ("metric", "text", "statistic", "comparison"),
    [
        ("queue_wait", "p95 < 30s", "p95", Comparison("<", 30.0)),
        ("queue_wait", "max<2m", "max", Comparison("<", 120.0)),
        ("queue_wait", "p99.9 <= 250ms", "p99.9", Comparison("<=", 0.25)),
        ("queue_wait", "count >= 100", "count", Comparison(">=", 100)),
        ("queue_depth", "max < 100", "max", Comparison("<", 100)),
        ("queue_depth", "mean <= 2.5", "mean", Comparison("<=", 2.5)),
        ("utilization", "mean <= 0.5", "mean", Comparison("<=", 0.5)),
        ("utilization", "mean <= 50%", "mean", Comparison("<=", 0.5)),
        ("database_utilization", "max < 90%", "max", Comparison("<", 0.9)),
        ("rejected", "rate < 1%", "rate", Comparison("<", 0.01)),
        ("rejected", "count == 0", "count", Comparison("==", 0)),
        ("skipped_fires", "rate <= 10%", "rate", Comparison("<=", 0.1)),
        ("throughput", "rate > 4/s", "rate", Comparison(">", 4.0)),
        ("throughput", "rate > 30/min", "rate", Comparison(">", 0.5)),
    ],
)
def test_thresholds_are_in_the_metric_s_unit(metric, text, statistic, comparison):
    assert (statistic, comparison) == parse_threshold(text, metric=metric)


@pytest.mark.parametrize(
    ("metric", "text", "part_of_the_message"),
    [
        ("queue_wait", "rate < 1%", "queue_wait has no rate, expected one of count, min, max, mean, p50"),
        ("queue_depth", "count > 1", "queue_depth has no count, expected one of min, max, mean"),
        ("rejected", "p95 < 1%", "rejected has no p95, expected one of count, rate"),
        ("queue_wait", "p96 < 1s", "did you mean"),
        ("queue_wait", "p95 < 30", "30 has no unit"),
        ("queue_wait", "p95 = 30s", "expected one of < <= > >= =="),
        ("queue_wait", "p95", "expected for instance 'p95 < 30s'"),
        ("queue_wait", "< 30s", "expected for instance 'p95 < 30s'"),
        ("queue_wait", "p95 < 30s and max < 2m", "is not a time"),
        ("rejected", "rate < 0.01", "did you mean '1%'?"),
        ("throughput", "rate > 4", "4 has no unit, expected a rate"),
        ("queue_depth", "max < 10s", "is not a number"),
        ("utilization", "mean < 80", "expected 0 to 1 or 0% to 100%"),
        pytest.param("queue_wait", "x" * 10_000_000, "expected for instance", id="ten megabytes"),
    ],
)
def test_a_refused_threshold_says_why(metric, text, part_of_the_message):
    with pytest.raises(ComparisonError) as caught:
        parse_threshold(text, metric=metric)

    assert part_of_the_message in str(caught.value)


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_has_the_statistics_that_make_sense_for_it(metric):
    values = {metric: "1"} | dict.fromkeys(TIME_METRICS, "1s")
    rates = dict.fromkeys(METRICS, "1%") | {"throughput": "1/s"}
    sensible = {
        statistic
        for statistic, value in {"count": "1", "rate": rates[metric], "p95": values[metric]}.items()
        if accepted(f"{statistic} < {value}", metric)
    }

    expected = (
        {"count", "p95"}
        if metric in TIME_METRICS
        else {"p95"}
        if metric in LEVEL_METRICS
        else {"count", "rate"}
    )
    assert expected == sensible


def accepted(text: str, metric: str) -> bool:
    try:
        parse_threshold(text, metric=metric)
    except ComparisonError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("queue_wait", ("queue_wait", ())),
        ("queue_wait{flow=X}", ("queue_wait", (("flow", "X"),))),
        ("queue_wait{source=webhook,flow=a.b}", ("queue_wait", (("source", "webhook"), ("flow", "a.b")))),
        (" skipped_fires { trigger = a.b.c } ", ("skipped_fires", (("trigger", "a.b.c"),))),
    ],
)
def test_metrics_and_their_selectors(text, metric):
    assert metric == parse_metric(text)


@pytest.mark.parametrize(
    ("text", "part_of_the_message"),
    [
        ("queuewait", "did you mean 'queue_wait'?"),
        ("queue_wait{", "expected for instance 'queue_wait{flow=X}'"),
        ("queue_wait{flow=X}}", "expected for instance 'queue_wait{flow=X}'"),
        ("queue_wait{}", "selects nothing"),
        ("queue_wait{flow=}", "'flow=' selects nothing"),
        ("queue_wait{flw=X}", "did you mean 'flow'?"),
        ("queue_wait{flow=X,flow=Y}", "flow is selected twice"),
        ("", "is not a metric"),
        pytest.param("x" * 10_000_000, "is not a metric", id="ten megabytes"),
    ],
)
def test_a_refused_metric_says_why(text, part_of_the_message):
    with pytest.raises(ComparisonError) as caught:
        parse_metric(text)

    assert part_of_the_message in str(caught.value)


@given(st.sampled_from(OPERATORS), st.integers(0, 10**9))
def test_every_operator_with_every_count(operator, count):
    assert Comparison(operator, count) == parse_comparison(f"{operator} {count}", unit="count")
