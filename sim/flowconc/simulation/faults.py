"""What goes wrong, and where: which of a scenario's faults fall at a step, at a message, at a time.

Each fault counts the occasions that it could fall at, from its `at_us` on, and falls at the n-th, or at each with a
probability. What is random about it is drawn from its own streams, `faults/N` and what begins so (N: its place in the
scenario, from 0). From `heal_at_us` on none falls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flowconc.scenario.model import Fault, FaultKind, Scenario
from flowconc.simulation.streams import Streams

AT_MESSAGES: Final = frozenset({FaultKind.LOSE, FaultKind.DELAY, FaultKind.DUPLICATE})
"""Faults of the queue, which fall at the first delivery of a message. The others fall at steps."""

SHORTEST_BACKOFF_US, LONGEST_BACKOFF_US = 50_000, 1_000_000
"""How long a transaction that the database failed waits before it is tried again (SEMANTICS 1.4, step 7)."""


class Chance:
    """One fault, with the occasions that it has had."""

    def __init__(self, place: int, fault: Fault, streams: Streams) -> None:
        self.fault = fault
        self._stream = f"faults/{place}"
        self._streams = streams
        self._occasions = 0
        self._waits = 0

    @property
    def is_timed(self) -> bool:
        """Say whether it falls at a time, not at a step."""
        fault = self.fault
        return (
            fault.kind is FaultKind.CRASH and fault.step is None and fault.nth is None and fault.rate is None
        )

    def falls(self, step: str, now_us: int) -> bool:
        """Count an occasion, if this is one, and say whether the fault falls at it."""
        fault = self.fault
        if now_us < fault.at_us or (fault.step is not None and fault.step != step):
            return False
        self._occasions += 1
        if fault.rate is not None:
            return self._streams.uniform(self._stream, self._occasions - 1) < fault.rate
        return self._occasions == (fault.nth or 1)

    def backoff_us(self) -> int:
        """Draw how long to wait before what has failed is tried again, in microseconds."""
        share = self._streams.uniform(f"{self._stream}/backoff", self._waits)
        self._waits += 1
        return SHORTEST_BACKOFF_US + int(share * (LONGEST_BACKOFF_US - SHORTEST_BACKOFF_US))


class Faults:
    """The faults of one run, each with its chances."""

    def __init__(self, scenario: Scenario, streams: Streams) -> None:
        chances = [Chance(place, fault, streams) for place, fault in enumerate(scenario.faults)]
        self.heal_at_us = scenario.heal_at_us
        self.timed = tuple(chance.fault for chance in chances if chance.is_timed)
        placed = [chance for chance in chances if not chance.is_timed]
        errors = _by_kind(placed, {FaultKind.ERROR})
        crashes = _by_kind(placed, {FaultKind.CRASH})
        self._at_messages = _by_kind(placed, AT_MESSAGES)
        self._before = [*(chance for chance in crashes if chance.fault.before), *errors]
        self._after = [chance for chance in crashes if not chance.fault.before]

    def at_message(self, step: str, now_us: int) -> list[Chance]:
        """Return what happens to a message for `step` on its first delivery, in the order of the scenario."""
        return self._fallen(self._at_messages, step, now_us)

    def before(self, step: str, now_us: int) -> list[Chance]:
        """Return the crashes before a step's commit, then its errors."""
        return self._fallen(self._before, step, now_us)

    def after(self, step: str, now_us: int) -> list[Chance]:
        """Return the crashes right after a step's commit."""
        return self._fallen(self._after, step, now_us)

    def healed(self, now_us: int) -> bool:
        """Say whether nothing goes wrong any more."""
        return self.heal_at_us is not None and now_us >= self.heal_at_us

    def _fallen(self, chances: list[Chance], step: str, now_us: int) -> list[Chance]:
        if not chances or self.healed(now_us):
            return []
        return [chance for chance in chances if chance.falls(step, now_us)]


def _by_kind(chances: Iterable[Chance], kinds: Iterable[FaultKind]) -> list[Chance]:
    return [chance for chance in chances if chance.fault.kind in kinds]
