"""Mean and variance of every distribution, against what is drawn from it."""

from __future__ import annotations

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


def test_listed_durations_have_the_moments_of_their_list():
    assert variance_s2(Listed((S, 3 * S), 0)) == pytest.approx(1.0)


def test_a_heavy_tail_has_no_variance():
    assert variance_s2(Pareto(S, 2.0)) == inf
    assert variance_s2(Mixture((0.5, 0.5), (Constant(S), Pareto(S, 1.5)))) == inf
