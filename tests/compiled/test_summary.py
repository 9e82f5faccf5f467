"""A run without a table has the statistics that `check.metrics` takes from a trace of the same run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowconc import compiled
from flowconc.check.metrics import Measures
from flowconc.check.statistics import summary
from flowconc.compiled.summary import highest_us
from flowconc.compiled.tally import bucket_of
from flowconc.scenario.model import Scenario
from flowconc.simulation.simulate import simulate
from tests.compiled.drawn import STEP_US, scenarios

METRICS = ("queue_wait", "start_delay", "sojourn", "gate_latency", "lock_wait")


@given(st.integers(0, 2**62))
def test_a_bucket_holds_its_times_and_is_narrow(time_us: int) -> None:
    bucket = bucket_of(time_us)

    assert time_us <= highest_us(bucket) <= time_us + time_us // 128
    assert bucket == 0 or highest_us(bucket - 1) < time_us


def check(scenario: Scenario, *, machine_code: bool | None) -> None:
    measures = Measures(simulate(scenario))
    found = compiled.summarize(scenario, compiled=machine_code)

    for flow in found.flows:
        selected = (("flow", flow.flow),)
        for metric in METRICS:
            if metric == "lock_wait" and not scenario.run.drain:
                continue  # here of those that have ended
            values = measures.sample(metric, selected).values
            mine = flow.times[metric]
            assert (metric, mine.count) == (metric, len(values))
            if len(values):
                assert mine.max_s == values.max()
                assert mine.mean_s == pytest.approx(values.mean())
                exact = summary("p95", values)
                assert exact is not None
                assert exact <= mine.quantile_s(0.95) <= exact * (1 + 1 / 128)
        rejected = measures.tally("rejected", selected)
        assert (flow.turned_away, flow.gated) == (
            rejected.count,
            round(rejected.count / rejected.rate) if rejected.rate else flow.gated,
        )
        assert flow.throughput_per_s == pytest.approx(measures.tally("throughput", selected).rate)
        queued = measures.level("queue_depth", selected)
        held = measures.level("slots_in_use", selected)
        assert flow.mean_queued == pytest.approx(np.dot(queued.values, queued.weights) / queued.weights.sum())
        assert flow.mean_held == pytest.approx(np.dot(held.values, held.weights) / held.weights.sum())
        assert (flow.max_queued, flow.max_held) == (queued.values.max(), held.values.max())


def warmed_up(scenario: Scenario, warmup: int) -> Scenario:
    return replace(scenario, run=replace(scenario.run, warmup_us=warmup * STEP_US))


@given(scenarios(), st.integers(0, 30))
@settings(max_examples=60)
def test_it_agrees_with_the_trace(scenario: Scenario, warmup: int) -> None:
    check(warmed_up(scenario, warmup), machine_code=False)


@pytest.mark.slow
@given(scenarios(), st.integers(0, 30))
@settings(max_examples=500)
def test_it_agrees_with_many_traces(scenario: Scenario, warmup: int) -> None:
    check(warmed_up(scenario, warmup), machine_code=None)
