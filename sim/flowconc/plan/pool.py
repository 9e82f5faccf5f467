"""Runs on the processors of this machine. Results do not depend on how many there are, nor on their order.

The first seconds are spent in this process: most plans are done by then, and a new process takes a second to start.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from time import monotonic
from types import TracebackType
from typing import Final

from flowconc.plan.evaluation import Evaluator, Values
from flowconc.plan.handing import hand_out, in_rounds
from flowconc.plan.jobs import Job

ALONE_FOR_S: Final = 3.0
"""How long this process works alone."""

_HINT: Final = (
    "is there enough memory? One worker needs the least, "
    "and none other is needed by a script without `if __name__ == '__main__'`"
)


class Processes:
    """A farm of `workers` processes. They stay from one list of jobs to the next; a context manager that ends them.

    `alone_for_s` is how long this process works before it starts others; None is ALONE_FOR_S.
    """

    def __init__(self, workers: int, *, alone_for_s: float | None = None) -> None:
        self._workers = workers
        self._alone_for_s = ALONE_FOR_S if alone_for_s is None else alone_for_s
        self._alone_until_s: float | None = None
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def __call__(self, jobs: Sequence[Job], evaluate: Evaluator) -> Iterator[tuple[int, Values]]:
        """Yield the place of each job and its values, as they become known. Raises BadInput, WorkersFailed."""
        if self._alone_until_s is None:
            self._alone_until_s = monotonic() + self._alone_for_s
        for place, job in enumerate(jobs):
            if self._workers > 1 and len(jobs) - place > 1 and self._is_long(self._alone_until_s):
                one_round = partial(self._round, jobs, evaluate)
                yield from in_rounds(one_round, range(place, len(jobs)), BrokenProcessPool, _HINT)
                return
            yield place, evaluate(job.scenario, job.seed, job.replication, job.statistics)

    def _is_long(self, alone_until_s: float) -> bool:
        return self._pool is not None or monotonic() >= alone_until_s

    def _round(
        self, jobs: Sequence[Job], evaluate: Evaluator, places: Sequence[int]
    ) -> Iterator[tuple[int, Values]]:
        if self._pool is None:
            spawn = get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, mp_context=spawn, initializer=_leave_interrupts)
        try:
            yield from hand_out(self._pool, jobs, places, evaluate, lambda: self._workers)
        except BrokenProcessPool:
            self._end()
            raise

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _leave_interrupts() -> None:
    """Let the process that talks to the user answer Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
