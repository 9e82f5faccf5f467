"""The database in time: what a step's transaction waits for and how long it takes (SEMANTICS A6).

A transaction takes a connection, then its row locks one by one in the declared order, keeps all of them while its
statements run, commits, and lets go. It works longer the more executions wait for a slot, because each of those
holds a lock in the database too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from simpy.events import Event

from flowconc.protocol.events import Kind, ReportFields
from flowconc.protocol.steps import Message, Order, RowKey, Step
from flowconc.protocol.tables import Tables
from flowconc.scenario.model import Database as Costs
from flowconc.simulation.clock import Clock, Rank
from flowconc.simulation.resources import Resource, RowLocks
from flowconc.trace.recorder import Recorder

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_AT_ONCE, _TRANSACTION = Rank.CONSEQUENCE, Kind.TRANSACTION

_BACKOFF_US = 50_000
"""How long a transaction that gave way waits before it is tried again, times how often it has."""

_LOCK_NAMES = {"executions": "execution", "counters": "counter", "triggers": "trigger"}


class Database:
    """What transactions share: connections, row locks, and the load of the backlog."""

    def __init__(self, costs: Costs, tables: Tables, clock: Clock, recorder: Recorder) -> None:
        self._statement_us = costs.statement_us
        self._per_waiting_us = costs.per_waiting_us
        self.tables = tables
        self.clock = clock
        self.recorder = recorder
        self.connections = Resource(costs.connections)
        self.rows = RowLocks()
        self._held_by_waiting: dict[RowKey, Transaction] = {}

    @property
    def takes_time(self) -> bool:
        """Say whether transactions cost anything; when not, no lock is ever waited for and none is taken."""
        return self._statement_us > 0 or self._per_waiting_us > 0

    def duration_us(self, step: Step) -> int:
        """Return how long the statements of a step take now."""
        return step.statements * self._statement_us + self._per_waiting_us * self.tables.queued.length

    def circle_through(self, transaction: Transaction) -> tuple[RowKey, ...]:
        """Note that a transaction has to wait for a row. Returns the rows of the circle that this closes, if it does.

        Only rows of transactions that wait themselves are kept, so this costs nothing while locks are free.
        """
        for row in transaction.held:
            self._held_by_waiting[row] = transaction
        rows = []
        other: Transaction | None = transaction
        while other is not None:
            rows.append(other.awaited)
            other = self._held_by_waiting.get(other.awaited)
            if other is transaction:
                return tuple(rows)
        return ()

    def waits_no_more(self, transaction: Transaction) -> None:
        """Note that a transaction that waited for a row has it, or has given up."""
        for row in transaction.held:
            self._held_by_waiting.pop(row, None)


class Server(Protocol):
    """Whoever runs the steps: commits one, and passes on what it orders once the locks are free."""

    def commit(
        self,
        now_us: int,
        step: Step,
        message: Message,
        cause: int,
        actor: str,
        transaction: ReportFields,
    ) -> tuple[Iterable[Order], int]:
        """Run a step and write it down with its transaction; return its orders and their cause."""

    def pass_on(self, orders: Iterable[Order], cause: int) -> None:
        """Give the orders to those who carry them out."""


class Transaction:
    """One step on its way through the database, from `begin` to the commit.

    It keeps a place at `station`, the executors or the scheduler, from beginning to end.
    """

    __slots__ = (
        "_actor",
        "_asked_us",
        "_began_us",
        "_cause",
        "_connected_us",
        "_database",
        "_defeats",
        "_held",
        "_locks",
        "_message",
        "_server",
        "_station",
        "_step",
    )

    def __init__(
        self,
        server: Server,
        database: Database,
        station: Resource,
        step: Step,
        message: Message,
        cause: int,
        actor: str,
    ) -> None:
        self._server = server
        self._database = database
        self._station = station
        self._step = step
        self._message = message
        self._cause = cause
        self._actor = actor
        self._defeats = 0

    def begin(self) -> None:
        """Ask for a place at the station."""
        if self._station.take(self._seated):
            self._seated()

    def _seated(self) -> None:
        """Ask for a connection."""
        database = self._database
        self._began_us = database.clock.now_us
        if database.connections.take(self._connected):
            self._take_locks(self._began_us)

    def _connected(self) -> None:
        """Go on with a connection that had to be waited for."""
        self._take_locks(self._database.clock.now_us)

    def _take_locks(self, now_us: int) -> None:
        self._connected_us = now_us
        self._locks = self._step.locks(self._database.tables, self._message)
        self._lock(now_us, 0)

    def _lock(self, now_us: int, start: int) -> None:
        """Take the locks that are still to be taken; with all of them, go to work."""
        database, locks = self._database, self._locks
        held = database.rows.take(locks, start, self._locked)
        if held < len(locks):
            self._held, self._asked_us = held, now_us
            circle = database.circle_through(self)
            if circle:
                self._give_way(circle)
        else:
            # Always through the clock, also when it takes no time: a long line of waiters is then no deep recursion.
            database.clock.after(database.duration_us(self._step), self._finish, _AT_ONCE)

    @property
    def held(self) -> tuple[RowKey, ...]:
        """The rows that are locked, while it waits for another."""
        return self._locks[: self._held]

    @property
    def awaited(self) -> RowKey:
        """The row that it waits for."""
        return self._locks[self._held]

    def _give_way(self, circle: tuple[RowKey, ...]) -> None:
        """Break a circle of waits: this transaction is rolled back, and tried again later (SEMANTICS 1.4, step 7)."""
        database = self._database
        now_us = database.clock.now_us
        rows = ", ".join(_row_name(database.tables, row) for row in circle)
        report = self._report(Kind.DEADLOCK, len(circle), now_us - self._asked_us, rows)
        database.recorder.record(now_us, self._actor, (report,), self._cause)
        database.waits_no_more(self)
        database.rows.withdraw(self.awaited, self._locked)
        database.rows.free(self.held)
        database.connections.release()
        self._defeats += 1
        database.clock.after(self._defeats * _BACKOFF_US, lambda _: self._seated(), _AT_ONCE)

    def _locked(self) -> None:
        """Go on with a lock that had to be waited for."""
        database = self._database
        database.waits_no_more(self)
        row = self._locks[self._held]
        now_us = database.clock.now_us
        left = database.rows.waiting_for(row)
        wait = self._report(Kind.LOCK_WAIT, now_us - self._asked_us, left, _LOCK_NAMES[row[0]])
        database.recorder.record(now_us, self._actor, (wait,), self._cause)
        self._lock(now_us, self._held + 1)

    def _finish(self, _: Event) -> None:
        """Commit, let go of everything in the reverse order, and pass on what follows."""
        database, step, connected_us = self._database, self._step, self._connected_us
        now_us = database.clock.now_us
        held = self._report(_TRANSACTION, now_us - connected_us, connected_us - self._began_us, step.name)
        orders, cause = self._server.commit(now_us, step, self._message, self._cause, self._actor, held)
        database.rows.free(self._locks)
        database.connections.release()
        self._station.release()
        self._server.pass_on(orders, cause)

    def _report(self, kind: Kind, before: int, after: int, detail: str) -> ReportFields:
        """Say what the database did, under the execution or the flow that it was for."""
        number, argument = self._message.execution, self._message.argument
        flow = None
        if number is None:
            if isinstance(argument, tuple):
                flow = argument[0]
        else:
            execution = self._database.tables.executions.get(number)
            if execution is not None:
                flow = execution.birth.flow
        return (kind, number, flow, None, before, after, detail)


def _row_name(tables: Tables, row: RowKey) -> str:
    """Name a row as people do: `execution a`, `counter n.f`."""
    table, key = row
    if isinstance(key, int):
        return f"{_LOCK_NAMES[table]} {tables.names.get(key, key)}"
    return f"{_LOCK_NAMES[table]} {'.'.join(key) if isinstance(key, tuple) else key}"
