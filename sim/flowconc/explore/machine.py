"""The protocol as a machine of states and moves: what can happen in a state, and which state it leads to.

A state is a text of codes (`cells`). Its first cell is the control: what is under way and what is still to come from
outside (`flight`), from which alone follows what can happen next. The other cells are the rows of the tables and the
books of the checks.

A step that has been taken once is remembered by what it read: in every state that looks the same to it, it does the
same. So the protocol's own steps run a few thousand times while millions of transitions are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from flowconc.explore.books import EXECUTION
from flowconc.explore.cells import CONTROL, EMPTY, Cells
from flowconc.explore.flight import (
    Ahead,
    Item,
    Job,
    Letter,
    Pass,
    Sent,
    Stop,
    Unlocking,
    Waiting,
    deliveries,
    hands_on,
)
from flowconc.explore.moves import Control, Effect, Move, MoveKind, Way
from flowconc.explore.script import Cue, Script
from flowconc.explore.stepping import Did, Stepping, Work
from flowconc.explore.tree import Tree

_OF_EXECUTIONS = frozenset({"executions", EXECUTION})
"""Tables with a row for each execution."""

_SPARE = 8
"""Empty cells behind a state's text, for those that come up while its moves are looked at."""


class Machine:
    """States and moves of a scenario under a semantics, with so many executors."""

    def __init__(self, stepping: Stepping, script: Script, *, executors: int, crashes: int) -> None:
        self.cells: Cells = stepping.cells
        self.stepping = stepping
        self.script = script
        self.redelivers = stepping.semantics.rules.redelivers
        self._executors = executors
        self._items: _Numbers[Item] = _Numbers()
        self._passes: _Numbers[Pass] = _Numbers()
        self._sends: _Numbers[Hashable] = _Numbers()
        self._trees: dict[Work, Tree[Effect]] = {}
        self._cues: dict[Ahead, tuple[tuple[Cue, Ahead], ...]] = {}
        self._ways: dict[tuple[int, tuple[Job, ...]], tuple[Way, ...]] = {}
        self._moves: dict[str, tuple[Move, ...]] = {}
        self._capacity = _SPARE
        self.remembered = 0
        """How many effects are remembered."""
        self.observer: Callable[[Move, Effect, Did, str], None] | None = None
        """Is told of every effect when it first comes up, and in which state."""
        self._first = Control((), (), script.begin(crashes))

    def start(self) -> tuple[str, list[Did]]:
        """Return the state in which the flows are installed and nothing has happened, and what came of installing them."""
        state, done = self.stepping.install()
        return self._control_code(self._first) + self.padded(state)[1:].rstrip(EMPTY), done

    # --- what can happen

    def moves(self, state: str) -> tuple[Move, ...]:
        """Return what can happen in a state: nothing when all has ended or waits for ever."""
        code = state[CONTROL]
        moves = self._moves.get(code)
        if moves is None:
            control = self.control(state)
            moves = self._moves[code] = tuple(self._possible(control))
            for place, move in enumerate(moves):
                move.place = place
        return moves

    def control(self, state: str) -> Control:
        """Return what is under way in a state."""
        control = self.cells.content(CONTROL, state[CONTROL])
        assert isinstance(control, Control)
        return control

    def has_idle_executor(self, state: str) -> bool:
        """Say whether an executor is free to take a message."""
        return len(self.control(state).passes) < self._executors

    def items(self, control: Control) -> list[Item]:
        """Return what is in flight."""
        return [self._items[number] for number in control.flight]

    def passes(self, control: Control) -> list[Pass]:
        """Return the passes that are under way."""
        return [self._passes[number] for number in control.passes]

    def _possible(self, control: Control) -> Iterator[Move]:
        opens = self._is_at_rest(control.flight, control.passes)
        for cue, ahead in self.ahead(control):
            yield from self._cue(cue, Control(control.flight, control.passes, ahead), opens)
        idle = len(control.passes) < self._executors
        jobs = tuple(item for item in self.items(control) if isinstance(item, Job))
        for number in dict.fromkeys(control.flight):
            if idle or isinstance(self._items[number], Sent):
                for way in self._ways_of(number, jobs):
                    yield from self._deliver(way, control, opens)
        for number in dict.fromkeys(control.passes):
            yield from self._continue(number, control)

    def ahead(self, control: Control) -> tuple[tuple[Cue, Ahead], ...]:
        """Return what can come from outside next, each with what then lies ahead."""
        cues = self._cues.get(control.ahead)
        if cues is None:
            cues = self._cues[control.ahead] = tuple(self.script.next(control.ahead))
        return cues

    def _ways_of(self, number: int, jobs: tuple[Job, ...]) -> tuple[Way, ...]:
        """Return the ways in which an item can be delivered. What answers a kill depends on the jobs, nothing else does."""
        item = self._items[number]
        key = number, jobs if isinstance(item, Stop) else ()
        ways = self._ways.get(key)
        if ways is None:
            ways = self._ways[key] = tuple(
                Way(
                    item,
                    delivery,
                    tuple(map(self._items.of, (item, *delivery.gone))),
                    tuple(map(self._items.of, delivery.come)),
                )
                for delivery in deliveries(item, jobs)
            )
        return ways

    def _is_at_rest(self, flight: tuple[int, ...], passes: tuple[int, ...]) -> bool:
        """Say whether nothing that was begun is still to be brought to its end: no pass, and no slot on its way."""
        return not passes and not any(map(hands_on, map(self._items.__getitem__, flight)))

    def _cue(self, cue: Cue, control: Control, opens: bool) -> Iterator[Move]:
        yield self._move(
            MoveKind.CUE,
            cue,
            Work(cue.message, actor=cue.actor, opens=opens, alone=opens, timing=cue.timing),
            control,
        )
        if not cue.sure:  # a poll that finds nothing
            yield self._move(
                MoveKind.CUE, cue, Work(None, actor=cue.actor, opens=opens, alone=opens), control
            )

    def _deliver(self, way: Way, control: Control, opens: bool) -> Iterator[Move]:
        item = way.item
        message, t_us, ended, _, come, again = way.delivery
        flight = control.flight
        for number in way.gone:
            flight = _less(flight, number)
        if way.come:
            flight = _sorted((*flight, *way.come))
        left = Control(flight, control.passes, control.ahead)
        alone = self._is_at_rest(flight, control.passes)
        if isinstance(item, Sent):
            yield self._move(
                MoveKind.LATER,
                item,
                Work(message, t_us, actor=item.actor, opens=opens, alone=alone, timing=item.timing),
                left,
            )
            return
        taken = way.taken.get((opens, alone))
        if taken is None:
            work = Work(message, t_us, opens=opens, alone=alone, again=again, ended=ended)
            taken = way.taken[opens, alone] = work, self._tree(work)
        yield Move(MoveKind.TAKE, item, *taken, left, way.letter, (), come)
        if control.ahead.crashes and not self.redelivers:
            left = _with_a_crash(left)
            yield self._move(
                MoveKind.LOSE,
                item,
                Work(None, opens=opens, alone=alone, ended=ended, lost=(message,)),
                left,
                come=come,
            )

    def _continue(self, number: int, control: Control) -> Iterator[Move]:
        going = self._passes[number]
        left = Control(control.flight, _less(control.passes, number), control.ahead)
        alone = self._is_at_rest(left.flight, left.passes)
        letter, *rest = going.rest
        work = Work(letter.message, letter.t_us, opens=False, alone=alone)
        yield self._move(MoveKind.GO_ON, going, work, left, going.first, tuple(rest))
        if control.ahead.crashes:
            left = _with_a_crash(left)
            lost = tuple(each.message for each in going.rest)
            come: tuple[Item, ...] = ()
            if self.redelivers:
                come = (going.first._replace(again=True),)
                left = left._replace(flight=_sorted((*left.flight, *map(self._items.of, come))))
            else:
                lost += (going.first.message,)
            work = Work(None, opens=False, alone=alone, lost=lost)
            yield self._move(MoveKind.CRASH, going, work, left, come=come)

    def _move(
        self,
        kind: MoveKind,
        about: Cue | Item | Pass,
        work: Work,
        control: Control,
        first: Letter | None = None,
        rest: tuple[Letter, ...] = (),
        come: tuple[Item, ...] = (),
    ) -> Move:
        return Move(kind, about, work, self._tree(work), control, first, rest, come)

    def _tree(self, work: Work) -> Tree[Effect]:
        tree = self._trees.get(work)
        if tree is None:
            tree = self._trees[work] = Tree()
        return tree

    # --- what it leads to

    def padded(self, state: str) -> str:
        """Return a state's text with room for cells that it does not have yet."""
        if self._capacity < self.cells.width:
            self._capacity = self.cells.width + _SPARE
        return state.ljust(self._capacity, EMPTY)

    def effect(self, move: Move, padded: str) -> Effect:
        """Return what a move does in a state, padded."""
        try:
            effect = move.tree.find(padded)
        except IndexError:  # it asks for a cell that has come up since
            padded = self.padded(padded)
            effect = move.tree.find(padded)
        return self._learn(move, padded) if effect is None else effect

    def successor(self, move: Move, effect: Effect, padded: str) -> str:
        """Return the state that a move with this effect leads to."""
        target = move.targets.get(effect.sends)
        if target is None:
            target = self._target(move, effect)
        codes = list(padded)
        codes[CONTROL] = target
        try:
            for cell, code in effect.codes:
                codes[cell] = code
        except IndexError:
            return self.successor(move, effect, self.padded(padded))
        return "".join(codes).rstrip(EMPTY)

    def _learn(self, move: Move, padded: str) -> Effect:
        did = self.stepping.take(move.work, padded)
        sent = _sorted(self._items.of(item) for item in did.sent)
        births = frozenset(
            cell
            for cell in did.written
            if did.read.get(cell, EMPTY) == EMPTY and self.cells.place(cell)[0] in _OF_EXECUTIONS
        )
        effect = Effect(did, births, sent, self._sends.of((sent, did.following, did.unlocked)))
        move.tree.add(did.read.items(), effect)
        self.remembered += 1
        if self.observer is not None:
            self.observer(move, effect, did, padded)
        return effect

    def _target(self, move: Move, effect: Effect) -> str:
        flight, passes, ahead = move.control
        rest = (*move.rest, *effect.following)
        if rest:
            assert move.first is not None, f"{move.work.message} goes on, and nobody does it"
            passes = _sorted((*passes, self._passes.of(Pass(move.first, rest))))
        flight = _sorted((*self._released(flight, effect.unlocked), *effect.sent))
        control = Control(flight, passes, ahead)
        move.targets[effect.sends] = code = self._control_code(control)
        return code

    def _released(self, flight: tuple[int, ...], unlocked: Iterable[Unlocking]) -> tuple[int, ...]:
        """Return what is in flight when triggers have been unlocked: the fires that waited come, or not at all."""
        for trigger, keeps in unlocked:
            waiting = [item for item in map(self._items.__getitem__, flight) if isinstance(item, Waiting)]
            mine = sorted(
                (item for item in waiting if item.trigger == trigger), key=lambda item: item.planned_us
            )
            come = mine if keeps is None else mine[max(0, len(mine) - keeps) :]
            flight = _sorted((*self._without(flight, mine), *(self._items.of(item.fire) for item in come)))
        return flight

    def _control_code(self, control: Control) -> str:
        return self.cells.code(CONTROL, control)

    def _without(self, flight: tuple[int, ...], items: Iterable[Item]) -> tuple[int, ...]:
        for item in items:
            flight = _less(flight, self._items.of(item))
        return flight


Value = TypeVar("Value", bound=Hashable)


class _Numbers(Generic[Value]):
    """Values and their numbers, in order of coming up."""

    def __init__(self) -> None:
        self._numbers: dict[Value, int] = {}
        self._values: list[Value] = []

    def of(self, value: Value) -> int:
        """Return a value's number."""
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self._values)
            self._values.append(value)
        return number

    def __getitem__(self, number: int) -> Value:
        return self._values[number]


def _with_a_crash(control: Control) -> Control:
    """Return a control of which one more crash has fallen."""
    ahead = control.ahead
    return control._replace(ahead=ahead._replace(crashes=ahead.crashes - 1))


def _sorted(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))


def _less(numbers: tuple[int, ...], number: int) -> tuple[int, ...]:
    """Return sorted numbers without one of them."""
    place = numbers.index(number)
    return (*numbers[:place], *numbers[place + 1 :])
