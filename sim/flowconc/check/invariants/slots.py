"""Invariants of the slots: who claims them, who gives them back, and what the engine's counter says."""

from __future__ import annotations

from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.check.wording import counted, duration
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

SLOT_KINDS = (Kind.CLAIM, Kind.RELEASE)


class LimitNeverExceeded(Invariant):
    """Judges admissions, not levels: a limit lowered below the holders, or a forced run, breaks nothing (A8, A10)."""

    id = "limit_never_exceeded"
    sentence = "No admission takes a flow above the limit in force, and none goes without claiming a slot."
    before_kinds = (Kind.STATE,)
    after_kinds = (Kind.CLAIM,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask whoever starts to run unforced under a limit for its slot."""
        if event.after is not State.RUNNING:
            return
        entry = ledger.execution(event)
        began = not entry.started or entry.ended  # not a resume or a retry of what has run in this life
        forced = entry.forced and not entry.ended
        if began and not forced and not entry.holds and entry.flow.limit is not None:
            self.broken(
                ledger,
                f"{entry.name} runs without a slot of {entry.flow.key} ({entry.flow.limit_said}) and was not forced",
                flow=entry.flow,
                event=event,
            )

    def after(self, event: Event, ledger: Ledger) -> None:
        """Count the holders after a claim."""
        flow = ledger.flow(event.flow or "")
        if flow.limit is not None and len(flow.holders) > flow.limit:
            self.broken(
                ledger,
                f"{event.execution} was admitted to {flow.key} as holder {len(flow.holders)}, {flow.limit_said}",
                flow=flow,
            )


class CounterMatchesHolders(Invariant):
    """A deletion leaves the counter above the live holders (A9), which is why it is judged at rest, not per event.

    A holder that has ended keeps its slot through afterExecution and until its release is through, so it is live
    until then; at the end of a drained run nothing is still on its way, and only unended holders count.
    """

    id = "counter_matches_holders"
    sentence = (
        "The engine's counter of a flow equals the number of live executions that hold one of its slots."
    )
    looks_at_rest = True

    def at_rest(self, ledger: Ledger) -> None:
        """Compare the flows that changed in this instant."""
        for flow in ledger.touched.values():
            if flow.counter != len(flow.holders):
                self._differs(ledger, flow.key, flow.counter, len(flow.holders))

    def at_end(self, ledger: Ledger) -> None:
        """Compare every flow with its unended holders, when nothing can happen any more."""
        if self.first is not None or not ledger.drained:
            return
        for flow in ledger.flows.values():
            unended = sum(not holder.ended for holder in flow.holders.values())
            if flow.counter != unended:
                self._differs(ledger, flow.key, flow.counter, unended)

    def _differs(self, ledger: Ledger, flow: str, counter: int, holders: int) -> None:
        self.broken(
            ledger,
            f"the counter of {flow} says {counter}, but its slots are held by "
            f"{counted(holders, 'live execution')}",
            flow=ledger.flow(flow),
        )


class OneReleasePerClaim(Invariant):
    """A second, late or repeated end must change nothing."""

    id = "one_release_per_claim"
    sentence = "A claim is released once: no execution gives a slot back twice."
    before_kinds = (Kind.RELEASE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask a release for a claim that is still open."""
        entry = ledger.execution(event)
        if entry.claims and not entry.holds:
            self.broken(
                ledger,
                f"{entry.name} released its slot of {entry.flow.key} again, after "
                f"{counted(entry.claims, 'claim')} and {counted(entry.releases, 'release')}",
                flow=entry.flow,
                event=event,
            )


class NoReleaseWithoutClaim(Invariant):
    """Rejected, forced and killed-while-queued executions free nothing (A9, A10)."""

    id = "no_release_without_claim"
    sentence = "No execution releases a slot that it never claimed."
    before_kinds = (Kind.RELEASE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask a release for an earlier claim of the same execution."""
        entry = ledger.execution(event)
        if not entry.claims:
            self.broken(
                ledger,
                f"{entry.name} released a slot of {entry.flow.key} that it never claimed",
                flow=entry.flow,
                event=event,
            )


class EveryClaimReleased(Invariant):
    """Judged at the end. Deleted executions never come back; ended ones are given until the run is drained."""

    id = "every_claim_released"
    sentence = "Every slot claimed by an execution that has ended, or was deleted, is released by the end of the run."

    def at_end(self, ledger: Ledger) -> None:
        """Look for claims that nobody will release any more."""
        for entry in ledger.executions.values():
            if entry.holds and (entry.deleted or (entry.ended and ledger.drained)):
                how = "was deleted" if entry.deleted else f"ended {entry.state}"
                self.broken(
                    ledger,
                    f"{entry.name} {how} at {duration(entry.since_us)} and never released its slot of {entry.flow.key}",
                    flow=entry.flow,
                )


class OneCounterPerFlow(Invariant):
    """All revisions of a flow share one counter; the same id in another namespace is another flow (A1)."""

    id = "one_counter_per_flow"
    sentence = "All claims and releases of a flow move one counter, each by one from where the last left it."
    before_kinds = SLOT_KINDS

    def before(self, event: Event, ledger: Ledger) -> None:
        """Compare where the move starts with where the last one of this flow ended."""
        flow = ledger.flow(event.flow or "")
        verb, step = ("claim", 1) if event.kind is Kind.CLAIM else ("release", -1)
        if event.before != flow.counter or event.after != flow.counter + step:
            self.broken(
                ledger,
                f"the {verb} of {event.execution} moved the counter of {flow.key} from {event.before} to {event.after}, "
                f"but it stood at {flow.counter}",
                flow=flow,
                event=event,
            )
