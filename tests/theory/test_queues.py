"""The simulation against queueing theory: a flow with limit c is a queue with c servers.

Each theoretical value must lie in the 99.9 % confidence interval around the mean of independent replications. Seeds are
fixed, so a test passes or fails for good; the chance that one of these values falls outside of its interval though
all is right is below 2 %. The first arrivals of each replication, which find an emptier system, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp, log

import numpy as np
import pytest

from flowconc.check.statistics import Interval, confidence_interval
from flowconc.plan.theory.erlang import erlang_b, erlang_c, mmc_wait_s
from flowconc.plan.theory.general import mg1_wait_s
from flowconc.protocol.states import State
from flowconc.scenario.distributions import Constant, Distribution, Exponential, Gamma, Lognormal
from flowconc.scenario.model import PoissonProcess
from flowconc.simulation.simulate import simulate
from flowconc.trace.tables import executions_table, slots_table
from flowconc.trace.trace import STATE_CODES
from tests.flows import arrive, flow, scene, work

pytestmark = pytest.mark.slow

REPLICATIONS = 16
ARRIVALS = 12_000
WARMUP = 500
SECOND_US = 1_000_000

CONSTANT = Constant(SECOND_US)
EXPONENTIAL = Exponential(SECOND_US)
SIGMA = 0.8
LOGNORMAL = Lognormal(log(SECOND_US) - SIGMA**2 / 2, SIGMA)
GAMMA = Gamma(4.0, SECOND_US / 4)
"""Service times of mean 1 s."""


@dataclass(frozen=True)
class Observed:
    """What the replications of a queue show, each with its confidence interval."""

    wait_s: Interval
    waited: Interval  # share of arrivals
    rejected: Interval  # share of arrivals
    busy: Interval  # servers, time-weighted


@cache
def observe(servers: int, arrivals_per_s: float, service: Distribution, behavior: str = "QUEUE") -> Observed:
    """Simulate a queue with Poisson arrivals and return what it shows."""
    scenario = scene(
        flow("f", work("w", service), limit=servers, behavior=behavior),
        arrive("f", PoissonProcess(arrivals_per_s, count=ARRIVALS)),
    )
    rows = [_figures(simulate(scenario, replication=index)) for index in range(REPLICATIONS)]
    return Observed(*(confidence_interval(list(column), 0.999) for column in zip(*rows, strict=True)))


def _figures(trace):
    table = executions_table(trace)
    steady = slice(WARMUP, None)
    waits_s = table.slot_wait_us[steady] / SECOND_US
    rejected = table.final[steady] == STATE_CODES[State.CANCELLED]
    begin_us, end_us = (int(table.created_us[place]) for place in (WARMUP, -1))
    slots = slots_table(trace)
    times_us = np.clip(slots.t_us, begin_us, end_us)
    busy = np.dot(slots.holding[:-1], np.diff(times_us)) / (end_us - begin_us)
    return float(waits_s.mean()), float((waits_s > 0).mean()), float(rejected.mean()), float(busy)


def assert_within(expected: float, interval: Interval, *, precision: float) -> None:
    """Assert that the interval holds the value, and is narrow enough for that to mean something."""
    assert interval.low <= expected <= interval.high
    assert interval.high - interval.low <= 2 * precision * expected


def test_mm1():
    seen = observe(1, 0.6, EXPONENTIAL)

    assert_within(mmc_wait_s(1, 0.6, 1.0), seen.wait_s, precision=0.15)
    assert_within(0.6, seen.waited, precision=0.05)
    assert_within(0.6, seen.busy, precision=0.05)


def test_mmc_waits_as_erlang_c_says():
    seen = observe(3, 2.1, EXPONENTIAL)

    assert_within(mmc_wait_s(3, 2.1, 1.0), seen.wait_s, precision=0.15)
    assert_within(erlang_c(3, 2.1), seen.waited, precision=0.08)
    assert_within(2.1, seen.busy, precision=0.05)


@pytest.mark.parametrize("service", [CONSTANT, EXPONENTIAL, LOGNORMAL], ids=lambda law: type(law).__name__)
def test_mgcc_rejects_as_erlang_b_says_whatever_the_law(service):
    """Erlang's loss formula knows of the service time only its mean; CANCEL is a loss system."""
    seen = observe(4, 3.0, service, "CANCEL")

    assert_within(erlang_b(4, 3.0), seen.rejected, precision=0.08)
    assert_within(3.0 * (1 - erlang_b(4, 3.0)), seen.busy, precision=0.05)
    assert seen.waited.high == 0


def test_md1_waits_half_as_long_as_mm1():
    assert_within(mg1_wait_s(0.6, 1.0, 0.0), observe(1, 0.6, CONSTANT).wait_s, precision=0.15)


@pytest.mark.parametrize(
    ("service", "variation"),
    [(GAMMA, 1 / 4), (LOGNORMAL, exp(SIGMA**2) - 1)],
    ids=["Gamma", "Lognormal"],
)
def test_mg1_waits_as_pollaczek_and_khinchine_say(service, variation):
    seen = observe(1, 0.6, service)

    assert_within(mg1_wait_s(0.6, 1.0, variation), seen.wait_s, precision=0.15)
    assert_within(0.6, seen.waited, precision=0.05)
