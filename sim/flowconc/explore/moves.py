"""What can happen where something is under way: the moves, and what each of them does in a state."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from flowconc.explore.flight import Ahead, Delivery, Item, Letter, Pass
from flowconc.explore.script import Cue
from flowconc.explore.stepping import Did, Work
from flowconc.explore.tree import Tree


class Control(NamedTuple):
    """What is under way, and what is still to come. `flight` and `passes` are sorted numbers."""

    flight: tuple[int, ...]
    passes: tuple[int, ...]
    ahead: Ahead


class MoveKind(Enum):
    """What a move is."""

    CUE = "cue"  # something comes from outside
    LATER = "later"  # a source or the scheduler does what it had to wait with
    TAKE = "take"  # an executor takes a message and runs its step
    GO_ON = "go on"  # an executor runs the next step of its pass
    CRASH = "crash"  # an executor dies between two steps of its pass
    LOSE = "lose"  # an executor dies with a message that it has taken and not yet begun


class Move:
    """One thing that can happen where the control is what it is.

    `about` is the cue, the item, or the pass. `come` are items that are there because of it, whatever its work does.
    `control` is what is left when it has been made, with them; what its work sends is added to that. `first` is the
    message of the pass that it may leave under way, and `rest` the steps that this one still has to take.
    """

    __slots__ = ("about", "come", "control", "first", "kind", "place", "rest", "targets", "tree", "work")

    def __init__(
        self,
        kind: MoveKind,
        about: Cue | Item | Pass,
        work: Work,
        tree: Tree[Effect],
        control: Control,
        first: Letter | None,
        rest: tuple[Letter, ...],
        come: tuple[Item, ...],
    ) -> None:
        self.come = come
        self.place = 0  # among the moves of its control
        self.kind = kind
        self.about = about
        self.work = work
        self.tree = tree
        self.control = control
        self.first = first
        self.rest = rest
        self.targets: dict[int, str] = {}


class Effect:
    """What a piece of work did in the states that looked the same to it.

    `cells` are those that it used, `codes` what it wrote, `births` where it wrote the rows of new executions.
    `sends` stands for what it sent and what it goes on with.
    """

    __slots__ = ("births", "broken", "cells", "codes", "following", "sends", "sent", "unlocked")

    def __init__(self, did: Did, births: frozenset[int], sent: tuple[int, ...], sends: int) -> None:
        self.births = births
        self.codes = tuple(did.written.items())
        self.sent = sent
        self.following = did.following
        self.unlocked = did.unlocked
        self.sends = sends
        self.broken = did.broken
        self.cells = tuple({**did.read, **did.written})


class Way:
    """One way in which an item is delivered: which numbers go from the flight with it, and which come to it.

    `letter` is what it is to the executor. `taken` is the work of taking it with what that did, by whether it opens an
    instant and is alone.
    """

    __slots__ = ("come", "delivery", "gone", "item", "letter", "taken")

    def __init__(self, item: Item, delivery: Delivery, gone: tuple[int, ...], come: tuple[int, ...]) -> None:
        self.item = item
        self.delivery = delivery
        self.letter = Letter(delivery.message, delivery.t_us)
        self.gone = gone
        self.come = come
        self.taken: dict[tuple[bool, bool], tuple[Work, Tree[Effect]]] = {}
