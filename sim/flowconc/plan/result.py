"""What a plan came to: what was measured of each option, what follows for the limit, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from flowconc.check.statistics import Interval, confidence_interval
from flowconc.check.verdict import Outcome
from flowconc.plan.deciding import Decision, together
from flowconc.plan.evaluation import DRAWN, Statistic, of_flow
from flowconc.plan.options import Case, Option
from flowconc.plan.profile import Window
from flowconc.plan.selection import Selection
from flowconc.plan.settling import Warmup
from flowconc.plan.theory.queue import Backlog, Prediction, Queue
from flowconc.scenario.flow import Behavior
from flowconc.scenario.model import Scenario
from flowconc.scenario.plan import Disturbance, Plan

SURE: Final = 0.999
"""Confidence with which it is said that a limit cannot keep up."""

FULL: Final = 0.97
"""Utilization from which on a queue that grows is one that cannot keep up, not one that happens to."""

Series = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An option, measured: of each statistic a value a replication, with what was decided on them.

    `theory` is the queue that the option is, or why it is none.
    """

    option: Option
    flow: str
    values: Mapping[Statistic, Series] = field(repr=False)
    goals: tuple[Decision, ...]
    protects: tuple[Decision, ...]
    theory: Queue | Backlog | str
    predictions: Mapping[tuple[str, str], Prediction] = field(repr=False)
    difference: Interval | None = None  # of the first goal's statistic, from the recommended option

    @property
    def replications(self) -> int:
        """How many runs are known of it."""
        return len(next(iter(self.values.values())))

    @property
    def runs(self) -> int:
        """How many runs were computed: one stands for all where nothing is left to chance."""
        return self.replications if any(self.values[DRAWN]) else 1

    @property
    def meets(self) -> Outcome:
        """Say whether the goals are met, all of them."""
        return together(self.goals)

    @property
    def spares(self) -> Outcome:
        """Say whether what must be spared is."""
        return together(self.protects)

    def estimate(self, statistic: Statistic, confidence: float) -> Interval | None:
        """Return the mean of a statistic over the runs with its interval; None where a run has no data."""
        known = [value for value in self.values[statistic] if value is not None]
        if len(known) < self.replications:
            return None
        return confidence_interval(known, confidence)

    def of_flow(self, metric: str, statistic: str, confidence: float) -> Interval | None:
        """Return `estimate` of a statistic of the planned flow."""
        return self.estimate(of_flow(metric, statistic, self.flow), confidence)

    def growth_per_s(self, confidence: float) -> Interval | None:
        """Return by how many executions a second the queue grows; None where the limit keeps up."""
        if self.option.case.behavior is not Behavior.QUEUE or self.option.limit is None:
            return None
        growth = self.of_flow("backlog", "growth", SURE)
        busy = self.of_flow("utilization", "mean", SURE)
        if growth is None or busy is None or growth.low <= 0 or busy.mean < FULL:
            return None
        return self.of_flow("backlog", "growth", confidence)

    @property
    def checkable(self) -> dict[Statistic, Prediction]:
        """Return the exact formulas of means and rates: percentiles of a short run are off, whatever is right."""
        named = (
            (of_flow(*key, self.flow), each)
            for key, each in self.predictions.items()
            if each.exact and key[1] in ("mean", "rate")
        )
        return {statistic: each for statistic, each in named if statistic in self.values}

    def disagreements(self, confidence: float) -> list[tuple[Statistic, Prediction, Interval]]:
        """Return where an exact formula lies outside of the interval around the simulated mean.

        What no run has seen is left out: zeros have an interval without width, and of something so rare it says nothing.
        """
        found = []
        for statistic, prediction in self.checkable.items():
            interval = self.estimate(statistic, confidence)
            if interval is None or not any(self.values[statistic]):
                continue
            if not interval.low <= prediction.value <= interval.high:
                found.append((statistic, prediction, interval))
        return found


class Status(Enum):
    """What there is to recommend."""

    FOUND = "found"
    NONE = "none"  # no limit meets the goals
    CONFLICT = "conflict"  # those that do are not allowed
    UNDECIDED = "undecided"  # more replications would tell


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What follows for one case. `limit` is the smallest that meets the goals and spares what must be spared.

    `smallest` is the smallest that meets the goals; `below` the one under it, and what was found of that. `largest` is
    the largest that spares what must be spared, None where nothing has to be, or none does; `above` likewise.
    `monotone` is False where a larger limit does not meet the goals.
    """

    case: Case
    status: Status
    limit: int | None
    smallest: int | None
    below: tuple[int, Outcome] | None
    largest: int | None
    above: tuple[int, Outcome] | None
    monotone: bool = True

    @property
    def reference(self) -> int | None:
        """The limit that the others of its case are compared with: the recommended one, or else the smallest."""
        return self.smallest if self.limit is None else self.limit


@dataclass(frozen=True, slots=True)
class Recovery:
    """How long an option takes to recover from a disturbance: seconds, a value a replication.

    None: not within the run. `fluid_s` is what the fluid limit says, where it applies.
    """

    option: Option
    disturbance: Disturbance
    values: Series
    fluid_s: float | None = None


@dataclass(frozen=True, slots=True)
class Best:
    """The selection among the recommended options of several cases, by the first goal's statistic."""

    options: tuple[Option, ...]
    selection: Selection
    indifference: float


@dataclass(frozen=True, slots=True)
class Envelope:
    """How deep the queue of an option is over the window: in each part the median and the 95th percentile.

    Both are over `observations` means of that part, one of each run and each day. Shape (PARTS,) each.
    """

    window: Window
    observations: int
    median: tuple[float, ...]
    p95: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cliff:
    """The load, as a factor, from which on a limit cannot keep up; `exact` where queueing theory says so."""

    load: float
    exact: bool


@dataclass(frozen=True, slots=True, repr=False)
class Outlook:
    """What a report draws beside a plan, of the cases that are not about load or durations.

    `loads` has each limit under other loads, `turned_away` what each limit would turn away with CANCEL.
    """

    cases: tuple[Case, ...]
    loads: Mapping[Option, Row]
    turned_away: Mapping[Option, Row]
    cliffs: Mapping[Option, Cliff]
    envelopes: Mapping[Option, Envelope]


@dataclass(frozen=True, slots=True, repr=False)
class PlanResult:
    """A whole plan. `rows` has every option by case and limit; `now` is the scenario as it is."""

    scenario: Scenario
    plan: Plan
    seed: int
    warmup: Warmup
    cases: tuple[Case, ...]
    rows: Mapping[Option, Row]
    recommendations: tuple[Recommendation, ...]
    now: Row
    best: Best | None = None
    sensitivity: tuple[Row, ...] = ()
    recovery: tuple[Recovery, ...] = ()
    outlook: Outlook | None = None

    @property
    def base(self) -> Recommendation:
        """Return the recommendation for the scenario as it is; of the first case, if the plan does not try that."""
        case = self.now.option.case
        return next((each for each in self.recommendations if each.case == case), self.recommendations[0])

    def of_case(self, case: Case) -> Recommendation:
        """Return what is recommended in a case."""
        return next(each for each in self.recommendations if each.case == case)

    def row(self, case: Case, limit: int) -> Row:
        """Return what was measured of a limit in a case."""
        return self.rows[Option(limit, case)]

    def case_rows(self, case: Case) -> list[Row]:
        """Return the rows of a case, by limit."""
        return [self.row(case, limit) for limit in self.plan.limits]
