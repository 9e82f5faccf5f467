"""Some orders of events, drawn at random: for scopes that are too large to go through all of them.

RANDOM draws each next move evenly among all that are possible.

PCT is probabilistic concurrency testing (S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte, "A Randomized
Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). Everybody who acts, each source, each execution
and the workers with its tasks, gets a priority at random, and whoever has the highest one moves, but at d - 1 points
drawn beforehand whoever would move falls below all others. A fault that shows when d moves come in a certain order is
then found by one schedule with a probability of at least 1 / (n k^(d-1)), n being how many act and k how many moves
they make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from flowconc.explore.exhaustive import Schedule, Stop
from flowconc.explore.flight import Job, number_of
from flowconc.explore.machine import Machine
from flowconc.explore.moves import Move, MoveKind

Actor = tuple[str, int]
"""Who acts: a source by its kind and place, an execution or the workers with its tasks by its number."""

_MOST_REMEMBERED = 100_000
"""Effects that a machine may remember before another one takes its place: some hundred megabytes."""

_CRASHES = frozenset({MoveKind.CRASH, MoveKind.LOSE})


@dataclass
class Sample:
    """What the schedules drawn have shown. `cut` counts those that were given up for their length.

    `found` has the first schedule that broke an invariant; `longest` is the length of the longest of all.
    """

    schedules: int = 0
    steps: int = 0
    longest: int = 0
    cut: int = 0
    found: dict[str, Schedule] = field(default_factory=dict)


class Draw(Protocol):
    """A way of drawing one schedule."""

    def next(self, moves: Sequence[Move]) -> Move:
        """Return the move to make among those that are possible."""


Draws = Callable[[Random, int], Draw]
"""Begins a schedule: with random numbers of its own, and the length of the longest schedule so far."""

Progress = Callable[[Sample], None]


def sample(
    make: Callable[[], Machine],
    draws: Draws,
    *,
    seed: int,
    schedules: int,
    most_steps: int,
    stop: Stop = lambda broken: False,
    progress: Progress = lambda sample: None,
) -> Sample:
    """Draw schedules, each from random numbers of its own, until there are enough or one says `stop`.

    A machine that remembers too much makes room for a new one.
    """
    result, machine = Sample(), make()
    for number in range(schedules):
        random = Random(f"{seed}/{number}")  # noqa: S311 - nothing secret
        over = _walk(machine, draws(random, result.longest), result, most_steps, stop)
        result.schedules += 1
        progress(result)
        if over:
            break
        if machine.remembered > _MOST_REMEMBERED:
            machine = make()
    return result


def _walk(machine: Machine, draw: Draw, result: Sample, most_steps: int, stop: Stop) -> bool:
    """Go through one schedule to its end. Return whether that is enough."""
    state, done = machine.start()
    schedule: list[Move] = []
    broken = [broken for did in done for broken in did.broken]
    over = _note(broken, machine, schedule, result, stop)
    while not over and (moves := machine.moves(state)):
        if len(schedule) == most_steps:
            result.cut += 1
            break
        move = draw.next(moves)
        padded = machine.padded(state)
        effect = machine.effect(move, padded)
        state = machine.successor(move, effect, padded)
        schedule.append(move)
        over = _note(effect.broken, machine, schedule, result, stop)
    else:
        if not over:
            over = _note(machine.stepping.end(state), machine, schedule, result, stop)
    result.steps += len(schedule)
    result.longest = max(result.longest, len(schedule))
    return over


def _note(
    broken: Iterable[str], machine: Machine, schedule: Sequence[Move], result: Sample, stop: Stop
) -> bool:
    """Keep the schedule that broke an invariant first. Return whether that is enough."""
    over = False
    for each in broken:
        if each not in result.found:
            result.found[each] = Schedule(machine, tuple(schedule))
            over |= stop(each)
    return over


class Evenly:
    """Draws each move evenly."""

    def __init__(self, random: Random, longest: int) -> None:
        self._random = random

    def next(self, moves: Sequence[Move]) -> Move:
        """Draw one of the moves."""
        return self._random.choice(moves)


class ByPriority:
    """Probabilistic concurrency testing: `changes` is d - 1, how often somebody falls behind all others.

    Where several moves are its actor's, one of them is drawn. Crashes fall at points drawn beforehand, too.
    """

    def __init__(self, random: Random, longest: int, *, changes: int, crashes: int) -> None:
        self._random = random
        length = max(longest, _SHORTEST)
        self._falls = sorted(random.sample(range(length), min(changes, length)))
        self._crashes = sorted(random.randrange(length) for _ in range(crashes))
        self._priorities: dict[Actor, float] = {}
        self._lowest = 0.0
        self._step = 0

    def next(self, moves: Sequence[Move]) -> Move:
        """Return a move of whoever has the highest priority."""
        self._step += 1
        deaths = [move for move in moves if move.kind in _CRASHES]
        if deaths and self._crashes and self._crashes[0] < self._step:
            self._crashes.pop(0)
            return self._random.choice(deaths)
        lives = [move for move in moves if move.kind not in _CRASHES]
        first = max(map(_actor_of, lives), key=self._priority)
        if self._falls and self._falls[0] < self._step:
            self._falls.pop(0)
            self._lowest -= 1.0
            self._priorities[first] = self._lowest
            first = max(map(_actor_of, lives), key=self._priority)
        return self._random.choice([move for move in lives if _actor_of(move) == first])

    def _priority(self, actor: Actor) -> float:
        priority = self._priorities.get(actor)
        if priority is None:
            priority = self._priorities[actor] = 1.0 + self._random.random()
        return priority


_SHORTEST = 16
"""Moves among which the points of change of the first schedule are drawn, as long as no length is known."""


def _actor_of(move: Move) -> Actor:
    if move.kind is MoveKind.CUE:
        kind, place, _ = move.about.id  # type: ignore[union-attr]
        return kind, place
    number = number_of(move.about)
    if number is None:
        return "others", 0
    return "task" if isinstance(move.about, Job) else "execution", number
