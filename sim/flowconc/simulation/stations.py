"""Places of work that can go down: executors, workers, the scheduler.

A station is several equal units with numbers. Whoever works at one knows its number, so that a crash knows whom it
hits. A run in which nothing fails has no need of that, and uses `resources.Resource`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


class Occupant(Protocol):
    """Who works at a station."""

    def seated(self, unit: int) -> None:
        """Begin at a unit."""


Who = TypeVar("Who", bound=Occupant)


class Station(Generic[Who]):
    """Units with room for so many each. First come, first served; the least busy unit takes whoever is next."""

    def __init__(self, rooms: Sequence[float]) -> None:
        self._rooms = rooms
        self._up = [True] * len(rooms)
        self._there: list[dict[Who, None]] = [{} for _ in rooms]
        self._waiting: deque[Who] = deque()

    @property
    def first_up(self) -> int | None:
        """The lowest number of a unit that is up, or None."""
        return next((unit for unit, up in enumerate(self._up) if up), None)

    def take(self, who: Who) -> None:
        """Seat somebody: at once, or as soon as there is room."""
        unit = self._free()
        if unit is None:
            self._waiting.append(who)
        else:
            self._seat(who, unit)

    def withdraw(self, who: Who) -> None:
        """Leave the line, without having been seated."""
        self._waiting.remove(who)

    def release(self, who: Who, unit: int) -> None:
        """Leave a unit, to whoever has waited longest."""
        del self._there[unit][who]
        self._let_in()

    def joins(self, who: Who, unit: int) -> None:
        """Work at a unit without taking room."""
        self._there[unit][who] = None

    def down(self, unit: int) -> list[Who]:
        """Take a unit down. Returns those who were at work there, in the order in which they came."""
        self._up[unit] = False
        hit = list(self._there[unit])
        self._there[unit].clear()
        return hit

    def back(self, unit: int) -> None:
        """Bring a unit back."""
        self._up[unit] = True
        self._let_in()

    def is_up(self, unit: int) -> bool:
        """Say whether a unit is up."""
        return self._up[unit]

    def all_down(self) -> list[int]:
        """Return the numbers of the units that are down."""
        return [unit for unit, up in enumerate(self._up) if not up]

    def empty_line(self) -> list[Who]:
        """Send everybody in the line away, and return them in its order."""
        line = list(self._waiting)
        self._waiting.clear()
        return line

    def _free(self) -> int | None:
        best, least = None, math.inf
        for unit, there in enumerate(self._there):
            busy = len(there)
            if self._up[unit] and busy < self._rooms[unit] and busy < least:
                best, least = unit, busy
        return best

    def _seat(self, who: Who, unit: int) -> None:
        self._there[unit][who] = None
        who.seated(unit)

    def _let_in(self) -> None:
        while self._waiting:
            unit = self._free()
            if unit is None:
                return
            self._seat(self._waiting.popleft(), unit)


def shares(total: int | None, units: int) -> list[float]:
    """Divide `total` places among units, the first ones having one more where it does not come out even."""
    if total is None:
        return [math.inf] * units
    each, more = divmod(total, units)
    return [each + (unit < more) for unit in range(units)]
