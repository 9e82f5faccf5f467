"""A scenario, read and checked: what arrives, what operators do, how long and how often it is run.

Plain frozen data; `load` makes it from files, `builder` from Python. Times are microseconds from the
scenario's start. `run.until_us` bounds arrivals, fires and actions, itself included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from flowconc.scenario.conditions import Expectation, Sometimes, Threshold
from flowconc.scenario.distributions import Listed
from flowconc.scenario.flow import Concurrency, Flow
from flowconc.scenario.plan import Plan
from flowconc.scenario.problems import Position, Problem
from flowconc.scenario.variation import Vary

# --- what arrives -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AtTimes:
    """One arrival at each of `times_us`, in the order written."""

    times_us: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """Arrivals at `start_us`, `start_us + period_us`, ...; `count` of them, or until `until_us` (included)."""

    period_us: int
    start_us: int = 0
    count: int | None = None
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class PoissonProcess:
    """Arrivals with exponential gaps from `start_us` on, at `rate_per_s`."""

    rate_per_s: float
    start_us: int = 0
    count: int | None = None
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class Ramp:
    """A Poisson process whose rate goes in a straight line from one value to another."""

    from_per_s: float
    to_per_s: float
    start_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Burst:
    """`count` arrivals at one instant, at each of `times_us`."""

    count: int
    times_us: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Arrivals read from a file, sorted by time. `duration_us` replaces that of the flow's only work task."""

    times_us: tuple[int, ...]
    durations_us: tuple[int | None, ...]
    sources: tuple[str | None, ...]


Pattern = AtTimes | Every | PoissonProcess | Ramp | Burst | Recorded


@dataclass(frozen=True, slots=True)
class Backoff:
    """Trying again at the source after a rejection: waits `initial_us * factor ** n`, at most `max_us`.

    Each wait is drawn evenly from within `jitter` (a share) of that; `attempts` counts the retries.
    """

    on: frozenset[str]
    initial_us: int
    factor: float = 2.0
    max_us: int | None = None
    jitter: float = 0.0
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One entry of `arrivals:`: executions of one flow from one source."""

    flow: str  # the flow's key
    pattern: Pattern
    position: Position
    source: str = "api"
    names: tuple[str, ...] = ()  # of the first executions; the others are numbered
    fails: frozenset[str] = frozenset()  # ids of tasks that fail in these executions
    backoff: Backoff | None = None
    schedule_in_us: int | None = None  # executions scheduled for this long after they are sent
    inputs: tuple[tuple[str, object], ...] = ()
    takes: tuple[
        tuple[str, str], ...
    ] = ()  # ids of If and Switch tasks and the branches that these executions take
    trigger: str | None = None  # the id of the realtime trigger whose events these are: each makes it fire


# --- what operators do --------------------------------------------------------------------------------------


class Verb(Enum):
    """What an action does."""

    KILL = "kill"
    DELETE = "delete"
    PURGE = "purge"
    FORCE_RUN = "force_run"
    PAUSE = "pause"
    RESUME = "resume"
    RESTART = "restart"
    EDIT = "edit"
    EDIT_LIMIT = "edit_limit"
    DELETE_FLOW = "delete_flow"
    CREATE_FLOW = "create_flow"
    UNQUEUE = "unqueue"
    CHANGE_STATUS = "change_status"
    REPLAY = "replay"
    SET_COUNTER = "set_counter"
    BACKFILL = "backfill"
    DISABLE_TRIGGER = "disable_trigger"
    ENABLE_TRIGGER = "enable_trigger"


@dataclass(frozen=True, slots=True)
class Selection:
    """The executions that an action in bulk addresses, in order of creation."""

    flow: str
    states: frozenset[str] = frozenset()  # empty: every state


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of `actions:`.

    `target` is an execution's name or a selection, a flow's key, "namespace.flow.trigger", or the name of a scope
    (`ScopeLimit.scope`), as the verb has it. `flow` is the definition that EDIT or CREATE_FLOW saves, with all earlier
    edits in it; `concurrency` the limit that EDIT_LIMIT gives a scope, None for none.
    `to` is the state that UNQUEUE or CHANGE_STATUS sets; `from_task` where a REPLAY starts, and `as_name` the name of
    the execution it makes; `running` what SET_COUNTER sets; `window_us` the first and the last planned time of a
    BACKFILL, which may lie before the start. `unended` lets a PURGE take executions that have not ended.
    """

    at_us: int
    verb: Verb
    target: str | Selection
    position: Position
    flow: Flow | None = None
    refused: bool = False
    to: str | None = None
    from_task: str | None = None
    as_name: str | None = None
    running: int | None = None
    window_us: tuple[int, int] | None = None
    unended: bool = False
    concurrency: Concurrency | None = None


# --- what goes wrong ----------------------------------------------------------------------------------------


class FaultKind(Enum):
    """What a fault does."""

    CRASH = "crash"  # a component goes down: what it had in hand is lost or given to another, as the semantics has it
    ERROR = "error"  # the database fails a step's transaction, which is rolled back
    DUPLICATE = "duplicate"  # a message is delivered twice
    DELAY = "delay"  # a message is held up, and overtaken by others
    LOSE = "lose"  # a message is lost


