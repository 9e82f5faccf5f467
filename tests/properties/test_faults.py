"""Random faults in random scenarios: under the documented contract they delay, and lose nothing.

Executors, workers and the scheduler go down, transactions fail, messages come twice or late; then all is healed. Lost
messages are left out: nothing can make up for those.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowconc.check.judge import judge
from flowconc.scenario.model import Component, Fault, FaultKind, Platform
from flowconc.simulation.simulate import simulate
from flowconc.testing import scenarios
from flowconc.testing.strategies import UNTIL_US, instants
from tests.flows import last
from tests.simulation.faulty import crash, duplicate, error, without_mishaps

HEALED_US = UNTIL_US + 10_000_000
ANY = None
STEPS = (
    "create",
    "gate",
    "task_ended",
    "stopped",
    "release",
    "retry_due",
    "pause_due",
    "restart",
    "kill",
    "force_run",
    "save_flow",
    "fire",
    ANY,
)
COMPONENTS = (Component.EXECUTOR, Component.EXECUTOR, Component.WORKER, Component.SCHEDULER)


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    """Draw a crash, an error, a duplicate or a delay, at a time or at some steps."""
    kind = draw(st.sampled_from([FaultKind.CRASH, FaultKind.ERROR, FaultKind.DUPLICATE, FaultKind.DELAY]))
    nth = draw(st.none() | st.integers(1, 6))
    fault = replace(
        error(draw(st.sampled_from(STEPS))),
        kind=kind,
        at_us=draw(instants()),
        nth=nth,
        rate=None if nth is not None else draw(st.sampled_from([0.05, 0.3, 1.0])),
        for_us=draw(instants(10_000_000)) + 1 if kind in (FaultKind.CRASH, FaultKind.DELAY) else None,
    )
    if kind is not FaultKind.CRASH:
        return fault
    fault = replace(fault, component=draw(st.sampled_from(COMPONENTS)), before=draw(st.booleans()))
    if draw(st.booleans()):
        fault = replace(fault, step=None, nth=None, rate=None)
    return replace(fault, for_us=draw(st.none() | st.just(fault.for_us)))


@st.composite
def faulty_scenarios(draw, **sizes):
    scenario = draw(scenarios(**sizes))
    threads = scenario.platform.worker_threads
    workers = draw(st.integers(1, 3 if threads is None else min(threads, 3)))
    return replace(
        scenario,
        faults=tuple(draw(st.lists(faults(), min_size=1, max_size=4))),
        heal_at_us=HEALED_US,
        platform=replace(scenario.platform, workers=workers),
    )


def assert_nothing_is_lost(scenario):
    """Assert that a run drains, and that nobody is stuck, no slot is lost and no other invariant is broken."""
    trace = simulate(scenario)

    assert last(trace).detail == "drained"
    verdict = judge(scenario, (trace,))
    assert [finding.sentence for finding in verdict.findings if finding.outcome.name == "FAIL"] == []


@settings(max_examples=150)
@given(faulty_scenarios())
def test_the_contract_loses_nothing(scenario):
    assert_nothing_is_lost(scenario)


@pytest.mark.slow
@settings(max_examples=300)
@given(faulty_scenarios(max_flows=3, max_arrivals=12, max_actions=8))
def test_nor_in_larger_ones(scenario):
    assert_nothing_is_lost(scenario)


@settings(max_examples=100)
@given(scenarios(platform=st.just(Platform())))
def test_a_message_that_comes_twice_changes_nothing(scenario):
    twice = replace(scenario, faults=(duplicate(rate=1.0),))

    assert without_mishaps(simulate(twice)) == without_mishaps(simulate(scenario))


@settings(max_examples=60)
@given(scenarios())
def test_faults_that_do_not_fall_change_nothing(scenario):
    fails_not = replace(scenario, faults=(crash("executor", before="gate", nth=10**6),))

    assert simulate(fails_not).records.tobytes() == simulate(scenario).records.tobytes()


@settings(max_examples=30)
@given(faulty_scenarios())
def test_the_same_faults_twice(scenario):
    assert simulate(scenario).sha256() == simulate(scenario).sha256()
