"""Schedules: which move was taken at each point, and what came of it, with the trace that the checks judge.

Steps that follow each other while a pass is under way, or a slot on its way, belong to one instant: what an invariant
says of a moment at rest is judged when nobody is in the middle of something. Instants are a second apart, so that times can be read as
numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flowconc.explore.canonical import canonical
from flowconc.explore.flight import Item, Pass, hands_on
from flowconc.explore.machine import Machine
from flowconc.explore.moves import Move, MoveKind
from flowconc.explore.stepping import Did
from flowconc.protocol.events import Kind, Report
from flowconc.trace.recorder import Recorder
from flowconc.trace.trace import Header, Trace

INSTANT_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a schedule: who made it, when, what it did, and the state that it led to."""

    move: Move
    executor: int | None  # from 1; None when it is no executor's
    t_us: int
    did: Did
    state: str


@dataclass(frozen=True, slots=True)
class Played:
    """A schedule that has been played. `drained` says whether nothing could happen any more at its end.

    `broken` are the invariants that did not hold, in the order in which they broke; `choices` has for each step the
    place of its move, and among how many.
    """

    steps: tuple[Step, ...]
    start: str
    drained: bool
    broken: tuple[str, ...]
    choices: tuple[tuple[int, int], ...]
    trace: Trace


def ordered(moves: Sequence[Move]) -> list[Move]:
    """Return moves in the order that depends on nothing but the scenario."""
    return sorted(moves, key=_sort_key)


def _sort_key(move: Move) -> str:
    work = move.work
    about = move.about.id if move.kind is MoveKind.CUE else move.about  # type: ignore[union-attr]
    what = None if move.kind is MoveKind.CUE else work.message
    return canonical((move.kind, about, work.message is None, what, work.ended))


def play(machine: Machine, moves: Iterable[Move], header: Header) -> Played:
    """Play a schedule, and record its trace. What it leaves begun is brought to its end, so that all is at rest."""
    return _Player(machine, header).play(moves)


def _unfinished(moves: Iterable[Move]) -> Move | None:
    """Return a move that goes on with what was begun: a pass, or the handing on of a slot."""
    return next(
        (
            move
            for move in moves
            if move.kind is MoveKind.GO_ON or (move.kind is MoveKind.TAKE and hands_on(move.about))  # type: ignore[arg-type]
        ),
        None,
    )


class _Player:
    """The playing of one schedule."""

    def __init__(self, machine: Machine, header: Header) -> None:
        self._machine = machine
        self._header = header
        self._recorder = Recorder()
        self._t_us = 0
        self._executors: dict[int, Pass] = {}
        self._causes: defaultdict[Item | Pass, list[int]] = defaultdict(list)
        self._steps: list[Step] = []
        self._choices: list[tuple[int, int]] = []
        self._broken: dict[str, None] = {}

    def play(self, moves: Iterable[Move]) -> Played:
        """Play it."""
        machine = self._machine
        state, done = machine.start()
        for did in done:
            self._record(did, -1)
            self._broken |= dict.fromkeys(did.broken)
        start = state
        for move in moves:
            state = self._step(move, state)
        while (unfinished := _unfinished(machine.moves(state))) is not None:
            state = self._step(unfinished, state)
        drained = not machine.moves(state)
        if drained:
            self._broken |= dict.fromkeys(machine.stepping.end(state))
        ending = "drained" if drained else "until"
        self._recorder.record(self._t_us, "clock", [Report(Kind.RUN_ENDED, detail=ending)])
        trace = self._recorder.finish(self._header, machine.stepping.names(state))
        return Played(tuple(self._steps), start, drained, tuple(self._broken), tuple(self._choices), trace)

    def _step(self, move: Move, state: str) -> str:
        """Make a move, and record it. Return the state that it leads to."""
        machine = self._machine
        possible = ordered(machine.moves(state))
        self._choices.append((possible.index(move), len(possible)))
        padded = machine.padded(state)
        did = machine.stepping.take(move.work, padded)
        state = machine.successor(move, machine.effect(move, padded), padded)
        if move.work.opens:
            self._t_us += INSTANT_US
        last = self._record(did, self._cause_of(move))
        for item in (*did.sent, *move.come):
            self._causes[item].append(last)
        self._steps.append(Step(move, self._man(move, did, last), self._t_us, did, state))
        self._broken |= dict.fromkeys(did.broken)
        return state

    def _cause_of(self, move: Move) -> int:
        """Return the event that led to a move."""
        if move.kind is MoveKind.CUE:
            return -1
        causes = self._causes[move.about]  # type: ignore[index]
        return causes.pop(0) if causes else -1

    def _man(self, move: Move, did: Did, last: int) -> int | None:
        """Give a move to an executor: the first that is idle, or the one whose pass it goes on with."""
        executors = self._executors
        if move.kind in (MoveKind.CUE, MoveKind.LATER):
            return None
        if isinstance(move.about, Pass):
            who = next(number for number, going in executors.items() if going == move.about)
            del executors[who]
        else:
            who = next(number for number in range(1, len(executors) + 2) if number not in executors)
        rest = (*move.rest, *did.following)
        if rest and move.first is not None:
            executors[who] = Pass(move.first, rest)
            self._causes[executors[who]].append(last)
        return who

    def _record(self, did: Did, cause: int) -> int:
        """Write down what was reported, each as the consequence of what came before; return the last event's number."""
        for actor, reports in did.reports:
            cause = self._recorder.record(self._t_us, actor, reports, cause)
        return cause
