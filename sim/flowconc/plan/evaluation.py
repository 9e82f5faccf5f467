"""One run, and the statistics that are asked of it: the one place where a plan meets a backend.

An evaluator is a function of a scenario, a seed, a replication and what is asked; it gives the values in the order
asked, None for what there is no data for. `simulated` takes the simulation, `compiled` the compiled backend, `quickest`
whichever is quicker and takes the scenario. Their values are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final, Protocol

import numpy as np

from flowconc.check.compiled_metrics import CompiledMeasures
from flowconc.check.metrics import Level, Measures, Selectors
from flowconc.check.wording import counted
from flowconc.compiled import Reason, TooLong, refusal, supports
from flowconc.compiled import run as run_compiled
from flowconc.plan.profile import Floats, depths
from flowconc.plan.recovery import begins_us, disturbed, recovery_s
from flowconc.plan.warmup import settled_us
from flowconc.protocol.events import Kind
from flowconc.scenario.model import Backend, Scenario
from flowconc.scenario.plan import Disturbance, Plan
from flowconc.scenario.problems import BadInput, Problem
from flowconc.scenario.vocabulary import METRICS
from flowconc.simulation.simulate import simulate
from flowconc.simulation.streams import Streams

US_PER_S: Final = 1e6

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, order=True)
class Statistic:
    """What is asked of a run: a statistic of a metric, as thresholds have them, or one that only plans know.

    backlog growth: by how many executions a second the queue of `flow` grows, from the warm-up to the horizon;
    warmup mser5: the seconds after which `flow` has settled (`plan.warmup`);
    queue_wait unfinished: how many executions still wait at the end;
    recovery time: the seconds that `flow` takes to recover from the disturbance that the selectors describe;
    queue_depth part: the mean depth of the queue of `flow` in a part of a span of time (`plan.profile`);
    chance drawn: 1 if any random number was drawn; if none was, every replication is the same run.
    """

    metric: str
    statistic: str
    selectors: Selectors = ()

    def __str__(self) -> str:
        inside = ",".join(f"{name}={value}" for name, value in self.selectors)
        return f"{self.metric}{{{inside}}} {self.statistic}" if inside else f"{self.metric} {self.statistic}"


DRAWN: Final = Statistic("chance", "drawn")


def of_flow(metric: str, statistic: str, flow: str) -> Statistic:
    """Return a statistic of one flow (its key)."""
    return Statistic(metric, statistic, (("flow", flow),))


def recovery_of(flow: str, disturbance: Disturbance) -> Statistic:
    """Return the statistic that says how long a flow takes to recover from a disturbance."""
    given = {"outage_us": disturbance.outage_us, "burst": disturbance.burst, "at_us": disturbance.at_us}
    said = tuple((name, str(value)) for name, value in given.items() if value is not None)
    return Statistic("recovery", "time", (("flow", flow), *said))


def part_of(flow: str, part: int, parts: int, begin_us: int, end_us: int) -> Statistic:
    """Return the mean depth of a flow's queue in one of so many equal parts (from 0) of a span of time."""
    span = (("part", f"{part}/{parts}"), ("begin_us", str(begin_us)), ("end_us", str(end_us)))
    return Statistic("queue_depth", "part", (("flow", flow), *span))


class Evaluator(Protocol):
    """What computes runs. It has to be importable by name, for other processes."""

    def __call__(
        self, scenario: Scenario, seed: int, replication: int, statistics: Sequence[Statistic]
    ) -> Values:
        """Return the values of the statistics. Raises BadInput for what only running can find."""
        ...


def simulated(scenario: Scenario, seed: int, replication: int, statistics: Sequence[Statistic]) -> Values:
    """Simulate one replication. Raises BadInput where it hits `run.max_events`."""
    return _values(_by_simulation, scenario, seed, replication, statistics)


def compiled(scenario: Scenario, seed: int, replication: int, statistics: Sequence[Statistic]) -> Values:
    """Compute one replication by the compiled backend. Raises Unsupported, or BadInput for a run that is too long."""
    return _values(_by_kernel, scenario, seed, replication, statistics)


def quickest(scenario: Scenario, seed: int, replication: int, statistics: Sequence[Statistic]) -> Values:
    """Compute by the compiled backend what it takes, and simulate the rest."""
    return _values(_by_either, scenario, seed, replication, statistics)


Run = Callable[[Scenario, Streams], Measures]


def not_compiled(scenario: Scenario, plan: Plan) -> tuple[Reason, ...]:
    """Say which parts of a plan the compiled backend does not take; nothing where it takes everything."""
    every = (scenario, *(variant.scenario for variant in plan.variants))
    reasons = dict.fromkeys(reason for each in every for reason in supports(each))
    if not reasons and any(each.outage_us is not None for each in plan.recovery):
        return (Reason(plan.position, "an outage is only simulated"),)
    return tuple(reasons)


