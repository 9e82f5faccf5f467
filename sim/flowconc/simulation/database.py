"""The database in time: what a step's transaction waits for and how long it takes (SEMANTICS A6).

A transaction takes a connection, then its row locks one by one in the declared order, keeps all of them while its
statements run, commits, and lets go. It works longer the more executions wait for a slot, because each of those
holds a lock in the database too.
"""

from __future__ import annotations

from collections.abc import Callable

from simpy.events import Event

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.steps import Message, RowKey, Step
from flowconc.protocol.tables import Tables
from flowconc.scenario.model import Database as Costs
from flowconc.simulation.clock import Clock, Rank
from flowconc.simulation.resources import Resource, RowLocks
from flowconc.trace.recorder import Recorder

_LOCK_NAMES = {"executions": "execution", "counters": "counter", "triggers": "trigger"}


class Database:
    """What transactions share: connections, row locks, and the load of the backlog."""

    def __init__(self, costs: Costs, tables: Tables, clock: Clock, recorder: Recorder) -> None:
        self.costs = costs
        self.tables = tables
        self.clock = clock
        self.recorder = recorder
        self.connections = Resource(costs.connections)
        self.rows = RowLocks()

    @property
    def takes_time(self) -> bool:
        """Say whether transactions cost anything; when not, no lock is ever waited for and none is taken."""
        return self.costs.statement_us > 0 or self.costs.per_waiting_us > 0

    def duration_us(self, step: Step) -> int:
        """Return how long the statements of a step take now."""
        return step.statements * self.costs.statement_us + self.costs.per_waiting_us * len(self.tables.queued)


class Transaction:
    """One step on its way through the database, from `begin` to the commit.

    `commit` runs the step and returns what is to happen once the locks are free. The transaction keeps a place at
    `station`, the executors or the scheduler, from beginning to end.
    """

    __slots__ = (
        "_asked_us",
        "_began_us",
        "_commit",
        "_connected_us",
        "_database",
        "_held",
        "_locks",
        "_message",
        "_station",
        "_step",
    )

    def __init__(
        self,
        database: Database,
        station: Resource,
        step: Step,
        message: Message,
        commit: Callable[[], Callable[[], None]],
    ) -> None:
        self._database = database
        self._station = station
        self._step = step
        self._message = message
        self._commit = commit
        self._locks: tuple[RowKey, ...] = ()
        self._held = self._asked_us = self._connected_us = self._began_us = 0

    def begin(self) -> None:
        """Ask for a place at the station."""
        self._station.request(self._seated)

    def _seated(self) -> None:
        self._began_us = self._database.clock.now_us
        self._database.connections.request(self._connected)

    def _connected(self) -> None:
        self._connected_us = self._database.clock.now_us
        self._locks = self._step.locks(self._database.tables, self._message)
        self._lock()

    def _lock(self) -> None:
        database = self._database
        for row in self._locks[self._held :]:
            if not database.rows.take(row, self._locked):
                self._asked_us = database.clock.now_us
                return
            self._held += 1
        # Always through the clock, also when it takes no time: a long line of waiters is then no deep recursion.
        database.clock.after(database.duration_us(self._step), self._finish, Rank.CONSEQUENCE)

    def _locked(self) -> None:
        """Go on with a lock that had to be waited for."""
        row = self._locks[self._held]
        wait_us = self._database.clock.now_us - self._asked_us
        self._report(Kind.LOCK_WAIT, wait_us, self._database.rows.waiting_for(row), _LOCK_NAMES[row[0]])
        self._held += 1
        self._lock()

    def _finish(self, _: Event) -> None:
        database = self._database
        then = self._commit()
        held_us = database.clock.now_us - self._connected_us
        self._report(Kind.TRANSACTION, held_us, self._connected_us - self._began_us, self._step.name)
        for row in self._locks:
            database.rows.free(row)
        database.connections.release()
        self._station.release()
        then()

    def _report(self, kind: Kind, before: int, after: int, detail: str) -> None:
        """Write down what the database did, under the execution and the flow that it was for."""
        number, flow, revision = self._message.execution, None, None
        execution = None if number is None else self._database.tables.executions.get(number)
        if execution is not None:
            flow, revision = execution.birth.flow, execution.birth.revision
        elif isinstance(self._message.argument, tuple):
            flow = self._message.argument[0]
        report = Report(kind, number, flow, revision, before, after, detail)
        self._database.recorder.record(self._database.clock.now_us, "database", report)
