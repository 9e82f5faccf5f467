"""Who waits for whom, when nothing can happen any more.

Somebody who waits for a person is not stranded: a PAUSED execution (its own time-out, had it one, would have come)
or one at a BREAKPOINT. Neither is who waits, directly or through others, for such a one: an execution queued behind
it, a parent whose unended children all do. Everybody else who has not ended is stranded; a parent that waits for a
child that is queued behind the parent's own slot is the classic case.
"""

from __future__ import annotations

from collections import defaultdict

from flowconc.check.entries import ExecutionEntry, FlowEntry
from flowconc.check.ledger import Ledger
from flowconc.check.wording import listing
from flowconc.protocol.states import State

WAITS_FOR_A_PERSON = frozenset({State.PAUSED, State.BREAKPOINT})


def stranded(ledger: Ledger) -> list[tuple[ExecutionEntry, str]]:
    """Return the unended executions that nothing and nobody will end, in order of creation, and why each waits."""
    unended = [
        entry for entry in ledger.executions.values() if entry.state and not entry.ended and not entry.deleted
    ]
    children: dict[str, list[ExecutionEntry]] = defaultdict(list)
    for entry in unended:
        if entry.parent is not None:
            children[entry.parent].append(entry)
    excused = _excused(ledger, unended, children)
    return [(entry, _why(entry, children)) for entry in unended if entry.name not in excused]


def _excused(
    ledger: Ledger, unended: list[ExecutionEntry], children: dict[str, list[ExecutionEntry]]
) -> set[str]:
    """Return the names of those who wait for a person: the least fixed point of the module's rule.

    Each pass that excuses somebody is followed by another, so chains of any length are found; a pass over n
    executions that excuses nobody ends it.
    """
    excused: set[str] = set()
    pending = unended
    while True:
        open_flows = {entry.flow.key for entry in unended if entry.name in excused and _has_slot(entry)}
        open_scopes = {scope for entry in unended if entry.name in excused for scope in entry.scopes}
        left = [
            entry
            for entry in pending
            if not _waits_for_a_person(entry, children, excused, open_flows)
            and not _waits_in_scope(ledger, entry, open_scopes)
        ]
        if len(left) == len(pending):
            return excused
        excused |= {entry.name for entry in pending} - {entry.name for entry in left}
        pending = left


def _waits_for_a_person(
    entry: ExecutionEntry, children: dict[str, list[ExecutionEntry]], excused: set[str], open_flows: set[str]
) -> bool:
    if entry.state in WAITS_FOR_A_PERSON:
        return True
    if entry.state is State.QUEUED:
        return entry.flow.key in open_flows and not entry.flow.has_free_slot
    own = children.get(entry.name, [])
    return bool(own) and all(child.name in excused for child in own)


def _has_slot(entry: ExecutionEntry) -> bool:
    return entry.holds or entry.name in entry.flow.occupants


def _waits_in_scope(ledger: Ledger, entry: ExecutionEntry, open_scopes: set[str]) -> bool:
    """Say whether it is queued behind a full namespace or tenant limit of which somebody excused holds a slot."""
    return entry.state is State.QUEUED and any(
        scope.name in open_scopes and (scope.is_full or scope.limit is None)
        for scope in ledger.scopes_over(entry.flow)
    )


def _why(entry: ExecutionEntry, children: dict[str, list[ExecutionEntry]]) -> str:
    own = children.get(entry.name, [])
    if entry.state is State.QUEUED:
        return f"it waits for a slot of {entry.flow.key}, {_held_by(entry.flow)}"
    if own:
        return f"it waits for its subflow {listing(map(str, own), len(own))}"
    return "nothing is under way that could end it"


def _held_by(flow: FlowEntry) -> str:
    names = [entry.name for entry in flow.on_slots]
    if names:
        return f"held by {listing(names, len(names))}"
    if flow.leaked:
        return f"lost with {listing(map(str, flow.leaked.values()), len(flow.leaked))}"
    return "which nobody holds"
