"""A Kestra flow as the simulation needs it: what limits it, what it runs, what starts it.

Plain frozen data. `flow_file` makes these from Kestra's own YAML; the protocol and the simulation read them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from enum import Enum
from typing import Final

from flowconc.scenario.distributions import Distribution
from flowconc.scenario.problems import Position


class Behavior(Enum):
    """What happens to an execution that finds every slot taken (SEMANTICS A3)."""

    QUEUE = "QUEUE"
    CANCEL = "CANCEL"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Concurrency:
    """The flow's `concurrency` property (A1, A3)."""

    limit: int
    behavior: Behavior = Behavior.QUEUE


class RetryBehavior(Enum):
    """What a retry repeats: the failed task in the same execution, or the whole in a new one."""

    RETRY_FAILED_TASK = "RETRY_FAILED_TASK"
    CREATE_NEW_EXECUTION = "CREATE_NEW_EXECUTION"


@dataclass(frozen=True, slots=True)
class Retry:
    """Kestra's retry policy. Before attempt n+2 it waits `interval_us * factor ** n`, at most `max_interval_us`.

    A `random` policy waits uniformly between `interval_us` and `max_interval_us`; a constant one has factor 1.
    `max_attempts` counts the first attempt too, as the engine does; None is no bound.
    """

    interval_us: int
    factor: float = 1.0
    max_interval_us: int | None = None
    random: bool = False
    max_attempts: int | None = None
    max_duration_us: int | None = None
    behavior: RetryBehavior = RetryBehavior.RETRY_FAILED_TASK


@dataclass(frozen=True, slots=True)
class Failures:
    """Which runs of a task fail: a share of all, or the n-th ones over the whole simulation (from 1).

    `attempts` are the first so many of each run of the task, in every execution. `only_original` spares executions
    that retry or replay another one.
    """

    share: float = 0.0
    runs: frozenset[int] = frozenset()
    attempts: int = 0
    only_original: bool = False


class TaskKind(Enum):
    """How the simulation treats a task."""

    WORK = "work"  # occupies a worker thread for a duration
    INSTANT = "instant"  # a core task that takes no time (Log, Return, ...); counts as a run
    FAIL = "fail"  # an instant task that fails unless its condition, which is not evaluated, says otherwise
    SEQUENCE = "sequence"  # children one after the other (Sequential, WorkingDirectory, one pass of a loop)
    PARALLEL = "parallel"  # children side by side, at most `width` at a time
    GRAPH = "graph"  # children as soon as those they depend on have ended (Dag)
    CHOICE = "choice"  # one of several branches (If, Switch)
    PAUSE = "pause"
    SUBFLOW = "subflow"