def evaluator_of(backend: Backend) -> Evaluator:
    """Return what computes runs by a backend."""
    return {Backend.SIMULATION: simulated, Backend.COMPILED: compiled, Backend.AUTO: quickest}[backend]


def own_evaluator(scenario: Scenario, plan: Plan) -> Evaluator:
    """Return what computes a plan's runs where only the scenario says it: the simulation if it says nothing.

    Raises BadInput where they are to be compiled and cannot be.
    """
    if scenario.backend is Backend.COMPILED and (reasons := not_compiled(scenario, plan)):
        raise refusal(reasons)
    return evaluator_of(scenario.backend or Backend.SIMULATION)


def _by_simulation(scenario: Scenario, streams: Streams) -> Measures:
    trace = simulate(scenario, seed=streams.seed, replication=streams.replication, streams=streams)
    last = trace.event(len(trace) - 1)
    if last.kind is Kind.RUN_ENDED and last.detail == "max_events":
        raise _too_long(scenario, counted(scenario.run.max_events, "event"))
    return Measures(trace)


def _by_kernel(scenario: Scenario, streams: Streams) -> Measures:
    most = scenario.run.max_events
    try:
        executions = run_compiled(
            scenario,
            seed=streams.seed,
            replication=streams.replication,
            streams=streams,
            max_executions=most,
        )
    except TooLong:
        raise _too_long(scenario, counted(most, "execution")) from None
    return CompiledMeasures(executions)


def _by_either(scenario: Scenario, streams: Streams) -> Measures:
    return (_by_simulation if supports(scenario) else _by_kernel)(scenario, streams)


def _too_long(scenario: Scenario, after: str) -> BadInput:
    what = f"a run of the plan was stopped after {after}"
    return BadInput([Problem(scenario.position, what, "a larger `run.max_events`, or a shorter run")])


def _values(
    run: Run, scenario: Scenario, seed: int, replication: int, statistics: Sequence[Statistic]
) -> Values:
    streams = Streams(seed, replication)
    measures = run(scenario, streams)
    drawn = float(streams.drawn)
    profile_of = cache(partial(_profile, measures))

    def value(each: Statistic) -> float | None:
        if each == DRAWN:
            return drawn
        if each.metric == "recovery":
            return _recovery(each, measures, run, scenario, Streams(seed, replication))
        if each.statistic == "part":
            selected = dict(each.selectors)
            part, parts = map(int, selected["part"].split("/"))
            span_us = (int(selected["begin_us"]), int(selected["end_us"]))
            return float(profile_of(selected["flow"], parts, *span_us)[part])
        return _value(each, measures)

    return tuple(map(value, statistics))


def _profile(measures: Measures, flow: str, parts: int, begin_us: int, end_us: int) -> Floats:
    return depths(measures.slots(flow), begin_us, end_us, parts)


def _value(asked: Statistic, measures: Measures) -> float | None:
    if asked.metric in METRICS and asked.statistic != "unfinished":
        return measures.observe(asked.metric, asked.statistic, asked.selectors).value
    match asked.metric:
        case "queue_wait":
            return float(measures.sample("queue_wait", asked.selectors).unfinished)
        case "backlog":
            return growth_per_s(measures.level("queue_depth", asked.selectors))
        case "warmup":
            settled = settled_us(measures.table, dict(asked.selectors)["flow"])
            return None if settled is None else settled / US_PER_S
    raise ValueError(f"no run has {asked}")


def growth_per_s(level: Level) -> float | None:
    """Return the slope of a level, per second: the straight line that comes nearest to it (least squares).

    Steps of equal height are one step, so that the last digits do not tell how the level was written down.
    """
    lasting = level.weights > 0
    values, ends_us = level.values[lasting], np.cumsum(level.weights[lasting])
    if not len(values):
        return None
    last = np.append(values[1:] != values[:-1], True)
    values, ends_s = values[last], ends_us[last] / US_PER_S
    span_s = float(ends_s[-1])
    begins_s = np.concatenate([[0.0], ends_s[:-1]])
    moments = (ends_s - begins_s) * ((ends_s + begins_s) / 2 - span_s / 2)
    return float(12 * np.dot(values, moments) / span_s**3)


def _recovery(
    asked: Statistic, plain: Measures, run: Run, scenario: Scenario, streams: Streams
) -> float | None:
    selected = dict(asked.selectors)
    flow = selected["flow"]
    given = {name: int(selected[name]) for name in ("outage_us", "burst", "at_us") if name in selected}
    disturbance = Disturbance(**given)
    shaken = run(disturbed(scenario, flow, disturbance), streams)
    over_us = begins_us(disturbance, scenario.run) + (disturbance.outage_us or 0)
    assert scenario.run.until_us is not None
    return recovery_s(plain.table, shaken.table, flow, over_us, scenario.run.until_us)
