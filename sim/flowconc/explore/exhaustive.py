"""Every order of events: all states that can be reached, breadth first.

So the first schedule found to break an invariant is a shortest one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flowconc.explore.machine import Machine
from flowconc.explore.moves import Move, MoveKind
from flowconc.explore.reduction import ProvedWrong, Reduction


class Schedule(NamedTuple):
    """Moves that a machine can make, one after the other from its start."""

    machine: Machine
    moves: tuple[Move, ...]


@dataclass
class Search:
    """What a search has seen. `complete` says whether that is everything; `depth` is the length of its longest schedule.

    `found` has a shortest schedule for each invariant that was broken. `finals` are the states from which nothing
    follows.
    """

    states: int = 0
    transitions: int = 0
    depth: int = 0
    complete: bool = False
    found: dict[str, Schedule] = field(default_factory=dict)
    finals: list[str] = field(default_factory=list)


Stop = Callable[[str], bool]
"""Says whether a search may end when it has found this invariant broken."""

Progress = Callable[[Search], None]
"""Is told how far a search has come, from time to time."""

_TOLD_EVERY = 4096


def exhaust(
    machine: Machine,
    *,
    most_states: int,
    reduction: Reduction | None = None,
    stop: Stop = lambda broken: False,
    progress: Progress = lambda search: None,
) -> Search:
    """Take every move in every state that can be reached, up to so many states; with a reduction, those that suffice."""
    return Exhaustion(machine, reduction, stop, progress).go_on(most_states)


class Exhaustion:
    """One search, which can go on where it was ended. With a reduction it takes those moves that suffice."""

    def __init__(
        self,
        machine: Machine,
        reduction: Reduction | None,
        stop: Stop = lambda broken: False,
        progress: Progress = lambda search: None,
    ) -> None:
        self._machine = machine
        self._reduction = reduction
        self._stop = stop
        self._progress = progress
        self._begin()

    def _begin(self) -> None:
        """Begin, or begin anew, with nothing seen."""
        self._search = Search()
        self._numbers: dict[str, int] = {}
        self._states: list[str] = []
        # for each state, the one it was first reached from, and by which of that one's moves
        self._parents = array("q")
        self._moves = array("l")
        self._next, self._level_ends, self._depth = 0, 0, 0

    def go_on(self, most_states: int) -> Search:
        """Search until everything has been seen, an invariant broken that is enough, or so many states."""
        while True:
            try:
                return self._go_on(most_states)
            except ProvedWrong:  # what it relied on is known now not to hold
                self._begin()

    def _go_on(self, most_states: int) -> Search:
        search, states = self._search, self._states
        over = self._start() if not states else False
        while self._next < len(states) and not over and len(states) <= most_states:
            if self._next == self._level_ends:
                self._level_ends, self._depth = len(states), self._depth + 1
            over = self._expand(self._next)
            self._next += 1
            if self._next % _TOLD_EVERY == 0:
                self._tell()
        search.complete = self._next == len(states)
        self._tell()
        return search

    def _start(self) -> bool:
        """Add the first state. Return whether what led to it is enough."""
        if self._reduction is not None:
            self._reduction.begin()
        start, done = self._machine.start()
        self._add(start, -1, 0)
        self._level_ends = 1
        return self._note([broken for did in done for broken in did.broken], 0, None)

    def _expand(self, number: int) -> bool:
        """Take the moves of a state. Return whether the search is over."""
        machine, search, numbers = self._machine, self._search, self._numbers
        state = self._states[number]
        moves = machine.moves(state)
        if not moves:
            search.finals.append(state)
            return self._note(machine.stepping.end(state), number, None)
        padded = machine.padded(state)
        chosen = moves if self._reduction is None else self._chosen(state, padded, moves)
        over = False
        for move in chosen:
            effect = machine.effect(move, padded)
            target = machine.successor(move, effect, padded)
            search.transitions += 1
            if target not in numbers:
                self._add(target, number, move.place)
            if effect.broken:
                over |= self._note(effect.broken, number, move)
        return over

    def _chosen(self, state: str, padded: str, moves: tuple[Move, ...]) -> Sequence[Move]:
        """Return the moves to take: those that suffice, if they do not only lead back to what has been seen."""
        assert self._reduction is not None
        chosen = self._reduction.choose(state, padded, moves)
        if len(chosen) == len(moves):
            return moves
        machine, numbers = self._machine, self._numbers
        ahead = any(
            machine.successor(move, machine.effect(move, padded), padded) not in numbers for move in chosen
        )
        return chosen if ahead or chosen[0].kind is MoveKind.CUE else moves

    def _add(self, state: str, parent: int, place: int) -> None:
        self._numbers[state] = len(self._states)
        self._states.append(state)
        self._parents.append(parent)
        self._moves.append(place)

    def _note(self, broken: Iterable[str], number: int, move: Move | None) -> bool:
        """Keep the schedule that broke an invariant first. Return whether that is enough."""
        found, over = self._search.found, False
        for each in broken:
            if each not in found:
                moves = (*self._schedule(number), *(() if move is None else (move,)))
                found[each] = Schedule(self._machine, moves)
                over |= self._stop(each)
        return over

    def _schedule(self, number: int) -> tuple[Move, ...]:
        """Return the moves that first led to a state."""
        moves = []
        while (parent := self._parents[number]) >= 0:
            moves.append(self._machine.moves(self._states[parent])[self._moves[number]])
            number = parent
        return tuple(reversed(moves))

    def _tell(self) -> None:
        self._search.states, self._search.depth = len(self._states), self._depth
        self._progress(self._search)