class PauseEnd(Enum):
    """What becomes of a pause that runs out by itself (the Pause task's `behavior`)."""

    RESUME = "RESUME"
    WARN = "WARN"
    CANCEL = "CANCEL"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Branch:
    """One way a CHOICE can go; `weight` is its probability (the weights of a task sum to 1)."""

    name: str
    tasks: tuple[Task, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Call:
    """What a SUBFLOW task starts."""

    flow: str  # "namespace.id"
    wait: bool = True
    transmit_failed: bool = True
    count: int = 1  # ForEachItem: one execution per batch, all at once
    fails: frozenset[str] = frozenset()  # tasks that fail in what is started, by the inputs that it is given
    takes: tuple[tuple[str, str], ...] = ()  # branches taken there: (task, branch)


@dataclass(frozen=True, slots=True)
class Task:
    """One node of a flow's task tree, with the behaviour that the scenario gives it.

    `duration` is set on every WORK task. `children` serve SEQUENCE, PARALLEL and GRAPH; `depends_on` names
    siblings (GRAPH). A loop with n passes is unrolled by the reader: its passes are `children`, and an id may
    therefore occur more than once.
    """

    id: str
    type: str
    kind: TaskKind
    position: Position
    duration: Distribution | None = None
    failures: Failures | None = None
    children: tuple[Task, ...] = ()
    errors: tuple[Task, ...] = ()
    finally_: tuple[Task, ...] = ()
    branches: tuple[Branch, ...] = ()
    depends_on: tuple[str, ...] = ()
    width: int | None = None  # PARALLEL: None is no bound
    call: Call | None = None
    pause_us: int | None = None  # PAUSE: ends by itself after this; None waits for a resume
    pause_end: PauseEnd = PauseEnd.RESUME
    retry: Retry | None = None
    timeout_us: int | None = None
    allow_failure: bool = False
    allow_warning: bool = False
    is_loop: bool = (
        False  # a Loop task: its passes may be executions of the same flow, as the semantics has it
    )


class SlaKind(Enum):
    """What an SLA demands of an execution."""

    MAX_DURATION = "MAX_DURATION"  # ends within `duration_us` of its creation, time in the queue included
    EXECUTION_ASSERTION = (
        "EXECUTION_ASSERTION"  # a condition on the execution, checked at each of its changes
    )


class SlaBehavior(Enum):
    """What becomes of an execution that breaks an SLA."""

    FAIL = "FAIL"
    CANCEL = "CANCEL"
    NONE = "NONE"  # it is only labelled


@dataclass(frozen=True, slots=True)
class Sla:
    """One entry of the flow's `sla` property (SEMANTICS 3.21).

    `duration_us` serves MAX_DURATION. `holds` serves EXECUTION_ASSERTION: whether the condition holds, which the
    scenario says where the flow file does not.
    """

    id: str
    kind: SlaKind
    behavior: SlaBehavior
    duration_us: int | None = None
    holds: bool = True


class RecoverMissed(Enum):
    """Which of the fires missed while the scheduler was down (or the trigger locked) are made up for (SEMANTICS 5.3)."""

    ALL = "ALL"
    LAST = "LAST"
    NONE = "NONE"


class TriggerKind(Enum):
    """Who evaluates a trigger, and therefore whether it locks (A5)."""

    SCHEDULE = "schedule"
    POLLING = "polling"
    REALTIME = "realtime"  # its events are written as arrivals
    WEBHOOK = "webhook"  # likewise
    FLOW = "flow"


SELF_FIRING: Final = frozenset({TriggerKind.SCHEDULE, TriggerKind.POLLING})
"""Triggers that fire without being told of anything."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A state change of another flow's execution that a Flow trigger waits for. None matches any."""

    namespace: str | None
    flow_id: str | None
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger of a flow. `cron` and `zone` serve SCHEDULE, `interval_us` POLLING, `upstream` FLOW.

    `recover_missed` and `late_maximum_us` serve SCHEDULE: fires that are later than `late_maximum_us` are left out.
    FLOW: `min_satisfied` of the conditions in `upstream` are enough, all when None. With `window_us` they must be met
    in one window of that length; windows begin at `window_start_us` and every `window_us` before and after it.
    """

    id: str
    type: str
    kind: TriggerKind
    position: Position
    allow_concurrent: bool = False
    disabled: bool = False
    cron: str | None = None
    with_seconds: bool = False
    zone: tzinfo | None = None
    interval_us: int | None = None
    finds: float = 1.0  # POLLING: the share of polls that find something
    upstream: tuple[Upstream, ...] = ()  # FLOW: fires when each has happened since it last fired
    stop_after: frozenset[str] = frozenset()  # final states that disable the trigger
    recover_missed: RecoverMissed = RecoverMissed.ALL
    late_maximum_us: int | None = None
    min_satisfied: int | None = None
    window_us: int | None = None
    window_start_us: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """One revision of a flow."""

    namespace: str
    id: str
    tasks: tuple[Task, ...]
    position: Position
    concurrency: Concurrency | None = None
    errors: tuple[Task, ...] = ()
    finally_: tuple[Task, ...] = ()
    after_execution: tuple[Task, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    retry: Retry | None = None
    disabled: bool = False
    sla: tuple[Sla, ...] = ()
    tenant: str | None = None
    source: dict[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def key(self) -> str:
        """The flow's name across namespaces, and tenants where it has one: the unit that a limit applies to (A1)."""
        name = f"{self.namespace}.{self.id}"
        return name if self.tenant is None else f"{self.tenant}/{name}"

    @property
    def self_firing(self) -> tuple[Trigger, ...]:
        """The triggers that fire without being told of anything, but for those that are disabled."""
        return tuple(each for each in self.triggers if each.kind in SELF_FIRING and not each.disabled)
