"""Hypothesis strategies for flows, arrivals, actions, faults, platforms and whole scenarios.

Whatever they draw is valid under `documented`: every name refers to something, subflows call in one direction
only, every source is bounded and every pause ends, so a run always drains. Times are multiples of 100 ms and
small, so that events often share an instant, which is where concurrency goes wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from flowconc.scenario.distributions import Constant, Distribution, Exponential, Uniform
from flowconc.scenario.flow import (
    Behavior,
    Call,
    Concurrency,
    Failures,
    Flow,
    Retry,
    Task,
    TaskKind,
    Trigger,
    TriggerKind,
)
from flowconc.scenario.model import (
    Action,
    Arrivals,
    AtTimes,
    Burst,
    Component,
    Database,
    Every,
    Fault,
    FaultKind,
    Latency,
    Platform,
    PoissonProcess,
    RunSettings,
    Scenario,
    Selection,
    Verb,
)
from flowconc.scenario.problems import Position
from flowconc.scenario.vocabulary import STEPS

STEP_US = 100_000
UNTIL_US = 20_000_000
"""No arrival, fire or action is later than this."""

NOWHERE = Position("<drawn>")
NAMESPACE = "company.team"

SOURCES = ("api", "ui", "webhook")
HARMLESS_VERBS = (Verb.KILL, Verb.FORCE_RUN, Verb.RESTART, Verb.EDIT)
DELETING_VERBS = (Verb.DELETE, Verb.PURGE)

_STATES = ("CREATED", "QUEUED", "RUNNING", "PAUSED", "RETRYING", "FAILED", "SUCCESS")


def instants(max_us: int = UNTIL_US) -> SearchStrategy[int]:
    """Draw times from 0 to `max_us`, in microseconds, in steps of 100 ms."""
    return st.integers(0, max_us // STEP_US).map(lambda steps: steps * STEP_US)


def durations(*, max_us: int = 5_000_000, random: bool = True) -> SearchStrategy[Distribution]:
    """Draw how long a task takes: at most or on average `max_us` microseconds; without `random`, always the same."""
    lengths = st.integers(1, max_us // STEP_US).map(lambda steps: steps * STEP_US)
    constant = lengths.map(Constant)
    if not random:
        return constant
    uniform = st.tuples(lengths, lengths).map(lambda pair: Uniform(min(pair), max(pair)))
    return st.one_of(constant, uniform, lengths.map(Exponential))


@st.composite
def tasks(draw: st.DrawFn, *, callable_flows: Sequence[str] = (), max_tasks: int = 4) -> tuple[Task, ...]:
    """Draw the tasks of a flow: one to `max_tasks` at the top, at least one of which works.

    `callable_flows` are the keys of flows that a subflow task may start.
    """
    kinds = [TaskKind.WORK, TaskKind.INSTANT, TaskKind.SEQUENCE, TaskKind.PARALLEL, TaskKind.PAUSE]
    if callable_flows:
        kinds.append(TaskKind.SUBFLOW)
    others = draw(st.lists(st.sampled_from(kinds), max_size=max_tasks - 1))
    return (
        _work("work", draw),
        *(_task(f"t{number}", kind, callable_flows, draw) for number, kind in enumerate(others)),
    )


def _task(task_id: str, kind: TaskKind, callable_flows: Sequence[str], draw: st.DrawFn) -> Task:
    if kind is TaskKind.WORK:
        return _work(task_id, draw)
    task = Task(task_id, f"drawn.{kind.value.title()}", kind, NOWHERE)
    if kind in (TaskKind.SEQUENCE, TaskKind.PARALLEL):
        count = draw(st.integers(1, 3))
        children = tuple(_work(f"{task_id}_{number}", draw) for number in range(count))
        width = draw(st.none() | st.integers(1, 3)) if kind is TaskKind.PARALLEL else None
        return replace(task, children=children, width=width)
    if kind is TaskKind.PAUSE:
        return replace(task, pause_us=draw(instants(3_000_000)))
    if kind is TaskKind.SUBFLOW:
        return replace(task, call=Call(draw(st.sampled_from(callable_flows)), wait=draw(st.booleans())))
    return task


def _work(task_id: str, draw: st.DrawFn) -> Task:
    fails = draw(
        st.none() | st.builds(Failures, runs=st.frozensets(st.integers(1, 4), min_size=1, max_size=2))
    )
    retry = None
    if fails is not None and draw(st.booleans()):
        retry = Retry(interval_us=draw(instants(2_000_000)), max_attempts=draw(st.integers(1, 3)))
    return Task(
        task_id,
        "drawn.Work",
        TaskKind.WORK,
        NOWHERE,
        duration=draw(durations()),
        failures=fails,
        retry=retry,
        timeout_us=draw(st.none() | st.sampled_from([1_000_000, 3_000_000])),
        allow_failure=draw(st.booleans()),
    )


def concurrencies(*, max_limit: int = 3) -> SearchStrategy[Concurrency]:
    """Draw a limit from 1 to `max_limit` with any behavior."""
    return st.builds(Concurrency, st.integers(1, max_limit), st.sampled_from(Behavior))


@st.composite
def flows(
    draw: st.DrawFn,
    *,
    flow_id: str = "drawn",
    callable_flows: Sequence[str] = (),
    max_limit: int = 3,
    max_tasks: int = 4,
    triggers: bool = True,
) -> Flow:
    """Draw a flow `company.team.FLOW_ID`: limited or not, with tasks, afterExecution tasks and perhaps a Schedule."""
    return Flow(
        NAMESPACE,
        flow_id,
        draw(tasks(callable_flows=callable_flows, max_tasks=max_tasks)),
        NOWHERE,
        concurrency=draw(st.none() | concurrencies(max_limit=max_limit)),
        after_execution=draw(st.just(()) | st.just((_after_task(),))),
        triggers=draw(st.just(()) | st.tuples(_schedules())) if triggers else (),
    )


def _after_task() -> Task:
    return Task("after", "drawn.Work", TaskKind.WORK, NOWHERE, duration=Constant(STEP_US))


def _schedules() -> SearchStrategy[Trigger]:
    return st.builds(
        Trigger,
        id=st.just("schedule"),
        type=st.just("io.kestra.plugin.core.trigger.Schedule"),
        kind=st.just(TriggerKind.SCHEDULE),
        position=st.just(NOWHERE),
        allow_concurrent=st.booleans(),
        cron=st.sampled_from(["* * * * * *", "*/2 * * * * *", "*/7 * * * * *"]),
        with_seconds=st.just(True),
    )


@st.composite
def arrivals(draw: st.DrawFn, flow: str, *, names: Sequence[str] = (), max_count: int = 6) -> Arrivals:
    """Draw up to `max_count` executions of the flow with key `flow`; the first of them are called `names`."""
    counts = st.integers(1, max_count)
    periods = st.integers(1, 30).map(lambda steps: steps * STEP_US)
    pattern = draw(
        st.one_of(
            st.lists(instants(), min_size=1, max_size=max_count).map(lambda times: AtTimes(tuple(times))),
            st.builds(
                Every,
                period_us=periods,
                start_us=instants(5_000_000),
                count=counts,
                until_us=st.just(UNTIL_US),
            ),
            st.builds(
                PoissonProcess,
                rate_per_s=st.sampled_from([0.5, 2.0]),
                count=counts,
                until_us=st.just(UNTIL_US),
            ),
            st.builds(Burst, counts, st.tuples(instants())),
        )
    )
    return Arrivals(flow, pattern, NOWHERE, source=draw(st.sampled_from(SOURCES)), names=tuple(names))


@st.composite
def actions(
    draw: st.DrawFn, flows: Sequence[Flow], *, deletes: bool = False, max_count: int = 4, max_limit: int = 3
) -> tuple[Action, ...]:
    """Draw up to `max_count` actions on `flows`, by time: kills, forced runs, restarts and edits of the limit.

    Executions are addressed in bulk, by flow and state, so that the engine refuses nothing. With `deletes`, some
    are deletions and purges, which under `documented` leak slots (SEMANTICS A9).
    """
    verbs = HARMLESS_VERBS + DELETING_VERBS if deletes else HARMLESS_VERBS
    times = sorted(draw(st.lists(instants(), max_size=max_count)))
    latest = {flow.key: flow for flow in flows}
    drawn = []
    for at_us in times:
        key = draw(st.sampled_from(sorted(latest)))
        verb = draw(st.sampled_from(verbs))
        if verb is Verb.EDIT:
            edited = draw(st.none() | concurrencies(max_limit=max_limit))
            latest[key] = replace(latest[key], concurrency=edited)
            drawn.append(Action(at_us, verb, key, NOWHERE, flow=latest[key]))
        else:
            states = draw(st.frozensets(st.sampled_from(_STATES), max_size=3))
            drawn.append(Action(at_us, verb, Selection(key, states), NOWHERE))
    return tuple(drawn)


def platforms() -> SearchStrategy[Platform]:
    """Draw installations: ideal, or with few executors, worker threads and connections, a slow database, latency."""
    delays = st.sampled_from([0, 1_000, 50_000])
    few = st.none() | st.integers(1, 3)
    busy = st.builds(
        Platform,
        executors=few,
        worker_threads=few,
        database=st.builds(
            Database, connections=st.integers(1, 4), statement_us=delays, per_waiting_us=delays
        ),
        latency=st.builds(Latency, arrival_us=delays, dispatch_us=delays, result_us=delays),
    )
    return st.just(Platform()) | busy


@st.composite
def faults(draw: st.DrawFn, *, max_count: int = 3) -> tuple[Fault, ...]:
    """Draw up to `max_count` faults before the end: crashes that last, errors, messages that go astray."""
    return tuple(draw(st.lists(_crashes() | _at_steps(), max_size=max_count)))


def _pauses() -> SearchStrategy[int]:
    return st.integers(1, 30).map(lambda steps: steps * STEP_US)


def _moments() -> SearchStrategy[int]:
    return instants(UNTIL_US - STEP_US)


def _crashes() -> SearchStrategy[Fault]:
    at_a_time = st.builds(
        Fault,
        st.just(FaultKind.CRASH),
        st.just(NOWHERE),
        st.sampled_from(Component),
        at_us=_moments(),
        for_us=_pauses(),
    )
    at_a_step = st.builds(
        Fault,
        st.just(FaultKind.CRASH),
        st.just(NOWHERE),
        st.sampled_from(Component),
        step=st.sampled_from(STEPS),
        before=st.booleans(),
        nth=st.integers(1, 4),
        for_us=_pauses(),
    )
    return at_a_time | at_a_step


@st.composite
def _at_steps(draw: st.DrawFn) -> Fault:
    kind = draw(st.sampled_from([each for each in FaultKind if each is not FaultKind.CRASH]))
    nth = draw(st.none() | st.integers(1, 4))
    return Fault(
        kind,
        NOWHERE,
        step=draw(st.none() | st.sampled_from(STEPS)),
        at_us=draw(_moments()),
        nth=nth,
        rate=draw(st.sampled_from([0.05, 0.5])) if nth is None else None,
        for_us=draw(_pauses()) if kind is FaultKind.DELAY else None,
    )


@st.composite
def scenarios(
    draw: st.DrawFn,
    *,
    max_flows: int = 2,
    max_arrivals: int = 6,
    max_actions: int = 4,
    max_limit: int = 3,
    deletes: bool = False,
    platform: SearchStrategy[Platform] | None = None,
    semantics: SearchStrategy[str] | None = None,
    max_faults: int = 0,
) -> Scenario:
    """Draw a whole scenario without expectations: the invariants judge it.

    It has up to `max_flows` flows, each with one entry of up to `max_arrivals` arrivals, and up to `max_actions`
    actions. A flow may start the flows before it, so there is no cycle. `platform` defaults to `platforms()`,
    `semantics` (a full name) to `documented`. With `max_faults` things go wrong, until all is healed at the end.
    """
    drawn: list[Flow] = []
    for number in range(draw(st.integers(1, max_flows))):
        callable_flows = [flow.key for flow in drawn]
        drawn.append(draw(flows(flow_id=f"f{number}", callable_flows=callable_flows, max_limit=max_limit)))
    return Scenario(
        "drawn",
        tuple(drawn),
        NOWHERE,
        arrivals=tuple(draw(arrivals(flow.key, max_count=max_arrivals)) for flow in drawn),
        semantics="documented" if semantics is None else draw(semantics),
        actions=draw(actions(drawn, deletes=deletes, max_count=max_actions, max_limit=max_limit)),
        faults=draw(faults(max_count=max_faults)) if max_faults else (),
        heal_at_us=UNTIL_US if max_faults else None,
        platform=draw(platforms() if platform is None else platform),
        run=RunSettings(until_us=UNTIL_US, seed=draw(st.integers(0, 2**16))),
    )
