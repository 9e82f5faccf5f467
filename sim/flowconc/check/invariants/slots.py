"""Invariants of the slots: who claims them, who gives them back, and what the engine's counter says."""

from __future__ import annotations

from flowconc.check.entries import ExecutionEntry, FlowEntry
from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.check.wording import counted, duration, listing
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event


class LimitNeverExceeded(Invariant):
    """Judges admissions, not levels: a limit lowered below the holders, or a forced run, breaks nothing (A8, A10).

    Under the documented contract the limit in force is the latest one, holders are counted, and whoever starts
    unforced under a limit has claimed a slot; so has whoever is at work when a limit is saved (A8), and whoever starts
    a task, of afterExecution too. In an engine the limit is the one that the engine itself applies (see
    `Ledger.gate_limit`; a pop goes by that of the execution that made room), and all who run are counted, forced ones
    excepted, whatever they claimed: who starts because a forced execution gave back what it never had is one too many.
    Namespace and tenant limits are counted by claims.
    """

    id = "limit_never_exceeded"
    sentence = (
        "No admission takes a flow above the limit that applies to it, and under the documented contract none goes "
        "without a slot."
    )
    before_kinds = (Kind.STATE, Kind.TASK_STARTED)
    after_kinds = (Kind.CLAIM, Kind.STATE, Kind.FLOW_SAVED)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Under the documented contract, ask whoever runs unforced under a limit for its slot: also after a pause."""
        if not ledger.documented or (event.kind is Kind.STATE and event.after is not State.RUNNING):
            return
        entry = ledger.execution(event)
        if event.kind is Kind.TASK_STARTED:
            self._judge_task(event, ledger, entry)
            return
        forced = entry.forced and not entry.ended
        if not forced and not entry.holds and entry.flow.limit is not None:
            self.broken(
                ledger,
                f"{entry.name} runs without a slot of {entry.flow.key} ({entry.flow.latest}) and was not forced",
                flow=entry.flow,
                event=event,
            )

    def _judge_task(self, event: Event, ledger: Ledger, entry: ExecutionEntry) -> None:
        """Ask who starts a task for its slot; other invariants speak of those who were turned away or killed."""
        may = entry.holds or entry.forced or entry.flow.limit is None
        other = (
            entry.turned_away
            or entry.killed
            or entry.state is State.QUEUED
            or event.cause_seq in entry.sent_again
        )
        if not (may or other):
            sentence = (
                f"{entry} started {event.detail} without a slot of {entry.flow.key} ({entry.flow.latest})"
            )
            self.broken(ledger, sentence, flow=entry.flow, event=event)

    def after(self, event: Event, ledger: Ledger) -> None:
        """Count after an admission; under a limit that has just been saved, ask who is at work for their slots."""
        if event.kind is Kind.FLOW_SAVED:
            self._judge_save(ledger, ledger.flow(event.flow or ""))
            return
        if event.kind is Kind.CLAIM and event.detail is not None:
            self._judge_scope(event, ledger, event.detail)
            return
        entry = ledger.execution(event)
        flow = entry.flow
        if not ledger.documented:
            if ledger.began is entry:
                self._judge(ledger, entry, len(flow.occupants), entry.allowed)
        elif event.kind is Kind.CLAIM:
            self._judge(ledger, entry, len(flow.holders), flow.limit)

    def _judge(self, ledger: Ledger, entry: ExecutionEntry, number: int, limit: int | None) -> None:
        if limit is not None and number > limit:
            flow = entry.flow
            said = flow.latest if limit == flow.limit else f"limit {limit} at most"
            sentence = f"{entry.name} was admitted to {flow.key} as holder {number}, {said}"
            self.broken(ledger, sentence, flow=flow)

    def _judge_save(self, ledger: Ledger, flow: FlowEntry) -> None:
        if not ledger.documented or flow.limit is None:
            return
        for entry in flow.at_work.values():
            if not (entry.holds or entry.ended or entry.forced or entry.deleted):
                sentence = (
                    f"{entry.name} is at work without a slot of {flow.key}, for which {flow.latest} was saved"
                )
                self.broken(ledger, sentence, flow=flow)

    def _judge_scope(self, event: Event, ledger: Ledger, name: str) -> None:
        scope = ledger.scope(name)
        if scope.slots is not None and len(scope.holders) > scope.slots:
            self.broken(
                ledger,
                f"{event.execution} was admitted to {name} as holder {len(scope.holders)}, {scope.limit}",
                flow=ledger.flow(event.flow or ""),
            )


class CounterMatchesHolders(Invariant):
    """A deletion leaves the counter above the live holders (A9), which is why it is judged at rest, not per event.

    A holder that has ended keeps its slot through afterExecution and until its release is through, so it is live
    until then; at the end of a drained run nothing is still on its way, and only unended holders count. In an engine
    holders are all who run unforced, whatever they claimed, but for those of revisions without a limit. A version
    that keeps no counter, and a flow whose counter is gone with its limit, have nothing to match.

    What an operator sets is not the engine's doing: the instant in which it is set is passed over. That the engine
    then goes by it, and that nobody puts it right, is: the next change of the flow, or the end of the run, shows it.
    """

    id = "counter_matches_holders"
    sentence = (
        "The engine's counter of a flow equals the number of live executions that hold one of its slots."
    )
    looks_at_rest = True

    def at_rest(self, ledger: Ledger) -> None:
        """Compare the flows that changed in this instant."""
        for flow in ledger.touched.values():
            if not flow.counted or not flow.has_row or flow.key in ledger.set_by_hand:
                continue
            if not flow.counted_at_least <= flow.counter <= flow.taken:
                near = flow.counted_at_least if flow.counter < flow.counted_at_least else flow.taken
                self._differs(ledger, flow, near)

    def at_end(self, ledger: Ledger) -> None:
        """Compare every flow with its unended holders, when nothing can happen any more."""
        if self.first is not None or not ledger.drained:
            return
        for flow in ledger.flows.values():
            holders = flow.holders if flow.by_claims else flow.occupants
            unended = sum(
                not (each.ended or each.popped or each.name in flow.uncounted) for each in holders.values()
            )
            if flow.counted and flow.has_row and flow.counter != unended:
                self._differs(ledger, flow, unended)

    def _differs(self, ledger: Ledger, flow: FlowEntry, holders: int) -> None:
        self.broken(
            ledger,
            f"the counter of {flow.key} says {flow.counter}, but its slots are held by "
            f"{counted(holders, 'live execution')}",
            flow=flow,
        )


def _moves_nothing(event: Event, flow: FlowEntry) -> bool:
    """Say whether a move is one of a counter whose row is gone: who is popped then is not counted, nor is its end."""
    return not flow.has_row and event.before == event.after


def _is_own(event: Event, entry: ExecutionEntry) -> bool:
    """Say whether a release is one of the flow's own counter, not of a namespace's or a tenant's, and moves it."""
    return event.detail is None and not _moves_nothing(event, entry.flow)


