"""More load, longer durations: a scenario with its arrivals or its durations scaled, on the same random draws.

Durations are scaled in their distribution, so that a draw becomes the scaled draw (to within the microsecond in which
distributions keep their parameters). Arrivals are scaled in time, so that the same gaps become shorter:

- `poisson`, `ramp`, `every`: the rate, from the same start until the same end; there are more arrivals then.
- `at`, `replay`: the times; what then is missing until the end follows from the beginning again.
- `burst`: its size, since the distance of bursts is not what loads a flow.

Schedules and polls are not scaled: they come from the flow file. Nor are pauses, time-outs and retries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, log
from typing import assert_never

from flowconc.scenario.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Listed,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Uniform,
    Weibull,
)
from flowconc.scenario.flow import Flow, Task
from flowconc.scenario.model import (
    Arrivals,
    AtTimes,
    Burst,
    Every,
    Pattern,
    PoissonProcess,
    Ramp,
    Recorded,
    Scenario,
)


def with_durations(scenario: Scenario, factor: float) -> Scenario:
    """Return a scenario in which every task takes `factor` times as long, those of recorded arrivals included."""
    if factor == 1:
        return scenario
    return replace(
        scenario,
        flows=tuple(_flow(each, factor) for each in scenario.flows),
        arrivals=tuple(replace(each, pattern=_longer(each.pattern, factor)) for each in scenario.arrivals),
    )


def with_load(scenario: Scenario, factor: float) -> Scenario:
    """Return a scenario in which `factor` times as much arrives from every source."""
    if factor == 1:
        return scenario
    return replace(
        scenario, arrivals=tuple(_denser(each, factor, scenario.run.until_us) for each in scenario.arrivals)
    )


# --- durations


def _flow(flow: Flow, factor: float) -> Flow:
    return replace(
        flow,
        tasks=_tasks(flow.tasks, factor),
        errors=_tasks(flow.errors, factor),
        finally_=_tasks(flow.finally_, factor),
        after_execution=_tasks(flow.after_execution, factor),
    )


def _tasks(tasks: tuple[Task, ...], factor: float) -> tuple[Task, ...]:
    return tuple(_task(each, factor) for each in tasks)


def _task(task: Task, factor: float) -> Task:
    return replace(
        task,
        duration=None if task.duration is None else scaled(task.duration, factor),
        children=_tasks(task.children, factor),
        errors=_tasks(task.errors, factor),
        finally_=_tasks(task.finally_, factor),
        branches=tuple(replace(each, tasks=_tasks(each.tasks, factor)) for each in task.branches),
    )


def scaled(distribution: Distribution, factor: float) -> Distribution:
    """Return the distribution of `factor` times what a distribution gives, which draws it from the same numbers."""

    def times(value_us: float) -> int:
        return round(value_us * factor)

    match distribution:
        case Constant(value_us):
            return Constant(times(value_us))
        case Uniform(low_us, high_us):
            return Uniform(times(low_us), times(high_us))
        case Exponential(mean_us):
            return Exponential(times(mean_us))
        case Normal(mean_us, sd_us):
            return Normal(times(mean_us), times(sd_us))
        case Lognormal(mu, sigma):
            return Lognormal(mu + log(factor), sigma)
        case Gamma(shape, scale_us):
            return Gamma(shape, scale_us * factor)
        case Weibull(shape, scale_us):
            return Weibull(shape, times(scale_us))
        case Pareto(min_us, alpha):
            return Pareto(times(min_us), alpha)
        case Empirical(values_us):
            return Empirical(tuple(map(times, values_us)))
        case Listed(values_us, rest_us):
            return Listed(
                tuple(None if value is None else times(value) for value in values_us), times(rest_us)
            )
        case Mixture(weights, parts):
            return Mixture(weights, tuple(scaled(part, factor) for part in parts))
    assert_never(distribution)


def _longer(pattern: Pattern, factor: float) -> Pattern:
    if not isinstance(pattern, Recorded):
        return pattern
    lengths_us = (None if each is None else round(each * factor) for each in pattern.durations_us)
    return replace(pattern, durations_us=tuple(lengths_us))


# --- arrivals


def _denser(arrivals: Arrivals, factor: float, until_us: int | None) -> Arrivals:
    pattern = _denser_pattern(arrivals.pattern, factor, until_us)
    names = _names_in_order(arrivals)
    if isinstance(pattern, AtTimes | Burst):
        most = len(pattern.times_us) * (pattern.count if isinstance(pattern, Burst) else 1)
        names = names[:most]  # fewer arrivals cannot have more names
    return replace(arrivals, pattern=pattern, names=names)


def _names_in_order(arrivals: Arrivals) -> tuple[str, ...]:
    """Return the names in the order of the times that they were written for; none where only some have one."""
    pattern, names = arrivals.pattern, arrivals.names
    if not isinstance(pattern, AtTimes) or list(pattern.times_us) == sorted(pattern.times_us):
        return names
    if len(names) != len(pattern.times_us):
        return ()
    return tuple(names[place] for place in sorted(range(len(names)), key=pattern.times_us.__getitem__))


def _denser_pattern(pattern: Pattern, factor: float, until_us: int | None) -> Pattern:
    match pattern:
        case PoissonProcess():
            return replace(pattern, rate_per_s=pattern.rate_per_s * factor)
        case Ramp():
            return replace(
                pattern, from_per_s=pattern.from_per_s * factor, to_per_s=pattern.to_per_s * factor
            )
        case Every():
            return replace(pattern, period_us=max(1, round(pattern.period_us / factor)))
        case Burst():
            return replace(pattern, count=max(1, round(pattern.count * factor)))
        case AtTimes(times_us):
            again = _again(sorted(times_us), factor, until_us)
            return AtTimes(tuple(t_us for t_us, _ in again))
        case Recorded(times_us, durations_us, sources):
            pairs = list(_again(list(times_us), factor, until_us))
            return Recorded(
                tuple(t_us for t_us, _ in pairs),
                tuple(durations_us[place] for _, place in pairs),
                tuple(sources[place] for _, place in pairs),
            )
    assert_never(pattern)


def _again(times_us: list[int], factor: float, until_us: int | None) -> Iterator[tuple[int, int]]:
    """Yield times so much closer together, and the place of each among those given, in order.

    They fill the same span as before: until the end of the run, or where it has none until the last time given.
    """
    if not times_us:
        return
    last_us = times_us[-1]
    if until_us is not None and until_us >= last_us:
        span_us = end_us = until_us
    else:
        span_us, end_us = last_us + max(1, last_us // len(times_us)), last_us
    for number in range(ceil(len(times_us) * factor) + len(times_us)):
        turn, place = divmod(number, len(times_us))
        t_us = round((times_us[place] + turn * span_us) / factor)
        if t_us > end_us:
            return
        yield t_us, place
