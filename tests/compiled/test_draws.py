"""The same random numbers as `simulation.streams`, whatever the lengths of the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from flowconc.compiled.draws import lengths, shares
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
from flowconc.simulation.streams import Streams

DISTRIBUTIONS = [
    Constant(7),
    Uniform(0, 1_000_000),
    Exponential(900_000),
    Normal(1_000, 5_000),
    Lognormal(14.0, 1.5),
    Gamma(0.3, 1e6),
    Gamma(4.0, 1e6),
    Weibull(0.7, 1_000_000),
    Pareto(1_000, 0.4),
    Empirical((1, 5, 9)),
    Listed((3, None, 1), 8),
    Mixture((0.9, 0.1), (Exponential(1_000), Normal(10, 500))),
]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: type(each).__name__)
def test_durations(distribution: Distribution) -> None:
    streams = Streams(5, 2)
    draws = lengths(Streams(5, 2), "f/w/duration", distribution)

    found = np.concatenate([draws.take(count) for count in (1, 511, 700, 3, 1200)])

    assert found.tolist() == [streams.duration_us("f/w/duration", n, distribution) for n in range(2415)]


def test_shares() -> None:
    streams = Streams(5, 0)
    draws = shares(Streams(5, 0), "f/w/failure", lambda drawn: (drawn < 0.3).astype(np.int64))

    found = np.concatenate([draws.take(count) for count in (1, 600)])

    assert found.tolist() == [int(streams.uniform("f/w/failure", n) < 0.3) for n in range(601)]
