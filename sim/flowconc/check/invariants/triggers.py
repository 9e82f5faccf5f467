"""Invariants of the triggers: their locks and their fires (A5)."""

from __future__ import annotations

from flowconc.check.entries import Lock
from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.check.wording import duration
from flowconc.protocol.events import Kind
from flowconc.trace.trace import Event


class TriggerLockHasLiveHolder(Invariant):
    """A lock outlives its holder's end only until the engine has seen to it.

    An ended holder that still has its slot (afterExecution, a release under way) is not through yet. A forced one has
    no slot to tell by, nor has anybody in an engine, and where the database takes time steps that follow each other
    lie apart: such locks are judged at the end of the run. A deleted or unknown holder never unlocks, so it is a
    break at once.
    """

    id = "trigger_lock_has_live_holder"
    sentence = "A locked trigger is held by one execution, which exists and has not ended."
    before_kinds = (Kind.TRIGGER_LOCKED,)
    looks_at_rest = True

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask whether the lock was open when it was taken."""
        lock = event.flow or "", event.detail or ""
        holder = ledger.locks.get(lock)
        if holder is not None and holder.name != event.execution and not (holder.ended or holder.deleted):
            self.broken(
                ledger,
                f"trigger {event.detail} of {event.flow} was locked for {event.execution} while {holder} held it",
                flow=holder.flow,
                event=event,
            )

    def at_rest(self, ledger: Ledger) -> None:
        """Judge the locks that were taken, or whose holder changed, when all that happens at this instant has happened."""
        by_slot = ledger.documented and not ledger.database_takes_time
        for lock in sorted(ledger.touched_locks):
            if lock in ledger.locks:
                holder = ledger.locks[lock]
                forced = holder is not None and holder.forced
                self._judge(ledger, lock, patient=forced or not by_slot)

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
    """A fire of the scheduler is a flow, a trigger and a planned time, and once more each backfill that plans it.

    A Flow trigger answers events and plans nothing: there each FIRE is a fire of its own.
    """

    id = "one_execution_per_fire"
    sentence = "Each fire of a trigger makes exactly one execution."
    after_kinds = (Kind.FIRE,)

    def after(self, event: Event, ledger: Ledger) -> None:
        """No fire comes twice."""
        made, earlier = ledger.execution(event), ledger.made_before
        if earlier is not None and earlier is not made:
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
        for ((flow, trigger), _), made in ledger.fires.items():
            if made.state is None:
                self.broken(
                    ledger, f"a fire of {trigger} of {flow} made no execution ({made.name})", flow=made.flow
                )
