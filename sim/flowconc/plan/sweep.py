"""A plan, carried out: measure every option, add replications where the answer depends on it, recommend.

What is computed depends on the scenario, its plan and the seed alone; how many processes compute it, and what a store
knew before, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from flowconc.check.statistics import Interval
from flowconc.check.verdict import Outcome
from flowconc.plan.deciding import decide_all, looks, together
from flowconc.plan.evaluation import DRAWN, Values, recovery_of
from flowconc.plan.options import Case, Option, applied, cases, now
from flowconc.plan.panel import asked, statistic_of
from flowconc.plan.recommending import borders, recommend
from flowconc.plan.result import Best, PlanResult, Recommendation, Recovery, Row, Series, Status
from flowconc.plan.runs import Prepared, Runs, Wanted
from flowconc.plan.selection import paired_difference, select
from flowconc.plan.settling import find_warmup, with_warmup
from flowconc.plan.theory.fluid import drain_s, recovery_s
from flowconc.plan.theory.queue import Queue, predictions, queue_of
from flowconc.scenario.conditions import Threshold
from flowconc.scenario.model import Scenario
from flowconc.scenario.plan import Disturbance, Plan

FACTORS: Final = (0.75, 0.9, 1.1, 1.25)
"""By which load and durations are changed to see how much the answer depends on them."""

INDIFFERENCE: Final = 0.05
"""Share of the first goal's bound below which a difference between two options does not matter."""

US_PER_S: Final = 1e6


def carry_out(scenario: Scenario, plan: Plan, runs: Runs, *, seed: int) -> PlanResult:
    """Carry out the plan of a scenario. `seed` is that of `runs`. Raises what `Runs.fetch` raises."""
    every = tuple(cases(scenario, plan))
    warmup = find_warmup(scenario, plan, every, runs)
    scenario, plan = with_warmup(scenario, plan, warmup)
    sweep = Sweep(scenario, plan, every, runs)
    sweep.measure_all()
    sweep.settle_borders()
    recommendations = tuple(map(sweep.recommendation, every))
    result = PlanResult(
        scenario,
        plan,
        seed,
        warmup,
        every,
        sweep.rows(recommendations),
        recommendations,
        sweep.row(now(scenario, plan)),
    )
    base = result.base
    option = None if base.limit is None else Option(base.limit, base.case)
    return replace(
        result,
        best=sweep.best([each for each in recommendations if _is_alike(each, base)]),
        sensitivity=() if option is None or not plan.sensitivity else tuple(sweep.sensitivity(option)),
        recovery=tuple(sweep.recovery([*([] if option is None else [option]), result.now.option])),
    )


def _is_alike(each: Recommendation, base: Recommendation) -> bool:
    """Say whether a recommendation can be ranked beside the base's.

    More load is not worse by choice, and who is turned away waits for nobody: neither would be a fair comparison.
    """
    case, other = each.case, base.case
    return each.status is Status.FOUND and (case.behavior, case.load, case.duration) == (
        other.behavior,
        other.load,
        other.duration,
    )


def first_runs(scenario: Scenario, plan: Plan, runs: Runs) -> list[Wanted]:
    """Return the runs that every option of a plan is measured with at first: what shards divide among them."""
    every = tuple(cases(scenario, plan))
    scenario, plan = with_warmup(scenario, plan, find_warmup(scenario, plan, every, runs))
    return Sweep(scenario, plan, every, runs).first_wanted()


def measure_now(scenario: Scenario, plan: Plan, runs: Runs) -> Row:
    """Measure the scenario as it is, with replications added until its goals are decided or the cap is hit."""
    every = tuple(cases(scenario, plan))
    scenario, plan = with_warmup(scenario, plan, find_warmup(scenario, plan, every, runs))
    sweep = Sweep(scenario, plan, every, runs)
    option = now(scenario, plan)
    sweep.measure([option], plan.replications)
    while _is_open(sweep.row(option)) and sweep.more([option]):
        pass
    return sweep.row(option)


def _is_open(row: Row) -> bool:
    return Outcome.INCONCLUSIVE in (row.meets, row.spares)


