"""`flowconc.testing`: what it asserts, and that whatever it draws can be run."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowconc.testing
from flowconc.protocol.events import Kind
from flowconc.scenario.builder import flow, scenario
from flowconc.scenario.distributions import Constant, Distribution
from flowconc.scenario.model import Action, Database, FaultKind, Platform, Scenario, Verb
from flowconc.scenario.vocabulary import SEMANTICS
from flowconc.simulation.simulate import simulate
from flowconc.testing import (
    actions,
    arrivals,
    assert_fails,
    assert_passes,
    durations,
    faults,
    flows,
    platforms,
    run,
    scenarios,
    tasks,
)
from flowconc.testing.strategies import STEP_US, UNTIL_US
from flowconc.trace.tables import NEVER, executions_table

LASTING = {FaultKind.CRASH, FaultKind.DELAY}


def queueing(queued: int) -> Scenario:
    """Return a scenario that expects so many to wait; one does."""
    return (
        scenario("the second waits")
        .flow(flow("one", limit=1, duration="10s"))
        .arrive("one", at=["0s", "0s"])
        .expect(at="1s", flow="one", queued=queued)
        .build()
    )


class TestAssertions:
    """They say why."""

    def test_a_result_that_passes(self) -> None:
        assert_passes(run(queueing(1)))

    def test_a_result_that_does_not(self) -> None:
        with pytest.raises(AssertionError, match=r"queued.*must be 2"):
            assert_passes(run(queueing(2)))

    def test_a_failure_that_is_wanted(self) -> None:
        finding = assert_fails(run(queueing(2)), "expect")

        assert "must be 2" in finding.sentence

    def test_another_failure_than_the_one_wanted(self) -> None:
        with pytest.raises(AssertionError, match="fifo did not fail; what failed: expect"):
            assert_fails(run(queueing(2)), "fifo")

    def test_no_failure_at_all(self) -> None:
        with pytest.raises(AssertionError, match="fifo did not fail; what failed: nothing"):
            assert_fails(run(queueing(1)), "fifo")


class TestWithoutHypothesis:
    """The assertions do without; the strategies say what they need."""

    HIDDEN = "import sys; sys.path[:0] = {path!r}; sys.modules['hypothesis'] = None; import flowconc.testing"

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        hidden = self.HIDDEN.format(path=sys.path)
        command = [sys.executable, "-I", "-c", f"{hidden}; {code}"]
        return subprocess.run(command, check=False, capture_output=True, text=True)

    def test_assertions(self) -> None:
        assert self.run("flowconc.testing.assert_passes").returncode == 0

    def test_strategies(self) -> None:
        assert "flowconc.testing.scenarios needs hypothesis" in self.run("flowconc.testing.scenarios").stderr


def test_every_strategy_is_documented_and_public() -> None:
    for name in flowconc.testing.STRATEGIES:
        assert getattr(flowconc.testing, name).__doc__.startswith("Draw ")
        assert name in flowconc.testing.__all__


@given(scenarios())
@settings(max_examples=60)
def test_every_scenario_runs_and_drains(drawn: Scenario) -> None:
    """Nothing is left that could still happen, and everything that arrived has ended."""
    trace = simulate(drawn, seed=drawn.run.seed)
    last = trace.event(len(trace) - 1)
    table = executions_table(trace)

    assert (last.kind, last.detail) == (Kind.RUN_ENDED, "drained")
    assert [
        name for name, ended_us in zip(table.name, table.ended_us, strict=True) if ended_us == NEVER
    ] == []


@given(scenarios(deletes=True))
@settings(max_examples=30)
def test_with_deletions_too(drawn: Scenario) -> None:
    trace = simulate(drawn, seed=drawn.run.seed)

    assert trace.event(len(trace) - 1).detail == "drained"


@given(scenarios(max_flows=1, max_arrivals=2, max_actions=1, max_limit=1, platform=st.just(Platform())))
def test_sizes_are_bounded(drawn: Scenario) -> None:
    (one,) = drawn.flows

    assert one.concurrency is None or one.concurrency.limit == 1
    assert len(drawn.actions) <= 1
    assert drawn.platform == Platform()


@given(st.data())
def test_deletions_only_if_asked_for(data: st.DataObject) -> None:
    some = data.draw(flows())
    drawn = data.draw(actions([some], max_count=8))

    assert {action.verb for action in drawn}.isdisjoint({Verb.DELETE, Verb.PURGE})


@given(st.data())
def test_actions_are_in_order_and_edits_add_up(data: st.DataObject) -> None:
    """An edit saves the flow with all earlier edits in it; nothing but the limit changes."""
    some = data.draw(flows())
    drawn: tuple[Action, ...] = data.draw(actions([some], max_count=8))

    assert [action.at_us for action in drawn] == sorted(action.at_us for action in drawn)
    for action in drawn:
        assert (action.flow is not None) == (action.verb is Verb.EDIT)
        assert action.flow is None or action.flow.tasks == some.tasks


@given(scenarios(semantics=st.sampled_from(SEMANTICS), max_faults=3))
@settings(max_examples=30)
def test_things_go_wrong_if_asked_for_and_are_healed_at_the_end(drawn: Scenario) -> None:
    assert drawn.semantics in SEMANTICS
    assert drawn.heal_at_us == UNTIL_US
    assert all(fault.at_us < UNTIL_US for fault in drawn.faults)
    assert all((fault.for_us is not None) is (fault.kind in LASTING) for fault in drawn.faults)


@given(st.data())
def test_parts_can_be_drawn_alone(data: st.DataObject) -> None:
    alone = (durations(), durations(random=False), tasks(), flows(), arrivals("a.b"), faults(), platforms())
    for strategy in alone:
        pickle.dumps(data.draw(strategy))


@given(durations(max_us=STEP_US, random=False))
def test_times_are_whole_steps(duration: Distribution) -> None:
    assert duration == Constant(STEP_US)


@given(platforms())
def test_an_installation_is_never_without_connections(platform: Platform) -> None:
    assert platform.database.connections >= 1
    assert isinstance(platform.database, Database)


@given(scenarios())
def test_nothing_arrives_after_the_horizon(drawn: Scenario) -> None:
    assert all(action.at_us <= UNTIL_US for action in drawn.actions)