class OneReleasePerClaim(Invariant):
    """A second, late or repeated end must change nothing, nor a claim of an earlier life.

    A slot is kept through pauses, waits for a retry, and a kill, until the execution is over (SEMANTICS 2.1). Under the
    documented contract that is when its work is over too, afterExecution and what a kill has to stop included, unless
    a worker went down with it.
    """

    id = "one_release_per_claim"
    sentence = "A claim is released once, when its execution is over: none gives its slot back twice, or while it goes on."
    before_kinds = (Kind.RELEASE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask a release for a claim that is still open, and for an end."""
        entry = ledger.execution(event)
        if not _is_own(event, entry) or not entry.claims:
            return
        if entry.holds:
            still = _goes_on(ledger, entry)
            if still is not None:
                sentence = f"{entry.name} released its slot of {entry.flow.key} {still}"
                self.broken(ledger, sentence, flow=entry.flow, event=event)
        else:
            self.broken(
                ledger,
                f"{entry.name} released its slot of {entry.flow.key} again, after "
                f"{counted(entry.claims, 'claim')} and {counted(entry.releases, 'release')}",
                flow=entry.flow,
                event=event,
            )


def _goes_on(ledger: Ledger, entry: ExecutionEntry) -> str | None:
    """Say why a holder may not release its slot yet, or None. To free that of a deleted one is a remedy (BUGS, #2597)."""
    if entry.deleted:
        return None
    if not entry.ended:
        return f"while it was {entry.state}"
    if ledger.documented and entry.runs and ledger.worker_down_seq is None:
        return f"while {listing(entry.runs, len(entry.runs))} went on"
    return None


class NoReleaseWithoutClaim(Invariant):
    """Rejected, forced and killed-while-queued executions free nothing (A9, A10)."""

    id = "no_release_without_claim"
    sentence = "No execution releases a slot that it never claimed."
    before_kinds = (Kind.RELEASE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask a release for an earlier claim of the same execution."""
        entry = ledger.execution(event)
        if _is_own(event, entry) and not entry.claims:
            self.broken(
                ledger,
                f"{entry.name} released a slot of {entry.flow.key} that it never claimed",
                flow=entry.flow,
                event=event,
            )


class EveryClaimReleased(Invariant):
    """Judged at the end. Deleted executions never come back; all others are given until the run is drained."""

    id = "every_claim_released"
    sentence = (
        "Every slot claimed by an execution that has ended, was killed or was deleted is released by the end of "
        "the run."
    )

    def at_end(self, ledger: Ledger) -> None:
        """Look for claims that nobody will release any more."""
        for entry in ledger.executions.values():
            over = entry.ended or entry.state is State.KILLING
            if entry.holds and (entry.deleted or (over and ledger.drained)):
                how = (
                    "was deleted"
                    if entry.deleted
                    else f"ended {entry.state}"
                    if entry.ended
                    else "was killed"
                )
                self.broken(
                    ledger,
                    f"{entry.name} {how} at {duration(entry.since_us)} and never released its slot of {entry.flow.key}",
                    flow=entry.flow,
                )


class OneCounterPerFlow(Invariant):
    """All revisions of a flow share one counter; the same id in another namespace is another flow (A1).

    A release at 0 leaves it at 0, as the engine has it; a counter whose row is gone stays where it is (SEMANTICS 2.3).
    An operator may set it to any number but a negative one, from where it stands (SEMANTICS 4.4).
    """

    id = "one_counter_per_flow"
    sentence = (
        "All claims and releases of a flow move one counter, each by one from where the last left it, and never "
        "below 0."
    )
    before_kinds = (Kind.CLAIM, Kind.RELEASE, Kind.COUNTER_SET)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Compare where the move starts with where the last one of this flow ended."""
        flow = ledger.flow(event.flow or "")
        if event.detail is not None and event.kind is not Kind.COUNTER_SET:
            return  # a namespace's or a tenant's: see `scopes_all_or_none`
        starts_right = event.before == flow.counter
        if event.kind is Kind.COUNTER_SET:
            starts_right = starts_right or event.before is None
            moves_right = not isinstance(event.after, int) or event.after >= 0
            what = f"{event.detail} moved"
        else:
            verb, step = ("claim", 1) if event.kind is Kind.CLAIM else ("release", -1)
            moved = flow.counter if _moves_nothing(event, flow) else flow.counter + step
            moves_right = event.after == (max(moved, 0) if step < 0 else moved)
            what = f"the {verb} of {event.execution} moved"
        if not starts_right or not moves_right:
            self.broken(
                ledger,
                f"{what} the counter of {flow.key} from {event.before} to {event.after}, "
                f"but it stood at {flow.counter}",
                flow=flow,
                event=event,
            )
