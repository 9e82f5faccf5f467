"""What is scarce: threads, connections, row locks. First come, first served, in the manner of SimPy's resources.

A request that can be granted at once is, without an event in SimPy's queue: nearly all can, and at 20,000 executions
a second those events were most of the cost (docs/decisions/0003). A request that has to wait is called back by the
release that lets it in, at the same instant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from flowconc.protocol.steps import RowKey

Granted = Callable[[], None]


class Resource:
    """`capacity` equal units; None is any number."""

    def __init__(self, capacity: int | None) -> None:
        self._free = capacity
        self._waiting: deque[Granted] = deque()

    def request(self, granted: Granted) -> None:
        """Call `granted` when a unit is there: now, or later."""
        if self._free is None:
            granted()
        elif self._free > 0:
            self._free -= 1
            granted()
        else:
            self._waiting.append(granted)

    def withdraw(self, granted: Granted) -> None:
        """Give up a request that waits."""
        self._waiting.remove(granted)

    def release(self) -> None:
        """Give a unit back: to whoever has waited longest, if anybody."""
        if self._free is None:
            return
        if self._waiting:
            self._waiting.popleft()()
        else:
            self._free += 1


class RowLocks:
    """Exclusive locks on rows, `SELECT ... FOR UPDATE`. Only rows that are locked take memory."""

    def __init__(self) -> None:
        self._held: dict[RowKey, deque[Granted] | None] = {}

    def take(self, row: RowKey, granted: Granted) -> bool:
        """Lock a row that is free and return True; else wait, return False, and call `granted` later."""
        if row not in self._held:
            self._held[row] = None
            return True
        waiting = self._held[row]
        if waiting is None:
            waiting = self._held[row] = deque()
        waiting.append(granted)
        return False

    def waiting_for(self, row: RowKey) -> int:
        """Return how many wait for a row."""
        return len(self._held.get(row) or ())

    def free(self, row: RowKey) -> None:
        """Unlock a row, and let the one that has waited longest have it."""
        waiting = self._held[row]
        if waiting:
            waiting.popleft()()
        else:
            del self._held[row]
