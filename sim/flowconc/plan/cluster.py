"""Runs on the workers of a Dask cluster. The same results as in this process, whoever is killed meanwhile.

Dask gives the work of a worker that dies to another one. What it does not do is said here in sentences: a scheduler that
is not there, no workers, workers that would compute something else. Needs the extra `cluster`.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flowconc.plan.evaluation import Evaluator, Values
from flowconc.plan.handing import LOOK_EVERY_S, hand_out, in_rounds
from flowconc.plan.jobs import PACKAGES, Farm, Job, WorkersFailed, check_versions, versions
from flowconc.scenario.problems import BadInput

if TYPE_CHECKING:
    from distributed import Client

EXTRA: Final = "pytest-flowconc[cluster]"

ANSWER_S: Final = 10.0
"""How long a scheduler may take to answer."""

_GRACE_S: Final = 1.0
"""How much later it is given up here, so that Dask gives it up first where it does."""

PATIENCE_S: Final = 60.0
"""How long to wait for workers while there are none: a cluster may be starting, or growing with its work."""

SAY_AFTER_S: Final = 2.0
"""How long to wait for them in silence."""

_LOGGERS: Final = ("distributed", "distributed.client", "distributed.gc", "tornado.application")
"""The loggers that Dask gives levels of their own, and a handler that writes to stderr."""

_HINT: Final = "is there enough memory on them? Their logs say more"

Answer = TypeVar("Answer")

Announce = Callable[[str], None]
"""Takes a sentence for people."""


class ClusterFailed(WorkersFailed):
    """A cluster cannot be used, or not any longer; the text says why."""


@contextmanager
def cluster(
    address: str, *, announce: Announce | None = None, patience_s: float = PATIENCE_S
) -> Iterator[Farm]:
    """Give the farm of the scheduler at `address`, such as tcp://localhost:8786; let go of it when it is left.

    `announce` is told when workers are waited for; without any for `patience_s` seconds it is given up. What Dask logs
    meanwhile is left out. Raises ClusterFailed, the farm also OtherVersions.
    """
    _check(address)
    with _quiet(), _connected(address) as client:
        yield DaskFarm(client, address, announce or _unsaid, patience_s)


def _check(address: str) -> None:
    """Make sure that an address can be one, and that Dask is installed. Raises ClusterFailed."""
    match = re.fullmatch(r"(?:tcp|tls)://(?:[\w.-]+|\[[0-9a-fA-F:.%\w]+\]):([0-9]{1,5})", address)
    if match is None or not 0 < int(match[1]) < 1 << 16:
        raise ClusterFailed(
            f"{address!r} is not the address of a scheduler, expected for instance tcp://localhost:8786"
        )
    if find_spec("distributed") is None:
        raise ClusterFailed(f"a cluster needs Dask's distributed: pip install '{EXTRA}'")


def _unsaid(sentence: str) -> None:
    """Say it to nobody."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to sentences what Dask would log to stderr, with tracebacks."""
    import distributed  # noqa: F401, PLC0415 - needs the extra; sets its loggers up when it is imported

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    from distributed import Client  # noqa: PLC0415 - needs the extra
    from distributed.versions import VersionMismatchWarning  # noqa: PLC0415 - likewise

    connect = partial(Client, address, timeout=ANSWER_S, set_as_default=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # the versions that matter are checked
            client = _in_time(connect)
    except OSError:
        raise ClusterFailed(f"{address}: no scheduler answered within {ANSWER_S:.0f} s") from None
    except (ImportError, TypeError, ValueError) as error:  # of versions, and of certificates
        raise ClusterFailed(f"{address}: cannot be connected to: {error}") from None
    try:
        yield client
    finally:
        with suppress(OSError):  # a scheduler that is gone does not say goodbye
            client.close(timeout=ANSWER_S)


def _in_time(ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns. Raises TimeoutError, which is an OSError, after ANSWER_S, and what `ask` raises.

    Dask would wait for ever for somebody who takes a connection and says nothing.
    """
    asked: Future[Answer] = Future()

    def answer() -> None:
        try:
            asked.set_result(ask())
        except BaseException as error:  # raised where the answer is waited for
            asked.set_exception(error)

    Thread(target=answer, daemon=True).start()
    return asked.result(ANSWER_S + _GRACE_S)


class DaskFarm:
    """The workers of a scheduler as a farm, while there is a connection.

    `announce` and `patience_s` are those of `cluster`.
    """

    def __init__(self, client: Client, address: str, announce: Announce, patience_s: float) -> None:
        self._client = client
        self._address = address
        self._announce = announce
        self._patience_s = patience_s
        self._threads: dict[str, int] = {}
        self._looked_s = float("-inf")
        self._seen_s = monotonic()
        self._announced = False

    def __call__(self, jobs: Sequence[Job], evaluate: Evaluator) -> Iterator[tuple[int, Values]]:
        """Yield the place of each job and its values, as they become known. Raises BadInput, WorkersFailed."""
        from distributed import KilledWorker  # noqa: PLC0415 - needs the extra

        self._seen_s = monotonic()
        one_round = partial(self._round, jobs, evaluate)
        yield from in_rounds(one_round, range(len(jobs)), KilledWorker, _HINT)

    def _round(
        self, jobs: Sequence[Job], evaluate: Evaluator, places: Sequence[int]
    ) -> Iterator[tuple[int, Values]]:
        from distributed import KilledWorker  # noqa: PLC0415 - needs the extra

        # Each submission is a task of its own: what Dask has forgotten is not to be found again under an old name.
        executor = self._client.get_executor(pure=False)
        try:
            yield from hand_out(executor, jobs, places, evaluate, self._hands)
        except CancelledError:  # this is how Dask says it
            raise self._lost() from None
        except (BadInput, KilledWorker, WorkersFailed):
            raise
        except Exception:
            self._check_all()  # a worker without flowconc, or with another one, may fail in any way
            raise

    def _hands(self) -> int:
        """Return how many jobs are done at a time. One where there is no worker: some clusters grow with their work."""
        if monotonic() - self._looked_s >= LOOK_EVERY_S:
            self._look()
        return max(1, sum(self._threads.values()))

    def _look(self) -> None:
        """Find out who works, and check those who are new. Raises ClusterFailed, OtherVersions."""
        try:
            threads: dict[str, int] = _in_time(self._client.nthreads)
        except OSError:
            raise self._lost() from None
        if threads.keys() - self._threads.keys():
            self._check_all()
        self._threads, self._looked_s = threads, monotonic()
        if threads:
            self._seen_s, self._announced = self._looked_s, False
        else:
            self._wait_on(self._looked_s - self._seen_s)

    def _wait_on(self, waited_s: float) -> None:
        """Say that workers are waited for, once. Raises ClusterFailed when it was long enough."""
        if waited_s >= self._patience_s:
            start = f"dask worker {self._address}"
            raise ClusterFailed(
                f"{self._address} had no worker for {self._patience_s:.0f} s, expected some: `{start}` starts one"
            )
        if waited_s >= SAY_AFTER_S and not self._announced:
            self._announce(f"{self._address} has no worker; waiting {self._patience_s:.0f} s for one")
            self._announced = True

    def _check_all(self) -> None:
        """Make sure that everybody computes with the versions of this process. Raises OtherVersions, ClusterFailed."""
        try:
            found: Any = _in_time(partial(self._client.get_versions, packages=list(PACKAGES)))
        except OSError:
            raise self._lost() from None
        expected = versions("distributed")
        for worker, has in sorted(found["workers"].items()):
            packages = has["packages"]
            python = ".".join(packages["python"].split(".")[:2])
            installed = ((name, packages[name]) for name in (*PACKAGES, "distributed"))
            check_versions((*installed, ("Python", python)), expected, worker)

    def _lost(self) -> ClusterFailed:
        return ClusterFailed(f"{self._address}: the scheduler does not answer any more")
