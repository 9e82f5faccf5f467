"""MSER-5 on series whose beginning is known."""

from __future__ import annotations

import numpy as np
import pytest

from flowconc.plan.warmup import BATCH, mser5, settled_us
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import PoissonProcess
from flowconc.simulation.simulate import simulate
from flowconc.trace.tables import executions_table
from tests.flows import arrive, flow, scene, work

SECOND_US = 1_000_000


def noise(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(10.0, 1.0, n)


def by_definition(series):
    """Take the statistic as White writes it: of every cut, the variance of the rest over their number."""
    means = series[: len(series) // BATCH * BATCH].reshape(-1, BATCH).mean(axis=1)
    errors = [means[d:].var() / len(means[d:]) for d in range(len(means) // 2 + 1)]
    return int(np.argmin(errors)) * BATCH


def test_a_constant_series_has_no_beginning():
    assert mser5(np.full(1_000, 3.0)) == 0


def test_a_step_is_cut_off_exactly():
    series = np.concatenate([np.zeros(100), np.full(900, 5.0)])

    assert mser5(series) == 100


@pytest.mark.parametrize("length", [50, 200, 333])
def test_a_beginning_in_noise_is_found_nearly(length):
    series = noise(2_000)
    series[:length] -= 8.0

    assert mser5(series) == pytest.approx(length, abs=2 * BATCH)


def test_a_beginning_that_fades_is_cut_where_noise_hides_it():
    n = np.arange(4_000)
    series = noise(4_000) - 10.0 * np.exp(-n / 100)

    assert 150 <= mser5(series) <= 600


@pytest.mark.parametrize("seed", range(5))
def test_the_cut_is_that_of_the_definition(seed):
    series = noise(1_003, seed) - 6.0 * np.exp(-np.arange(1_003) / 30)

    assert mser5(series) == by_definition(series)


def test_of_a_series_that_goes_on_rising_nothing_is_cut():
    """The best cut would be the last one: it has not settled."""
    assert mser5(np.arange(1_000.0)) is None


def test_of_a_short_series_nothing_is_said():
    assert mser5(np.zeros(49)) is None
    assert mser5(np.zeros(50)) == 0


def test_a_flow_settles_after_some_service_times():
    service_us = 100 * SECOND_US
    scenario = scene(
        flow("f", work("w", Exponential(service_us)), limit=100),
        arrive("f", PoissonProcess(0.5, count=4_000)),
    )

    settled = settled_us(executions_table(simulate(scenario)), "n.f")

    assert 0.5 * service_us <= settled <= 10 * service_us


def test_a_flow_that_cannot_keep_up_never_settles():
    scenario = scene(
        flow("f", work("w", Exponential(10 * SECOND_US)), limit=1),
        arrive("f", PoissonProcess(0.5, count=1_000)),
    )

    assert settled_us(executions_table(simulate(scenario)), "n.f") is None


def test_a_flow_that_nobody_starts_has_no_beginning():
    scenario = scene(flow("f"), flow("g"), arrive("g", "0s"))

    assert settled_us(executions_table(simulate(scenario)), "n.f") is None
