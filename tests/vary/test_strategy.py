"""Variations are drawn within their bounds, reach them, and make scenarios that can be read."""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from flowconc.vary.strategy import CROWDING, bits_for, variations, whole_of
from flowconc.vary.variation import Variation, varied_document
from tests.vary.scenarios import S, varied, vary_of

EVERYTHING = vary_of(
    varied(
        within="20s",
        arrivals={"count": "1..6"},
        durations={"f": {"work": "2s..9s"}},
        kills="0..3",
        deletes="0..2",
        force_runs="0..1",
        restarts="0..1",
        edits={"f": {"limit": "2..4", "behavior": ["QUEUE", "CANCEL"], "remove": True, "count": "0..2"}},
        crashes={"executor": "0..2", "scheduler": "0..1", "for": "1s..3s"},
    )
)

HOW = settings(max_examples=5_000, database=None)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(variations(EVERYTHING))
def test_a_variation_stays_within_its_bounds(variation):
    added = (*variation.arrivals, *variation.operations, *variation.edits, *variation.crashes)

    assert 1 <= len(variation.arrivals) <= 6
    assert sum(each.verb == "kill" for each in variation.operations) <= 3
    assert all(0 <= each.at_us <= 20 * S and each.at_us % S == 0 for each in added)
    assert all(2 * S <= length_us <= 9 * S for length_us in variation.lengths_us)
    assert all(each.limit in (0, 2, 3, 4) for each in variation.edits)
    assert all(S <= each.for_us <= 3 * S for each in variation.crashes)
    assert all(each.component == "executor" for each in variation.crashes if each.step)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(variations(EVERYTHING))
def test_every_variation_makes_a_scenario(variation):
    scenario = EVERYTHING.read(varied_document(EVERYTHING, variation))

    assert len(scenario.actions) == variation.added_actions
    assert len(scenario.faults) == len(variation.crashes)


@pytest.mark.parametrize(
    "reached",
    [
        lambda drawn: len(drawn.arrivals) == 6,
        lambda drawn: any(each.at_us == 20 * S for each in drawn.arrivals),
        lambda drawn: any(each.number == len(drawn.arrivals) for each in drawn.operations),
        lambda drawn: {each.state for each in drawn.operations} >= {"QUEUED", "RUNNING"},
        lambda drawn: {each.limit for each in drawn.edits} == {0, 4},
        lambda drawn: any(each.before and each.nth > 1 for each in drawn.crashes),
        lambda drawn: drawn.lengths_us == (9 * S,),
    ],
)
def test_the_bounds_are_reached(reached):
    assert reached(find(variations(EVERYTHING), reached, settings=HOW, random=Random(1)))


def test_the_simplest_is_what_has_to_be_there():
    simplest = find(variations(EVERYTHING), lambda drawn: True, settings=HOW, random=Random(1))

    assert (len(simplest.arrivals), simplest.lengths_us) == (1, (2 * S,))
    assert simplest == Variation(simplest.arrivals, lengths_us=(2 * S,))


@given(st.data())
def test_a_very_long_time_is_cut_into_fewer_steps(data):
    vary = vary_of(varied(within="36500d", step="1us", kills=1))

    (kill,) = data.draw(variations(vary)).operations
    assert 0 <= kill.at_us <= vary.operations[0].within_us


@pytest.mark.parametrize("most", [1, 2, 5, 7, 8, 30, 1_000])
def test_whole_numbers_are_about_evenly_likely(most):
    """No number is twice as likely as another: that is what the spare bits are for."""
    combinations = product((False, True), repeat=bits_for(most))
    times = Counter(whole_of(bits, most) for bits in combinations)

    assert set(times) == set(range(most + 1))
    assert max(times.values()) < 2 * min(times.values())


def test_some_variations_have_all_the_time_there_is():
    assert CROWDING[-1] == 1
