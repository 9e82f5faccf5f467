"""Random flows, arrivals, actions and platforms: whatever is drawn, these hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowconc.check.judge import judge
from flowconc.scenario.model import Platform
from flowconc.simulation.simulate import simulate
from flowconc.testing import scenarios
from tests.flows import last
from tests.properties import laws

IDEAL = st.just(Platform())


def assert_lawful(scenario):
    """Assert that a run drains, breaks no invariant, and obeys the laws, flow by flow."""
    trace = simulate(scenario)

    assert last(trace).detail == "drained"
    verdict = judge(scenario, (trace,))
    assert [finding.sentence for finding in verdict.findings if finding.outcome.name == "FAIL"] == []
    for flow in trace.flows:
        assert laws.disagreement(trace, flow) is None
        assert laws.queue_area_us(trace, flow) == laws.waits_us(trace, flow)
        assert laws.slots_area_us(trace, flow) == laws.holding_times_us(trace, flow)
        assert laws.idle_moment(trace, flow) is None


@settings(max_examples=150)
@given(scenarios(platform=IDEAL))
def test_on_an_ideal_platform(scenario):
    assert_lawful(scenario)


@settings(max_examples=150)
@given(scenarios())
def test_on_platforms_that_take_time(scenario):
    assert_lawful(scenario)


@pytest.mark.slow
@settings(max_examples=400)
@given(scenarios(max_flows=3, max_arrivals=12, max_actions=8))
def test_more_and_larger_ones(scenario):
    assert_lawful(scenario)


@settings(max_examples=60)
@given(scenarios(deletes=True))
def test_deletions_leak_and_nothing_worse(scenario):
    """The limiter knows of leaks, and Little's law counts a leaked slot as held to the end."""
    trace = simulate(scenario)

    for flow in trace.flows:
        assert laws.disagreement(trace, flow) is None
        assert laws.queue_area_us(trace, flow) == laws.waits_us(trace, flow)
        assert laws.slots_area_us(trace, flow) == laws.holding_times_us(trace, flow)
        assert laws.idle_moment(trace, flow) is None


@settings(max_examples=40)
@given(scenarios())
def test_the_same_run_twice(scenario):
    first, second = simulate(scenario), simulate(scenario)

    assert first.records.tobytes() == second.records.tobytes()
