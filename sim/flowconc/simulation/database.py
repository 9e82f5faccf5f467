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
    """Runs transactions that take time. `commit` of a transaction returns what is to happen after the locks are free."""

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

    def transact(self, step: Step, message: Message, commit: Callable[[], Callable[[], None]]) -> None:
        """Run a step as a transaction, some time from now."""
        transaction = _Transaction(self, step, message, commit)
        self.connections.request(transaction.connected)


class _Transaction:
    __slots__ = (
        "asked_us",
        "began_us",
        "commit",
        "connected_us",
        "database",
        "held",
        "locks",
        "message",
        "step",
    )

    def __init__(
        self, database: Database, step: Step, message: Message, commit: Callable[[], Callable[[], None]]
    ) -> None:
        self.database = database
        self.step = step
        self.message = message
        self.commit = commit
        self.locks = step.locks(database.tables, message)
        self.held = 0
        self.asked_us = self.connected_us = self.began_us = database.clock.now_us

    def connected(self) -> None:
        """Go on with a connection: take the locks."""
        self.connected_us = self.database.clock.now_us
        self._lock()

    def _lock(self) -> None:
        database = self.database
        while self.held < len(self.locks):
            if not database.rows.take(self.locks[self.held], self._locked):
                self.asked_us = database.clock.now_us
                return
            self.held += 1
        # Always through the clock, also when it takes no time: a long line of waiters is then no deep recursion.
        database.clock.after(database.duration_us(self.step), self._finish, Rank.CONSEQUENCE)

    def _locked(self) -> None:
        """Go on with a lock that had to be waited for."""
        row = self.locks[self.held]
        now_us = self.database.clock.now_us
        waiters = self.database.rows.waiting_for(row)
        self._report(Kind.LOCK_WAIT, now_us - self.asked_us, waiters, _LOCK_NAMES[row[0]], row)
        self.held += 1
        self._lock()

    def _finish(self, _: Event) -> None:
        database = self.database
        then = self.commit()
        held_us = database.clock.now_us - self.connected_us
        self._report(Kind.TRANSACTION, held_us, self.connected_us - self.began_us, self.step.name, None)
        for row in self.locks:
            database.rows.free(row)
        database.connections.release()
        then()

    def _report(self, kind: Kind, before: int, after: int, detail: str, row: RowKey | None) -> None:
        number = self.message.execution
        execution = None if number is None else self.database.tables.executions.get(number)
        flow, revision = None, None
        if execution is not None:
            flow, revision = execution.birth.flow, execution.birth.revision
        elif row is not None and row[0] == "counters":
            flow = str(row[1])
        report = Report(kind, number, flow, revision, before, after, detail)
        self.database.recorder.record(self.database.clock.now_us, "database", report)
