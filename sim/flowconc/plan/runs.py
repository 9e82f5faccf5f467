"""The runs of a plan: looked up where they are known, computed where they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Final

from flowconc.plan.evaluation import Evaluator, Statistic, Values, simulated
from flowconc.plan.fingerprint import fingerprint
from flowconc.plan.jobs import Farm, Job, alone
from flowconc.plan.store import Store
from flowconc.scenario.model import Scenario

_COMMIT_EVERY_S: Final = 1.0

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many runs of it are done, and how many there are."""


def untold(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Prepared:
    """A scenario of which runs are wanted."""

    scenario: Scenario

    @cached_property
    def fingerprint(self) -> str:
        """What its runs depend on."""
        return fingerprint(self.scenario)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Replications `first` to `last - 1` of a scenario, and what is asked of each."""

    prepared: Prepared
    statistics: tuple[Statistic, ...]
    last: int
    first: int = 0


class Runs:
    """Runs with one seed. A farm computes what is not in the store; without one, this process does."""

    def __init__(
        self,
        store: Store,
        seed: int,
        *,
        farm: Farm = alone,
        evaluate: Evaluator = simulated,
        progress: Progress = untold,
    ) -> None:
        self._store = store
        self._seed = seed
        self._farm = farm
        self._evaluate = evaluate
        self._progress = progress
        self.computed = 0

    def fetch(self, what: str, wanted: Sequence[Wanted]) -> list[list[Values]]:
        """Return for each entry the values of its replications, in order: one tuple a replication.

        `what` is told to whoever follows the progress. Raises BadInput, WorkersFailed, BadStore.
        """
        self._compute(what, self._missing(wanted))
        return [
            [self._known(each, replication) for replication in range(each.first, each.last)]
            for each in wanted
        ]

    def compute(self, what: str, wanted: Sequence[Wanted], *, shard: int, shards: int) -> None:
        """Compute every `shards`-th run of those wanted, beginning with number `shard` (from 0), for the store."""
        every = [(each, replication) for each in wanted for replication in range(each.first, each.last)]
        self._compute(what, [pair for pair in every[shard::shards] if self._get(*pair) is None])

    def _missing(self, wanted: Iterable[Wanted]) -> list[tuple[Wanted, int]]:
        """Return the runs that are not known, each once."""
        missing: dict[tuple[str, int, tuple[Statistic, ...]], tuple[Wanted, int]] = {}
        for each in wanted:
            for replication in range(each.first, each.last):
                if self._get(each, replication) is None:
                    key = (each.prepared.fingerprint, replication, each.statistics)
                    missing.setdefault(key, (each, replication))
        return list(missing.values())

    def _compute(self, what: str, missing: Sequence[tuple[Wanted, int]]) -> None:
        jobs = [
            Job(each.prepared.scenario, self._seed, replication, each.statistics)
            for each, replication in missing
        ]
        if not jobs:
            return
        self._progress(what, 0, len(jobs))
        committed_s = monotonic()
        try:
            for done, (place, values) in enumerate(self._farm(jobs, self._evaluate), start=1):
                each, replication = missing[place]
                self._store.put(each.prepared.fingerprint, self._seed, replication, each.statistics, values)
                self.computed += 1
                self._progress(what, done, len(jobs))
                if monotonic() - committed_s >= _COMMIT_EVERY_S:
                    self._store.commit()
                    committed_s = monotonic()
        finally:
            self._store.commit()

    def _get(self, each: Wanted, replication: int) -> Values | None:
        return self._store.get(each.prepared.fingerprint, self._seed, replication, each.statistics)

    def _known(self, each: Wanted, replication: int) -> Values:
        values = self._get(each, replication)
        assert values is not None, "it was computed just now"
        return values
