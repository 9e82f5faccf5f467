"""Judging step by step: what breaks is what the checks find in the trace of the whole schedule."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowconc.check.entries import ExecutionEntry
from flowconc.check.invariants import INVARIANTS, watch
from flowconc.explore.books import Books
from flowconc.explore.cells import Cells
from flowconc.explore.entries import PLAIN
from flowconc.explore.model import Model
from flowconc.explore.reading import Reading
from flowconc.explore.schedule import play
from flowconc.explore.scope import Scope
from tests.explore.machines import EVERY, burst
from tests.explore.scenarios import scenarios


def drawn(machine, seed):
    """Return a schedule drawn evenly, to its end."""
    draw, moves = random.Random(seed), []
    state, _ = machine.start()
    while (possible := machine.moves(state)) and len(moves) < 200:
        move = draw.choice(possible)
        padded = machine.padded(state)
        state = machine.successor(move, machine.effect(move, padded), padded)
        moves.append(move)
    return moves


def broken_on(trace):
    invariants = [INVARIANTS[name]() for name in EVERY]
    watch(trace, invariants)
    return {each.id for each in invariants if each.first is not None}


@settings(max_examples=60)
@given(scenarios(), st.integers(0, 1), st.integers(0, 1000))
def test_step_by_step_is_as_on_the_whole_trace(scenario, crashes, seed):
    model = Model.of(scenario)
    machine = model.machine(Scope(None, 2, crashes))
    played = play(machine, drawn(machine, seed), model.header)

    assert set(played.broken) == broken_on(played.trace)


@pytest.mark.parametrize("name", EVERY)
def test_an_invariant_keeps_nothing_but_its_breaks(name):
    """What it kept would not be in the states, and schedules that meet would be taken for one."""
    assert vars(INVARIANTS[name]()).keys() == {"first", "breaks"}


@given(st.integers(0, 4), st.integers(0, 4))
def test_how_often_a_slot_was_claimed_makes_no_difference(claims, releases):
    """Only whether it was, and how many claims are open: else no state would come again after a restart."""
    books = Books(header())
    books.open(Reading(Cells()), opens=True)
    entry = books.entry("a", "n.f")
    entry.claims, entry.releases = claims, releases
    kept = dict(zip(PLAIN[ExecutionEntry], entry.content()[1], strict=True))

    assert kept["claims"] - kept["releases"] == claims - releases
    assert (kept["claims"] > 0) is (claims > 0)
    assert kept["claims"] <= max(1, claims - releases)


def header():
    return Model.of(burst(1)).header
