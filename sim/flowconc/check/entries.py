"""What the checks' books hold: one entry a flow, an execution, a namespace or tenant limit. `ledger` keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from flowconc.check.wording import duration, listing
from flowconc.protocol.scope_names import DEFAULT_TENANT
from flowconc.protocol.states import FINAL, State

# Looking an enum's member up is slow in Python 3.11.
_QUEUED = State.QUEUED
_ON_A_SLOT = frozenset({State.RUNNING, State.PAUSED, State.RETRYING, State.BREAKPOINT})
_ON_A_SLOT_AFTER_A_RUN = frozenset({State.CREATED, State.RESTARTED, State.KILLING})


class Limit(NamedTuple):
    """The limit and the behavior of one revision; no limit is None."""

    slots: int | None
    behavior: str | None

    def __str__(self) -> str:
        return "no limit" if self.slots is None else f"limit {self.slots} {self.behavior}"


NO_LIMIT = Limit(None, None)


Lock = tuple[str, str]
"""A trigger that locks: flow and trigger id."""

REGISTERS = ("holders", "occupants", "closing", "uncounted", "at_work", "queue", "leaked")
"""The fields of a flow's entry that hold executions by name. Every other field of an entry is a plain, hashable value:
the explorer keeps entries in its states."""

UNJUDGED = -1
"""The limit that an execution was let in under, before it has been."""


@dataclass(slots=True, eq=False, repr=False)
class FlowEntry:
    """One flow (namespace and id, all revisions): its limit now, who holds its slots, who waits.

    Three figures say how many slots are taken.

    - `counter` is the engine's own, right or wrong; `counted` says whether it has ever moved (version 0.21 keeps
      none), `has_row` whether it is there now (2.0 drops it with the limit).
    - `holders` are live executions with a claim that is not released; deleted ones are in `leaked`. Under the
      documented contract they are the truth.
    - `occupants` run, pause, retry, are being killed after a run, or run their afterExecution, claim or no claim;
      `closing` have ended and wait for their release; `uncounted` are occupants of revisions without a limit, which
      no counter knows. For an engine these are the truth, because its claims can be lost, doubled or never made.

    A forced execution takes no slot (A10). `queue` is in order of queueing; `at_work` have task runs that go on.
    """

    key: str
    by_claims: bool = True  # the documented contract
    latest: Limit = NO_LIMIT
    revision: int | None = None
    limits: tuple[tuple[int | None, Limit], ...] = ()  # of the revisions, latest last
    counter: int = 0
    counted: bool = False
    has_row: bool = True
    gave: int | None = None  # the revision of the execution whose end last made room
    moving: bool = False  # its limits were saved, and the step that moves its queue may be still to come
    idle_since_us: int | None = None  # since when a slot is free while somebody waits, where that may be
    in_hand: str | None = None  # the fault that hit one of its executions, until a slot moves again
    asked: tuple[str, ...] = ()  # what operators have done in bulk to some of its executions
    holders: dict[str, ExecutionEntry] = field(default_factory=dict)
    occupants: dict[str, ExecutionEntry] = field(default_factory=dict)
    closing: dict[str, ExecutionEntry] = field(default_factory=dict)
    uncounted: dict[str, ExecutionEntry] = field(default_factory=dict)
    at_work: dict[str, ExecutionEntry] = field(default_factory=dict)
    queue: dict[str, ExecutionEntry] = field(default_factory=dict)
    leaked: dict[str, ExecutionEntry] = field(default_factory=dict)

    @property
    def limit(self) -> int | None:
        """The latest revision's limit."""
        return self.latest.slots

    @property
    def behavior(self) -> str | None:
        """The latest revision's behavior."""
        return self.latest.behavior

    @property
    def taken(self) -> int:
        """How many slots are taken, those of executions on their way out among them."""
        return len(self.holders) if self.by_claims else len(self.occupants) + len(self.closing)

    @property
    def counted_at_least(self) -> int:
        """The least that a right counter says: who has ended may have been released, or not yet."""
        return len(self.holders) if self.by_claims else len(self.occupants) - len(self.uncounted)

    @property
    def has_free_slot(self) -> bool:
        """Say whether fewer slots are taken than the latest limit allows."""
        limit = self.latest.slots
        return limit is None or self.taken < limit

    @property
    def on_slots(self) -> list[ExecutionEntry]:
        """Who takes the slots."""
        if self.by_claims:
            return list(self.holders.values())
        return [*self.occupants.values(), *self.closing.values()]

    @property
    def head(self) -> ExecutionEntry | None:
        """The oldest that waits for a slot; one that has been popped waits no more."""
        return next((entry for entry in self.queue.values() if not entry.popped), None)

    def limit_of(self, revision: int | None) -> Limit:
        """Return the limit of a revision; the latest one where the trace does not know it."""
        return next((limit for saved, limit in self.limits if saved == revision), self.latest)

    def standing(self, t_us: int) -> tuple[str, ...]:
        """Return the lines that say how the flow stands at `t_us`: its limit, who holds its slots, who waits."""
        figure = f"counter {self.counter}" if self.by_claims or self.counted else "no counter"
        on_slots = self.on_slots
        lines = [
            f"at {duration(t_us)}, {self.key}: {self.latest}, {figure}",
            f"holding a slot: {listing(map(str, on_slots), len(on_slots))}",
            f"waiting: {listing(map(str, self.queue.values()), len(self.queue))}",
        ]
        if self.leaked:
            lines.append(f"slots lost with: {listing(map(str, self.leaked.values()), len(self.leaked))}")
        return tuple(lines)


