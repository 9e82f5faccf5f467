"""Making schedules small."""

from __future__ import annotations

from functools import partial

import pytest

from flowconc.explore.exhaustive import exhaust
from flowconc.explore.model import Model
from flowconc.explore.moves import MoveKind
from flowconc.explore.sampling import Evenly, sample
from flowconc.explore.schedule import play
from flowconc.explore.scope import Scope
from flowconc.explore.shrink import shrink
from tests.explore.machines import burst
from tests.flows import act

RACE = burst(6, semantics="kestra-0.22.0")


def drawn(scenario, broken, scope, seed=1):
    """Return a schedule drawn at random that breaks an invariant, and the smallest that comes of it."""
    model = Model.of(scenario)
    found = sample(
        partial(model.machine, scope),
        Evenly,
        seed=seed,
        schedules=1_000,
        most_steps=1_000,
        stop=lambda each: each == broken,
    ).found[broken]
    return model, found, shrink(model, scope, found, broken)


@pytest.mark.parametrize("seed", range(4))
def test_from_whatever_was_drawn_to_the_smallest_there_is(seed):
    """Two executions, two executors, six steps: what searching everything finds as shortest."""
    scope = Scope(None, 4, 0)
    _, _, small = drawn(RACE, "limit_never_exceeded", scope, seed)

    assert (small.cost.cues, small.cost.executors, small.cost.moves) == (2, 2, 6)


def test_it_breaks_the_same_invariant():
    model, found, small = drawn(RACE, "fifo", Scope(None, 3, 0))
    machine, moves = small.schedule

    assert len(moves) < len(found.moves)
    assert "fifo" in play(machine, moves, model.header).broken


def test_what_shows_in_the_end_only_is_seen_to_the_end():
    """For that, the executions that do not matter are left out: they would all have to end."""
    scenario = burst(5, semantics="kestra-2.0.2")
    model, _, small = drawn(scenario, "no_stranded_execution", Scope(None, 2, 1))
    machine, moves = small.schedule

    assert small.cost.cues == 2
    assert len(small.scope.left_out) == 3
    assert play(machine, moves, model.header).drained


def test_no_more_crashes_and_executors_than_it_takes():
    scenario = burst(3, semantics="kestra-2.0.2")
    _, _, small = drawn(scenario, "crash_loses_nothing", Scope(None, 4, 3))

    assert (small.scope.crashes, small.scope.executors) == (1, 1)


def test_passes_are_interrupted_no_more_than_it_takes():
    model = Model.of(burst(2, act("1s", "kill", "a"), semantics="kestra-2.0.2"))
    scope = Scope(None, 2, 0)
    machine = model.machine(scope)
    found = exhaust(machine, most_states=50_000).found["one_release_per_claim"]
    small = shrink(model, scope, found, "one_release_per_claim")

    going_on = [move for move in small.schedule.moves if move.kind is MoveKind.GO_ON]
    assert small.cost.interruptions < len(going_on)
    assert small.cost.interruptions >= 1  # the kill has to come between the pop and its emission


def test_a_schedule_that_is_as_small_as_it_goes_stays():
    model = Model.of(RACE)
    scope = Scope(2, 2, 0)
    machine = model.machine(scope)
    found = exhaust(machine, most_states=50_000).found["limit_never_exceeded"]

    assert len(shrink(model, scope, found, "limit_never_exceeded").schedule.moves) == len(found.moves)
