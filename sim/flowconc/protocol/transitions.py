"""Changing an execution's state: the one place where a state is written, reported, and told to Flow triggers."""

from __future__ import annotations

from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, Order, StepResult
from flowconc.protocol.tables import Execution, Tables

_STATE = Kind.STATE


class Draft(StepResult):
    """The result of a step that is being worked out: changes, reports and orders in the order they come about."""

    __slots__ = ("ended", "tables")

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.ended: Execution | None = None
        self.changes = []
        self.reports = []
        self.orders = []

    def write(self, execution: Execution) -> None:
        """Store an execution's row."""
        self.changes.append(("executions", execution.birth.number, execution))

    def end(self, execution: Execution) -> None:
        """Store the row of an execution that is over, afterExecution and all, and order its release."""
        self.write(execution)
        self.orders.append(Message("release", execution.birth.number))
        self.ended = execution

    def order(self, *orders: Order) -> None:
        """Add orders."""
        self.orders.extend(orders)

    def report(
        self,
        kind: Kind,
        execution: Execution,
        before: State | int | None = None,
        after: State | int | None = None,
        detail: str | None = None,
    ) -> None:
        """Report something about an execution."""
        birth = execution.birth
        self.reports.append((kind, birth.number, birth.flow, birth.revision, before, after, detail))

    def enter(self, execution: Execution, state: State, why: str, *, claims: bool = False) -> Execution:
        """Move an execution to `state` and return its new row, not yet written; with a slot if it `claims` one.

        Flow triggers hear of every transition (SEMANTICS 3.20).
        """
        birth = execution.birth
        self.reports.append((_STATE, birth.number, birth.flow, birth.revision, execution.state, state, why))
        listeners = self.tables.listeners.get(birth.flow)
        if listeners is not None:
            for listener in listeners:
                if state in listener.states:
                    self.orders.append(Message("flow_trigger", birth.number, listener))
        return execution.in_state(state, claims or execution.holds_slot)
