"""Random streams: stable names, distributions as they are defined."""

from __future__ import annotations

import numpy as np
import pytest

from flowconc.scenario.distributions import (
    Constant,
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
from flowconc.simulation.streams import Streams, sample_us


def draws(name="x", seed=1, replication=0, count=2000):
    streams = Streams(seed, replication)
    return [streams.uniform(name, index) for index in range(count)]


def test_a_draw_depends_on_seed_replication_name_and_index_alone():
    one, other = Streams(1, 0), Streams(1, 0)
    forwards = [one.uniform("x", index) for index in range(2000)]
    other.uniform("y", 700)
    backwards = [other.uniform("x", index) for index in reversed(range(2000))]

    assert forwards == backwards[::-1]


def test_streams_differ_by_seed_replication_and_name():
    streams = [draws(count=5), draws(seed=2, count=5), draws(replication=1, count=5), draws("y", count=5)]

    assert len({tuple(stream) for stream in streams}) == 4


def test_uniform_draws_are_even():
    assert abs(np.mean(draws()) - 0.5) < 0.02


def test_a_constant_needs_no_stream():
    assert Streams(1, 0).duration_us("x", 10**12, Constant(7)) == 7


MEANS = [
    (Uniform(1_000, 3_000), 2_000, 1_000 / 3**0.5),
    (Exponential(2_000), 2_000, 2_000),
    (Normal(10_000, 1_000), 10_000, 1_000),
    (Lognormal(7.0, 0.5), np.exp(7.125), np.exp(7.125) * (np.exp(0.25) - 1) ** 0.5),
    (Gamma(4.0, 500.0), 2_000, 1_000),
    (Weibull(2.0, 2_000), 2_000 * 0.886227, 2_000 * 0.463251),
    (Pareto(1_000, 5.0), 1_250, 1_250 / 15**0.5),
    (Empirical((1_000, 2_000, 3_000)), 2_000, 1_000 * (2 / 3) ** 0.5),
    (Mixture((0.5, 0.5), (Constant(1_000), Constant(3_000))), 2_000, 1_000),
]


@pytest.mark.parametrize(("distribution", "mean", "sd"), MEANS, ids=lambda value: type(value).__name__)
def test_distributions_have_their_mean_and_spread(distribution, mean, sd):
    sample = sample_us(distribution, np.random.default_rng(1), 200_000)

    assert sample.dtype == np.int64
    assert sample.mean() == pytest.approx(mean, rel=0.01)
    assert sample.std() == pytest.approx(sd, rel=0.05)


def test_a_normal_duration_is_truncated_at_zero_not_clipped():
    """Drawn again, so that no lump of zeros is left; the mean of the half normal is sd * sqrt(2 / pi)."""
    sample = sample_us(Normal(0, 1_000_000), np.random.default_rng(1), 100_000)

    assert (sample == 0).mean() < 0.001
    assert sample.mean() == pytest.approx(1_000_000 * (2 / np.pi) ** 0.5, rel=0.01)


def test_durations_beyond_any_range_are_cut():
    assert sample_us(Pareto(10**15, 0.05), np.random.default_rng(1), 1000).max() <= 2**52


def test_listed_durations_go_by_the_draw_and_leave_nothing_to_chance():
    listed = Listed((5_000_000, None, 7_000_000), rest_us=1_000_000)

    drawn = [Streams(seed, 0).duration_us("f/t", index, listed) for seed in (1, 2) for index in range(4)]

    assert drawn == [5_000_000, 1_000_000, 7_000_000, 1_000_000] * 2
