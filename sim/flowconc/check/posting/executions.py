"""What happens to executions: their states, who takes a slot in truth, who begins under which limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowconc.check.entries import UNJUDGED, ExecutionEntry
from flowconc.protocol.states import FINAL, State
from flowconc.trace.trace import Event

if TYPE_CHECKING:
    from flowconc.check.ledger import Ledger

# Looking an enum's member up is slow in Python 3.11.
_CREATED, _QUEUED, _RUNNING, _KILLING = State.CREATED, State.QUEUED, State.RUNNING, State.KILLING
_RESTARTED, _RETRYING = State.RESTARTED, State.RETRYING


_ANCESTORS = frozenset({"subflow", "loop"})
"""Sources that name an execution which the new one works for."""


def created(ledger: Ledger, event: Event) -> None:
    """Enter a new execution. One that replaces a RETRIED one works for the same parent."""
    entry = ledger.execution(event)
    entry.source = event.detail
    kind, _, name = (event.detail or "").partition(":")
    if kind in _ANCESTORS and name:  # alone it is a label that a source gives itself
        entry.parent = name
    elif kind == "retry":
        replaced = ledger.look_up(name)
        entry.parent = None if replaced is None else replaced.parent
    entry.revision = event.revision
    entry.state = _CREATED
    entry.since_us, entry.since_seq = event.t_us, event.seq
    entry.created_seq = event.seq
    if entry.parent is not None:
        ledger.children.setdefault(entry.parent, []).append(entry)


def state(ledger: Ledger, event: Event) -> None:
    """Enter a change of state, and all that it means for queue and slots."""
    entry = ledger.execution(event)
    flow = entry.flow
    before, after = entry.state, event.after
    assert isinstance(after, State)
    ran_out = before in FINAL
    if entry.deleted:
        _come_back(entry)
    if before is _QUEUED:
        flow.queue.pop(entry.name, None)
        if after is _KILLING or after in FINAL:
            entry.turned_away = True
        ledger.touch(flow)
    elif ran_out and after is _RESTARTED:
        _new_life(ledger, entry)
    elif ran_out and after is _RUNNING:
        entry.forced = False  # whatever runs it once more, it is not what forced it
    if after is _QUEUED:
        flow.queue[entry.name] = entry
        ledger.touch(flow)
        if ledger.scopes:
            for scope in ledger.scopes_over(flow):
                scope.flows[flow.key] = None
    entry.state = after
    entry.since_us, entry.since_seq = event.t_us, event.seq
    ledger.began = None
    if after is _RUNNING:
        begin(ledger, entry, from_queue=before is _QUEUED or ran_out)
        entry.started = True
        entry.popped = False
        entry.in_hand = flow.in_hand = None
    elif after is _KILLING:
        entry.killed = True
    elif after in FINAL:
        entry.begun = False
        flow.gave = entry.revision
    elif ran_out and after is _RETRYING:
        entry.begun = True  # the failure before a retry is in the history, and nobody ever sees it
    place(ledger, entry)
    ledger.touch_locks(entry)


def _new_life(ledger: Ledger, entry: ExecutionEntry) -> None:
    entry.restarted = True
    entry.gate = None
    entry.started = entry.forced = entry.turned_away = entry.begun = entry.popped = entry.killed = False
    entry.allowed = UNJUDGED
    entry.closing_runs = ()


def _come_back(entry: ExecutionEntry) -> None:
    """Enter an execution that was deleted and runs all the same (SEMANTICS 9.1, 9)."""
    entry.deleted = False
    if entry.flow.leaked.pop(entry.name, None) is not None:
        entry.flow.holders[entry.name] = entry


def begin(ledger: Ledger, entry: ExecutionEntry, *, from_queue: bool) -> None:
    """Note that an execution gets its slot, or begins to run without one, and under which limit."""
    if not entry.begun and not entry.deleted:
        entry.begun = True
        entry.allowed = _allowed(ledger, entry, from_queue)
        ledger.began = entry


def _allowed(ledger: Ledger, entry: ExecutionEntry, from_queue: bool) -> int | None:
    """Return the limit that an admission is judged by: the latest (A8), or in an engine the most generous.

    There an arrival goes by its own revision, and a pop by that of the execution whose end made room (SEMANTICS
    1.2, 2.3): holders of an older revision keep its limit alive.
    """
    flow = entry.flow
    most = flow.latest.slots
    if ledger.documented or len(flow.limits) <= 1:
        return most
    revisions = {entry.revision}
    if from_queue:
        revisions |= {flow.gave} | {occupant.revision for occupant in flow.occupants.values()}
    for revision in revisions:
        own = flow.limit_of(revision).slots
        if most is None or own is None:
            return None
        most = max(most, own)
    return most


def place(ledger: Ledger, entry: ExecutionEntry) -> None:
    """Keep the books of who takes a slot in truth, which only engines need."""
    if ledger.documented:
        return
    flow, name = entry.flow, entry.name
    occupies = entry.occupies
    if occupies != (name in flow.occupants):
        ledger.touch(flow)
        if occupies:
            flow.occupants[name] = entry
            if flow.limit_of(entry.revision).slots is None:
                flow.uncounted[name] = entry
        else:
            del flow.occupants[name]
            flow.uncounted.pop(name, None)
    if not occupies and name in flow.holders and entry.ended:
        flow.closing[name] = entry
    else:
        flow.closing.pop(name, None)


def gate(ledger: Ledger, event: Event) -> None:
    """Enter the gate's answer."""
    entry = ledger.execution(event)
    entry.gate = event.detail
    entry.in_hand = None
    entry.turned_away = event.detail in ("cancel", "fail")


def forced(ledger: Ledger, event: Event) -> None:
    """Enter that an execution may run without a slot."""
    entry = ledger.execution(event)
    entry.forced = True
    place(ledger, entry)


def deleted(ledger: Ledger, event: Event) -> None:
    """Enter a deletion: the execution is not there any more, and a slot that it held is lost."""
    entry = ledger.execution(event)
    flow = entry.flow
    entry.deleted = True
    entry.since_us, entry.since_seq = event.t_us, event.seq
    flow.queue.pop(entry.name, None)
    flow.at_work.pop(entry.name, None)
    if flow.holders.pop(entry.name, None) is not None:
        flow.leaked[entry.name] = entry
    place(ledger, entry)
    ledger.touch(flow)
    ledger.touch_locks(entry)
