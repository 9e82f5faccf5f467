"""Invariants of an execution's life: what a kill and a rejection must mean."""

from __future__ import annotations

from flowconc.check.entries import ExecutionEntry
from flowconc.check.invariants.base import Invariant
from flowconc.check.ledger import Ledger
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event

REJECTED_AS = {"cancel": State.CANCELLED, "fail": State.FAILED}
"""The state that an answer of the gate must lead to at once (A3)."""


class KillIsFinal(Invariant):
    """Neither a retry, nor a timer, nor a pop revives a killed execution, and a kill comes to its end.

    Under the documented contract nobody is KILLED whom no kill has reached, unless an operator or a killed subflow has
    made it so, and a kill reaches those whom the execution has started, at once where nothing takes time and nothing
    goes wrong (SEMANTICS 3.4).

    A task that was ordered before the kill may still start while the kill is on its way to the worker, but not once
    the execution is KILLED; what starts then is afterExecution, and was ordered later. An operator may give a KILLED
    execution another final state (SEMANTICS 3.17).
    """

    id = "kill_is_final"
    sentence = "After KILLING comes KILLED and nothing else, for the subflows too, and no task is ordered in between."
    before_kinds = (Kind.STATE, Kind.TASK_STARTED)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Judge what follows a kill."""
        entry = ledger.execution(event)
        if entry.state is not State.KILLING and entry.state is not State.KILLED:
            if event.kind is Kind.STATE and ledger.documented:
                self._judge_unkilled(event, ledger, entry)
            return
        killing = entry.state is State.KILLING
        if event.kind is Kind.TASK_STARTED:
            ordered_before = event.cause_seq is not None and event.cause_seq < entry.since_seq
            if killing and not ordered_before:
                wrong = f"{entry.name} started {event.detail} while KILLING"
            elif not killing and ordered_before:
                wrong = f"{entry.name} was KILLED, and {event.detail}, which was ordered before, started"
            else:
                return
        elif event.after is State.KILLED or (killing and event.after is State.KILLING):
            return
        elif event.detail == "change_status" and not killing:
            return  # an operator did that
        else:
            wrong = f"{entry.name} went from {entry.state} to {event.after}"
        self.broken(ledger, wrong, flow=entry.flow, event=event)

    def _judge_unkilled(self, event: Event, ledger: Ledger, entry: ExecutionEntry) -> None:
        """Judge a move of somebody who is not being killed."""
        if event.after is State.KILLED:
            subflows = ledger.children.get(entry.name, ())
            if event.detail != "change_status" and not any(each.state is State.KILLED for each in subflows):
                wrong = f"{entry.name} became KILLED, and no kill had reached it"
                self.broken(ledger, wrong, flow=entry.flow, event=event)
            return
        if (
            not ledger.children
            or event.after is State.KILLING
            or ledger.database_takes_time
            or ledger.disturbed
        ):
            return
        parent = ledger.executions.get(entry.parent or "")
        if parent is None or parent.state is not State.KILLED or not parent.killed or entry.ended:
            return
        if entry.since_seq < parent.since_seq and event.t_us > parent.since_us:
            wrong = f"{entry.name} went on to {event.after}, though its parent {parent} was killed"
            self.broken(ledger, wrong, flow=entry.flow, event=event)

    def at_end(self, ledger: Ledger) -> None:
        """Look for kills that nothing will end any more."""
        if not ledger.drained:
            return
        for entry in ledger.executions.values():
            if entry.state is State.KILLING and not entry.deleted:
                self.broken(ledger, f"{entry} is never KILLED", flow=entry.flow)


class RejectedRunsNoTask(Invariant):
    """Turned away at the gate, killed while it waited, or still waiting: in none of these does a task start (A3).

    Nor once an operator or an SLA has ended it while it waited.
    """

    id = "rejected_runs_no_task"
    sentence = "An execution that the gate turned away, or that was killed while it waited, runs no task."
    before_kinds = (Kind.STATE, Kind.TASK_STARTED)

    def before(self, event: Event, ledger: Ledger) -> None:
        """Judge tasks of those who have no business running, and the state that a rejection leads to."""
        entry = ledger.execution(event)
        if event.kind is Kind.TASK_STARTED:
            if entry.turned_away or entry.state is State.QUEUED:
                was = "waits" if entry.state is State.QUEUED else f"was turned away ({entry.state})"
                self.broken(
                    ledger, f"{entry.name} {was} and yet started {event.detail}", flow=entry.flow, event=event
                )
        elif entry.turned_away and entry.state in (State.CREATED, State.RESTARTED):
            must_be = REJECTED_AS.get(entry.gate or "")  # None: it was ended while it waited
            if must_be is not None and event.after is not must_be:
                self.broken(
                    ledger,
                    f"the gate of {entry.flow.key} answered {entry.gate}, but {entry.name} became {event.after}, "
                    f"must be {must_be}",
                    flow=entry.flow,
                    event=event,
                )
