"""Invariants of the triggers: their locks and their fires (A5)."""

from __future__ import annotations

from flowconc.check.entries import ExecutionEntry, Lock
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

    Under the documented contract a lock is opened when its holder has ended and given its slot back, afterExecution
    included, and not before, and what has `allowConcurrent` or answers events by itself has none (A5).
    """

    id = "trigger_lock_has_live_holder"
    sentence = "A locked trigger is held by one execution, which exists and has not ended."
    before_kinds = (Kind.TRIGGER_LOCKED, Kind.TRIGGER_UNLOCKED)
    looks_at_rest = True

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask whether the lock was open when it was taken, and whether it was opened by its holder, when that ended."""
        lock = event.flow or "", event.detail or ""
        holder = ledger.locks.get(lock)
        if ledger.documented and event.kind is Kind.TRIGGER_LOCKED and ledger.locking.get(lock) is False:
            sentence = (
                f"trigger {event.detail} of {event.flow} was locked, though it lets its executions overlap"
            )
            self.broken(ledger, sentence, flow=ledger.flow(lock[0]), event=event)
        if holder is not None and event.kind is Kind.TRIGGER_UNLOCKED and ledger.documented:
            self._judge_opened(event, ledger, holder)
        if holder is None or holder.name == event.execution or holder.ended or holder.deleted:
            return
        if event.kind is Kind.TRIGGER_UNLOCKED:
            self.broken(
                ledger,
                f"trigger {event.detail} of {event.flow} was unlocked by {event.execution} while {holder} held it",
                flow=holder.flow,
                event=event,
            )
        else:
            self.broken(
                ledger,
                f"trigger {event.detail} of {event.flow} was locked for {event.execution} while {holder} held it",
                flow=holder.flow,
                event=event,
            )

    def _judge_opened(self, event: Event, ledger: Ledger, holder: ExecutionEntry) -> None:
        over = holder.deleted or (holder.ended and not (holder.holds or holder.closing_runs))
        if holder.name == event.execution and not over:
            sentence = f"trigger {event.detail} of {event.flow} was unlocked before {holder} was over"
            self.broken(ledger, sentence, flow=holder.flow, event=event)

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

    A Flow trigger answers events and plans nothing: there each FIRE that an event has caused is a fire of its own.

    Under the documented contract a fire that finds its trigger locked is skipped (A5): it does not come later, unless
    something went wrong and it is made up for, or the database takes time. In an engine it does (SEMANTICS 5.2).
    And only such a one is skipped at its time: the limit, for one, is no reason, since that is for the gate to say.
    """

    id = "one_execution_per_fire"
    sentence = (
        "Each fire of a trigger makes exactly one execution, and under the documented contract none if the trigger is "
        "locked."
    )
    before_kinds = (Kind.FIRE_SKIPPED,)
    after_kinds = (Kind.FIRE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask who has locked the trigger, of a fire that is skipped when it comes. Others have their reasons."""
        at_its_time = (event.before is None or event.before == event.t_us) and not ledger.disturbed
        if ledger.documented and at_its_time and (event.flow or "", event.detail or "") not in ledger.locks:
            self.broken(
                ledger,
                f"a fire of {event.detail} of {event.flow} was skipped, though the trigger was not locked",
                flow=ledger.flow(event.flow or ""),
                event=event,
            )

    def after(self, event: Event, ledger: Ledger) -> None:
        """No fire comes twice, and none comes that had to be skipped."""
        made, earlier, last = ledger.execution(event), ledger.made_before, ledger.made_last
        fire = f"the fire of {event.detail} of {event.flow}"
        if isinstance(event.before, int):
            fire = f"{fire} planned for {duration(event.before)}"
        if earlier is not None and earlier is not made:
            self.broken(ledger, f"{fire} made both {earlier.name} and {made.name}", flow=made.flow)
        elif last is not None and self._overlaps(event, ledger, last):
            self.broken(ledger, f"{fire} made {made.name} before {last} had ended", flow=made.flow)
        elif ledger.documented and not (ledger.database_takes_time or ledger.disturbed):
            self._judge_time(event, ledger, made, fire)

    @staticmethod
    def _overlaps(event: Event, ledger: Ledger, last: ExecutionEntry) -> bool:
        """Say whether a trigger that locks has made an execution while its last one goes on: not in a second life."""
        locks = ledger.documented and ledger.locking.get((event.flow or "", event.detail or ""))
        return bool(locks) and not (last.ended or last.deleted or last.restarted)

    def _judge_time(self, event: Event, ledger: Ledger, made: ExecutionEntry, fire: str) -> None:
        planned_us, locked_us = event.before, ledger.locked_us.get((event.flow or "", event.detail or ""))
        if event.after is not None or locked_us is None or not isinstance(planned_us, int):
            return  # of a backfill, or of a trigger that has not been locked
        since_us, until_us = locked_us
        if since_us < planned_us < (event.t_us if until_us is None else until_us):
            self.broken(
                ledger,
                f"{fire} found the trigger locked (since {duration(since_us)}), and made {made.name} all the same",
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
