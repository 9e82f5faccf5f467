"""What a plan prints beside each other must agree: every exact formula, and what is simulated of it.

The queues run with one set of seeds, so a test passes or fails for good. Each formula must lie in the interval around the
mean of the replications; the confidence of the intervals is such that one of them all misses, though all is right, with
a probability of 1 % (Bonferroni). A formula that is only an approximation must come near.
"""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest

from flowconc.check.statistics import confidence_interval
from flowconc.plan.evaluation import of_flow, simulated
from flowconc.plan.theory.queue import predictions, queue_of
from flowconc.scenario.distributions import Constant, Exponential, Gamma, Lognormal, Mixture
from flowconc.scenario.model import Burst, PoissonProcess, RunSettings
from tests.flows import arrive, flow, scene, work

pytestmark = pytest.mark.slow

S = 1_000_000
REPLICATIONS = 12
FALSE_ALARM = 0.01
SIGMA = 0.8

EXPONENTIAL = Exponential(S)
CONSTANT = Constant(S)
LOGNORMAL = Lognormal(log(S) - SIGMA**2 / 2, SIGMA)
GAMMA = Gamma(4.0, S / 4)
MIXTURE = Mixture((0.75, 0.25), (Constant(S // 2), Exponential(5 * S // 2)))
"""Service times of mean 1 s."""

QUEUES = {
    "M/M/1": (1, 0.6, EXPONENTIAL, "QUEUE"),
    "M/M/3": (3, 2.1, EXPONENTIAL, "QUEUE"),
    "M/M/8": (8, 6.4, EXPONENTIAL, "QUEUE"),
    "M/D/1": (1, 0.6, CONSTANT, "QUEUE"),
    "M/G/1 gamma": (1, 0.6, GAMMA, "QUEUE"),
    "M/G/1 lognormal": (1, 0.5, LOGNORMAL, "QUEUE"),
    "M/G/1 mixture": (1, 0.5, MIXTURE, "QUEUE"),
    "M/M/4/4": (4, 3.0, EXPONENTIAL, "CANCEL"),
    "M/D/4/4": (4, 3.0, CONSTANT, "FAIL"),
    "M/G/4/4 lognormal": (4, 3.0, LOGNORMAL, "CANCEL"),
    "M/G/2/2 overloaded": (2, 5.0, GAMMA, "CANCEL"),
}
"""Slots, arrivals a second, service time, behavior."""

MOST_FORMULAS = 12
CONFIDENCE = 1 - FALSE_ALARM / (len(QUEUES) * MOST_FORMULAS)


def scenario(slots, rate_per_s, service, behavior, *, arrivals=3_000):
    made = scene(
        flow("f", work("w", service), limit=slots, behavior=behavior), arrive("f", PoissonProcess(rate_per_s))
    )
    until_us = round(arrivals / rate_per_s * S)
    return replace(made, run=RunSettings(until_us=until_us, warmup_us=until_us // 10))


def measured(made, keys):
    asked = [of_flow(metric, statistic, "n.f") for metric, statistic in keys]
    runs = [simulated(made, 1, replication, asked) for replication in range(REPLICATIONS)]
    return {key: list(values) for key, values in zip(keys, zip(*runs, strict=True), strict=True)}


@pytest.mark.parametrize("name", QUEUES)
def test_every_exact_formula_lies_in_the_interval(name):
    made = scenario(*QUEUES[name])
    queue = queue_of(made, "n.f")
    exact = {key: each for key, each in predictions(queue).items() if each.exact and key[1] != "p99.9"}
    seen = measured(made, list(exact))
    outside = []
    for key, prediction in exact.items():
        interval = confidence_interval(seen[key], CONFIDENCE)
        if not interval.low <= prediction.value <= interval.high:
            outside.append((key, prediction, interval))

    assert queue.name == name.split()[0]
    assert 4 <= len(exact) <= MOST_FORMULAS
    assert outside == []


@pytest.mark.parametrize("name", ["M/M/3", "M/G/1 gamma", "M/G/4/4 lognormal"])
def test_the_intervals_are_narrow_enough_to_mean_something(name):
    made = scenario(*QUEUES[name])
    key = ("rejected", "rate") if "4/4" in name else ("queue_wait", "mean")
    expected = predictions(queue_of(made, "n.f"))[key].value
    interval = confidence_interval(measured(made, [key])[key], 0.95)

    assert interval.high - interval.low < 0.45 * expected


def test_an_approximation_comes_near():
    made = scenario(3, 2.1, GAMMA, "QUEUE", arrivals=6_000)
    wait = predictions(queue_of(made, "n.f"))["queue_wait", "mean"]
    interval = confidence_interval(measured(made, [("queue_wait", "mean")])["queue_wait", "mean"], 0.99)

    assert not wait.exact
    assert wait.value == pytest.approx(interval.mean, rel=0.15)


def test_a_queue_that_cannot_keep_up_grows_as_the_fluid_limit_says():
    made = scenario(2, 2.6, EXPONENTIAL, "QUEUE")
    growth = predictions(queue_of(made, "n.f"))["backlog", "growth"]
    interval = confidence_interval(measured(made, [("backlog", "growth")])["backlog", "growth"], 0.999)

    assert interval.low <= growth.value <= interval.high
    assert interval.low > 0


def test_little_and_pasta_hold():
    """The queue is as long as arrivals a second times their wait; arrivals see what the clock sees."""
    made = scenario(*QUEUES["M/M/4/4"])
    seen = measured(made, [("rejected", "rate"), ("slots_in_use", "mean")])
    rejected = confidence_interval(seen["rejected", "rate"], 0.99)
    in_use = confidence_interval(seen["slots_in_use", "mean"], 0.99)

    assert in_use.low <= 3.0 * (1 - rejected.mean) <= in_use.high


@pytest.mark.parametrize("behavior", ["QUEUE", "CANCEL"])
def test_a_burst_is_worked_off_as_the_fluid_limit_says(behavior):
    """Of exponential times the fluid limit is the mean itself; what is turned away is counted."""
    made = replace(scenario(3, 1.0, EXPONENTIAL, behavior), run=RunSettings())
    made = replace(made, arrivals=(replace(made.arrivals[0], pattern=Burst(60)),))
    found = predictions(queue_of(made, "n.f"))
    seen = measured(made, list(found))

    for key, prediction in found.items():
        interval = confidence_interval(seen[key], 0.999)
        assert interval.low <= prediction.value <= interval.high
