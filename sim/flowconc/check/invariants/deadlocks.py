"""Invariants of waiting in circles: executions for slots, transactions for row locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from flowconc.check.entries import ExecutionEntry, FlowEntry
from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.check.wording import counted, listing
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

LASTING_US = 1_000_000
"""How long a circle must have lasted to be one, when somebody breaks it: parents that do not wait go on before that."""


class NoSelfDeadlock(Invariant):
    """A parent that keeps its slot while its child waits for one of the same flow, or two that block each other.

    Judged when nothing can happen any more, and when an operator breaks the circle: by a kill, a forced run or a new
    limit. A trace does not say whether a parent waits for its child, so then the circle must have lasted a while. As
    long as one slot is held by somebody who can go on, there is none.
    """

    id = "no_self_deadlock"
    sentence = "Nobody waits for a slot whose holders all wait for it: its own ancestors, for one."
    before_kinds = (Kind.STATE, Kind.FORCED, Kind.FLOW_SAVED)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Look whether somebody is about to be freed from a circle."""
        if (event.kind is Kind.STATE and event.after is not State.KILLING) or not ledger.children:
            return
        if event.kind is Kind.FLOW_SAVED:
            concerned = list(ledger.flow(event.flow or "").queue.values())
        else:
            entry = ledger.execution(event)
            concerned = [entry, *ledger.children.get(entry.name, ())]
        lasting = [
            each
            for each in concerned
            if each.state is State.QUEUED
            and each.parent is not None
            and each.since_seq > 0  # the explorer knows no times: it judges at the end
            and event.t_us - each.since_us >= LASTING_US
        ]
        if lasting:
            circle = _circle(ledger)
            for each in lasting:
                if each.name in circle:
                    self._deadlocked(ledger, each)

    def at_end(self, ledger: Ledger) -> None:
        """Look at everybody who waits, when nothing can happen any more."""
        if ledger.drained and any(flow.queue for flow in ledger.flows.values()):
            circle = _circle(ledger)
            for entry in ledger.executions.values():
                if entry.name in circle and entry.state is State.QUEUED:
                    self._deadlocked(ledger, entry)

    def _deadlocked(self, ledger: Ledger, entry: ExecutionEntry) -> None:
        flow = entry.flow
        holders = [each.name for each in flow.on_slots] or list(
            dict.fromkeys(name for scope in ledger.scopes_over(flow) for name in scope.holders)
        )
        self.broken(
            ledger,
            f"{entry} waits for a slot of {flow.key}, and {listing(holders, len(holders))} for it",
            flow=flow,
        )


Node = tuple[str, str]
"""An execution, the slots of a flow, or those of a namespace or tenant: what it is, and its name."""


def _circle(ledger: Ledger) -> set[str]:
    """Return the names of the executions that wait in circles: none of them can go on before another one does."""
    waits_for = _waits(ledger)
    stuck = _stuck(waits_for)
    waited_for: defaultdict[Node, int] = defaultdict(int)
    for node in stuck:
        for other in waits_for[node]:
            waited_for[other] += 1
    leaves = [node for node in stuck if not waited_for[node]]
    while leaves:  # whom nobody in the circle waits for is only stuck behind it
        node = leaves.pop()
        stuck.discard(node)
        for other in waits_for[node]:
            waited_for[other] -= 1
            if other in stuck and not waited_for[other]:
                leaves.append(other)
    return {name for kind, name in stuck if kind == "execution"}


def _waits(ledger: Ledger) -> dict[Node, list[Node]]:
    """Return who waits for what: queued executions for slots, slots for their holders, parents for their children."""
    waits: dict[Node, list[Node]] = {}
    unended = [entry for entry in ledger.executions.values() if entry.state and not entry.ended]
    children: defaultdict[str, list[Node]] = defaultdict(list)
    for entry in unended:
        if entry.parent is not None and not entry.deleted:
            children[entry.parent].append(("execution", entry.name))
    for entry in unended:
        node = "execution", entry.name
        if entry.state is State.QUEUED and not entry.popped:
            waits[node] = [("flow", entry.flow.key), *_scopes(ledger, entry.flow)]
        elif entry.state is State.RUNNING and not entry.runs and not entry.deleted:
            waits[node] = children[entry.name]
    for flow in ledger.flows.values():
        if not flow.has_free_slot:
            waits["flow", flow.key] = [("execution", entry.name) for entry in flow.on_slots]
    for scope in ledger.scopes.values():
        if scope.is_full or scope.limit is None:
            waits["scope", scope.name] = [("execution", name) for name in scope.holders]
    return waits


def _scopes(ledger: Ledger, flow: FlowEntry) -> Iterable[Node]:
    return (("scope", scope.name) for scope in ledger.scopes_over(flow))


def _stuck(waits_for: dict[Node, list[Node]]) -> set[Node]:
    """Return what cannot go on: the greatest set of which each member waits for others in it.

    A queued execution waits for all of its limits, everything else for any one of those it waits for.
    """
    stuck = {node for node, others in waits_for.items() if others}
    while True:
        freed = {node for node in stuck if not _is_stuck(node, waits_for[node], stuck)}
        if not freed:
            return stuck
        stuck -= freed


def _is_stuck(node: Node, others: list[Node], stuck: set[Node]) -> bool:
    waits_for_all = node[0] == "execution" and others[0][0] != "execution"
    return (any if waits_for_all else all)(other in stuck for other in others)


class NoLockCycle(Invariant):
    """Locks that are waited for in two orders are a deadlock that has not happened yet (BUGS, section 3).

    Which rows are meant is seen only by their kind, and only where a lock was waited for.
    """

    id = "no_lock_cycle"
    sentence = "No transactions wait for each other in a circle, and all take their locks in one order."
    after_kinds = (Kind.LOCK_WAIT, Kind.DEADLOCK)

    def after(self, event: Event, ledger: Ledger) -> None:
        """Look at a circle, or at the order of a transaction's waits."""
        flow = None if event.flow is None else ledger.flow(event.flow)
        if event.kind is Kind.DEADLOCK:
            count = event.before if isinstance(event.before, int) else 2
            victim = "none" if event.execution is None else f"that of {event.execution}"
            self.broken(
                ledger,
                f"{counted(count, 'transaction')} waited for each other: {event.detail}; {victim} was rolled back",
                flow=flow,
            )
            return
        _, rows = ledger.lock_waits[event.execution, event.flow]
        for earlier in rows[:-1]:
            if earlier != rows[-1] and (rows[-1], earlier) in ledger.lock_orders:
                self.broken(
                    ledger,
                    f"{event.execution or event.flow} waited for the lock of a row of kind {rows[-1]} after that of "
                    f"one of kind {earlier}, and another transaction in the opposite order",
                    flow=flow,
                )