@dataclass(slots=True, eq=False, repr=False)
class ExecutionEntry:
    """One execution.

    What is said of `this life` starts anew when an ended execution is restarted: `gate` is the gate's last answer,
    `started` whether it has been RUNNING, `forced` whether it may run without a slot, `turned_away` whether the
    gate rejected it or it was ended while it waited, `killed` whether a kill has reached it, `popped` whether it has its slot and is not RUNNING yet,
    `begun` whether it has begun to run or has its slot, and `allowed` the limit that this was judged by.
    """

    name: str
    flow: FlowEntry
    source: str | None = None
    parent: str | None = None  # whose Subflow or Loop task it works for
    revision: int | None = None
    state: State | None = None
    since_us: int = 0  # when it came into `state`, or was deleted
    since_seq: int = 0
    created_seq: int = 0
    claims: int = 0
    releases: int = 0
    held: int = 0  # claims that are not released; a release too many is not carried over
    scopes: tuple[str, ...] = ()  # namespace and tenant limits that it holds a slot of
    deleted: bool = False
    locks: tuple[Lock, ...] = ()  # triggers that are locked for it
    runs: tuple[str, ...] = ()  # the tasks whose runs go on
    closing_runs: tuple[str, ...] = ()  # those of them that were ordered after the final state
    failed_runs: tuple[str, ...] = ()  # the tasks that may be tried again
    sent_again: tuple[int, ...] = ()  # the events that sent one of its jobs to the workers again
    in_hand: str | None = None  # the fault that hit it, until it goes on
    asked: tuple[str, ...] = ()  # what operators have done to it
    sla_broken: bool = False
    restarted: bool = False  # it has ended before, and lives once more
    gate: str | None = None  # this life
    started: bool = False  # this life
    forced: bool = False  # this life
    turned_away: bool = False  # this life
    killed: bool = False  # this life
    popped: bool = False  # this life
    begun: bool = False  # this life
    allowed: int | None = UNJUDGED

    @property
    def holds(self) -> bool:
        """Say whether it has a claim that is not released."""
        return self.held > 0

    @property
    def ended(self) -> bool:
        """Say whether it is in a final state."""
        return self.state in FINAL

    @property
    def occupies(self) -> bool:
        """Say whether it takes a slot, to judge by what it does and not by what was claimed."""
        if self.deleted or self.forced:
            return False
        state = self.state
        if state in _ON_A_SLOT:
            return True
        if state in _ON_A_SLOT_AFTER_A_RUN:
            return self.started or self.held > 0
        if state is _QUEUED:
            return self.popped
        return self.popped or (self.started and bool(self.closing_runs))

    def __str__(self) -> str:
        if self.deleted:
            return f"{self.name} (deleted at {duration(self.since_us)})"
        return f"{self.name} ({self.state} since {duration(self.since_us)})"


@dataclass(slots=True, eq=False, repr=False)
class ScopeEntry:
    """One namespace or tenant limit (SEMANTICS 3.16). `limit` is None where the trace does not say any.

    `holders` are names of executions with the key of their flow; `flows` are those whose executions have claimed it,
    or have been queued under it.
    """

    name: str
    limit: Limit | None = None
    counter: int = 0
    holders: dict[str, str] = field(default_factory=dict)
    flows: dict[str, None] = field(default_factory=dict)

    @property
    def slots(self) -> int | None:
        """The limit as a number; None where there is none, or none is known."""
        return None if self.limit is None else self.limit.slots

    @property
    def is_full(self) -> bool:
        """Say whether every slot is taken, as far as the trace says what the limit is."""
        return self.slots is not None and len(self.holders) >= self.slots

    def covers(self, flow: str) -> bool:
        """Say whether executions of the flow with this key count against it.

        `namespace:a` covers the flows of `a` and of all namespaces below; `tenant:t` those of keys `t/...`.
        """
        kind, _, name = self.name.partition(":")
        tenant, _, key = flow.rpartition("/")
        if kind == "tenant":
            return (tenant or DEFAULT_TENANT) == name
        return f"{key.rpartition('.')[0]}.".startswith(f"{name}.")
