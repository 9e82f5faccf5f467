"""Runs on the processors of this machine. Results do not depend on how many there are, nor on their order.

The first seconds are spent in this process: most plans are done by then, and a new process takes a second to start.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from time import monotonic
from typing import Final

from flowconc.plan.evaluation import Evaluator, Statistic, Values
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Problem

ALONE_FOR_S: Final = 3.0
"""How long this process works alone."""

MOST_RESTARTS: Final = 3
"""Times that workers may die before it is given up: the machine kills them, and will again."""

_IN_HAND: Final = 2
"""Jobs that each worker has at most: one that it does and one that waits for it."""


class WorkersDied(Exception):  # noqa: N818 - it says what happened
    """The worker processes were killed again and again."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run, and what is asked of it."""

    scenario: Scenario
    seed: int
    replication: int
    statistics: tuple[Statistic, ...]


def results(
    jobs: Sequence[Job], evaluate: Evaluator, *, workers: int, alone_for_s: float | None = None
) -> Iterator[tuple[int, Values]]:
    """Yield the place of each job and its values, as they become known. Raises BadInput, or WorkersDied.

    `alone_for_s` is how long this process works alone; None is ALONE_FOR_S.
    """
    alone_until_s = monotonic() + (ALONE_FOR_S if alone_for_s is None else alone_for_s)
    for index, job in enumerate(jobs):
        left = len(jobs) - index
        if workers > 1 and left > 1 and monotonic() >= alone_until_s:
            yield from _in_processes(jobs, range(index, len(jobs)), evaluate, min(workers, left))
            return
        yield index, evaluate(job.scenario, job.seed, job.replication, job.statistics)


def _in_processes(
    jobs: Sequence[Job], places: Sequence[int], evaluate: Evaluator, workers: int
) -> Iterator[tuple[int, Values]]:
    left = list(places)
    for _ in range(MOST_RESTARTS + 1):
        try:
            for place, values in _in_one_pool(jobs, left, evaluate, workers):
                left.remove(place)
                yield place, values
        except BrokenProcessPool:
            continue
        return
    raise WorkersDied(
        f"the worker processes died {MOST_RESTARTS + 1} times: is there enough memory? One worker needs the least, "
        "and none other is needed by a script without `if __name__ == '__main__'`"
    )


def _in_one_pool(
    jobs: Sequence[Job], places: Sequence[int], evaluate: Evaluator, workers: int
) -> Iterator[tuple[int, Values]]:
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_interrupts)
    waiting = iter(list(places))
    running: dict[Future[Values | tuple[Problem, ...]], int] = {}
    try:
        while True:
            for place in waiting:
                running[pool.submit(_evaluate, evaluate, jobs[place])] = place
                if len(running) >= _IN_HAND * workers:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), _answer(future)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts() -> None:
    """Let the process that talks to the user answer Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _evaluate(evaluate: Evaluator, job: Job) -> Values | tuple[Problem, ...]:
    """Do a job in a worker. What is wrong with the input goes back as data, since BadInput cannot be pickled."""
    try:
        return evaluate(job.scenario, job.seed, job.replication, job.statistics)
    except BadInput as bad:
        return bad.problems


def _answer(future: Future[Values | tuple[Problem, ...]]) -> Values:
    answer = future.result()
    problems = [each for each in answer if isinstance(each, Problem)]
    if problems:
        raise BadInput(problems)
    return tuple(each for each in answer if not isinstance(each, Problem))
