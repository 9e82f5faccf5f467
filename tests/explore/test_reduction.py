"""Leaving orders out must leave nothing out that matters: the same ends, and the same invariants broken."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowconc.explore.exhaustive import exhaust
from flowconc.explore.reduction import Reduction
from tests.explore.machines import burst, machine_of, rows, search
from tests.explore.scenarios import scenarios
from tests.flows import arrive, flow, scene

TWO_FLOWS = scene(flow("f", limit=1), flow("g", limit=1), arrive("f", "0s 0s"), arrive("g", "0s 0s"))
MOST_STATES = 6_000


def compare(scenario, executors, crashes):
    """Compare both searches; return whether the scenario is small enough for that."""
    whole = machine_of(scenario, executors=executors, crashes=crashes)
    everything = exhaust(whole, most_states=MOST_STATES)
    if not everything.complete:
        return False
    reduced = machine_of(scenario, executors=executors, crashes=crashes)
    some = exhaust(reduced, most_states=MOST_STATES, reduction=Reduction(reduced))

    assert some.complete
    assert some.states <= everything.states
    assert some.found.keys() == everything.found.keys()
    assert {rows(reduced, state) for state in some.finals} == {
        rows(whole, state) for state in everything.finals
    }
    return True


@settings(max_examples=25)
@given(scenarios(), st.integers(1, 2), st.integers(0, 1))
def test_the_same_ends_and_the_same_breaks_as_without(scenario, executors, crashes):
    assume(compare(scenario, executors, crashes))


@pytest.mark.slow
@settings(max_examples=250)
@given(scenarios(), st.integers(1, 3), st.integers(0, 1))
def test_the_same_ends_and_the_same_breaks_as_without_many_times(scenario, executors, crashes):
    assume(compare(scenario, executors, crashes))


def test_arrivals_come_first():
    assert search(burst(3), reduced=True).states < search(burst(3)).states


def test_flows_that_have_nothing_to_do_with_each_other_take_turns():
    """Their executions are not interleaved once all have arrived."""
    alone = search(scene(flow("f", limit=1), arrive("f", "0s 0s"))).states
    whole, some = search(TWO_FLOWS), search(TWO_FLOWS, reduced=True)

    assert whole.states > alone**2
    assert some.states < whole.states / 2


def test_flows_that_share_executors_for_more_than_a_step_are_interleaved():
    """Somebody else's pass may keep the last executor: that is a difference."""
    scenario = scene(
        flow("f", limit=1),
        flow("g", limit=1),
        arrive("f"),
        arrive("g"),
        semantics="kestra-2.0.2",
    )

    assert compare(scenario, executors=1, crashes=0)


def test_an_effect_that_nobody_noticed_cannot_be_relied_on():
    machine = machine_of(burst(1))
    Reduction(machine)

    with pytest.raises(AssertionError, match="by one reduction"):
        Reduction(machine)
