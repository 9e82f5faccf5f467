"""The invariant of crashes: what was in hand when something went wrong is not lost."""

from __future__ import annotations

from flowconc.check.invariants.base import Invariant
from flowconc.check.invariants.waiting import stranded
from flowconc.check.ledger import Ledger
from flowconc.protocol.states import State


class CrashLosesNothing(Invariant):
    """Judged at the end of a drained run, and only of those whom a fault hit: leaks of other causes are not a crash's.

    In hand were the execution for which a step failed or a message was lost, those at work at a worker that went down,
    and those half-way when an executor did: not gated yet, popped and not RUNNING, ended and not released. Whoever
    goes on afterwards is in hand no more. Who is left must hold no slot as an ended execution, must not be left behind
    unended, and must not leave a queue behind that nobody will look at.
    """

    id = "crash_loses_nothing"
    sentence = (
        "A crash, a failed step or a lost message leaves no slot with an ended execution, and nobody behind who was "
        "in hand."
    )

    def at_end(self, ledger: Ledger) -> None:
        """Look for those who were in hand and have not been seen since."""
        if not ledger.drained:
            return
        for entry in ledger.executions.values():
            if entry.in_hand is not None and entry.ended and entry.holds and not entry.deleted:
                self.broken(
                    ledger,
                    f"{entry} never released its slot of {entry.flow.key} after {entry.in_hand}",
                    flow=entry.flow,
                )
        faults = [entry.in_hand for entry in ledger.executions.values()]
        faults += [flow.in_hand for flow in ledger.flows.values()]
        if not any(faults):
            return
        for entry, _ in stranded(ledger):
            if entry.in_hand is not None:
                self.broken(ledger, f"{entry} was left behind after {entry.in_hand}", flow=entry.flow)
            elif entry.flow.in_hand is not None and entry.state is State.QUEUED:
                self.broken(
                    ledger,
                    f"{entry} was left in the queue of {entry.flow.key} after {entry.flow.in_hand}",
                    flow=entry.flow,
                )
