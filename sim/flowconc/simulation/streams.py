"""Random numbers, in streams with stable names.

The n-th draw of a stream depends on seed, replication, the stream's name and n alone: never on what else is drawn, nor
on the order in which streams are first used. So a further flow changes no other flow's draws, and an execution has
the same duration under every limit (common random numbers).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

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

DRAWN_AT_ONCE = 512
"""Numbers of a stream that are made at a time. Distributions that draw again what they cannot use depend on it."""

LONGEST_US = 2.0**52
"""No duration is longer, in microseconds."""

Floats = npt.NDArray[np.float64]
Block = Callable[[np.random.Generator, int], npt.NDArray[Any]]
Number = TypeVar("Number", int, float)


class Streams:
    """All random streams of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication
        self.drawn = False
        """Whether anything was drawn so far. A run that draws nothing is the same in every replication."""
        self._durations: dict[str, _Draws[int]] = {}
        self._numbers: dict[str, _Draws[float]] = {}

    def duration_us(self, name: str, index: int, distribution: Distribution) -> int:
        """Return draw number `index` of a stream of durations."""
        if isinstance(distribution, Constant):
            return distribution.value_us
        if isinstance(distribution, Listed):
            return distribution.at(index)
        draws = self._durations.get(name)
        if draws is None:
            self.drawn = True
            draws = self._durations[name] = _Draws(
                self.generator(name), partial(sample_us, distribution), "q"
            )
        return draws[index]

    def uniform(self, name: str, index: int) -> float:
        """Return draw number `index` of a stream of numbers from [0, 1)."""
        draws = self._numbers.get(name)
        if draws is None:
            self.drawn = True
            draws = self._numbers[name] = _Draws(self.generator(name), np.random.Generator.random, "d")
        return draws[index]

    def exponential(self, name: str, index: int) -> float:
        """Return draw number `index` of a stream of exponential numbers with mean 1."""
        draws = self._numbers.get(name)
        if draws is None:
            self.drawn = True
            draws = self._numbers[name] = _Draws(self.generator(name), _exponential, "d")
        return draws[index]

    def generator(self, name: str) -> np.random.Generator:
        """Return a new generator that makes the draws of a stream from its first on.

        Whoever draws with it sets `drawn` as soon as a run has used a draw.
        """
        words = np.frombuffer(sha256(name.encode()).digest(), dtype="<u4")
        return np.random.default_rng(
            np.random.SeedSequence(self.seed, spawn_key=(self.replication, *(int(word) for word in words)))
        )


class _Draws(Generic[Number]):
    """The draws of one stream so far, made in blocks. `block(generator, count)` makes them."""

    def __init__(self, generator: np.random.Generator, block: Block, code: str) -> None:
        self._generator = generator
        self._block = block
        self._values: array[Any] = array(code)

    def __getitem__(self, index: int) -> Number:
        values = self._values
        while index >= len(values):
            values.frombytes(self._block(self._generator, DRAWN_AT_ONCE).tobytes())
        return values[index]  # type: ignore[no-any-return]


def _exponential(generator: np.random.Generator, count: int) -> Floats:
    return generator.exponential(size=count)


def sample_us(
    distribution: Distribution, generator: np.random.Generator, count: int
) -> npt.NDArray[np.int64]:
    """Draw `count` durations: int64 microseconds, at least 0, shape (count,)."""
    return np.rint(np.clip(_sample(distribution, generator, count), 0.0, LONGEST_US)).astype(np.int64)


def _sample(distribution: Distribution, generator: np.random.Generator, count: int) -> Floats:
    match distribution:
        case Constant(value_us):
            return np.full(count, float(value_us))
        case Uniform(low_us, high_us):
            return generator.uniform(low_us, high_us, count)
        case Exponential(mean_us):
            return generator.exponential(mean_us, count)
        case Normal(mean_us, sd_us):
            return _truncated_normal(mean_us, sd_us, generator, count)
        case Lognormal(mu, sigma):
            return generator.lognormal(mu, sigma, count)
        case Gamma(shape, scale_us):
            return generator.gamma(shape, scale_us, count)
        case Weibull(shape, scale_us):
            return scale_us * generator.weibull(shape, count)
        case Pareto(min_us, alpha):
            return min_us * (1.0 + generator.pareto(alpha, count))
        case Empirical(values_us):
            return generator.choice(np.asarray(values_us, dtype=np.float64), count)
        case Listed():
            return np.array([distribution.at(index) for index in range(count)], dtype=np.float64)
        case Mixture(weights, parts):
            return _mixture(weights, parts, generator, count)


def _truncated_normal(mean_us: int, sd_us: int, generator: np.random.Generator, count: int) -> Floats:
    """Draw again what falls below 0. The mean is at least 0, so half of the draws or more are kept each time."""
    draws = generator.normal(mean_us, sd_us, count)
    while (below := draws < 0).any():
        draws[below] = generator.normal(mean_us, sd_us, int(below.sum()))
    return draws


def _mixture(
    weights: tuple[float, ...], parts: tuple[Distribution, ...], generator: np.random.Generator, count: int
) -> Floats:
    chosen = generator.choice(len(parts), count, p=np.asarray(weights) / sum(weights))
    samples = np.stack([_sample(part, generator, count) for part in parts])
    return samples[chosen, np.arange(count)]
