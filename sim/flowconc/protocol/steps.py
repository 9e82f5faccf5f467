"""What a step is: a pure function of the tables, with the row locks it needs declared beforehand.

A driver takes a message, looks its step up in a semantics, takes the locks that the step declares, calls it, applies
the changes, writes the reports down, and passes the messages and orders on. What it chooses is times or orders;
what happens is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flowconc.protocol.events import ReportFields
from flowconc.protocol.scope_names import scopes_of
from flowconc.protocol.tables import Change, Tables
from flowconc.protocol.values import value

RowKey = tuple[str, object]
"""A row that can be locked: (table, key). Steps take their locks in one order: executions, triggers, counters."""


@value
class Message:
    """Work for an executor: the name of a step and what it is about."""

    step: str
    execution: int | None = None
    argument: Any = None


@value
class RunTask:
    """An order to the workers: run a task. The answer is the message `task_ended`, with (node, outcome)."""

    execution: int
    node: int
    attempt: int


class StopTasks(NamedTuple):
    """An order to the workers: kill these runs. The answer is the message `then`."""

    execution: int
    nodes: tuple[int, ...]
    then: Message


class Choose(NamedTuple):
    """A question to chance: which branch of a choice. The answer is the message `branch_chosen`, with (node, branch)."""

    execution: int
    node: int


class Wake(NamedTuple):
    """An order to the clock: send `message` after a time evenly between two bounds, in microseconds.

    Where the engine looks at what is due from time to time (`rules.tick_us`), it comes with the next look; a message
    that is only under way for a moment does not wait for one (`looked_for` False).
    """

    after_us: int
    at_most_us: int
    message: Message
    looked_for: bool = True


class Next(NamedTuple):
    """The next step of the same executor, in a transaction of its own. A crash of the executor in between loses it."""

    message: Message


class Ended(NamedTuple):
    """News for a source that waits to hear of it: the execution has ended."""

    execution: int


class Reschedule(NamedTuple):
    """News for the scheduler: this flow's triggers have changed."""

    flow: str


class Evaluated(NamedTuple):
    """News for the scheduler: a planned fire has been seen to, or (not `done`) stays until its trigger is unlocked."""

    flow: str
    trigger: str
    planned_us: int
    done: bool


class Unlocked(NamedTuple):
    """News for the scheduler: a trigger has been unlocked. It `recovers` when recoverMissedSchedules applies now."""

    flow: str
    trigger: str
    recovers: bool


class Backfill(NamedTuple):
    """News for the scheduler: a trigger is to fire for the dates of a window, bounds included."""

    flow: str
    trigger: str
    number: int  # of the trigger's backfills, from 1
    first_us: int
    last_us: int


Order = (
    Message
    | Next
    | RunTask
    | StopTasks
    | Choose
    | Wake
    | Ended
    | Reschedule
    | Evaluated
    | Unlocked
    | Backfill
)


class StepResult:
    """Everything a step did, in order: rows to write, what to report, what follows."""

    __slots__ = ("changes", "orders", "reports")

    def __init__(
        self,
        changes: Iterable[Change] = (),
        reports: Iterable[ReportFields] = (),
        orders: Iterable[Order] = (),
    ) -> None:
        self.changes = list(changes)
        self.reports = list(reports)
        self.orders = list(orders)


StepFunction = Callable[[Tables, Message, int], StepResult]
"""What a step does: from the tables, a message and the time, in microseconds, to what changes and follows."""


class Step(NamedTuple):
    """A step of the protocol.

    `locks(tables, message)` says which rows it holds while it runs, in the order in which they are taken;
    `statements` how many statements it sends to the database meanwhile.
    """

    name: str
    run: StepFunction
    locks: Callable[[Tables, Message], tuple[RowKey, ...]]
    statements: int


def execution_lock(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the execution's own row."""
    return (("executions", message.execution),)


def slot_locks(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock the execution's row, the trigger that it holds, and its flow's counter when there is a limit to keep."""
    number = message.execution
    execution = tables.find(number)
    if execution is None:
        return (("executions", number),)
    birth = execution.birth
    flow = birth.flow
    own: tuple[RowKey, ...] = (("executions", number),)
    if birth.trigger is not None:
        own += (("triggers", (flow, birth.trigger)),)
    if tables.flows[flow].definition.concurrency is not None:
        own += (("counters", flow),)
    if tables.scopes:
        own += tuple(("counters", scope) for scope in sorted(scopes_of(tables, flow)))
    return own


def no_lock(tables: Tables, message: Message) -> tuple[RowKey, ...]:
    """Lock nothing."""
    return ()
