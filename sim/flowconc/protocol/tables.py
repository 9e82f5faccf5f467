"""The rows that an installation keeps, and how a step changes them.

Rows are immutable and hashable; `Tables` is a set of mappings from keys to rows. A step reads tables and returns
changes; a driver applies them. Nothing else writes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from flowconc.protocol.plan import Plan
from flowconc.protocol.rules import DOCUMENTED_RULES, Rules
from flowconc.protocol.states import FINAL, State
from flowconc.protocol.values import value
from flowconc.scenario.flow import Concurrency, Flow

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_QUEUED, _RUNNING = State.QUEUED, State.RUNNING


_NEW = tuple.__new__
"""Makes a row from its fields, without the arguments of its class: three times as fast as `_replace`."""


class Origin(NamedTuple):
    """Which source sent an execution, for its answer."""

    place: int  # the entry of `arrivals:`
    number: int  # which of its arrivals
    retries: int  # how often it has been sent before


@value
class Birth:
    """What an execution is from its creation on."""

    number: int  # order of creation over all flows, from 0
    name: str
    flow: str
    revision: int
    ordinal: int  # order of creation within the flow, from 0
    source: str  # `ui`, `api`, ..., `trigger:ID`, `subflow:PARENT`, `retry:OLD`
    trigger: str | None = None
    parent: int | None = None  # the execution whose subflow task started it
    parent_node: int | None = None  # that task, when it waits
    fails: frozenset[str] = frozenset()  # ids of tasks that fail in this execution
    attempt: int = 1  # of a flow retry that creates new executions
    duration_us: int | None = None  # recorded length of its work task, replacing the task's own
    origin: Origin | None = None
    first_created_us: int = (
        0  # when the first execution of its flow retry was created; itself when there was none
    )
    loop_path: tuple[
        int, ...
    ] = ()  # of a pass of a Loop: its node, and before that those of the passes around it
    takes: tuple[tuple[str, str], ...] = ()  # ids of choices, and the branches that they take here


class Attempts(NamedTuple):
    """How often a node has been tried, when it was more than once."""

    node: int
    begun: int
    first_us: int  # when the first of them started


class Execution(NamedTuple):
    """A row of `executions`."""

    birth: Birth
    state: State
    holds_slot: bool = False
    forced: bool = False
    progress: bytes = b""  # the state of each node of the plan; empty until the first task starts
    attempts: tuple[Attempts, ...] = ()
    tries: int = 1  # of the whole, by a flow retry that repeats failed tasks
    children: tuple[int, ...] = ()
    in_after_execution: bool = False
    stamped: bool = (
        False  # carries a claim stamp, which outlives the claim where a restart keeps it (SEMANTICS 3.11)
    )
    previous: State | None = None  # the state before this one; this and the next two are what a history tells
    was_queued: bool = False
    has_run: bool = False
    scopes: tuple[str, ...] = ()  # namespaces and tenants in which it has claimed a slot

    # The changes that every execution goes through are spelled out, because they are many.

    def in_state(self, state: State, claims: bool = False) -> Execution:
        """Return the row in its next state, with a slot if it has one or `claims` one."""
        return _NEW(
            Execution,
            (
                self.birth,
                state,
                self.holds_slot or claims,
                *self[3:9],
                self.stamped or claims,
                self.state,
                self.was_queued or state is _QUEUED,
                self.has_run or state is _RUNNING,
                self.scopes,
            ),
        )

    def with_slot(self, holds_slot: bool) -> Execution:
        """Return the row with a slot or without; a slot leaves its stamp."""
        stamped = self.stamped or holds_slot
        return _NEW(Execution, (*self[:2], holds_slot, *self[3:9], stamped, *self[10:]))

    def at(self, progress: bytes) -> Execution:
        """Return the row with other progress."""
        return _NEW(Execution, (*self[:4], progress, *self[5:]))

    @property
    def ended(self) -> bool:
        """Say whether it is in a final state."""
        return self.state in FINAL


class FlowRow(NamedTuple):
    """The latest revision of a flow."""

    revision: int
    definition: Flow
    deleted: bool = False

    @property
    def concurrency(self) -> Concurrency | None:
        """The limit in force: always the latest revision's (A8)."""
        return self.definition.concurrency


class TriggerRow(NamedTuple):
    """What the scheduler keeps about a trigger."""

    locked_by: int | None = None
    disabled: bool = False
    met: frozenset[int] = frozenset()  # Flow triggers: which upstream conditions have been met since it fired
    window: int | None = None  # Flow triggers with a window: the one in which they were met
    backfills: int = 0  # how many it has had
    backfilling: bool = False  # the last of them is under way