class Sweep:
    """The options of a plan, and what is known of them so far. `every` are its cases; the warm-up has been found."""

    def __init__(self, scenario: Scenario, plan: Plan, every: Sequence[Case], runs: Runs) -> None:
        self._scenario = scenario
        self._plan = plan
        self._cases = every
        self._runs = runs
        self._asked = asked(plan)
        self._looks = looks(plan.replications, plan.max_replications)
        self._prepared: dict[Option, Prepared] = {}
        self._values: dict[Option, list[Values]] = {}
        self._rows: dict[tuple[Option, int, int], Row] = {}

    # --- measuring

    def options(self) -> list[Option]:
        """Return every option of the plan, and the scenario as it is, each once."""
        swept = (Option(limit, case) for case in self._cases for limit in self._plan.limits)
        return list(dict.fromkeys((*swept, now(self._scenario, self._plan))))

    def first_wanted(self) -> list[Wanted]:
        """Return the runs that every option is measured with at first."""
        return [self._wanted(option, self._plan.replications) for option in self.options()]

    def measure_all(self) -> None:
        """Measure every option with its first runs."""
        self.measure(self.options(), self._plan.replications)

    def measure(self, options: Sequence[Option], replications: int, what: str = "runs") -> None:
        """Measure options with so many replications; with one where nothing is left to chance."""
        firsts = self._runs.fetch(what, [self._wanted(option, 1) for option in options])
        certain = {
            option: values * replications
            for option, values in zip(options, firsts, strict=True)
            if values[0][self._asked.index(DRAWN)] == 0
        }
        others = [option for option in options if option not in certain]
        wanted = [self._wanted(option, replications) for option in others]
        self._values |= certain
        self._values |= zip(others, self._runs.fetch(what, wanted), strict=True)

    def more(self, options: Iterable[Option]) -> bool:
        """Add replications up to the next look. Return whether there was one for any of them."""
        ahead: dict[int, list[Option]] = {}
        for option in options:
            following = [count for count in self._looks if count > len(self._values[option])]
            if following:
                ahead.setdefault(following[0], []).append(option)
        for count, chosen in sorted(ahead.items()):
            self.measure(chosen, count, "more runs")
        return bool(ahead)

    def settle_borders(self) -> None:
        """Add replications where the recommendations depend on it, until all is decided or the cap is hit."""
        while self.more(option for case in self._cases for option in self._open(case)):
            pass

    def _open(self, case: Case) -> Iterator[Option]:
        meets, spares = self._outcomes(case)
        for limit in borders(self._plan.limits, meets, spares):
            yield Option(limit, case)

    def _wanted(self, option: Option, replications: int) -> Wanted:
        return Wanted(self._scenario_of(option), self._asked, replications)

    def _scenario_of(self, option: Option) -> Prepared:
        if option not in self._prepared:
            self._prepared[option] = Prepared(applied(self._scenario, self._plan, option))
        return self._prepared[option]

    # --- deciding

    def row(self, option: Option, *, claims: int | None = None) -> Row:
        """Return what is known of an option, decided with the confidence of so many claims: default its looks."""
        claims = claims or len(self._looks)
        runs = self._values[option]
        key = (option, claims, len(runs))
        if key not in self._rows:
            self._rows[key] = self._decided(option, runs, 1 - (1 - self._plan.confidence) / claims)
        return self._rows[key]

    def _decided(self, option: Option, runs: Sequence[Values], confidence: float) -> Row:
        values: dict[object, Series] = {
            statistic: tuple(run[place] for run in runs) for place, statistic in enumerate(self._asked)
        }

        def values_of(condition: Threshold) -> Series:
            return values[statistic_of(condition)]

        queue = queue_of(self._scenario_of(option).scenario, self._plan.flow)
        return Row(
            option,
            self._plan.flow,
            {statistic: values[statistic] for statistic in self._asked},
            decide_all(self._plan.goals, values_of, confidence),
            decide_all(self._plan.protects, values_of, confidence, strict=True),
            queue,
            {} if isinstance(queue, str) else predictions(queue),
        )

    def _outcomes(
        self, case: Case, *, claims: int | None = None
    ) -> tuple[Callable[[int], Outcome], Callable[[int], Outcome] | None]:
        def meets(limit: int) -> Outcome:
            return together(self.row(Option(limit, case), claims=claims).goals)

        def spares(limit: int) -> Outcome:
            return together(self.row(Option(limit, case), claims=claims).protects)

        return meets, spares if self._plan.protects else None

    def recommendation(self, case: Case) -> Recommendation:
        """Return what follows for a case from what is known by now."""
        meets, spares = self._outcomes(case)
        surely, _ = self._outcomes(case, claims=len(self._looks) * len(self._plan.limits))
        return recommend(case, self._plan.limits, meets, spares, surely)

    def rows(self, recommendations: Iterable[Recommendation]) -> dict[Option, Row]:
        """Return all rows, with their differences from what is recommended in their case."""
        found: dict[Option, Row] = {}
        for each in recommendations:
            reference = each.reference
            for limit in self._plan.limits:
                option = Option(limit, each.case)
                difference = (
                    None
                    if reference in (None, limit)
                    else self._difference(option, Option(reference, each.case))
                )
                found[option] = replace(self.row(option), difference=difference)
        return found

    def _difference(self, option: Option, reference: Option) -> Interval | None:
        statistic = statistic_of(self._plan.goals[0])
        values, others = (self.row(each).values[statistic] for each in (option, reference))
        pairs = max(1, len(self._plan.limits) - 1)
        return paired_difference(values, others, self._plan.confidence, pairs=pairs)

    # --- beyond the limit

    def best(self, found: Sequence[Recommendation]) -> Best | None:
        """Select among the recommended options of several cases the one that is best in the first goal."""
        goal = self._plan.goals[0]
        indifference = INDIFFERENCE * goal.must_be.value
        if len(found) < 2 or goal.must_be.operator == "==" or not indifference:
            return None
        options = tuple(Option(each.limit, each.case) for each in found)
        place = self._asked.index(statistic_of(goal))
        sign = -1.0 if goal.must_be.operator.startswith(">") else 1.0

        def sample(systems: Sequence[int], first: int, last: int) -> list[list[float]]:
            wanted = [replace(self._wanted(options[system], last), first=first) for system in systems]
            fetched = self._runs.fetch("selection", wanted)
            # a run without data counts as one that just misses the goal
            values = [[run[place] for run in runs] for runs in fetched]
            return [[sign * (goal.must_be.value if each is None else each) for each in row] for row in values]

        selection = select(
            sample,
            len(options),
            first=self._plan.replications,
            most=self._plan.max_replications,
            confidence=self._plan.confidence,
            indifference=indifference,
        )
        return Best(options, selection, indifference)

    def sensitivity(self, option: Option) -> Iterator[Row]:
        """Measure the option with more and less load, then with longer and shorter durations."""
        case = option.case
        others = [
            *(replace(option, case=replace(case, load=case.load * factor)) for factor in FACTORS),
            *(replace(option, case=replace(case, duration=case.duration * factor)) for factor in FACTORS),
        ]
        self.measure(
            [each for each in others if each not in self._values], self._plan.replications, "sensitivity"
        )
        while self.more(each for each in others if _is_open(self.row(each))):
            pass
        for each in others:
            yield self.row(each)

    def recovery(self, options: Iterable[Option]) -> Iterator[Recovery]:
        """Measure how long options take to recover from each disturbance of the plan."""
        chosen = list(dict.fromkeys(options)) if self._plan.recovery else []
        for disturbance in self._plan.recovery:
            statistic = recovery_of(self._plan.flow, disturbance)
            wanted = [
                Wanted(self._scenario_of(option), (statistic,), self._plan.replications) for option in chosen
            ]
            for option, runs in zip(chosen, self._runs.fetch("recovery", wanted), strict=True):
                values = tuple(value for (value,) in runs)
                yield Recovery(option, disturbance, values, self._fluid_s(option, disturbance))

    def _fluid_s(self, option: Option, disturbance: Disturbance) -> float | None:
        queue = queue_of(self._scenario_of(option).scenario, self._plan.flow)
        if not isinstance(queue, Queue) or not queue.waits:
            return None
        rates = (queue.servers, queue.arrivals_per_s, queue.service_s)
        if disturbance.burst is not None:
            return drain_s(disturbance.burst, *rates)
        return recovery_s((disturbance.outage_us or 0) / US_PER_S, *rates)
