"""Leaving out orders that make no difference: partial-order reduction by what steps read and write.

Two moves of which neither writes a row that the other one touches lead to the same state in either order, and do the
same in either order. So if nobody else will touch what some parties' next moves touch before they are made, those moves
suffice: the orders in which somebody else goes first need not be followed (a persistent set). A party is the executions
of a flow with all that is under way about them, or a kind of source.

Who will touch which row, and who will write to whom, is not known beforehand, so it is learned. Two moves are taken to
be independent until a move is seen that conflicts with what was relied on. Then the search begins anew, with that known.
Touching a row means touching it with a certain content: whoever would be first to disturb a move finds the row as it
is before that move; and the search, which has made the move first, sees him find it as it is after that move. So it is
contents before and after that count, and no disturbance stays unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowconc.explore.cells import CONTROL, EMPTY
from flowconc.explore.flight import number_of
from flowconc.explore.machine import Machine
from flowconc.explore.moves import Effect, Move, MoveKind
from flowconc.explore.stepping import Did

Parties = int
"""A set of parties, as bits. Flows have the bits after these."""

ARRIVALS, FIRES, OPERATOR, OTHERS = 1, 2, 4, 8
_SOURCES = ARRIVALS | FIRES | OPERATOR
_OF_CUE = {"arrival": ARRIVALS, "fire": FIRES, "action": OPERATOR}
_FIRST_FLOW = 16

Found = tuple[int, str]
"""A cell with the code that was found in it."""


class ProvedWrong(Exception):  # noqa: N818 - it says what happened
    """A move conflicts with what the search relied on, which must begin anew."""


@dataclass
class Known:
    """What the parties have been seen to do.

    Who touched a cell with this content, and who changed it; who wrote a cell without looking at it; who sent
    something to a party.
    """

    touched: defaultdict[Found, Parties] = field(default_factory=lambda: defaultdict(int))
    changed: defaultdict[Found, Parties] = field(default_factory=lambda: defaultdict(int))
    overwritten: defaultdict[int, Parties] = field(default_factory=lambda: defaultdict(int))
    wrote_to: defaultdict[Parties, Parties] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Relied:
    """What a search has relied on: that of all parties only these do so."""

    touching: defaultdict[Found, set[Parties]] = field(default_factory=lambda: defaultdict(set))
    changing: defaultdict[Found, set[Parties]] = field(default_factory=lambda: defaultdict(set))
    overwriting: defaultdict[int, set[Parties]] = field(default_factory=lambda: defaultdict(set))
    writing_to: defaultdict[Parties, set[Parties]] = field(default_factory=lambda: defaultdict(set))


class Reduction:
    """Chooses, among the moves of a state, some that suffice; and learns from every effect of a machine."""

    def __init__(self, machine: Machine) -> None:
        assert machine.observer is None, (
            "a machine's effects are learned from the first one on, by one reduction"
        )
        machine.observer = self._learn
        self._machine = machine
        self._several_flows = len(machine.script.flows) > 1
        self._hopeless: dict[str, bool] = {}
        self._flows: dict[str, Parties] = {}
        self._known = Known()
        self._relied = Relied()

    def begin(self) -> None:
        """Begin a search: nothing has been relied on."""
        self._relied = Relied()

    def end(self) -> None:
        """End the last search: nothing more is learned, and nothing proved wrong."""
        self._machine.observer = None

    # --- choosing

    def choose(self, state: str, padded: str, moves: Sequence[Move]) -> Sequence[Move]:
        """Return moves that suffice in a state: some of them, or all."""
        if len(moves) == 1 or self._is_hopeless(state):
            return moves
        groups: dict[Parties, list[Move]] = {}
        for move in moves:
            groups.setdefault(self._party_of(move, padded), []).append(move)
        present = self._present(state, padded)
        for party in groups:
            chosen = self._closed(party, groups, present, padded)
            if chosen is not None:
                return chosen
        return moves

    def _is_hopeless(self, state: str) -> bool:
        """Say whether it is plain that everybody can disturb everybody: one flow alone, or passes under way."""
        code = state[CONTROL]
        hopeless = self._hopeless.get(code)
        if hopeless is None:
            control = self._machine.control(state)
            arrivals = any(cue.kind == "arrival" for cue, _ in self._machine.ahead(control))
            hopeless = self._hopeless[code] = bool(control.passes) or not (arrivals or self._several_flows)
        return hopeless

    def _present(self, state: str, padded: str) -> Parties:
        """Return the parties that have something under way, or something to give."""
        machine = self._machine
        control = machine.control(state)
        present = 0
        for cue, _ in machine.ahead(control):
            present |= _OF_CUE[cue.kind]
        for each in (*machine.items(control), *machine.passes(control)):
            present |= self._party(number_of(each), padded)
        return present

    def _closed(
        self, first: Parties, groups: dict[Parties, list[Move]], present: Parties, padded: str
    ) -> list[Move] | None:
        """Return all that a party can do, with all that those can do who might disturb it; None if that is everything."""
        parties, fringe = 0, first
        chosen: list[Move] = []
        effects: list[Effect] = []
        while True:
            new = [party for party in groups if party & fringe]
            if sum(new) != fringe or len(new) + parties.bit_count() == len(groups):
                return (
                    None  # somebody might disturb it who must be brought to it first, or nobody is left out
                )
            parties |= fringe
            for move in (move for party in new for move in groups[party]):
                effect = self._machine.effect(move, padded)
                if move.kind not in (MoveKind.TAKE, MoveKind.CUE) or effect.following:
                    return None  # it might keep an executor from others
                chosen.append(move)
                effects.append(effect)
            active = self._active(present & ~parties, parties)
            fringe = self._disturbers(parties, effects, padded) & active
            if not fringe:
                self._rely(parties, active, effects, padded)
                return chosen

    def _active(self, active: Parties, parties: Parties) -> Parties:
        """Return who may do something while `parties` do nothing: those who are `active`, and whom they bring to it."""
        while True:
            more = active
            for party, writers in self._known.wrote_to.items():
                if writers & active:
                    more |= party
            more &= ~parties
            if more == active:
                return active
            active = more

    def _disturbers(self, parties: Parties, effects: Iterable[Effect], padded: str) -> Parties:
        """Return who has been seen to do what would disturb these effects, or to write to the parties."""
        known, who = self._known, 0
        for cell, code, writes in _used(effects, padded):
            who |= known.overwritten.get(cell, 0)
            who |= (known.touched if writes else known.changed).get((cell, code), 0)
        for party, writers in known.wrote_to.items():
            if party & parties:
                who |= writers
        return who & ~parties

    def _rely(self, parties: Parties, active: Parties, effects: Iterable[Effect], padded: str) -> None:
        """Note what has been relied on: that of the active parties none does what would disturb these effects.

        Nor does one bring another party to anything that is not active.
        """
        relied = self._relied
        allowed = (_FIRST_FLOW << len(self._flows)) - 1 & ~active
        for cell, code, writes in _used(effects, padded):
            relied.overwriting[cell].add(allowed)
            (relied.touching if writes else relied.changing)[cell, code].add(allowed)
        for party in (OTHERS, *self._flows.values()):
            if party & allowed:
                relied.writing_to[party].add(allowed)

    # --- learning

    def _learn(self, move: Move, effect: Effect, did: Did, state: str) -> None:
        """Take notice of an effect that has come up for the first time. Raises ProvedWrong."""
        known, relied, party = self._known, self._relied, self._party_of(move, state)
        relied_on: set[Parties] = set()
        for found in did.read.items():
            known.touched[found] |= party
            relied_on |= relied.touching.get(found, _NOBODY)
        for cell in did.written:
            if cell in did.read:
                found = cell, did.read[cell]
                known.changed[found] |= party
                relied_on |= relied.changing.get(found, _NOBODY)
            else:
                known.overwritten[cell] |= party
                relied_on |= relied.overwriting.get(cell, _NOBODY)
        after = self._machine.cells.changed(state, did.written) if did.sent else state
        for item in did.sent:
            to = self._party(number_of(item), after)
            if to != party:
                known.wrote_to[to] |= party
                relied_on |= relied.writing_to.get(to, _NOBODY)
        if any(not allowed & party for allowed in relied_on):
            raise ProvedWrong

    # --- parties

    def _party_of(self, move: Move, state: str) -> Parties:
        """Return who makes a move."""
        if move.kind is MoveKind.CUE:
            return _OF_CUE[move.about.kind]  # type: ignore[union-attr]
        return self._party(number_of(move.about), state)

    def _party(self, number: int | None, state: str) -> Parties:
        """Return the flow of an execution as a party; the others, if there is none or it has been deleted."""
        if number is None:
            return OTHERS
        cells = self._machine.cells
        cell = cells.at("executions", number)
        row: Any = cells.content(cell, _code(state, cell))
        if row is None:
            return OTHERS
        return self._flows.setdefault(row.birth.flow, _FIRST_FLOW << len(self._flows))


_NOBODY: frozenset[Parties] = frozenset()


def _used(effects: Iterable[Effect], padded: str) -> Iterator[tuple[int, str, bool]]:
    """Yield the cells that effects use: as they are, and where they are written as they are then.

    But not the new rows of executions as they are then: whoever touches such a row without having gone through all
    of them has been told of it by these effects.
    """
    for effect in effects:
        written = {cell for cell, _ in effect.codes}
        for cell in effect.cells:
            yield cell, _code(padded, cell), cell in written
        for cell, code in effect.codes:
            if _code(padded, cell) != EMPTY or cell not in effect.births:
                yield cell, code, True


def _code(state: str, cell: int) -> str:
    return state[cell] if cell < len(state) else EMPTY
