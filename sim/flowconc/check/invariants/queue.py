"""Invariants of the gate and the queue: who is let in, in which order, and that nobody waits in vain."""

from __future__ import annotations

from flowconc.check.invariants.base import Invariant
from flowconc.check.invariants.waiting import stranded
from flowconc.check.ledger import ExecutionEntry, Ledger
from flowconc.check.wording import counted
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

REJECTION = {"QUEUE": "queue", "CANCEL": "cancel", "FAIL": "fail"}
"""The gate's answer when every slot is taken, by the flow's behavior (A3)."""


class WorkConserving(Invariant):
    """Judged at rest, and exact also where the database takes time.

    A step of the engine reports all that it changed at one instant, when it commits. A release and the pop that
    hands the slot over are one step (SEMANTICS 2.3), and until it commits the slot is still held; likewise an
    arrival is gated and queued in one step, under the counter's lock. So whatever a step costs, no instant may end
    with a free slot and somebody waiting for it.
    """

    id = "work_conserving"
    sentence = "No instant ends with a free slot while an execution of the flow waits for one."
    looks_at_rest = True

    def at_rest(self, ledger: Ledger) -> None:
        """Look at the flows that changed in this instant."""
        for flow in ledger.touched.values():
            if flow.queue and flow.has_free_slot:
                self.broken(
                    ledger,
                    f"{next(iter(flow.queue))} waits for a slot of {flow.key} ({flow.limit_said}) while "
                    f"{counted(len(flow.holders), 'execution')} alive had one",
                    flow=flow,
                )


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
    """Oldest first (A4), by the time of queueing. Forced runs and kills leave the queue from anywhere."""

    id = "fifo"
    sentence = (
        "Queued executions start in the order in which they were queued, and no arrival overtakes them."
    )
    before_kinds = (Kind.STATE, Kind.CLAIM)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask whoever starts whether it was the head of the queue, or found it empty."""
        entry = ledger.execution(event)
        queue = entry.flow.queue
        if event.kind is Kind.CLAIM:
            if queue and entry.state is not State.QUEUED:
                self._overtook(
                    event, ledger, entry, f"{entry.name} was admitted past the queue of {entry.flow.key}"
                )
        elif event.after is State.RUNNING and entry.state is State.QUEUED and not entry.forced:
            if entry.name not in queue:
                self._overtook(
                    event, ledger, entry, f"{entry.name} was popped, but is not in the queue any more"
                )
            elif next(iter(queue)) != entry.name:
                self._overtook(event, ledger, entry, f"{entry.name} was popped before {next(iter(queue))}")

    def _overtook(self, event: Event, ledger: Ledger, entry: ExecutionEntry, sentence: str) -> None:
        self.broken(ledger, sentence, flow=entry.flow, event=event)


class GateCoversEverySource(Invariant):
    """A resume does not pass the gate again: it kept its slot. A restart of what had ended does (A2)."""

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
        if not gated and not forced:
            self.broken(
                ledger,
                f"{entry.name} (from {entry.source}) runs without having passed the gate of {entry.flow.key}",
                flow=entry.flow,
                event=event,
            )


class ExactAtTheBoundary(Invariant):
    """By the latest revision of the flow (A8)."""

    id = "exact_at_the_boundary"
    sentence = (
        "The gate admits if and only if the counter is below the limit, and else does what the behavior says."
    )
    before_kinds = (Kind.GATE,)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Compare the gate's answer with the counter, the limit and the behavior as they stand."""
        flow = ledger.flow(event.flow or "")
        if event.before != flow.counter:
            wrong = f"found the counter at {event.before}, but it stood at {flow.counter}"
        elif event.after != flow.limit:
            said = "none" if event.after is None else event.after
            wrong = f"went by the limit {said}, but the latest revision has {flow.limit_said}"
        elif event.detail != (answer := self._answer(flow.counter, flow.limit, flow.behavior)):
            wrong = f"answered {event.detail}, must be {answer}: counter {flow.counter}, {flow.limit_said}"
        else:
            return
        self.broken(ledger, f"the gate of {flow.key} {wrong} ({event.execution})", flow=flow, event=event)

    @staticmethod
    def _answer(counter: int, limit: int | None, behavior: str | None) -> str:
        return "admit" if limit is None or counter < limit else REJECTION[behavior or "QUEUE"]