class Listener(NamedTuple):
    """A Flow trigger's interest in one upstream flow."""

    flow: str
    trigger: str
    upstream: int  # which of the trigger's conditions
    states: frozenset[str]


class QueueTable:
    """`execution_queued`: per flow, the executions that wait, oldest first (A4), as they were when they were queued.

    `length` counts all.
    """

    def __init__(self, rows: dict[str, OrderedDict[int, Execution]] | None = None) -> None:
        self._of_flow: dict[str, OrderedDict[int, Execution]] = rows or {}
        self._order: OrderedDict[tuple[str, int], None] = OrderedDict()
        self.length = sum(map(len, self._of_flow.values()))

    def __setitem__(self, key: tuple[str, int], row: Execution) -> None:
        self._of_flow.setdefault(key[0], OrderedDict())[key[1]] = row
        self._order[key] = None
        self.length += 1

    def __delitem__(self, key: tuple[str, int]) -> None:
        del self._of_flow[key[0]][key[1]]
        del self._order[key]
        self.length -= 1

    def __contains__(self, key: tuple[str, int]) -> bool:
        return key[1] in self._of_flow.get(key[0], ())

    def oldest(self, flow: str) -> Iterator[int]:
        """Yield the numbers of the waiting executions of `flow`, oldest first."""
        return iter(self._of_flow.get(flow, ()))

    def in_order(self) -> Iterator[tuple[str, int]]:
        """Yield the waiting executions of all flows, oldest first: (flow, number)."""
        return iter(self._order)

    def copy_of(self, flow: str, number: int) -> Execution:
        """Return an execution as it was when it was queued."""
        return self._of_flow[flow][number]

    def copy(self) -> QueueTable:
        """Return an independent copy."""
        twin = QueueTable({flow: rows.copy() for flow, rows in self._of_flow.items()})
        twin._order = self._order.copy()
        return twin


Change = tuple[str, Any, Any]
"""(name of a table, key, row); a row of None deletes."""


class Tables:
    """All rows of an installation, and the rules of its version."""

    def __init__(self, rules: Rules = DOCUMENTED_RULES) -> None:
        self.rules = rules
        self.executions: dict[int, Execution] = {}
        self.counters: dict[str, int] = {}
        """`concurrency_limit`: how many executions of the flow hold a slot. Exists from the flow's first execution."""
        self.queued = QueueTable()
        self.scopes: dict[str, Concurrency] = {}
        """Limits of namespaces and tenants, by the scope's name (`protocol.scopes`)."""
        self.flows: dict[str, FlowRow] = {}
        self.triggers: dict[tuple[str, str], TriggerRow] = {}
        self.numbering: dict[str, tuple[int, int]] = {}
        """Per flow: executions created, and how many of them without a name."""
        self.plans: dict[tuple[str, int], Plan] = {}
        """The task plan of each revision; derived, never changed."""
        self.listeners: dict[str, tuple[Listener, ...]] = {}
        """Per upstream flow: the Flow triggers that listen to it; derived from `flows`."""
        self.killed: dict[int, bool] = {}
        """Executions that the workers have been told to kill, where they remember it (SEMANTICS 9.2)."""
        self.popping: dict[str, int] = {}
        """Per flow: the queue row that a pop of two steps has locked and not yet taken (BUGS, #13743)."""
        self.names: dict[int, str] = {}
        """The name of every execution ever created, by number; of deleted ones too."""
        self.short_names: dict[str, str] = {}
        """What executions without a name are called after: the flow's id, or its key where ids are equal."""

    def plan_of(self, execution: Execution) -> Plan:
        """Return the plan of an execution: that of its own revision, or of the pass of a Loop that it is."""
        birth = execution.birth
        plan = self.plans[birth.flow, birth.revision]
        return plan.of_pass(birth.loop_path) if birth.loop_path else plan

    def find(self, number: int | None) -> Execution | None:
        """Return an execution by its number; None when there is none, or it has been deleted."""
        return self.executions.get(number)  # type: ignore[arg-type]

    def number_of(self, name: str) -> int | None:
        """Return the number of the execution with this name; None when it has not been created."""
        return next((number for number, known in self.names.items() if known == name), None)

    def apply(self, changes: Iterable[Change]) -> None:
        """Write the changes of one step, in order."""
        tables = self.__dict__
        for table, key, row in changes:
            rows = tables[table]
            if row is None:
                del rows[key]
            else:
                rows[key] = row

    def copy(self) -> Tables:
        """Return tables that share rows with these but change independently."""
        twin = Tables(self.rules)
        for table in vars(self).keys() - {"rules"}:
            setattr(twin, table, getattr(self, table).copy())
        return twin
