"""A seeded search over the orders that the engine's own latencies leave open.

Which of two messages the engine handles first, and what comes between the transactions of one, no rule says. A
perturbation is one choice of all that: how much earlier or later each arrival, operation and end comes than is known,
what statements and messages take, where the engine's loops begin. `perturbed_outcome` is a function of scenario,
perturbation and seed, so whoever asks again gets the same answer.

The search climbs. It keeps the perturbation that agrees longest with the recording, and moves only what happens near
the moment where the two part; when that no longer helps, it begins anew from another perturbation of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from flowconc.kestra.comparison import LATE_US, Comparison, compare
from flowconc.kestra.crowds import Kinds, Range
from flowconc.kestra.facts import LOOP_US
from flowconc.kestra.outcome import Outcome
from flowconc.kestra.perturbation import Knob, Perturbation, What, perturbed
from flowconc.kestra.simulated import simulated_outcome
from flowconc.kestra.staging import Staged
from flowconc.scenario.model import Arrivals, AtTimes
from flowconc.simulation.simulate import simulate

PATIENCE: Final = 60
"""Perturbations tried around the best one without getting further, before the search begins anew."""

_NEAR_US: Final = (10_000, 30_000, 100_000, 300_000)
"""How far around the parting things are moved, and at most by how much."""

_MOST_MOVED: Final = 3
_SELDOM: Final = 6
"""Of so many moves one is of something without a time of its own, such as a latency."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How far a whole scenario is shaken when a climb begins: upper bounds, in microseconds."""

    sent_us: int = 0
    task_us: int = 0
    statement_us: int = 0
    message_us: int = 0
    phase_us: int = 0


SCALES: Final = (
    Scale(),
    Scale(statement_us=2_000),
    Scale(sent_us=5_000, task_us=10_000, statement_us=1_000, message_us=10_000),
    Scale(sent_us=20_000, task_us=50_000, statement_us=3_000, message_us=30_000),
    Scale(sent_us=50_000, task_us=100_000, statement_us=10_000, message_us=50_000, phase_us=200_000),
    Scale(sent_us=100_000, task_us=200_000, statement_us=20_000, message_us=100_000, phase_us=LOOP_US // 2),
)
"""The beginnings of climbs, one after the other: from what is known to far from it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: how many orders it tried, and how many different outcomes they had.

    `seed` is that of the order whose outcome is the wanted one, or None; `nearest` the comparison that agrees longest,
    and `perturbation` its order. `kinds` are the ranges within which the recording must lie where only crowds differ.
    """

    seed: int | None
    tried: int
    distinct: int
    nearest: Comparison
    perturbation: Perturbation
    kinds: tuple[Range, ...] = ()

    @property
    def agrees(self) -> bool:
        """Say whether an order comes to what was recorded: exactly, or in kind where only crowds differ."""
        return self.seed is not None or (bool(self.kinds) and all(each.holds for each in self.kinds))


def outcome_of(staged: Staged) -> Outcome:
    """Simulate a staged script as it is."""
    return simulated_outcome(simulate(staged.scenario), staged.labels, staged.shift_us)


def perturbed_outcome(staged: Staged, perturbation: Perturbation, seed: int) -> Outcome:
    """Simulate a staged script as a perturbation has it; the seed is that of the simulation's random streams."""
    moved = perturbed(staged, perturbation)
    return outcome_of(
        replace(moved, scenario=replace(moved.scenario, run=replace(moved.scenario.run, seed=seed)))
    )


def search(staged: Staged, recorded: Outcome, *, seeds: int) -> Found:
    """Look for the recorded outcome, with seeds from 1 to `seeds`, of which there is at least one."""
    climb = _Climb(_Knobs(staged))
    distinct: set[object] = set()
    kinds = Kinds(staged.crowds)
    for seed in range(1, seeds + 1):
        perturbation = climb.next(np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))))
        outcome = perturbed_outcome(staged, perturbation, seed)
        comparison = compare(recorded, outcome)
        distinct.add(fingerprint(outcome))
        kinds.add(outcome)
        climb.take(perturbation, comparison)
        if comparison.agrees:
            return Found(seed, seed, len(distinct), comparison, perturbation)
    nearest, perturbation = climb.nearest()
    ranges = kinds.ranges(recorded) if kinds.covers(nearest) else ()
    return Found(None, seeds, len(distinct), nearest, perturbation, ranges)


