"""Invariants of what is seen from outside: what the Concurrency tab shows, and the work that really goes on."""

from __future__ import annotations

from flowconc.check.entries import UNJUDGED, ExecutionEntry, FlowEntry
from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.check.wording import counted, listing
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

_ALWAYS_SHOWN = frozenset({State.RUNNING, State.PAUSED})
"""The states that every version's tab shows as active (SEMANTICS 4.4)."""


class DisplayMatchesEngine(Invariant):
    """The tab shows active slots against total slots, and a table of the QUEUED executions (A11).

    Judged whenever the engine goes by those figures: at the gate and at a pop. Which executions are active is said in
    two ways: the RUNNING and PAUSED ones (SEMANTICS 4.4), or all that hold a slot (A11), those in retry, kill and
    afterExecution among them. The gate's count must lie between the two. Under the documented contract the slot of a
    deleted execution stays active (A9); in an engine the row is gone, and nobody sees why the flow is full. The total
    is the latest limit. A forced execution is in no bar (A10).
    """

    id = "display_matches_engine"
    sentence = (
        "The engine goes by what the Concurrency tab shows: as many active slots, the same limit, and the same "
        "executions in the queue."
    )
    before_kinds = (Kind.GATE, Kind.STATE)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Compare what the gate found, and who was popped, with what is shown."""
        entry = ledger.execution(event)
        if event.kind is Kind.GATE:
            wrong = self._gate_differs(event, ledger, entry.flow)
            if wrong is not None:
                self.broken(ledger, wrong, flow=entry.flow, event=event)
            return
        is_popped = event.detail == "pop" and event.after is State.RUNNING
        if is_popped and (entry.deleted or entry.state is not State.QUEUED):
            shown = "not at all" if entry.deleted else f"as {entry.state}"
            self.broken(
                ledger,
                f"{entry.name} was popped from the queue of {entry.flow.key}, but was shown {shown}",
                flow=entry.flow,
                event=event,
            )

    @staticmethod
    def _gate_differs(event: Event, ledger: Ledger, flow: FlowEntry) -> str | None:
        own = ledger.gate_limit(flow, event.revision).slots
        if event.after is None or not isinstance(event.before, int):
            return None
        if ledger.scopes and event.detail != "admit" and (own is None or flow.counter < own):
            return None  # a namespace's or a tenant's limit decided, which the flow's tab does not show
        if event.after != flow.limit:
            total = "no limit" if flow.limit is None else f"{flow.limit} slots"
            return f"the gate of {flow.key} went by {event.after} slots, but {total} are shown ({event.execution})"
        on_slots = [*flow.on_slots, *(flow.leaked.values() if ledger.documented else ())]
        least = sum(_is_shown(entry) for entry in on_slots)
        if least <= event.before <= len(on_slots):
            return None
        return (
            f"the gate of {flow.key} counted {counted(event.before, 'active slot')}, but {len(on_slots)} are shown "
            f"({event.execution})"
        )


def _is_shown(entry: ExecutionEntry) -> bool:
    return entry.deleted or entry.state in _ALWAYS_SHOWN


class ExternalWorkWithinLimit(Invariant):
    """What a limit protects is outside: a database, an API, a cluster. There only the work counts that goes on.

    So an ended execution whose process has not stopped yet counts, and a rejected one that works all the same. What
    a deleted execution still does cannot be seen. A limit lowered below those at work breaks nothing (A8).
    """

    id = "external_work_within_limit"
    sentence = (
        "The task runs that go on at a time belong to no more executions of a flow than its limit, forced ones aside, "
        "and no run goes on twice."
    )
    after_kinds = (Kind.TASK_STARTED,)
    looks_at_rest = True

    def after(self, event: Event, ledger: Ledger) -> None:
        """Look whether the run goes on already."""
        if ledger.started_twice:
            entry = ledger.execution(event)
            self.broken(
                ledger,
                f"{entry.name} started {event.detail} again while it went on (attempt {event.before})",
                flow=entry.flow,
            )

    def at_rest(self, ledger: Ledger) -> None:
        """Count the executions at work, where that changed in this instant."""
        for flow in ledger.touched.values():
            limit = flow.limit
            if limit is None or len(flow.at_work) <= limit:
                continue
            at_work = [entry for entry in flow.at_work.values() if not entry.forced]
            most = _most(limit, at_work)
            if most is not None and len(at_work) > most:
                names = [entry.name for entry in at_work]
                self.broken(
                    ledger,
                    f"{counted(len(at_work), 'execution')} of {flow.key} are at work, {flow.latest}: "
                    f"{listing(names, len(names))}",
                    flow=flow,
                )


def _most(limit: int, at_work: list[ExecutionEntry]) -> int | None:
    """Return the highest limit that those at work were let in under; None is no limit."""
    for entry in at_work:
        if entry.allowed is None:
            return None
        if entry.allowed != UNJUDGED:
            limit = max(limit, entry.allowed)
    return limit
