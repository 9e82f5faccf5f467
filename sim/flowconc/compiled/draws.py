"""Random numbers, ahead of the kernel: the same that `simulation.streams` gives, in blocks as long as one likes.

Most distributions take their draws one after the other from the generator, so a block of any length goes on where the
last one ended. Those that do not are made in pieces of the simulation's length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from flowconc.compiled.fields import Ints
from flowconc.scenario.distributions import Distribution, Exponential, Listed, Mixture, Normal
from flowconc.simulation.streams import DRAWN_AT_ONCE, LONGEST_US, Streams, sample_us

Block = Callable[[np.random.Generator, int], Ints]


class Draws(Protocol):
    """A stream of int64 numbers."""

    def take(self, count: int) -> Ints:
        """Return the next `count` numbers, shape (count,)."""


class _Drawn:
    """Numbers that `block` makes with a generator."""

    def __init__(self, generator: np.random.Generator, block: Block) -> None:
        self._generator = generator
        self._block = block

    def take(self, count: int) -> Ints:
        return self._block(self._generator, count)


class _Exponential:
    """Exponential times, made in place, because they are the ones that matter most."""

    def __init__(self, generator: np.random.Generator, mean_us: int) -> None:
        self._generator = generator
        self._mean_us = float(mean_us)
        self._room = np.empty(0)

    def take(self, count: int) -> Ints:
        if len(self._room) < count:
            self._room = np.empty(count)
        times_us = self._room[:count]
        self._generator.standard_exponential(out=times_us)
        times_us *= self._mean_us
        np.minimum(times_us, LONGEST_US, out=times_us)
        return np.rint(times_us, out=times_us).astype(np.int64)


class _Pieces:
    """Numbers of which only pieces of a certain length are the simulation's."""

    def __init__(self, generator: np.random.Generator, block: Block) -> None:
        self._generator = generator
        self._block = block
        self._left: Ints = np.zeros(0, dtype=np.int64)

    def take(self, count: int) -> Ints:
        pieces = [self._left]
        size = len(self._left)
        while size < count:
            pieces.append(self._block(self._generator, DRAWN_AT_ONCE))
            size += DRAWN_AT_ONCE
        whole = np.concatenate(pieces)
        self._left = whole[count:]
        return whole[:count]


class _Listed:
    """Numbers that are written down."""

    def __init__(self, listed: Listed) -> None:
        self._listed = listed
        self._index = 0

    def take(self, count: int) -> Ints:
        first, self._index = self._index, self._index + count
        return np.array([self._listed.at(index) for index in range(first, self._index)], dtype=np.int64)


def lengths(streams: Streams, name: str, distribution: Distribution) -> Draws:
    """Return the stream of durations with this name, in microseconds."""
    if isinstance(distribution, Listed):
        return _Listed(distribution)
    generator = streams.generator(name)

    def block(generator: np.random.Generator, count: int) -> Ints:
        return sample_us(distribution, generator, count)

    if isinstance(distribution, Exponential):
        return _Exponential(generator, distribution.mean_us)
    if isinstance(distribution, (Normal, Mixture)):
        return _Pieces(generator, block)
    return _Drawn(generator, block)


def shares(streams: Streams, name: str, meaning: Callable[[np.ndarray], Ints]) -> Draws:
    """Return what the stream of uniform numbers with this name means."""
    return _Drawn(streams.generator(name), lambda generator, count: meaning(generator.random(count)))
