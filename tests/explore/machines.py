"""Machines of scenarios in few words, and what their states hold."""

from __future__ import annotations

from dataclasses import replace

from flowconc.check.invariants import INVARIANTS
from flowconc.explore.cells import CONTROL
from flowconc.explore.exhaustive import Search, exhaust
from flowconc.explore.explore import Exploration, explore
from flowconc.explore.machine import Machine
from flowconc.explore.model import Model
from flowconc.explore.moves import Move, MoveKind
from flowconc.explore.reduction import Reduction
from flowconc.explore.scope import Scope
from flowconc.protocol.plan import Plan
from flowconc.scenario.model import Explore, Invariants, Scenario
from tests.flows import NOWHERE, arrive, flow, scene

EVERY = tuple(INVARIANTS)


def burst(executions: int, *parts, limit: int | None = 1, semantics: str = "documented", **keys) -> Scenario:
    """Return a flow `f` with a limit, so many arrivals `a`, `b`, ... at once, and further parts."""
    names = " ".join("abcdefgh"[:executions])
    times = " ".join(["0s"] * executions)
    return scene(flow("f", limit=limit, **keys), arrive("f", times, names=names), *parts, semantics=semantics)


def judged(scenario: Scenario, *names: str) -> Scenario:
    """Return the scenario judged by these invariants only."""
    return replace(scenario, invariants=Invariants(chosen=frozenset(names)))


def machine_of(scenario: Scenario, *, executors: int = 2, crashes: int = 0) -> Machine:
    return Model.of(scenario).machine(Scope(None, executors, crashes))


def search(scenario: Scenario, *, reduced: bool = False, most_states: int = 50_000, **keys) -> Search:
    """Search everything, with or without leaving orders out."""
    machine = machine_of(scenario, **keys)
    return exhaust(machine, most_states=most_states, reduction=Reduction(machine) if reduced else None)


def explored(scenario: Scenario, *, everything: bool = False, **settings) -> Exploration:
    return explore(scenario, Explore(NOWHERE, **settings), everything=everything)


def rows(machine: Machine, state: str) -> frozenset[tuple[object, ...]]:
    """Return everything that a state holds, but for plans, which follow from the flows."""
    found = set()
    for cell, code in enumerate(state):
        content = machine.cells.content(cell, code)
        table, key = machine.cells.place(cell)
        if cell != CONTROL and content is not None and table != "plans":
            assert not isinstance(content, Plan)
            found.add((table, key, content))
    return frozenset(found)


def finals(scenario: Scenario, *, reduced: bool = False, **keys) -> set[frozenset[tuple[object, ...]]]:
    """Return all that can be left in the end."""
    machine = machine_of(scenario, **keys)
    seen = exhaust(machine, most_states=50_000, reduction=Reduction(machine) if reduced else None)
    assert seen.complete
    return {rows(machine, state) for state in seen.finals}


def taken(machine: Machine, *steps: str) -> str:
    """Return the state after moves, each the first that fits a text: `arrival`, `gate 0`, `go on`, `crash`."""
    state, _ = machine.start()
    for step in steps:
        fitting = [move for move in machine.moves(state) if step in said(move)]
        assert fitting, f"{step}: expected one of {[said(move) for move in machine.moves(state)]}"
        state = after(machine, state, fitting[0])
    return state


def after(machine: Machine, state: str, move: Move) -> str:
    padded = machine.padded(state)
    return machine.successor(move, machine.effect(move, padded), padded)


def said(move: Move) -> str:
    """Say a move in a few words: its kind, its step, and the number of the execution that it is about."""
    if move.kind is MoveKind.CUE:
        return f"{move.about.kind} {move.about.number}"
    message = move.work.message or (move.work.lost or (None,))[0]
    return f"{move.kind.value} {message.step} {message.execution}"


def possible(machine: Machine, state: str) -> list[str]:
    return [said(move) for move in machine.moves(state)]


def row(machine: Machine, state: str, table: str, key: object) -> object:
    cell = machine.cells.at(table, key)
    return machine.cells.content(cell, state[cell]) if cell < len(state) else None
