"""A compiled run has the same metrics as a trace of the same run."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from flowconc import compiled
from flowconc.check.compiled_metrics import measures_of
from flowconc.check.thresholds import judge_thresholds
from flowconc.scenario.conditions import Comparison, Threshold
from flowconc.scenario.model import Scenario
from flowconc.scenario.vocabulary import COUNT_METRICS, LEVEL_METRICS, TIME_METRICS
from flowconc.simulation.simulate import simulate
from tests.compiled.drawn import HERE, STEP_US, scenarios

METRICS = (*TIME_METRICS, *LEVEL_METRICS, *COUNT_METRICS)
STATISTICS = ("count", "rate", "min", "max", "mean", "p50", "p99")
SELECTORS = ((), (("flow", "f0"),), (("source", "trigger"),), (("trigger", "schedule"),), (("source", "ui"),))


@given(scenarios(), st.integers(0, 30))
@settings(max_examples=40)
def test_every_metric(scenario: Scenario, warmup: int) -> None:
    scenario = replace(scenario, run=replace(scenario.run, warmup_us=warmup * STEP_US))
    theirs = measures_of(simulate(scenario))
    mine = measures_of(compiled.run(scenario, compiled=False))

    for metric in METRICS:
        for statistic in STATISTICS:
            for selectors in SELECTORS:
                found, expected = (each.observe(metric, statistic, selectors) for each in (mine, theirs))
                what = (metric, statistic, selectors)
                assert (what, found.unfinished) == (what, expected.unfinished)
                assert (what, found.value) == (what, expected.value)


@given(scenarios())
@settings(max_examples=10)
def test_thresholds(scenario: Scenario) -> None:
    threshold = Threshold("queue_wait", "max", Comparison("<", 1.0), "max < 1s", HERE)
    runs = [simulate(scenario)], [compiled.run(scenario, compiled=False)]

    simulated, found = (judge_thresholds([threshold], each, confidence=0.95) for each in runs)

    assert found == simulated
