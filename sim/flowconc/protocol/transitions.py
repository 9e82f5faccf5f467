"""Changing an execution's state: the one place where a state is written, reported, and told to Flow triggers."""

from __future__ import annotations

from flowconc.protocol.events import Kind
from flowconc.protocol.rules import Hears
from flowconc.protocol.states import FINAL, State
from flowconc.protocol.steps import Message, Next, Order, StepResult
from flowconc.protocol.tables import Execution, Tables

_STATE = Kind.STATE


class Draft(StepResult):
    """The result of a step that is being worked out: changes, reports and orders in the order they come about."""

    __slots__ = ("admitted", "ended", "tables")

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.ended: Execution | None = None
        self.admitted: int | None = None  # the number of the execution that the gate lets in, in this step
        self.changes = []
        self.reports = []
        self.orders = []

    def write(self, execution: Execution) -> None:
        """Store an execution's row."""
        self.changes.append(("executions", execution.birth.number, execution))

    def end(self, execution: Execution) -> None:
        """Store the row of an execution that is over, afterExecution and all, and order its release.

        Under the documented contract that is a message, which outlives a crash of the executor. In the engine it is
        the next step of the same pass, which does not (SEMANTICS 4.1).
        """
        self.write(execution)
        ending, number = self.tables.rules.ending, execution.birth.number
        self.orders.append(Next(Message(ending[0], number)) if ending else Message("release", number))
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
        if listeners and self._heard(state, why):
            for listener in listeners:
                if state in listener.states:
                    self.orders.append(Message("flow_trigger", birth.number, listener))
        return execution.in_state(state, claims)

    def pass_through(self, execution: Execution, state: State, why: str) -> Execution:
        """Enter a state that is in the history and that nobody ever sees: Flow triggers hear nothing of it."""
        self.report(_STATE, execution, execution.state, state, why)
        return execution.in_state(state)

    def _heard(self, state: State, why: str) -> bool:
        """Say whether Flow triggers hear of a transition (SEMANTICS 3.20)."""
        hears = self.tables.rules.flow_triggers_hear
        if hears is Hears.ENDS:
            return state in FINAL
        return hears is Hears.ALL or why != "pop"
