"""Every order: all states, counted, and a shortest schedule for what breaks."""

from __future__ import annotations

import gc

from flowconc.explore.exhaustive import exhaust
from flowconc.simulation.garbage import not_collecting_garbage
from tests.explore.machines import burst, judged, machine_of, search
from tests.flows import act, arrive, flow, scene


def test_one_execution_has_one_order():
    """Nothing, arrived, admitted, ended: four states, three steps."""
    seen = search(burst(1))

    assert (seen.states, seen.transitions, seen.depth) == (4, 3, 3)
    assert seen.complete
    assert seen.found == {}


def test_two_that_do_not_touch():
    """Without a limit, and judged by nothing: both go through their four states, the second arrives after the first.

    Of 4 x 4 states, those are out in which the second is there and the first is not: 16 - 3.
    """
    seen = search(judged(scene(flow("f"), flow("g"), arrive("f"), arrive("g")), "nothing"))

    assert seen.complete
    # which of them arrived first makes a difference: its number is the lower one
    assert seen.states == 1 + 2 * 3 + 2 * 9


def test_the_schedule_found_is_a_shortest_one():
    """Two arrive, both count nobody, both are admitted."""
    seen = search(burst(3, semantics="kestra-0.22.0"))

    assert len(seen.found["limit_never_exceeded"].moves) == 6


def test_what_is_wrong_in_the_end_is_found_too():
    seen = search(judged(burst(1, act("1s", "delete", "a")), "every_claim_released"))

    assert list(seen.found) == ["every_claim_released"]


def test_it_stops_where_it_may():
    machine = machine_of(burst(3, semantics="kestra-0.22.0"))
    seen = exhaust(machine, most_states=50_000, stop=lambda broken: broken == "limit_never_exceeded")

    assert not seen.complete
    assert seen.states < search(burst(3, semantics="kestra-0.22.0")).states


def test_a_bound_that_is_hit_is_not_completeness():
    seen = search(burst(3), most_states=50)

    assert not seen.complete
    assert seen.states > 50


def test_progress_is_told():
    told = []
    exhaust(machine_of(burst(3)), most_states=50_000, progress=lambda search: told.append(search.states))

    assert told[-1] == search(burst(3)).states


def test_more_executors_than_passes_add_nothing():
    assert search(burst(2), executors=1).states == search(burst(2), executors=5).states


def test_two_executors_do_more_than_one():
    one, two = (search(burst(2, semantics="kestra-2.0.2"), executors=count).states for count in (1, 2))

    assert one < two


def test_a_search_leaves_hardly_a_circle_behind():
    """However long it is: nobody collects garbage while it goes on."""
    gc.collect()
    with not_collecting_garbage():
        machine = machine_of(burst(4, limit=2, semantics="kestra-2.0.2"), crashes=1)
        assert exhaust(machine, most_states=3_000).states > 3_000
        assert gc.collect() < 100
