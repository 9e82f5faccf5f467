"""Invariants of the gate and the queue: who is let in, in which order, and that nobody waits in vain."""

from __future__ import annotations

from flowconc.check.entries import ExecutionEntry, FlowEntry, Limit, ScopeEntry
from flowconc.check.invariants.base import Invariant
from flowconc.check.invariants.waiting import stranded
from flowconc.check.ledger import Ledger
from flowconc.check.wording import counted, duration
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

REJECTION = {"QUEUE": "queue", "CANCEL": "cancel", "FAIL": "fail"}
"""The gate's answer when every slot is taken, by the flow's behavior (A3)."""

PATIENCE_US = 1_000_000
"""How long a slot may be free while somebody waits, where the steps of an engine lie apart: its slowest loop."""


class WorkConserving(Invariant):
    """Judged at rest, by the latest limit: one that is raised or removed lets waiting executions start (A8).

    Under the documented contract it is exact also where the database takes time. A step reports all that it changed
    at one instant, when it commits. A release and the pop that hands the slot over are one step, and until it commits
    the slot is still held; likewise an arrival is gated and queued in one step, under the counter's lock. So whatever
    a step costs, no instant may end with a free slot and somebody waiting for it.

    In an engine they may be two transactions (before 1.2). Where those take time, a slot may be free for a moment,
    not for longer than a second. At the end of a drained run slots that ended executions never gave back are free.

    Who waits for a slot of a full namespace or tenant waits rightly. Where there are such limits, a save moves the queue
    in a step of its own, which takes its time where steps do, or where something goes wrong.
    """

    id = "work_conserving"
    sentence = "No instant ends with a free slot while an execution of the flow waits for one."
    looks_at_rest = True

    def at_rest(self, ledger: Ledger) -> None:
        """Look at the flows that changed in this instant."""
        patient = ledger.database_takes_time and not ledger.documented
        moves_later = ledger.database_takes_time or ledger.disturbed
        for flow in ledger.touched.values():
            waits = self._waits_in_vain(ledger, flow) if flow.has_free_slot else None
            if not patient:
                if waits is None:
                    flow.moving = False
                elif not (flow.moving and moves_later):
                    self._idles(ledger, flow, waits)
            else:
                since_us = flow.idle_since_us
                if since_us is not None and ledger.instant_us - since_us > PATIENCE_US:
                    self._idled(ledger, flow, since_us)
                    since_us = None
                if waits is None:
                    flow.idle_since_us = None
                elif since_us is None:
                    flow.idle_since_us = ledger.instant_us

    def at_end(self, ledger: Ledger) -> None:
        """Look once more at every flow, when nothing can happen any more."""
        if not ledger.drained or self.first is not None:
            return
        for flow in ledger.flows.values():
            alive = sum(not each.ended for each in flow.on_slots)
            waits = self._waits_in_vain(ledger, flow)
            if waits is not None and (flow.limit is None or alive < flow.limit):
                self._idles(ledger, flow, waits)

    @staticmethod
    def _waits_in_vain(ledger: Ledger, flow: FlowEntry) -> ExecutionEntry | None:
        """Return who waits for a slot of this flow, and not for one of a namespace or a tenant."""
        head = flow.head if flow.queue else None
        if head is None or not ledger.scopes or not any(map(_may_be_full, ledger.scopes_over(flow))):
            return head
        return None

    def _idles(self, ledger: Ledger, flow: FlowEntry, waits: ExecutionEntry) -> None:
        alive = sum(not each.ended for each in flow.on_slots) if ledger.drained else flow.taken
        self.broken(
            ledger,
            f"{waits.name} waits for a slot of {flow.key} ({flow.latest}) while {counted(alive, 'execution')} alive "
            "had one",
            flow=flow,
        )

    def _idled(self, ledger: Ledger, flow: FlowEntry, since_us: int) -> None:
        self.broken(
            ledger,
            f"a slot of {flow.key} ({flow.latest}) was free from {duration(since_us)} to "
            f"{duration(ledger.instant_us)} while executions waited",
            flow=flow,
        )


