"""Invariants of the triggers: their locks and their fires (A5)."""

from __future__ import annotations

from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import ExecutionEntry, Ledger
from flowconc.check.wording import duration
from flowconc.protocol.events import Kind
from flowconc.trace.trace import Event

Lock = tuple[str, str]
"""Flow and trigger id."""


class TriggerLockHasLiveHolder(Invariant):
    """A lock outlives its holder's end only until the engine has seen to it.

    An ended holder that still has its slot (afterExecution, a release under way) is not through yet. A forced one has
    no slot to tell by, and where the database takes time steps that follow each other lie apart: such locks are
    judged at the end of the run. A deleted or unknown holder never unlocks, so it is a break at once.
    """

    id = "trigger_lock_has_live_holder"
    sentence = "A locked trigger is held by an execution that exists and has not ended."
    after_kinds = (Kind.TRIGGER_LOCKED, Kind.TRIGGER_UNLOCKED, Kind.STATE, Kind.RELEASE, Kind.DELETED)
    looks_at_rest = True

    def __init__(self) -> None:
        super().__init__()
        self._locks_of: dict[str | None, set[Lock]] = {}
        self._suspects: dict[Lock, None] = {}

    def after(self, event: Event, ledger: Ledger) -> None:
        """Note the locks whose holder something happened to."""
        if event.kind is Kind.TRIGGER_LOCKED:
            lock = event.flow or "", event.detail or ""
            self._locks_of.setdefault(event.execution, set()).add(lock)
            self._suspects[lock] = None
        elif event.kind is Kind.TRIGGER_UNLOCKED:
            self._locks_of.get(event.execution, set()).discard((event.flow or "", event.detail or ""))
        else:
            self._suspects.update(dict.fromkeys(sorted(self._locks_of.get(event.execution, ()))))

    def at_rest(self, ledger: Ledger) -> None:
        """Judge the noted locks, when all that happens at this instant has happened."""
        for lock in self._suspects:
            if lock in ledger.locks:
                holder = ledger.locks[lock]
                forced = holder is not None and holder.forced
                self._judge(ledger, lock, patient=ledger.database_takes_time or forced)
        self._suspects.clear()

    def at_end(self, ledger: Ledger) -> None:
        """Judge every lock that is left, when nothing can open it any more."""
        if self.first is None and ledger.drained:
            for lock in sorted(ledger.locks):
                self._judge(ledger, lock, patient=False)

    def _judge(self, ledger: Ledger, lock: Lock, *, patient: bool) -> None:
        holder = ledger.locks[lock]
        flow, trigger = lock
        if holder is None or holder.state is None:
            whose = "an execution that does not exist"
        elif holder.deleted or (holder.ended and not patient and not (holder.holds and not ledger.drained)):
            whose = str(holder)
        else:
            return
        self.broken(ledger, f"trigger {trigger} of {flow} is locked by {whose}", flow=ledger.flow(flow))


class OneExecutionPerFire(Invariant):
    """A fire of the scheduler is a flow, a trigger and a planned time.

    A Flow trigger answers events and plans nothing: there each FIRE is a fire of its own.
    """

    id = "one_execution_per_fire"
    sentence = "Each fire of a trigger makes exactly one execution."
    after_kinds = (Kind.FIRE,)

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[Lock, object], ExecutionEntry] = {}

    def after(self, event: Event, ledger: Ledger) -> None:
        """No fire comes twice."""
        lock = event.flow or "", event.detail or ""
        fire = lock, event.execution if event.before is None else event.before
        made = ledger.execution(event)
        earlier = self._made.setdefault(fire, made)
        if earlier is not made:
            planned = duration(event.before) if isinstance(event.before, int) else "an unknown time"
            self.broken(
                ledger,
                f"the fire of {event.detail} of {event.flow} planned for {planned} made both {earlier.name} and "
                f"{made.name}",
                flow=made.flow,
            )

    def at_end(self, ledger: Ledger) -> None:
        """Every fire's execution has come into being."""
        if not ledger.drained:
            return
        for ((flow, trigger), _), made in self._made.items():
            if made.state is None:
                self.broken(
                    ledger, f"a fire of {trigger} of {flow} made no execution ({made.name})", flow=made.flow
                )
