"""Schedules drawn at random."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from random import Random

import pytest

from flowconc.explore.flight import number_of
from flowconc.explore.moves import MoveKind
from flowconc.explore.sampling import ByPriority, Evenly, sample
from tests.explore.machines import after, burst, machine_of

RACE = burst(4, semantics="kestra-0.22.0")
PCT = partial(ByPriority, changes=3, crashes=0)


def draw(scenario, draws, *, seed=1, schedules=50, most_steps=1_000, crashes=0, **keys):
    make = partial(machine_of, scenario, crashes=crashes)
    return sample(make, draws, seed=seed, schedules=schedules, most_steps=most_steps, **keys)


@pytest.mark.parametrize("draws", [Evenly, PCT])
class TestBoth:
    def test_the_same_seed_draws_the_same(self, draws):
        first, second = (draw(RACE, draws, seed=7) for _ in range(2))

        assert (first.steps, first.longest, list(first.found)) == (
            second.steps,
            second.longest,
            list(second.found),
        )

    def test_a_race_is_found(self, draws):
        assert "limit_never_exceeded" in draw(RACE, draws).found

    def test_nothing_is_found_under_the_contract(self, draws):
        result = draw(burst(4), draws)

        assert result.found == {}
        assert result.schedules == 50

    def test_it_stops_where_it_may(self, draws):
        result = draw(RACE, draws, stop=lambda broken: broken == "limit_never_exceeded")

        assert result.schedules < 50

    def test_a_schedule_that_is_too_long_is_cut_and_counted(self, draws):
        result = draw(burst(4), draws, schedules=3, most_steps=5)

        assert (result.cut, result.longest) == (3, 5)

    def test_a_schedule_goes_on_to_its_end(self, draws):
        """Three moves for each: arrival, gate, end."""
        result = draw(burst(4), draws, schedules=1)

        assert result.steps == 12

    def test_crashes_fall(self, draws):
        if draws is PCT:
            draws = partial(ByPriority, changes=3, crashes=1)
        result = draw(burst(2, semantics="kestra-2.0.2"), draws, crashes=1)

        assert "crash_loses_nothing" in result.found


class TestPct:
    """The race of two arrivals has a depth of 3: one falls between its two steps, and then the other, before it ends."""

    @pytest.mark.parametrize(("changes", "found"), [(0, False), (1, False), (2, True)])
    def test_it_takes_as_many_changes_as_the_fault_is_deep_less_one(self, changes, found):
        race = burst(2, semantics="kestra-0.22.0")
        result = draw(race, partial(ByPriority, changes=changes, crashes=0), schedules=400)

        assert ("limit_never_exceeded" in result.found) is found

    def test_whoever_has_the_highest_priority_goes_on(self):
        """Without a change, a pass that has begun is finished before anybody else's message is taken."""
        machine = machine_of(burst(2, semantics="kestra-2.0.2"))
        draw, moves = ByPriority(Random(1), 0, changes=0, crashes=0), []
        state, _ = machine.start()
        while possible := machine.moves(state):
            moves.append(draw.next(possible))
            state = after(machine, state, moves[-1])
        for before, move in pairwise(moves):
            if move.kind is MoveKind.GO_ON:
                assert number_of(move.about) == number_of(before.about)


def test_a_machine_that_remembers_too_much_is_replaced(monkeypatch):
    monkeypatch.setattr("flowconc.explore.sampling._MOST_REMEMBERED", 10)
    made = []

    def make():
        made.append(machine_of(burst(3)))
        return made[-1]

    result = sample(make, Evenly, seed=1, schedules=20, most_steps=1_000)

    assert len(made) > 1
    assert result.steps == 20 * 9
