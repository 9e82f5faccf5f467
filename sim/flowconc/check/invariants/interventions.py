"""The invariant of interventions: what only somebody outside may do, the engine does not do by itself."""

from __future__ import annotations

from flowconc.check.entries import ExecutionEntry
from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.trace import Event

_JUDGED_ELSEWHERE = frozenset({State.RUNNING, State.KILLING})
"""Where a QUEUED execution may go without being turned away: other invariants judge pops, forced runs and kills."""


class NothingUnasked(Invariant):
    """A lowered limit stops nobody, and another behavior or a deleted flow leaves the queue alone (A8).

    No slot is made free by a kill, and no limit passed by a force-run, that nobody has ordered (A9, A10).
    Judged under the documented contract; of an engine not every order is known. An action in bulk says how many it
    meant and not whom: from then on it may have been anybody of the flow.
    """

    id = "nothing_unasked"
    sentence = (
        "Under the documented contract nobody is killed, forced, deleted, restarted, given another end or taken out "
        "of the queue, but by an operator, an SLA, or the kill of its parent."
    )
    before_kinds = (Kind.STATE, Kind.FORCED, Kind.DELETED)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Ask whoever is moved from outside for the order."""
        if not ledger.documented:
            return
        entry = ledger.execution(event)
        wrong = self._wrong(event, ledger, entry)
        if wrong is not None:
            self.broken(ledger, f"{entry} {wrong}, and nobody asked for it", flow=entry.flow, event=event)

    @staticmethod
    def _wrong(event: Event, ledger: Ledger, entry: ExecutionEntry) -> str | None:
        if event.kind is Kind.FORCED:
            return None if _asked(entry, "force_run", "unqueue") else "was forced to run"
        if event.kind is Kind.DELETED:
            return None if _asked(entry, "delete", "purge") else "was deleted"
        after = event.after
        if after is State.KILLING:
            return None if _killed(ledger, entry) else "was killed"
        if entry.state is State.QUEUED:
            may = (
                entry.popped or entry.sla_broken or _asked(entry, "unqueue")
            )  # popped: an assertion did not hold
            return None if may or after in _JUDGED_ELSEWHERE else f"left the queue for {after}"
        if entry.ended and after is State.RESTARTED:
            return None if _asked(entry, "restart") else "was restarted"
        if entry.ended and after in FINAL:
            return None if _asked(entry, "change_status") else f"became {after}"
        return None


def _asked(entry: ExecutionEntry, *verbs: str) -> bool:
    """Say whether one of these actions was carried out, on this execution or in bulk on some of its flow."""
    return any(verb in entry.asked or verb in entry.flow.asked for verb in verbs)


def _killed(ledger: Ledger, entry: ExecutionEntry) -> bool:
    """Say whether it may be killed: by an operator, or because of an execution that it works for (SEMANTICS 3.4, 3.21)."""
    made_by: ExecutionEntry | None = entry
    while made_by is not None:
        if _asked(made_by, "kill") or (made_by is not entry and (made_by.killed or made_by.sla_broken)):
            return True
        made_by = None if made_by.parent is None else ledger.look_up(made_by.parent)
    return False
