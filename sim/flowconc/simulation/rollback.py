"""Transactions that can be rolled back: those of an executor that goes down."""

from __future__ import annotations

from simpy.events import Event

from flowconc.protocol.steps import RowKey
from flowconc.simulation.database import Transaction


class RevocableTransaction(Transaction):
    """A transaction whose executor may go down before the commit.

    Rolling back takes two calls, so that of several that fall together none is let in by another one's end: all
    `withdraw`, then all `let_go`.
    """

    __slots__ = ("_connected_at_last", "_resting", "_revoked")

    def begin(self) -> None:
        """Begin where the pass is already: at its executor."""
        self._revoked = False
        self._connected_at_last = self._resting = False
        super().begin()

    def _give_way(self, circle: tuple[RowKey, ...]) -> None:
        self._resting, self._connected_at_last = True, False
        super()._give_way(circle)

    def _seated(self) -> None:
        if not self._revoked:
            self._resting = False
            super()._seated()

    def _take_locks(self, now_us: int) -> None:
        self._connected_at_last = True
        super()._take_locks(now_us)

    def _lock(self, now_us: int, start: int) -> None:
        self._held = len(self._locks)  # unless it has to wait for one of them
        super()._lock(now_us, start)

    def _finish(self, event: Event) -> None:
        if not self._revoked:
            super()._finish(event)

    def withdraw(self) -> None:
        """Roll back, and leave the line for a connection or a lock."""
        self._revoked = True
        database = self._database
        if self._resting:
            return
        if not self._connected_at_last:
            database.connections.withdraw(self._connected)
        elif self._held < len(self._locks):
            database.waits_no_more(self)
            database.rows.withdraw(self._locks[self._held], self._locked)

    def let_go(self) -> None:
        """Give connection and locks back."""
        if self._connected_at_last:
            database = self._database
            database.rows.free(self._locks[: self._held])
            database.connections.release()
