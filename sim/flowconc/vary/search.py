"""The search: variations are tried until one fails or enough have held; what fails is made small."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Final

from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample, Unsatisfiable

from flowconc.check.sometimes import Tally
from flowconc.scenario.model import Scenario
from flowconc.scenario.variation import Vary
from flowconc.vary.reduction import reduce, smallness
from flowconc.vary.strategy import variations
from flowconc.vary.trial import Run, Trial, try_variation
from flowconc.vary.variation import Variation

MOST_SHRINKS: Final = 1_000
"""Variations that are tried to make a failing one smaller."""

SPARE: Final = 3
"""Draws for each variation that is to be tried: some that are drawn have been tried before."""


@dataclass(frozen=True)
class Search:
    """What came of a search.

    `examples` variations were tried until one failed or the search was over, `shrinks` more to make that one smaller.
    `shown` is the smallest that fails, if `failed`; else the one with the most events. `in_time` is False when the
    deadline ended the search, `finished` when it, or a bound, ended the shrinking.
    """

    shown: Trial
    tally: Tally
    examples: int
    failed: bool
    check: str | None
    shrinks: int
    in_time: bool
    finished: bool


def search(scenario: Scenario, vary: Vary, run: Run, *, seed: int) -> Search:
    """Try variations of a scenario. `seed` is that of its runs: another one chooses other variations, too.

    The same scenario and seed give the same search. Raises BadInput when a variation makes no scenario.
    """
    searching = _Searching(scenario, vary, run)
    strategy = variations(vary)
    how = settings(
        max_examples=SPARE * vary.examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
    )
    random = Random(_seed(vary, seed))  # noqa: S311 - nothing is secret
    with suppress(NoSuchExample, Unsatisfiable, _Enough):
        find(strategy, searching.fails_or_ends, settings=how, random=random)
    return searching.result()


def _seed(vary: Vary, seed: int) -> int:
    """Return the seed of what is drawn: the scenario's text, and both seeds."""
    text = json.dumps([vary.data, vary.seed, seed], sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class _Enough(BaseException):
    """The search is at one of its bounds. No Exception: that would be a failure, for Hypothesis to shrink."""


class _Searching:
    """Tries variations, and remembers which have failed.

    What fails first decides: smaller variations have to fail the same check. So a limit that is exceeded does not
    shrink into an execution that is lost.
    """

    def __init__(self, scenario: Scenario, vary: Vary, run: Run) -> None:
        self._vary = vary
        self._run = run
        self._known: dict[Variation, bool] = {}
        self._tally = Tally(scenario.sometimes)
        self._examples = 0
        self._shrinks = 0
        self._check: str | None = None
        self._shown: Trial | None = None
        self._ends_s = time.monotonic() + vary.deadline_us / 1e6
        self._in_time = True
        self._finished = True

    def fails_or_ends(self, variation: Variation) -> bool:
        """Say whether a variation fails. Raises _Enough at a bound."""
        if variation not in self._known and not self._may_go_on():
            raise _Enough
        return self.fails(variation)

    def fails(self, variation: Variation) -> bool:
        """Say whether a variation fails; beyond the bounds of the search, only of those that were tried."""
        if variation not in self._known:
            if not self._may_go_on():
                return False
            self._known[variation] = self._try(variation)
        return self._known[variation]

    def result(self) -> Search:
        """Make what failed, if anything did, smaller still, and say what came of it all."""
        assert self._shown is not None  # the first example is always tried
        if self._check is not None:
            failed = [variation for variation, fails in self._known.items() if fails]
            starts = (min(failed, key=smallness), self._shown.variation)
            smallest = min((reduce(self._vary, each, self.fails) for each in starts), key=smallness)
            if smallest != self._shown.variation:
                self._shown = self._trial(smallest)
        return Search(
            shown=self._shown,
            tally=self._tally,
            examples=self._examples,
            failed=self._check is not None,
            check=self._check,
            shrinks=self._shrinks,
            in_time=self._in_time,
            finished=self._finished,
        )

    def _may_go_on(self) -> bool:
        late = self._examples > 0 and time.monotonic() > self._ends_s
        if self._check is None:
            self._in_time = self._in_time and not late
            return not late and self._examples < self._vary.examples
        may = not late and self._shrinks < MOST_SHRINKS
        self._finished = self._finished and may
        return may

    def _try(self, variation: Variation) -> bool:
        trial = self._trial(variation)
        if self._check is None:
            return self._take_example(trial)
        self._shrinks += 1
        return trial.fails(self._check)

    def _take_example(self, trial: Trial) -> bool:
        self._examples += 1
        self._tally.add(trial.traces)
        if trial.failure is not None:
            self._check, self._shown = trial.failure.check, trial
            return True
        if self._shown is None or _events(trial) > _events(self._shown):
            self._shown = trial
        return False

    def _trial(self, variation: Variation) -> Trial:
        return try_variation(self._vary, variation, self._run)


def _events(trial: Trial) -> int:
    return sum(len(trace) for trace in trial.traces)
