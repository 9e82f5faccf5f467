"""Random scenarios of the compiled subset, with as many equal times and scarce resources as possible."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from flowconc.scenario.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Listed,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Uniform,
    Weibull,
)
from flowconc.scenario.flow import (
    Behavior,
    Concurrency,
    Failures,
    Flow,
    Retry,
    RetryBehavior,
    Task,
    TaskKind,
    Trigger,
    TriggerKind,
)
from flowconc.scenario.model import (
    Arrivals,
    AtTimes,
    Backoff,
    Burst,
    Database,
    Every,
    Latency,
    Platform,
    PoissonProcess,
    Ramp,
    Recorded,
    RunSettings,
    Scenario,
)
from flowconc.scenario.problems import Position

HERE = Position("<drawn>")
STEP_US = 100_000
UNTIL_US = 10_000_000


def steps(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most).map(lambda number: number * STEP_US)


def distributions() -> st.SearchStrategy[Distribution]:
    lengths = steps(0, 20)
    some = steps(1, 20)
    simple = st.one_of(
        st.builds(Exponential, some),
        st.builds(lambda a, b: Uniform(min(a, b), max(a, b)), lengths, lengths),
        st.builds(Normal, some, some),
        st.builds(Lognormal, st.sampled_from([12.0, 14.0]), st.sampled_from([0.1, 1.0])),
        st.builds(Gamma, st.sampled_from([0.5, 3.0]), st.sampled_from([1e5, 1e6])),
        st.builds(Weibull, st.sampled_from([0.7, 2.0]), some),
        st.builds(Pareto, some, st.sampled_from([1.5, 3.0])),
        st.builds(Empirical, st.lists(lengths, min_size=1, max_size=5).map(tuple)),
    )
    listed = st.builds(Listed, st.lists(st.none() | lengths, max_size=5).map(tuple), lengths)
    mixed = st.tuples(simple, simple).map(lambda parts: Mixture((0.25, 0.75), parts))
    return st.one_of(lengths.map(Constant), lengths.map(Constant), simple, listed, mixed)


def failures() -> st.SearchStrategy[Failures | None]:
    return st.none() | st.builds(
        Failures,
        share=st.sampled_from([0.0, 0.0, 0.3, 1.0]),
        runs=st.frozensets(st.integers(1, 6), max_size=3),
        attempts=st.integers(0, 2),
        only_original=st.booleans(),
    )


def retries(*, behaviors: tuple[RetryBehavior, ...]) -> st.SearchStrategy[Retry]:
    return st.builds(
        Retry,
        interval_us=steps(0, 10),
        factor=st.sampled_from([1.0, 2.0]),
        max_interval_us=st.none() | steps(1, 20),
        random=st.booleans(),
        max_attempts=st.integers(1, 4),
        max_duration_us=st.none() | steps(5, 40),
        behavior=st.sampled_from(behaviors),
    )


@st.composite
def leaves(draw: st.DrawFn, task_id: str, *, retried: bool) -> Task:
    kind = draw(
        st.sampled_from([TaskKind.WORK, TaskKind.WORK, TaskKind.WORK, TaskKind.INSTANT, TaskKind.FAIL])
    )
    retry = retries(behaviors=tuple(RetryBehavior))
    return Task(
        task_id,
        f"drawn.{kind.value}",
        kind,
        HERE,
        duration=draw(distributions()) if kind is TaskKind.WORK else None,
        failures=draw(failures()),
        timeout_us=draw(st.none() | st.none() | steps(1, 10)),
        retry=draw(st.none() | retry) if retried else None,
        allow_failure=draw(st.booleans()),
        allow_warning=draw(st.booleans()),
    )


@st.composite
def tasks(draw: st.DrawFn, *, retried: bool) -> tuple[Task, ...]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 4)) == 0:
            loop = draw(leaves(f"loop{number}", retried=retried))
            children = (loop,) * draw(st.integers(0, 3))
            found.append(
                Task(f"group{number}", "drawn.Sequential", TaskKind.SEQUENCE, HERE, children=children)
            )
        else:
            found.append(draw(leaves(f"t{number}", retried=retried)))
    return (*found, draw(leaves("last", retried=retried)))


def triggers() -> st.SearchStrategy[Trigger]:
    schedule = st.builds(
        Trigger,
        id=st.just("schedule"),
        type=st.just("Schedule"),
        kind=st.just(TriggerKind.SCHEDULE),
        position=st.just(HERE),
        allow_concurrent=st.booleans(),
        disabled=st.sampled_from([False, False, False, True]),
        cron=st.sampled_from(["* * * * * *", "*/2 * * * * *", "*/3 * * * * *"]),
        with_seconds=st.just(True),
        stop_after=st.sampled_from([frozenset(), frozenset(), frozenset({"FAILED"}), frozenset({"SUCCESS"})]),
    )
    poll = st.builds(
        Trigger,
        id=st.just("poll"),
        type=st.just("Poll"),
        kind=st.just(TriggerKind.POLLING),
        position=st.just(HERE),
        allow_concurrent=st.booleans(),
        interval_us=steps(5, 20),
        finds=st.sampled_from([1.0, 0.4]),
    )
    return schedule | poll


def _without_chance(found: tuple[Task, ...]) -> tuple[Task, ...]:
    """Take the chance out of waits where tasks are retried in both ways, which is not compiled."""
    leaves = [leaf for task in found for leaf in (task.children or (task,))]
    if len({leaf.retry.behavior for leaf in leaves if leaf.retry is not None}) < 2:
        return found
    return tuple(replace(_patient(task), children=tuple(map(_patient, task.children))) for task in found)


def _patient(task: Task) -> Task:
    return task if task.retry is None else replace(task, retry=replace(task.retry, random=False))


@st.composite
def flows(draw: st.DrawFn, flow_id: str) -> Flow:
    retry = draw(st.none() | st.none() | retries(behaviors=tuple(RetryBehavior)))
    limit = st.builds(Concurrency, st.integers(1, 3), st.sampled_from(Behavior))
    found = draw(st.lists(triggers(), max_size=2, unique_by=lambda trigger: trigger.id))
    return Flow(
        "n",
        flow_id,
        _without_chance(draw(tasks(retried=retry is None))),
        HERE,
        concurrency=draw(st.none() | limit | limit | limit),
        triggers=tuple(found),
        retry=retry,
    )


def patterns() -> st.SearchStrategy[object]:
    instants = steps(0, 100)
    counts = st.integers(1, 8)
    rates = st.sampled_from([0.5, 3.0])
    until = st.none() | instants
    times = st.lists(instants, min_size=1, max_size=8).map(tuple)
    recorded = st.lists(
        st.tuples(instants, st.none() | steps(0, 20), st.sampled_from([None, "webhook", "a:b"])),
        min_size=1,
        max_size=8,
    ).map(
        lambda rows: Recorded(
            *(tuple(column) for column in zip(*sorted(rows, key=lambda row: row[0]), strict=True))
        )
    )
    return st.one_of(
        st.builds(AtTimes, times),
        st.builds(Every, steps(1, 20), instants, st.none() | counts, until),
        st.builds(PoissonProcess, rates, instants, st.none() | counts, until),
        st.builds(Ramp, rates | st.just(0.0), rates, st.just(0), steps(1, 100)),
        st.builds(Burst, counts, times),
        recorded,
    )


@st.composite
def arrivals(draw: st.DrawFn, flow: Flow) -> Arrivals:
    backoff = st.builds(
        Backoff,
        st.sampled_from(
            [frozenset({"CANCELLED"}), frozenset({"FAILED"}), frozenset({"CANCELLED", "FAILED"})]
        ),
        initial_us=steps(0, 10),
        factor=st.sampled_from([1.0, 2.0]),
        max_us=st.none() | steps(1, 20),
        jitter=st.sampled_from([0.0, 0.0, 0.2]),
        attempts=st.integers(0, 3),
    )
    names = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=3)
    return Arrivals(
        flow.key,
        draw(patterns()),  # type: ignore[arg-type]
        HERE,
        source=draw(st.sampled_from(["api", "ui"])),
        names=tuple(f"{flow.id}-{name}" for name in draw(names)),
        fails=draw(st.frozensets(st.sampled_from(["t0", "last"]), max_size=1)),
        backoff=draw(st.none() | backoff),
    )


def platforms() -> st.SearchStrategy[Platform]:
    delays = st.sampled_from([0, 0, 1_000, 100_000])
    few = st.none() | st.integers(1, 3)
    database = st.builds(
        Database,
        connections=st.integers(1, 4),
        statement_us=st.sampled_from([0, 1_000, 25_000, 100_000]),
        per_waiting_us=delays,
    )
    return st.builds(
        Platform,
        executors=few,
        worker_threads=few,
        database=st.just(Database()) | database | database,
        latency=st.just(Latency()) | st.builds(Latency, delays, delays, delays),
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a scenario that `supports` has nothing against."""
    found = tuple(draw(flows(f"f{number}")) for number in range(draw(st.integers(1, 3))))
    sent = draw(st.lists(st.sampled_from(found).flatmap(arrivals), min_size=1, max_size=4))
    unnamed = tuple(
        replace(each, names=each.names if number == 0 else ()) for number, each in enumerate(sent)
    )
    return Scenario(
        "drawn",
        found,
        HERE,
        arrivals=unnamed,
        platform=draw(platforms()),
        run=RunSettings(
            until_us=UNTIL_US,
            drain=draw(st.sampled_from([True, True, False])),
            warmup_us=draw(st.sampled_from([0, 0, STEP_US, 3_000_000, UNTIL_US])),
            seed=draw(st.integers(0, 2**16)),
        ),
    )