class Component(Enum):
    """What can go down."""

    EXECUTOR = "executor"
    WORKER = "worker"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of `faults:`, or a `crash` among the actions.

    A CRASH without `step` falls at `at_us`. Every other fault falls at a step: the `nth` one of that name (any name
    when None) from `at_us` on, or each with probability `rate`; a CRASH before or after it, as `before` says.
    `for_us` is how long a component stays down or a message is held up; None is for ever.
    """

    kind: FaultKind
    position: Position
    component: Component | None = None
    step: str | None = None
    before: bool = False
    at_us: int = 0
    nth: int | None = None
    rate: float | None = None
    for_us: int | None = None


@dataclass(frozen=True, slots=True)
class ScopeLimit:
    """A limit on all flows of a namespace (those below it included) or of a tenant (SEMANTICS 3.16)."""

    concurrency: Concurrency
    position: Position
    namespace: str | None = None
    tenant: str | None = None

    @property
    def scope(self) -> str:
        """The scope's name: `namespace:company`, `tenant:main`."""
        return f"tenant:{self.tenant}" if self.namespace is None else f"namespace:{self.namespace}"


# --- in which orders ----------------------------------------------------------------------------------------


class Strategy(Enum):
    """How schedules are chosen when a scenario is explored."""

    EXHAUSTIVE = "exhaustive"  # every order of events
    RANDOM = "random"  # each next event drawn evenly among all that can happen
    PCT = "pct"  # priorities with few changes: probabilistic concurrency testing


@dataclass(frozen=True, slots=True)
class Explore:
    """The entry `explore:`: the scenario is judged in every order of its events, or in many.

    `executions` are the first so many arrivals and fires (None: all). `executors` run steps side by side, each one
    pass at a time; `crashes` of them fall anywhere between two steps. EXHAUSTIVE takes up `states` states at most;
    the others take `schedules` schedules of at most `steps` steps, PCT with `changes` changes of priority in each,
    drawn from `seed` (None: the seed of the run). `replay` is the token of the one schedule that is judged.
    """

    position: Position
    executions: int | None = None
    executors: int = 2
    crashes: int = 0
    strategy: Strategy = Strategy.EXHAUSTIVE
    states: int = 1_000_000
    schedules: int = 1_000
    steps: int = 10_000
    changes: int = 3
    seed: int | None = None
    replay: str | None = None


# --- where it runs ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Database:
    """The database's costs. All zero: it takes no time and locks are never contended.

    A step of the protocol holds one of `connections` and its row locks for `statement_us` per statement, plus
    `per_waiting_us` for each execution that waits for a slot anywhere, since each of those holds a lock (A6).
    """

    connections: int = 10
    statement_us: int = 0
    per_waiting_us: int = 0


@dataclass(frozen=True, slots=True)
class Latency:
    """Times between components: source to executor, executor to worker, worker to executor, and back to sources.

    `ways` are those of the messages to a step of the protocol, by (step, flow), for the flow's executions in order of
    creation: where they are known one by one.
    """

    arrival_us: int = 0
    dispatch_us: int = 0
    result_us: int = 0
    ways: tuple[tuple[tuple[str, str], Listed], ...] = ()


class WorkerRestart(Enum):
    """When the jobs of a worker that is gone are sent again (`workerTaskRestartStrategy`, SEMANTICS 4.2)."""

    AFTER_TERMINATION_GRACE_PERIOD = (
        "AFTER_TERMINATION_GRACE_PERIOD"  # after `worker_timeout` and `worker_grace`
    )
    IMMEDIATELY = "IMMEDIATELY"  # after `worker_timeout`
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class Platform:
    """The installation. None is no bound. `ideal` is this with its defaults.

    `workers` share the threads. One that is silent for `worker_timeout_us` counts as gone, and its jobs are sent
    again as `worker_restart` says. `work_outlives_worker`: what a task started elsewhere, say in a pod, goes on
    when its worker is gone (plugin-kubernetes#249).
    """

    executors: int | None = None
    worker_threads: int | None = None
    database: Database = Database()
    latency: Latency = Latency()
    workers: int = 1
    worker_timeout_us: int = 45_000_000
    worker_grace_us: int = 300_000_000
    worker_restart: WorkerRestart = WorkerRestart.AFTER_TERMINATION_GRACE_PERIOD
    work_outlives_worker: bool = False


class Backend(Enum):
    """What computes runs, which are the same whatever does."""

    SIMULATION = "simulation"
    COMPILED = "compiled"
    AUTO = "auto"  # compiled where that can be


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How long, how often, how surely."""

    until_us: int | None = None
    drain: bool = True
    warmup_us: int = 0
    seed: int = 1
    replications: int = 1
    max_replications: int = 64
    confidence: float = 0.95
    max_events: int = 5_000_000
    heal_within_us: int = 3_600_000_000  # after `Scenario.heal_at_us`: who has not ended by then is stuck


# --- what must hold -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invariants:
    """Which invariants judge the run. `chosen` empty is all of them; `excepted` may break, `must_break` must."""

    chosen: frozenset[str] = frozenset()
    excepted: frozenset[str] = frozenset()
    must_break: frozenset[str] = frozenset()
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario, with its parameters filled in. No `backend`: whoever runs it chooses."""

    name: str
    flows: tuple[Flow, ...]
    position: Position
    description: str = ""
    semantics: str = "documented"
    arrivals: tuple[Arrivals, ...] = ()
    actions: tuple[Action, ...] = ()
    limits: tuple[ScopeLimit, ...] = ()
    faults: tuple[Fault, ...] = ()
    heal_at_us: int | None = None
    explore: Explore | None = None
    vary: Vary | None = None
    plan: Plan | None = None
    clock_start: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    platform: Platform = Platform()
    run: RunSettings = RunSettings()
    backend: Backend | None = None
    expectations: tuple[Expectation, ...] = ()
    sometimes: tuple[Sometimes, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    invariants: Invariants = Invariants()
    parameters: tuple[tuple[str, object], ...] = ()
    marks: tuple[str, ...] = ()
    notices: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def id(self) -> str:
        """The name, with the parameter set in brackets when there is one: `queueing[limit=2]`."""
        if not self.parameters:
            return self.name
        return f"{self.name}[{','.join(f'{key}={value}' for key, value in self.parameters)}]"
