"""The invariant of namespace and tenant limits (SEMANTICS 3.16)."""

from __future__ import annotations

from flowconc.check.entries import ExecutionEntry
from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.check.wording import counted, duration, listing
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

_TURNED_AWAY = frozenset({"queue", "cancel", "fail"})


class ScopesAllOrNone(Invariant):
    """A scope is a namespace or a tenant with a limit. Its counter moves by one, from where it stands.

    An execution that runs without having passed any limit has claimed none, which other invariants speak of.
    """

    id = "scopes_all_or_none"
    sentence = (
        "An admission claims one slot in every namespace and tenant limit over its flow, or none, and its end frees "
        "exactly those."
    )
    before_kinds = (Kind.CLAIM, Kind.RELEASE, Kind.STATE)
    looks_at_rest = True

    def before(self, event: Event, ledger: Ledger) -> None:
        """Look at a move of a scope's counter, or at what somebody has claimed who begins to run or is turned away."""
        if not ledger.scopes and event.detail is None:
            return
        if event.kind is Kind.STATE:
            if ledger.scopes:
                self._judge_claims(event, ledger, ledger.execution(event))
        elif event.detail is not None:
            self._judge_move(event, ledger, ledger.execution(event), event.detail)

    def _judge_claims(self, event: Event, ledger: Ledger, entry: ExecutionEntry) -> None:
        if event.after is State.RUNNING and not entry.started and not entry.forced:
            due = {scope.name for scope in ledger.scopes_over(entry.flow) if scope.slots is not None}
            missing = sorted(due - set(entry.scopes))
            if missing and (entry.scopes or entry.holds):
                claimed = [*([entry.flow.key] if entry.holds else []), *entry.scopes]
                self.broken(
                    ledger,
                    f"{entry.name} claimed a slot of {listing(claimed, len(claimed))}, but none of "
                    f"{listing(missing, len(missing))}",
                    flow=entry.flow,
                    event=event,
                )
        elif (
            entry.scopes
            and entry.gate in _TURNED_AWAY
            and entry.state in (State.CREATED, State.RESTARTED)
            and not entry.started  # else it was popped since, and is RESTARTED after a pause
        ):
            self.broken(
                ledger,
                f"{entry.name} was turned away ({entry.gate}) and yet claimed a slot of "
                f"{listing(entry.scopes, len(entry.scopes))}",
                flow=entry.flow,
                event=event,
            )

    def _judge_move(self, event: Event, ledger: Ledger, entry: ExecutionEntry, name: str) -> None:
        scope = ledger.scope(name)
        claims = event.kind is Kind.CLAIM
        moved = scope.counter + 1 if claims else max(scope.counter - 1, 0)
        if claims and name in entry.scopes:
            wrong = f"{entry.name} claimed a second slot of {name}"
        elif not claims and name not in entry.scopes:
            wrong = f"{entry.name} released a slot of {name} that it did not hold"
        elif event.before != scope.counter or event.after != moved:
            verb = "claim" if claims else "release"
            wrong = (
                f"the {verb} of {entry.name} moved the counter of {name} from {event.before} to {event.after}, but it "
                f"stood at {scope.counter}"
            )
        else:
            return
        self.broken(ledger, wrong, flow=entry.flow, event=event)

    def at_rest(self, ledger: Ledger) -> None:
        """Compare each scope's counter with those who hold a slot of it."""
        for scope in ledger.scopes.values():
            if scope.counter != len(scope.holders):
                keys = list(scope.holders.values())
                self.broken(
                    ledger,
                    f"the counter of {scope.name} says {scope.counter}, but its slots are held by "
                    f"{counted(len(scope.holders), 'execution')}",
                    flow=ledger.flow(keys[0]) if keys else None,
                )

    def at_end(self, ledger: Ledger) -> None:
        """Look for slots of scopes that nobody will free any more."""
        if not ledger.scopes:
            return
        for entry in ledger.executions.values():
            if entry.scopes and (entry.deleted or (entry.ended and ledger.drained)):
                how = "was deleted" if entry.deleted else f"ended {entry.state}"
                self.broken(
                    ledger,
                    f"{entry.name} {how} at {duration(entry.since_us)} and never released its slot of "
                    f"{listing(entry.scopes, len(entry.scopes))}",
                    flow=entry.flow,
                )