def _may_be_full(scope: ScopeEntry) -> bool:
    return scope.is_full or (scope.limit is None and bool(scope.holders))


class NoStrandedExecution(Invariant):
    """Judged when nothing can happen any more; see `waiting` for who counts as stranded."""

    id = "no_stranded_execution"
    sentence = (
        "When the run is drained nobody is left unended, unless it waits for a person to resume something."
    )

    def at_end(self, ledger: Ledger) -> None:
        """Name everybody who waits for what can never come."""
        if not ledger.drained:
            return
        for entry, why in stranded(ledger):
            self.broken(ledger, f"{entry} never ends: {why}", flow=entry.flow)


class Fifo(Invariant):
    """Oldest first (A4), by the time of queueing. Forced runs and kills leave the queue from anywhere.

    An execution is popped when it gets its slot, or, where none is claimed for it, when it runs. Under namespace and
    tenant limits the oldest that fits all of its own goes first, of whatever flow it is (SEMANTICS 3.16).
    """

    id = "fifo"
    sentence = (
        "Queued executions start in the order in which they were queued, and no arrival overtakes them."
    )
    before_kinds = (Kind.STATE,)
    after_kinds = (Kind.CLAIM,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask whoever starts without a slot whether it was the head of the queue, or found it empty."""
        if event.after is not State.RUNNING:
            return
        entry = ledger.execution(event)
        if entry.begun or (entry.forced and not entry.ended):
            return
        if entry.state is State.QUEUED or entry.deleted:
            self._judge_pop(event, ledger, entry)
        elif entry.gate == "admit" and not entry.ended:
            self._judge_arrival(event, ledger, entry)

    def after(self, event: Event, ledger: Ledger) -> None:
        """Ask the same of whoever got a slot."""
        entry = ledger.execution(event)
        if event.detail is not None:
            return
        if entry.popped or entry.deleted:
            self._judge_pop(event, ledger, entry)
        else:
            self._judge_arrival(event, ledger, entry)

    def _judge_pop(self, event: Event, ledger: Ledger, entry: ExecutionEntry) -> None:
        flow = entry.flow
        if entry.name not in flow.queue:
            self._overtook(event, ledger, entry, f"{entry.name} was popped, but is not in the queue any more")
            return
        first = next(each for each in flow.queue.values() if each is entry or not each.popped)
        if first is not entry:
            self._overtook(event, ledger, entry, f"{entry.name} was popped before {first.name}")
        elif ledger.scopes and ledger.documented and not (ledger.database_takes_time or ledger.disturbed):
            older = _older_elsewhere(ledger, entry)
            if older is not None:
                sentence = (
                    f"{entry.name} was popped before {older} of {older.flow.key}, which fits its limits"
                )
                self._overtook(event, ledger, entry, sentence)

    def _judge_arrival(self, event: Event, ledger: Ledger, entry: ExecutionEntry) -> None:
        flow = entry.flow
        if flow.queue and flow.head is not None:
            self._overtook(event, ledger, entry, f"{entry.name} was admitted past the queue of {flow.key}")

    def _overtook(self, event: Event, ledger: Ledger, entry: ExecutionEntry, sentence: str) -> None:
        self.broken(ledger, sentence, flow=entry.flow, event=event)


def _older_elsewhere(ledger: Ledger, entry: ExecutionEntry) -> ExecutionEntry | None:
    """Return one of another flow in a scope of this one that has waited longer, and for no limit of its own."""
    own = {scope.name for scope in ledger.scopes_over(entry.flow)}
    for flow in ledger.flows.values():
        head = flow.head if flow is not entry.flow and flow.queue else None
        if head is None or head.since_seq >= entry.since_seq or not flow.has_free_slot:
            continue
        scopes = list(ledger.scopes_over(flow))
        if own.intersection(scope.name for scope in scopes) and not any(map(_may_be_full, scopes)):
            return head
    return None


class GateCoversEverySource(Invariant):
    """A resume does not pass the gate again: it kept its slot. A restart of what had ended does (A2).

    In an engine there is no gate to pass for executions of a revision without a limit (SEMANTICS 1.4).
    """

    id = "gate_covers_every_source"
    sentence = "Every execution passes the gate before it runs, wherever it came from, unless it is forced."
    before_kinds = (Kind.STATE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask whoever starts to run whether it was gated in this life."""
        if event.after is not State.RUNNING:
            return
        entry = ledger.execution(event)
        gated = entry.gate is not None and not entry.ended
        forced = entry.forced and not entry.ended
        if gated or forced:
            return
        if not ledger.documented and ledger.gate_limit(entry.flow, entry.revision).slots is None:
            return
        self.broken(
            ledger,
            f"{entry.name} (from {entry.source}) runs without having passed the gate of {entry.flow.key}",
            flow=entry.flow,
            event=event,
        )


class ExactAtTheBoundary(Invariant):
    """By the latest revision of the flow (A8); in an engine by the execution's own (SEMANTICS 1.2).

    A version that keeps no counter finds its figure elsewhere: there only its answer is judged. With namespace and
    tenant limits the first that is reached decides: flow, then namespaces from within, then tenant (SEMANTICS 3.16).
    """

    id = "exact_at_the_boundary"
    sentence = (
        "The gate judges each arrival once, admits it if and only if the counter is below the limit, and else does "
        "what the behavior says."
    )
    before_kinds = (Kind.GATE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Compare the gate's answer with the counter, the limit and the behavior as they stand."""
        entry = ledger.execution(event)
        flow = entry.flow
        wrong = self._wrong(event, ledger, entry)
        if wrong is not None:
            self.broken(ledger, f"the gate of {flow.key} {wrong} ({entry.name})", flow=flow, event=event)

    def _wrong(self, event: Event, ledger: Ledger, entry: ExecutionEntry) -> str | None:
        flow = entry.flow
        limit = ledger.gate_limit(flow, event.revision)
        if entry.gate is not None and not entry.ended:
            return f"answered {event.detail} to who had been told {entry.gate} already"
        found = event.before
        if ledger.scopes and _rejects(flow.counter, limit) is None:
            scope = next((each for each in _in_order(ledger, flow) if _is_reached(each)), None)
            if scope is not None and scope.limit is not None:
                return _differs(event, scope.counter, scope.limit, f"of {scope.name} ", "it")
        if found != flow.counter and (ledger.documented or flow.counted):
            return f"found the counter at {found}, but it stood at {flow.counter}"
        revision = "the latest revision" if ledger.documented else "its revision"
        return _differs(event, found if isinstance(found, int) else 0, limit, "", revision)


def _differs(event: Event, counter: int, limit: Limit, whose: str, revision: str) -> str | None:
    """Say how a decision is wrong that must be made by this counter and this limit of a revision."""
    if event.before != counter:
        return f"found the counter {whose}at {event.before}, but it stood at {counter}"
    if event.after != limit.slots:
        said = "none" if event.after is None else event.after
        return f"went by the limit {said}, but {revision} has {limit}"
    answer = _rejects(counter, limit) or "admit"
    if event.detail != answer:
        return f"answered {event.detail}, must be {answer}: counter {counter}, {limit}"
    return None


def _rejects(counter: int, limit: Limit) -> str | None:
    """Return the answer of a limit that is reached, None of one that is not."""
    if limit.slots is None or counter < limit.slots:
        return None
    return REJECTION[limit.behavior or "QUEUE"]


def _is_reached(scope: ScopeEntry) -> bool:
    """Say whether a scope's own counter has no slot left."""
    return scope.slots is not None and scope.counter >= scope.slots


def _in_order(ledger: Ledger, flow: FlowEntry) -> list[ScopeEntry]:
    """Return the namespace and tenant limits over a flow as they are asked: innermost namespace first, tenant last."""

    def rank(scope: ScopeEntry) -> tuple[bool, int]:
        kind, _, name = scope.name.partition(":")
        return kind == "tenant", -len(name)

    return sorted(ledger.scopes_over(flow), key=rank)
