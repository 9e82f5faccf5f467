"""Mean and variance of every distribution, against what is drawn from it."""

from __future__ import annotations

import math
from math import inf

import numpy as np
import pytest

from flowconc.plan.theory.moments import mean_s, variance_s2
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
from flowconc.simulation.streams import sample_us

S = 1_000_000

LAWS = [
    Constant(10 * S),
    Uniform(5 * S, 15 * S),
    Exponential(10 * S),
    Normal(2 * S, 3 * S),
    Normal(7 * S, 0),
    Lognormal(15.0, 0.6),
    Gamma(2.5, 4.0 * S),
    Weibull(1.7, 10 * S),
    Pareto(S, 6.0),
    Empirical((S, 2 * S, 2 * S, 9 * S)),
    Listed((S, None, 3 * S), 5 * S),
    Mixture((0.9, 0.1), (Constant(S), Exponential(20 * S))),
]


@pytest.mark.parametrize("law", [law for law in LAWS if not isinstance(law, Listed)], ids=repr)
def test_moments_are_those_of_a_large_sample(law):
    drawn_s = sample_us(law, np.random.default_rng(7), 400_000) / S

    assert mean_s(law) == pytest.approx(drawn_s.mean(), rel=0.02)
    assert variance_s2(law) == pytest.approx(drawn_s.var(), rel=0.05, abs=1e-9)


@pytest.mark.parametrize(
    ("distribution", "mean"),
    [
        (Constant(7), 7),
        (Uniform(4, 10), 7),
        (Exponential(7), 7),
        (Normal(7, 0), 7),
        (
            Normal(0, 1_000),
            1_000 * math.sqrt(2 / math.pi),
        ),  # half a normal: the draws below 0 are drawn again
        (Lognormal(0.0, 1.0), math.exp(0.5)),
        (Gamma(4.0, 2.5), 10),
        (Weibull(1.0, 7), 7),
        (Pareto(1, 2.0), 2),
        (Pareto(1, 1.0), math.inf),
        (Empirical((1, 2, 6)), 3),
        (Mixture((0.9, 0.1), (Constant(0), Constant(70))), 7),
        (Mixture((1.0, 0.0), (Constant(7), Pareto(1, 1.0))), 7),
    ],
)
def test_means(distribution, mean):
    assert mean == pytest.approx(S * mean_s(distribution))


def test_what_is_not_listed_does_not_count_unless_nothing_is():
    assert mean_s(Listed((S, None, 3 * S), rest_us=9 * S)) == 2.0
    assert mean_s(Listed((), rest_us=9 * S)) == 9.0


def test_listed_durations_have_the_moments_of_their_list():
    assert variance_s2(Listed((S, 3 * S), 0)) == pytest.approx(1.0)


def test_a_heavy_tail_has_no_variance():
    assert variance_s2(Pareto(S, 2.0)) == inf
    assert variance_s2(Mixture((0.5, 0.5), (Constant(S), Pareto(S, 1.5)))) == inf
