"""The checks' own books on a run, kept from its events one by one.

Nothing here is taken from the simulation or from the protocol's steps: the ledger believes only what each event
says happened, so that a simulated run and a recording of the real engine are judged by the same books.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flowconc.check.wording import duration, listing
from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.trace import Event


@dataclass(slots=True, eq=False, repr=False)
class FlowEntry:
    """One flow (namespace and id, all revisions): its limit now, who holds its slots, who waits.

    `holders` are live: executions with a claim that is not released, deleted ones excepted; those are in
    `leaked`. `queue` is in order of queueing. `counter` is the engine's own figure.
    """

    key: str
    limit: int | None = None
    behavior: str | None = None
    revision: int | None = None
    counter: int = 0
    holders: dict[str, ExecutionEntry] = field(default_factory=dict)
    queue: dict[str, ExecutionEntry] = field(default_factory=dict)
    leaked: dict[str, ExecutionEntry] = field(default_factory=dict)

    @property
    def has_free_slot(self) -> bool:
        """Say whether fewer executions are alive on slots than the limit allows."""
        return self.limit is None or len(self.holders) < self.limit

    @property
    def limit_said(self) -> str:
        """The limit and the behavior, as people say them."""
        return "no limit" if self.limit is None else f"limit {self.limit} {self.behavior}"


@dataclass(slots=True, eq=False, repr=False)
class ExecutionEntry:
    """One execution.

    What is said of `this life` starts anew when an ended execution is restarted: `gate` is the gate's last answer,
    `started` whether it has been RUNNING, `forced` whether it may run without a slot, `turned_away` whether the
    gate rejected it or it was killed while it waited.
    """

    name: str
    flow: FlowEntry
    source: str | None = None
    state: State | None = None
    since_us: int = 0  # when it came into `state`, or was deleted
    since_seq: int = 0
    claims: int = 0
    releases: int = 0
    deleted: bool = False
    gate: str | None = None  # this life
    started: bool = False  # this life
    forced: bool = False  # this life
    turned_away: bool = False  # this life

    @property
    def holds(self) -> bool:
        """Say whether it has a claim that is not released."""
        return self.claims > self.releases

    @property
    def ended(self) -> bool:
        """Say whether it is in a final state."""
        return self.state in FINAL

    @property
    def parent(self) -> str | None:
        """The execution whose Subflow task made this one, or None."""
        kind, _, name = (self.source or "").partition(":")
        return name if kind == "subflow" else None

    def __str__(self) -> str:
        if self.deleted:
            return f"{self.name} (deleted at {duration(self.since_us)})"
        return f"{self.name} ({self.state} since {duration(self.since_us)})"


class Ledger:
    """The books on one run. `post` enters one event; `touched` are the flows it changed in the present instant.

    `instant_us` and `seq` say when and which the last posted event was. `ending` is the detail of RUN_ENDED, None
    while the run goes on. `database_takes_time` says whether steps of the engine that follow each other may lie
    apart in time.
    """

    def __init__(self, *, database_takes_time: bool = False) -> None:
        self.database_takes_time = database_takes_time
        self.flows: dict[str, FlowEntry] = {}
        self.executions: dict[str, ExecutionEntry] = {}
        self.locks: dict[tuple[str, str], ExecutionEntry | None] = {}  # (flow, trigger) -> who holds the lock
        self.touched: dict[str, FlowEntry] = {}
        self.instant_us = 0
        self.seq = -1
        self.ending: str | None = None
        self._enter: list[Callable[[Event], None] | None] = [None] * len(Kind)
        self._enter[Kind.FLOW_SAVED] = self._flow_saved
        self._enter[Kind.CREATED] = self._created
        self._enter[Kind.STATE] = self._state
        self._enter[Kind.GATE] = self._gate
        self._enter[Kind.CLAIM] = self._claim
        self._enter[Kind.RELEASE] = self._release
        self._enter[Kind.FORCED] = self._forced
        self._enter[Kind.DELETED] = self._deleted
        self._enter[Kind.TRIGGER_LOCKED] = self._trigger_locked
        self._enter[Kind.TRIGGER_UNLOCKED] = self._trigger_unlocked
        self._enter[Kind.RUN_ENDED] = self._run_ended

    @property
    def drained(self) -> bool:
        """Say whether the run went on until nothing could happen any more."""
        return self.ending == "drained"

    def post(self, event: Event) -> None:
        """Enter one event. Events come in order of `seq`."""
        self.seq = event.seq
        self.instant_us = event.t_us
        enter = self._enter[event.kind]
        if enter is not None:
            enter(event)

    def flow(self, key: str) -> FlowEntry:
        """Return the flow's entry, opened when it is new."""
        entry = self.flows.get(key)
        if entry is None:
            entry = self.flows[key] = FlowEntry(key)
        return entry

    def execution(self, event: Event) -> ExecutionEntry:
        """Return the entry of the event's execution, opened when it is new."""
        name = event.execution
        assert name is not None, f"event {event.seq} ({event.kind.name}) names no execution"
        entry = self.executions.get(name)
        if entry is None:
            entry = self.executions[name] = ExecutionEntry(name, self.flow(event.flow or ""))
        return entry

    def _touch(self, flow: FlowEntry) -> None:
        self.touched[flow.key] = flow

    def _flow_saved(self, event: Event) -> None:
        flow = self.flow(event.flow or "")
        flow.limit = None if event.after is None else int(event.after)
        flow.behavior = event.detail
        flow.revision = event.revision
        self._touch(flow)

    def _created(self, event: Event) -> None:
        entry = self.execution(event)
        entry.source = event.detail
        entry.state = State.CREATED
        entry.since_us, entry.since_seq = event.t_us, event.seq

    def _state(self, event: Event) -> None:
        entry = self.execution(event)
        flow = entry.flow
        before, after = entry.state, event.after
        assert isinstance(after, State)
        if before is State.QUEUED:
            flow.queue.pop(entry.name, None)
            if after is State.KILLING or after in FINAL:
                entry.turned_away = True
            self._touch(flow)
        elif before in FINAL and after not in FINAL:
            entry.gate = None
            entry.started = entry.forced = entry.turned_away = False
        if after is State.QUEUED:
            flow.queue[entry.name] = entry
            self._touch(flow)
        elif after is State.RUNNING:
            entry.started = True
        entry.state = after
        entry.since_us, entry.since_seq = event.t_us, event.seq

    def _gate(self, event: Event) -> None:
        entry = self.execution(event)
        entry.gate = event.detail
        entry.turned_away = event.detail in ("cancel", "fail")

    def _claim(self, event: Event) -> None:
        entry = self.execution(event)
        entry.claims += 1
        self._count(entry, event)

    def _release(self, event: Event) -> None:
        entry = self.execution(event)
        entry.releases += 1
        self._count(entry, event)

    def _count(self, entry: ExecutionEntry, event: Event) -> None:
        flow = entry.flow
        flow.counter = int(event.after) if isinstance(event.after, int) else flow.counter
        slots = flow.leaked if entry.deleted else flow.holders
        if entry.holds:
            slots[entry.name] = entry
        else:
            slots.pop(entry.name, None)
        self._touch(flow)

    def _forced(self, event: Event) -> None:
        self.execution(event).forced = True

    def _deleted(self, event: Event) -> None:
        entry = self.execution(event)
        flow = entry.flow
        entry.deleted = True
        entry.since_us, entry.since_seq = event.t_us, event.seq
        flow.queue.pop(entry.name, None)
        if flow.holders.pop(entry.name, None) is not None:
            flow.leaked[entry.name] = entry
        self._touch(flow)

    def _trigger_locked(self, event: Event) -> None:
        holder = None if event.execution is None else self.execution(event)
        self.locks[event.flow or "", event.detail or ""] = holder

    def _trigger_unlocked(self, event: Event) -> None:
        self.locks.pop((event.flow or "", event.detail or ""), None)

    def _run_ended(self, event: Event) -> None:
        self.ending = event.detail


def standing(flow: FlowEntry, t_us: int) -> tuple[str, ...]:
    """Return the lines that say how a flow stands at `t_us`: its limit, who holds its slots, who waits."""
    lines = [
        f"at {duration(t_us)}, {flow.key}: {flow.limit_said}, counter {flow.counter}",
        f"holding a slot: {listing(map(str, flow.holders.values()), len(flow.holders))}",
        f"waiting: {listing(map(str, flow.queue.values()), len(flow.queue))}",
    ]
    if flow.leaked:
        lines.append(f"slots lost with: {listing(map(str, flow.leaked.values()), len(flow.leaked))}")
    return tuple(lines)
