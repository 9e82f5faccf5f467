"""Variations as a Hypothesis strategy.

All that is drawn are bits. Hypothesis sprinkles draws of all other kinds with constants that it finds in the source of
the modules which happen to be loaded, and keeps these in a folder; with bits, what is drawn depends on the seed alone,
in whatever process, and nothing is written anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from flowconc.scenario.variation import (
    Bounds,
    VariedArrivals,
    VariedCrashes,
    VariedEdits,
    VariedOperations,
    Vary,
)
from flowconc.vary.variation import Arrival, Crash, Edit, Operation, Variation

SPARE_BITS: Final = 2
"""Bits of a number beyond those that it needs, so that all numbers are about as likely."""

MOST_STEPS: Final = 1_000_000
"""Values of one range of times that can be told apart."""

MOST_NTH: Final = 8
"""A crash at a step falls at one of its first so many occasions."""

STATES: Final = {"kill": ("QUEUED", "RUNNING"), "delete": ("QUEUED", "RUNNING", "SUCCESS")}
"""States in which all executions of a flow may be acted on at once."""

CROWDING: Final = (8, 4, 2, 1)
"""All that one variation adds happens in one of these parts of the time there is: what is to meet has to be close."""

_T = TypeVar("_T")


@st.composite
def variations(draw: st.DrawFn, vary: Vary) -> Variation:
    """Draw a variation within the bounds of `vary`. The fewer and the earlier, the simpler."""
    drawing = _Drawing(draw, vary)
    return Variation(
        arrivals=tuple(
            sorted(
                each for place, varied in enumerate(vary.arrivals) for each in drawing.arrivals(place, varied)
            )
        ),
        operations=tuple(sorted(each for varied in vary.operations for each in drawing.operations(varied))),
        edits=tuple(sorted(each for varied in vary.edits for each in drawing.edits(varied))),
        crashes=tuple(sorted(each for varied in vary.crashes for each in drawing.crashes(varied))),
        lengths_us=tuple(drawing.time_us(varied.length_us) for varied in vary.durations),
    )


@cache
def _wholes(most: int) -> SearchStrategy[int]:
    """Draw from 0 to `most`, about evenly. The more bits are 0, the simpler."""
    return st.tuples(*[st.booleans()] * bits_for(most)).map(lambda bits: whole_of(bits, most))


def bits_for(most: int) -> int:
    """Return how many bits a number from 0 to `most` is drawn with."""
    is_even = (most + 1) & most == 0  # as many numbers as there are combinations of bits
    return most.bit_length() + (0 if is_even else SPARE_BITS)


def whole_of(bits: tuple[bool, ...], most: int) -> int:
    """Return the number from 0 to `most` that bits stand for, the highest first."""
    number = 0
    for bit in bits:
        number = 2 * number + bit
    return number * (most + 1) >> len(bits)


class _Drawing:
    """What one variation is drawn with."""

    def __init__(self, draw: st.DrawFn, vary: Vary) -> None:
        self._draw = draw
        self._step_us = vary.step_us
        self._executions = Counter(dict(vary.executions))
        self._crowding = self.one_of(CROWDING)

    def whole(self, most: int) -> int:
        """Draw from 0 to `most`; what leaves no choice is not drawn."""
        return self._draw(_wholes(most)) if most else 0

    def between(self, bounds: Bounds) -> int:
        return bounds.low + self.whole(bounds.high - bounds.low)

    def one_of(self, choices: Sequence[_T]) -> _T:
        return choices[self.whole(len(choices) - 1)]

    def time_us(self, bounds: Bounds) -> int:
        """Draw a time that is some steps after the earliest."""
        step_us = self._step_us
        while (bounds.high - bounds.low) // step_us > MOST_STEPS:
            step_us *= 10
        return bounds.low + step_us * self.whole((bounds.high - bounds.low) // step_us)

    def within(self, last_us: int) -> int:
        """Draw a time up to `last_us`, within the part of it in which this variation happens."""
        return self.time_us(Bounds(0, max(last_us // self._crowding, min(last_us, self._step_us))))

    def arrivals(self, entry: int, varied: VariedArrivals) -> Iterator[Arrival]:
        for _ in range(self.between(varied.count)):
            arrival = Arrival(self.within(varied.within_us), entry, self.one_of(varied.flows))
            self._executions[arrival.flow] += 1
            yield arrival

    def operations(self, varied: VariedOperations) -> Iterator[Operation]:
        states = STATES.get(varied.verb, ())
        for _ in range(self.between(varied.count)):
            at_us, flow = self.within(varied.within_us), self.one_of(varied.flows)
            known = max(self._executions[flow], 1)
            target = self.whole(known + len(states) - 1)
            if target < known:
                yield Operation(at_us, varied.verb, flow, target + 1)
            else:
                yield Operation(at_us, varied.verb, flow, 0, states[target - known])

    def edits(self, varied: VariedEdits) -> Iterator[Edit]:
        for _ in range(self.between(varied.count)):
            at_us = self.within(varied.within_us)
            choices = varied.limit.high - varied.limit.low + 1
            limit = self.whole(choices - 1 + varied.removes)
            if limit == choices:
                yield Edit(at_us, varied.flow, 0, "")
            else:
                yield Edit(at_us, varied.flow, varied.limit.low + limit, self.one_of(varied.behaviors))

    def crashes(self, varied: VariedCrashes) -> Iterator[Crash]:
        for _ in range(self.between(varied.count)):
            for_us = self.time_us(varied.for_us)
            step = self.one_of(("", *varied.steps))
            if step:
                before, nth = self.whole(1) == 1, self.whole(MOST_NTH - 1) + 1
                yield Crash(0, varied.component, for_us, step, before, nth)
            else:
                yield Crash(self.within(varied.within_us), varied.component, for_us)
