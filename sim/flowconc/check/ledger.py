"""The checks' own books on a run, kept from its events one by one.

Nothing here is taken from the simulation or from the protocol's steps: the ledger believes only what each event
says happened, so that a simulated run and a recording of the real engine are judged by the same books.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowconc.check.definitions import UNKNOWN, locking
from flowconc.check.entries import ExecutionEntry, FlowEntry, Limit, Lock, ScopeEntry
from flowconc.check.posting import ENTER
from flowconc.scenario.model import Scenario
from flowconc.trace.trace import Event, Header

Fire = tuple[Lock, object]
"""A fire of a trigger, by its planned time, and by the backfill that planned it, if one did; one that answers an event
by the execution that it made."""


class Ledger:
    """The books on one run. `post` enters one event; `touched` are the flows it changed in the present instant.

    `documented` says whether the run kept the documentation's contract, with a fault in it or not; else it is an
    engine's. `touched_locks` are the trigger locks that were taken, or whose holder changed, in the present instant;
    `set_by_hand` the flows whose counter an operator set in it. `fires` has the execution that each fire made first.

    Of the event that was posted last: `instant_us` and `seq`; `began` is the execution that it gave a slot to, or let
    run without one; `made_before` the execution that its fire had made earlier; `made_last` the one that its
    trigger had made before this one; `started_twice` says whether the task
    run that it started goes on already. `disturbed` says whether anything has gone wrong so far. `worker_down_seq` is the last event that took a worker down. `ending` is the
    detail of RUN_ENDED, None while the run goes on. `database_takes_time` says whether steps of the engine that follow
    each other may lie apart in time.
    """

    def __init__(self, *, documented: bool = True, database_takes_time: bool = False) -> None:
        self.documented = documented
        self.database_takes_time = database_takes_time
        self.flows: dict[str, FlowEntry] = {}
        self.executions: dict[str, ExecutionEntry] = {}
        self.children: dict[str, list[ExecutionEntry]] = {}
        """By the parent's name: those that its Subflow and Loop tasks made, in order."""
        self.scopes: dict[str, ScopeEntry] = {}
        self.locks: dict[Lock, ExecutionEntry | None] = {}
        self.locking = UNKNOWN
        """Which triggers are locked by the executions that they make, and which are not, where that is known."""
        self.locked_us: dict[Lock, tuple[int, int | None]] = {}
        """Since when each trigger is locked, or was the last time, and until when; None while it is."""
        self.fires: dict[Fire, ExecutionEntry] = {}
        self.made: dict[Lock, ExecutionEntry] = {}
        """By trigger: the execution that it made last."""
        self.lock_orders: set[tuple[str, str]] = set()
        """Kinds of row of which one transaction has waited for the first and then for the second."""
        self.lock_waits: dict[object, tuple[int | None, tuple[str, ...]]] = {}
        """By execution: its last transaction that waited for locks, and the kinds of row, in order."""
        self.touched: dict[str, FlowEntry] = {}
        self.touched_locks: dict[Lock, None] = {}
        self.set_by_hand: dict[str, FlowEntry] = {}
        self.instant_us = 0
        self.seq = -1
        self.began: ExecutionEntry | None = None
        self.made_before: ExecutionEntry | None = None
        self.made_last: ExecutionEntry | None = None
        self.started_twice = False
        self.ending: str | None = None
        self.worker_down_seq: int | None = None
        self.disturbed = False

    @classmethod
    def of(cls, header: Header, scenario: Scenario | None = None) -> Ledger:
        """Return empty books on a run with this header, of this scenario if it is known."""
        ledger = cls(
            documented=header.is_documented,
            database_takes_time=header.connections is not None,
        )
        if scenario is not None:
            ledger.locking = locking(scenario)
        return ledger

    @property
    def drained(self) -> bool:
        """Say whether the run went on until nothing could happen any more."""
        return self.ending == "drained"

    def post(self, event: Event) -> None:
        """Enter one event. Events come in order of `seq`."""
        self.seq = event.seq
        self.instant_us = event.t_us
        enter = ENTER[event.kind]
        if enter is not None:
            enter(self, event)

    def rest(self) -> None:
        """Close the present instant: all that happens in it has happened."""
        self.touched.clear()
        self.touched_locks.clear()
        self.set_by_hand.clear()

    # --- entries

    def flow(self, key: str) -> FlowEntry:
        """Return the flow's entry, opened when it is new."""
        entry = self.flows.get(key)
        if entry is None:
            entry = self.flows[key] = FlowEntry(key, self.documented)
        return entry

    def entry(self, name: str, flow: str) -> ExecutionEntry:
        """Return the entry of the execution of this name and flow, opened when it is new."""
        entry = self.executions.get(name)
        if entry is None:
            entry = self.executions[name] = ExecutionEntry(name, self.flow(flow))
        return entry

    def look_up(self, name: str) -> ExecutionEntry | None:
        """Return the entry of the execution of this name, None when there is none."""
        return self.executions.get(name)

    def execution(self, event: Event) -> ExecutionEntry:
        """Return the entry of the event's execution, opened when it is new."""
        name = event.execution
        assert name is not None, f"event {event.seq} ({event.kind.name}) names no execution"
        return self.entry(name, event.flow or "")

    def scope(self, name: str) -> ScopeEntry:
        """Return the entry of a namespace or tenant limit, opened when it is new."""
        entry = self.scopes.get(name)
        if entry is None:
            entry = self.scopes[name] = ScopeEntry(name)
        return entry

    def scopes_over(self, flow: FlowEntry) -> Iterator[ScopeEntry]:
        """Yield the namespace and tenant limits that a flow's executions count against."""
        return (scope for scope in self.scopes.values() if scope.covers(flow.key))

    def gate_limit(self, flow: FlowEntry, revision: int | None) -> Limit:
        """Return the limit that the gate must go by for an execution of a revision.

        That is the latest one (A8); in an engine the execution's own (SEMANTICS 1.2).
        """
        return flow.latest if self.documented else flow.limit_of(revision)

    # --- what the present instant has changed

    def touch(self, flow: FlowEntry) -> None:
        """Note that a flow has changed."""
        self.touched[flow.key] = flow

    def touch_locks(self, entry: ExecutionEntry) -> None:
        """Note that whoever holds these trigger locks has changed."""
        if entry.locks:
            self.touched_locks |= dict.fromkeys(entry.locks)
