"""Jobs handed out to workers that somebody else runs: any executor of `concurrent.futures`.

A worker is given several jobs at once, since a compiled run may take no longer than the way there and back. It gives
back what it did not come to, so that at the end nobody waits for one who has all that is left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import partial
from typing import Final

from flowconc.plan.evaluation import Evaluator, Values
from flowconc.plan.jobs import Job, Turn, WorkersFailed, check_versions, take_turn, values_of, versions

MOST_RESTARTS: Final = 3
"""Times that workers may die before it is given up: the machine kills them, and will again."""

_IN_HAND: Final = 2
"""Turns that each worker has at most: one that it takes and one that waits for it."""

_AT_ONCE: Final = 32
"""The most jobs of a turn: with the shortest runs, the way there and back is then a few percent."""

LOOK_EVERY_S: Final = 1.0
"""How often to look after the workers where none of them says anything."""

Hands = Callable[[], int]
"""Says how many workers there are, one at least; asked again and again. Raises WorkersFailed where it is hopeless."""

Round = Callable[[Sequence[int]], Iterator[tuple[int, Values]]]
"""Does the jobs at these places, until its workers die."""


class WorkersDied(WorkersFailed):
    """The worker processes were killed again and again."""


def hand_out(
    executor: Executor, jobs: Sequence[Job], places: Sequence[int], evaluate: Evaluator, hands: Hands
) -> Iterator[tuple[int, Values]]:
    """Yield places and the values of the jobs there. Raises BadInput, WorkersFailed, and what the executor raises."""
    waiting = deque(places)
    running: dict[Future[Turn], list[int]] = {}
    try:
        while waiting or running:
            most = _IN_HAND * hands()
            while waiting and len(running) < most:
                given = [waiting.popleft() for _ in range(_share(len(waiting), most))]
                turn = partial(take_turn, evaluate, [jobs[place] for place in given])
                running[executor.submit(turn)] = given
            done, _ = wait(running, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED)
            for future in done:
                given = running.pop(future)
                taken = future.result()
                check_versions(taken.versions, versions())
                waiting.extendleft(reversed(given[len(taken.answers) :]))
                for place, answer in zip(given, taken.answers, strict=False):
                    yield place, values_of(answer)
    finally:
        for future in running:
            future.cancel()


def _share(waiting: int, most: int) -> int:
    """Return how many jobs to give at once: fewer when few are left."""
    return max(1, min(_AT_ONCE, waiting // most))


def in_rounds(
    one_round: Round, places: Sequence[int], died: type[Exception], hint: str
) -> Iterator[tuple[int, Values]]:
    """Begin a new round with what is left whenever one ends in `died`. Raises WorkersDied, with the hint, at last."""
    left = dict.fromkeys(places)
    for _ in range(MOST_RESTARTS + 1):
        try:
            for place, values in one_round(list(left)):
                del left[place]
                yield place, values
        except died:
            continue
        return
    raise WorkersDied(f"the worker processes died again and again: {hint}")
