"""What is scarce: threads, connections, row locks. First come, first served, in the manner of SimPy's resources.

What is free is taken at once, without an event in SimPy's queue: nearly everything is, and those events would be
most of the cost of a run (docs/decisions/0003). Who has to wait is called back by the release that lets it in, at the
same instant.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from flowconc.protocol.steps import RowKey

Granted = Callable[[], None]


class Resource:
    """`capacity` equal units; None is any number."""

    __slots__ = ("_free", "_waiting")

    def __init__(self, capacity: int | None) -> None:
        self._free = math.inf if capacity is None else capacity
        self._waiting: deque[Granted] = deque()

    def take(self, granted: Granted) -> bool:
        """Take a unit that is free and return True; else wait, return False, and call `granted` later."""
        if self._free > 0:
            self._free -= 1
            return True
        self._waiting.append(granted)
        return False

    def withdraw(self, granted: Granted) -> None:
        """Give up a request that waits."""
        self._waiting.remove(granted)

    def release(self) -> None:
        """Give a unit back: to whoever has waited longest, if anybody."""
        if self._waiting:
            self._waiting.popleft()()
        else:
            self._free += 1


class RowLocks:
    """Exclusive locks on rows, `SELECT ... FOR UPDATE`. Only rows that are locked take memory."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[RowKey, deque[Granted] | None] = {}

    def take(self, rows: tuple[RowKey, ...], start: int, granted: Granted) -> int:
        """Lock `rows[start:]` in their order, up to one that is not free.

        Returns its index, or the number of rows when all are locked. `granted` is called later, when that one row
        has been handed over.
        """
        held = self._held
        for index in range(start, len(rows)):
            row = rows[index]
            if row in held:
                waiting = held[row]
                if waiting is None:
                    waiting = held[row] = deque()
                waiting.append(granted)
                return index
            held[row] = None
        return len(rows)

    def waiting_for(self, row: RowKey) -> int:
        """Return how many wait for a row."""
        return len(self._held.get(row) or ())

    def withdraw(self, row: RowKey, granted: Granted) -> None:
        """Give up a wait for a row."""
        waiting = self._held[row]
        assert waiting is not None, f"nobody waits for {row}"
        waiting.remove(granted)

    def free(self, rows: tuple[RowKey, ...]) -> None:
        """Unlock rows, the last one first, and let the one that has waited longest have each."""
        held = self._held
        for row in reversed(rows):
            waiting = held.pop(row)
            if waiting:
                held[row] = waiting
                waiting.popleft()()
