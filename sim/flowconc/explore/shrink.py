"""Making a schedule smaller while it still breaks the same invariant: delta debugging over its choices.

What counts, in this order: how many things come from outside, crashes, executors, moves, and how often a pass is
interrupted. A move is known by what it is about and not by numbers, so that it can be found again where others are left
out; one that is not possible any more is passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from flowconc.explore.canonical import canonical
from flowconc.explore.exhaustive import Schedule
from flowconc.explore.flight import Pass, number_of
from flowconc.explore.machine import Machine
from flowconc.explore.model import Model
from flowconc.explore.moves import Move, MoveKind
from flowconc.explore.scope import Scope
from flowconc.explore.script import Cue

_MOST_TRIES = 5_000
"""Schedules tried to make one smaller."""

Origin = tuple[object, ...]
"""Where an execution comes from: the cue that made it, or its maker and which of what that one made."""


class Label(NamedTuple):
    """What a move is known by."""

    kind: MoveKind
    who: Origin
    what: str


class Cost(NamedTuple):
    """How large a schedule is."""

    cues: int
    crashes: int
    executors: int
    moves: int
    interruptions: int


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule within a scope, move by move, and by labels."""

    scope: Scope
    schedule: Schedule
    labels: tuple[Label, ...]
    cost: Cost


def shrink(model: Model, scope: Scope, schedule: Schedule, broken: str) -> Found:
    """Return a schedule that breaks the same invariant and is as small as could be found."""
    return _Shrinking(model, broken).run(scope, schedule)


class _Shrinking:
    """The shrinking of one schedule."""

    def __init__(self, model: Model, broken: str) -> None:
        self._model = model
        self._broken = broken
        self._machines: dict[Scope, Machine] = {}
        self._tries = 0

    def run(self, scope: Scope, schedule: Schedule) -> Found:
        """Make a schedule smaller until nothing more is found."""
        self._machines[scope] = schedule.machine
        best = self._follow(scope, _labels(schedule))
        assert best is not None, f"the schedule does not break {self._broken}"
        improved = True
        while improved and self._tries < _MOST_TRIES:
            improved = False
            for try_scope, labels in self._candidates(best):
                smaller = self._follow(try_scope, labels)
                if smaller is not None and smaller.cost < best.cost:
                    best, improved = smaller, True
                    break
        return self._follow(self._needed(best), best.labels) or best

    def _needed(self, found: Found) -> Scope:
        """Return the scope without what a schedule has no use for."""
        used = {label.what for label in found.labels if label.kind is MoveKind.CUE}
        cues = found.schedule.machine.script.cues
        unused = frozenset(cue.id for cue in cues if str(cue.id) not in used)
        return replace(
            found.scope,
            left_out=found.scope.left_out | unused,
            executors=found.cost.executors,
            crashes=found.cost.crashes,
        )

    def _candidates(self, best: Found) -> Iterator[tuple[Scope, Sequence[Label]]]:
        """Yield what might be smaller, what promises most first."""
        scope, labels = best.scope, best.labels
        for cue in best.schedule.machine.script.cues:
            yield replace(scope, left_out=scope.left_out | {cue.id}), labels
        size = len(labels) // 2
        while size:
            for start in range(0, len(labels), size):
                yield scope, labels[:start] + labels[start + size :]
            size //= 2
        for place, label in enumerate(labels):
            if label.kind is MoveKind.GO_ON:
                for earlier in range(place - 1, 0, -1):
                    yield scope, (*labels[:earlier], label, *labels[earlier:place], *labels[place + 1 :])

    def _follow(self, scope: Scope, labels: Sequence[Label]) -> Found | None:
        """Return the schedule that the labels lead to, as far as its first break; None if it does not break what it must.

        When the labels are used up, the schedule is brought to its end with what is nearest at hand, without crashes.
        """
        self._tries += 1
        machine = self._machines.get(scope)
        if machine is None:
            machine = self._machines[scope] = self._model.machine(scope)
        walk = _Walk(machine)
        for label in labels:
            move = walk.find(label)
            if move is not None and self._broken in walk.make(move):
                return walk.found(scope)
        while (moves := [move for move in machine.moves(walk.state) if move.kind not in _CRASHES]) and (
            len(walk.schedule) < 2 * len(labels) + _LONGEST_END
        ):
            if self._broken in walk.make(min(moves, key=_nearest)):
                return walk.found(scope)
        if machine.moves(walk.state) or self._broken not in machine.stepping.end(walk.state):
            return None
        return walk.found(scope)


_CRASHES = frozenset({MoveKind.CRASH, MoveKind.LOSE})
_LONGEST_END = 1_000
_NEAREST = (MoveKind.GO_ON, MoveKind.TAKE, MoveKind.LATER, MoveKind.CUE)


def _nearest(move: Move) -> tuple[int, int]:
    return _NEAREST.index(move.kind), move.place


class _Walk:
    """A schedule as it is made, move by move."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.state, _ = machine.start()
        self.schedule: list[Move] = []
        self._labels: list[Label] = []
        self._origins: list[Origin] = []
        self._made: Counter[Origin] = Counter()
        self._executors = 1
        self._crashes = 0
        self._interruptions = 0
        self._last: tuple[object, int] = (None, 0)

    def find(self, label: Label) -> Move | None:
        """Return the first move that is known by this label, if it is possible."""
        moves = self.machine.moves(self.state)
        return next((move for move in moves if self._label(move) == label), None)

    def make(self, move: Move) -> tuple[str, ...]:
        """Make a move; return the invariants that it breaks."""
        machine = self.machine
        label = self._label(move)
        before = machine.control(self.state)
        if move.kind in (MoveKind.TAKE, MoveKind.LOSE):
            self._executors = max(self._executors, len(before.passes) + 1)
        self._crashes += move.kind in _CRASHES
        if move.kind is MoveKind.GO_ON and self._last != (move.about, len(self.schedule)):
            self._interruptions += 1
        padded = machine.padded(self.state)
        effect = machine.effect(move, padded)
        self.state = machine.successor(move, effect, padded)
        self.schedule.append(move)
        self._labels.append(label)
        rest = (*move.rest, *effect.following)
        self._last = (None if move.first is None else Pass(move.first, rest), len(self.schedule))
        maker: Origin = (label.what,) if move.kind is MoveKind.CUE else label.who
        for _ in range(len(machine.stepping.names(self.state)) - len(self._origins)):
            self._origins.append((*maker, self._made[maker]))
            self._made[maker] += 1
        return effect.broken

    def found(self, scope: Scope) -> Found:
        """Return what has been made."""
        cues = sum(1 for move in self.schedule if move.kind is MoveKind.CUE)
        cost = Cost(cues, self._crashes, self._executors, len(self.schedule), self._interruptions)
        return Found(scope, Schedule(self.machine, tuple(self.schedule)), tuple(self._labels), cost)

    def _label(self, move: Move) -> Label:
        if move.kind is MoveKind.CUE:
            assert isinstance(move.about, Cue)
            return Label(move.kind, (), f"{move.about.id}{'' if move.work.message else ' nothing'}")
        number = number_of(move.about)
        who = () if number is None else self._origins[number]
        message = move.work.message if move.work.lost is None else move.work.lost[0]
        step = "" if message is None else message.step
        ended = [outcome for _, outcome in move.work.ended]
        branch = message.argument if step == "branch_chosen" and message is not None else None
        return Label(move.kind, who, canonical((step, ended, branch)))


def _labels(schedule: Schedule) -> tuple[Label, ...]:
    walk = _Walk(schedule.machine)
    for move in schedule.moves:
        walk.make(move)
    return walk.found(Scope()).labels
