"""Random numbers, in streams with stable names.

The n-th draw of a stream depends on seed, replication, the stream's name and n alone: never on what else is drawn, nor
on the order in which streams are first used. So a further flow changes no other flow's draws, and an execution has
the same duration under every limit (common random numbers).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from flowconc.scenario.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Uniform,
    Weibull,
)

_BLOCK = 512
_LONGEST_US = 2.0**52

Floats = npt.NDArray[np.float64]


class Streams:
    """All random streams of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self._root = (seed, replication)
        self._draws: dict[str, _Draws] = {}

    def duration_us(self, name: str, index: int, distribution: Distribution) -> int:
        """Return draw number `index` of a stream of durations."""
        if isinstance(distribution, Constant):
            return distribution.value_us
        return int(
            self._stream(name, lambda generator: sample_us(distribution, generator, _BLOCK), "q")[index]
        )

    def uniform(self, name: str, index: int) -> float:
        """Return draw number `index` of a stream of numbers from [0, 1)."""
        return float(self._stream(name, lambda generator: generator.random(_BLOCK), "d")[index])

    def exponential(self, name: str, index: int) -> float:
        """Return draw number `index` of a stream of exponential numbers with mean 1."""
        return float(self._stream(name, lambda generator: generator.exponential(size=_BLOCK), "d")[index])

    def _stream(
        self, name: str, block: Callable[[np.random.Generator], npt.NDArray[np.generic]], code: str
    ) -> _Draws:
        draws = self._draws.get(name)
        if draws is None:
            draws = self._draws[name] = _Draws(self._generator(name), block, code)
        return draws

    def _generator(self, name: str) -> np.random.Generator:
        words = np.frombuffer(sha256(name.encode()).digest(), dtype="<u4")
        seed, replication = self._root
        return np.random.default_rng(
            np.random.SeedSequence(seed, spawn_key=(replication, *(int(word) for word in words)))
        )


class _Draws:
    """The draws of one stream so far, made in blocks."""

    def __init__(
        self,
        generator: np.random.Generator,
        block: Callable[[np.random.Generator], npt.NDArray[np.generic]],
        code: str,
    ) -> None:
        self._generator = generator
        self._block = block
        self._values: array[int] | array[float] = array(code)

    def __getitem__(self, index: int) -> int | float:
        while index >= len(self._values):
            self._values.frombytes(self._block(self._generator).tobytes())
        return self._values[index]


def sample_us(
    distribution: Distribution, generator: np.random.Generator, count: int
) -> npt.NDArray[np.int64]:
    """Draw `count` durations: int64 microseconds, at least 0, shape (count,)."""
    return np.rint(np.clip(_sample(distribution, generator, count), 0.0, _LONGEST_US)).astype(np.int64)


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