def fingerprint(outcome: Outcome) -> object:
    """Return what makes an outcome the same as another: states, order, and times as coarsely as they are compared."""
    return (
        tuple(sorted((run.name, tuple(state for state, _ in run.seen)) for run in outcome.runs.values())),
        tuple((name, t_us // LATE_US) for t_us, name in outcome.starts()),
        tuple(sorted((flow, found[-1][1]) for flow, found in outcome.counters.items())),
        outcome.refused,
    )


@dataclass(frozen=True, slots=True)
class _Best:
    """The best order of a climb so far."""

    perturbation: Perturbation
    comparison: Comparison

    @property
    def score(self) -> tuple[int, int]:
        """How long it agrees, and how little is different."""
        parts_us = self.comparison.parts_us
        return (2**62 if parts_us is None else parts_us, -len(self.comparison.differences))


class _Climb:
    """Where the search is."""

    def __init__(self, knobs: _Knobs) -> None:
        self._knobs = knobs
        self._begun = 0
        self._tried = 0
        self._best: _Best | None = None
        self._nearest: _Best | None = None

    def next(self, draws: np.random.Generator) -> Perturbation:
        """Return the perturbation to try next."""
        if self._best is None or self._tried >= PATIENCE:
            self._best = None
            scale = SCALES[self._begun % len(SCALES)]
            self._begun += 1
            self._tried = 0
            return self._knobs.of_the_whole(scale, draws)
        return self._knobs.near_parting(self._best, draws)

    def take(self, perturbation: Perturbation, comparison: Comparison) -> None:
        """Take what came of a perturbation."""
        new = _Best(perturbation, comparison)
        further = self._best is None or new.score > self._best.score
        self._tried = 0 if further else self._tried + 1
        if self._best is None or new.score >= self._best.score:
            self._best = new
        if self._nearest is None or new.score > self._nearest.score:
            self._nearest = new

    def nearest(self) -> tuple[Comparison, Perturbation]:
        """Return the comparison that agrees longest, of all climbs, and its perturbation."""
        assert self._nearest is not None
        return self._nearest.comparison, self._nearest.perturbation


# --- where to try next ----------------------------------------------------------------------------------------


class _Knobs:
    """All that can be moved in a staged script, and when it happened."""

    def __init__(self, staged: Staged) -> None:
        scenario = staged.scenario
        self.moments: dict[Knob, int] = {}
        """When a thing happened, by the recording, in microseconds."""
        self.throughout: list[Knob] = [
            (what, None) for what in (What.STATEMENT, What.TO_GATE, What.TO_WORKER, What.FROM_WORKER)
        ]
        """What has no time of its own."""
        for place, arrivals in enumerate(scenario.arrivals):
            self._add_arrival(place, arrivals, staged.shift_us)
        for place, action in enumerate(scenario.actions):
            self.moments[What.ACTION, place] = action.at_us - staged.shift_us
        self.throughout += [
            (What.TRIGGERS, flow) for flow, ids in staged.parts.triggers.items() if len(ids) > 1
        ]
        for flow, tasks in staged.parts.worked.items():
            for task in sorted(tasks):
                self.throughout.append((What.TASK, (flow, task)))
                for number, end_us in enumerate(staged.ends_us.get(flow, ())):
                    self.moments[What.LENGTH, (flow, task, number)] = end_us
        if any(step == "stopped" for (step, _), _ in scenario.platform.latency.ways):
            self.throughout.append((What.TO_KILLED, None))

    def _add_arrival(self, place: int, arrivals: Arrivals, shift_us: int) -> None:
        pattern = arrivals.pattern
        assert isinstance(pattern, AtTimes)
        self.moments[What.ARRIVAL, place] = pattern.times_us[0] - shift_us
        if arrivals.schedule_in_us is not None:
            self.moments[What.DUE, place] = pattern.times_us[0] + arrivals.schedule_in_us - shift_us

    def near(self, t_us: int, window_us: int) -> list[Knob]:
        """Return what happened near a moment."""
        return [knob for knob, at_us in self.moments.items() if abs(at_us - t_us) <= window_us]

    def of_the_whole(self, scale: Scale, draws: np.random.Generator) -> Perturbation:
        """Move everything a little, at most as far as the scale says."""
        bounds_us = {
            What.ARRIVAL: scale.sent_us,
            What.DUE: 3 * scale.sent_us,
            What.LENGTH: scale.task_us,
            What.ACTION: scale.sent_us,
            What.TASK: scale.task_us,
            What.TRIGGERS: 1,
        }
        up_to_us = {
            What.STATEMENT: scale.statement_us,
            What.TO_GATE: scale.message_us,
            What.TO_KILLED: scale.message_us,
            What.TO_WORKER: scale.message_us,
            What.FROM_WORKER: scale.message_us,
        }
        later_us: dict[Knob, int] = {(What.PHASE, None): _between(draws, -scale.phase_us, scale.phase_us)}
        for knob in (*self.moments, *self.throughout):
            bound_us = bounds_us.get(knob[0])
            if bound_us is None:
                later_us[knob] = _between(draws, 0, up_to_us[knob[0]])
            else:
                later_us[knob] = _between(draws, -bound_us, bound_us)
        return Perturbation({knob: by_us for knob, by_us in later_us.items() if by_us})

    def near_parting(self, best: _Best, draws: np.random.Generator) -> Perturbation:
        """Move one to three of the things near the moment where the best order parts from the recording."""
        parts_us = best.comparison.parts_us
        assert parts_us is not None
        window_us = _NEAR_US[_between(draws, 0, len(_NEAR_US) - 1)]
        near = self.near(parts_us, window_us)
        perturbation = best.perturbation
        for _ in range(_between(draws, 1, _MOST_MOVED)):
            knobs = self.throughout if not near or _between(draws, 1, _SELDOM) == 1 else near
            knob = knobs[_between(draws, 0, len(knobs) - 1)]
            perturbation = perturbation.moved(knob, _between(draws, -window_us, window_us))
        return perturbation


def _between(draws: np.random.Generator, low: int, high: int) -> int:
    return low if low == high else int(draws.integers(low, high + 1))
