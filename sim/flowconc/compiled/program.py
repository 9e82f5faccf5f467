"""A scenario as arrays: what the kernel reads, and the streams of numbers that it is fed with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowconc.compiled import fields as at
from flowconc.compiled.draws import Draws, lengths, shares
from flowconc.compiled.feeds import Feed, Until, fires_of, recorded_lengths, times_of
from flowconc.compiled.fields import FOREVER, NONE, Ints, Program
from flowconc.protocol.plan import Node, compile_plan
from flowconc.protocol.retries import grown_us
from flowconc.protocol.states import State
from flowconc.scenario.distributions import Constant, Listed
from flowconc.scenario.flow import Behavior, Failures, Flow, Retry, RetryBehavior, TaskKind, Trigger
from flowconc.scenario.model import Arrivals, Backoff, Scenario
from flowconc.simulation.streams import Streams
from flowconc.trace.trace import STATE_CODES

_BEHAVIORS = {Behavior.QUEUE: at.QUEUE, Behavior.CANCEL: at.CANCEL, Behavior.FAIL: at.FAIL}
_RENEWALS = "{flow}/create/{count}/1"
"""The streams of random waits before the execution that repeats another one."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A source (`arrivals` is its entry) or a trigger (`trigger`), with the index of its flow."""

    flow: int
    feed: Feed
    arrivals: Arrivals | None = None
    trigger: Trigger | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """A scenario in the kernel's terms, and what it is fed with. `draws[f]` are the streams of flow f."""

    scenario: Scenario
    program: Program
    scalar: Ints  # these three are what a `State` begins with
    flow: Ints
    lane: Ints
    lanes: tuple[Lane, ...]
    draws: tuple[tuple[Draws, ...], ...]
    tasks: int  # task ids
    lines: int


def leaves_of(flow: Flow) -> tuple[Node, ...]:
    """Return the tasks of a flow that run, in their order; only those of nested sequences are looked for."""
    nodes = compile_plan(flow).nodes
    found: list[Node] = []

    def walk(number: int) -> None:
        for child in nodes[number].children:
            if nodes[child].kind is TaskKind.SEQUENCE:
                walk(child)
            else:
                found.append(nodes[child])

    walk(0)
    return tuple(found)


def translate(scenario: Scenario, streams: Streams, *, kept: bool = True) -> Translation:
    """Turn a scenario that `supports` has nothing against into arrays. `kept`: executions have rows of their own."""
    return _Translator(scenario, streams).translation(kept)


class _Translator:
    def __init__(self, scenario: Scenario, streams: Streams) -> None:
        self.scenario = scenario
        self.streams = streams
        until_us = scenario.run.until_us
        self.until_us = FOREVER if until_us is None else until_us
        self.indices = {flow.key: index for index, flow in enumerate(scenario.flows)}
        self.leaf: list[int] = []
        self.retry: list[int] = []
        self.lane: list[int] = []
        self.runs: list[int] = []
        self.waits: list[int] = []
        self.fails: list[int] = []
        self.tasks: dict[tuple[str, str], int] = {}
        self.counted: set[str] = (
            set()
        )  # ids of tasks of a flow whose runs are counted, since some of them fail
        self.draws: list[list[Draws]] = [[] for _ in scenario.flows]
        self.first_leaf: list[int] = []
        self.lanes: list[Lane] = []
        self.feed = 0

    def translation(self, kept: bool) -> Translation:
        flows = [self._flow(index, flow) for index, flow in enumerate(self.scenario.flows)]
        pool = 0
        for row, draws in zip(flows, self.draws, strict=True):
            row[at.DRAWS], row[at.POOL] = len(draws), pool
            pool += len(draws) * at.BLOCK
        width = max((len(draws) for draws in self.draws), default=0)
        self._sources(width)
        self._triggers()
        jitters = max((lane[at.JITTERS] for lane in self._rows(self.lane, at.LANE_WIDTH)), default=0)
        program = Program(
            _array(self.leaf),
            _array(self.retry),
            _array(self.runs),
            _array(self.waits),
            _array(self.fails),
        )
        return Translation(
            self.scenario,
            program,
            self._platform(width + jitters, kept),
            _array([field for row in flows for field in row]),
            _array(self.lane),
            tuple(self.lanes),
            tuple(map(tuple, self.draws)),
            len(self.tasks),
            at.RESOURCES + 2 * len(flows) + len(self.lanes),
        )

    @staticmethod
    def _rows(table: list[int], width: int) -> list[list[int]]:
        return [table[start : start + width] for start in range(0, len(table), width)]

    def _platform(self, held: int, kept: bool) -> Ints:
        scenario, platform = self.scenario, self.scenario.platform
        costs, latency, run = platform.database, platform.latency, scenario.run
        row = np.zeros(at.SCALARS, dtype=np.int64)
        row[at.STATEMENT_US] = costs.statement_us
        row[at.PER_WAITING_US] = costs.per_waiting_us
        row[at.TAKES_TIME] = costs.statement_us > 0 or costs.per_waiting_us > 0
        row[at.ARRIVAL_US] = latency.arrival_us
        row[at.DISPATCH_US] = latency.dispatch_us
        row[at.RESULT_US] = latency.result_us
        row[at.HORIZON_US] = FOREVER - 1 if run.drain else min(self.until_us, FOREVER - 1)
        row[at.UNTIL_US] = self.until_us
        row[at.FLOWS] = len(scenario.flows)
        row[at.LANES] = len(self.lanes)
        row[at.HELD_WIDTH] = max(1, held)
        row[at.KEPT] = kept
        row[at.WARMUP_US] = run.warmup_us
        row[at.END_OF_WINDOW_US] = self.until_us
        return row

    # --- flows

    def _flow(self, index: int, flow: Flow) -> list[int]:
        leaves = leaves_of(flow)
        tasks = [node.task for node in leaves if node.task is not None]
        self.counted = {task.id for task in tasks if task.failures is not None}
        first = len(self.leaf) // at.LEAF_WIDTH
        self.first_leaf.append(first)
        repeats = flow.retry is not None and flow.retry.behavior is RetryBehavior.RETRY_FAILED_TASK
        for node in leaves:
            self.leaf += self._leaf(index, flow, node, flow.retry if repeats else None)
        row = [0] * at.FLOW_WIDTH
        row[at.LIMIT] = FOREVER if flow.concurrency is None else flow.concurrency.limit
        row[at.IS_LIMITED] = int(flow.concurrency is not None)
        row[at.BEHAVIOR] = at.QUEUE if flow.concurrency is None else _BEHAVIORS[flow.concurrency.behavior]
        row[at.FIRST_LEAF], row[at.LAST_LEAF] = first, first + len(leaves) - 1
        row[at.RETRY] = NONE
        row[at.IS_RENEWED] = int(flow.retry is not None and not repeats)
        if flow.retry is not None:
            waits = "{flow}/flow_retry_due/1/{count}" if repeats else _RENEWALS
            row[at.RETRY] = self._retry(index, flow, flow.retry, waits)
        return row

    def _leaf(self, flow_index: int, flow: Flow, node: Node, flow_retry: Retry | None) -> list[int]:
        task = node.task
        assert task is not None
        retry = task.retry if flow_retry is None else flow_retry
        renews = retry is not None and retry.behavior is RetryBehavior.CREATE_NEW_EXECUTION
        attempts = 1 if renews or retry is None or retry.max_attempts is None else max(1, retry.max_attempts)
        row = [0] * at.LEAF_WIDTH
        row[at.LENGTH_DRAW] = row[at.FAIL_DRAW] = row[at.TASK_RETRY] = NONE
        row[at.IS_WORK] = int(task.kind is TaskKind.WORK and task.duration is not None)
        if row[at.IS_WORK] and task.duration is not None:
            if isinstance(task.duration, Constant):
                row[at.LENGTH_US] = task.duration.value_us
            else:
                row[at.LENGTH_DRAW] = len(self.draws[flow_index])
                names = (_stream(flow, node, "duration", attempt) for attempt in range(1, attempts + 1))
                self.draws[flow_index] += [lengths(self.streams, name, task.duration) for name in names]
                if not isinstance(task.duration, Listed):
                    row[at.IS_WORK] = 2
        row[at.TIMEOUT_US] = NONE if task.timeout_us is None else task.timeout_us
        row[at.ALLOWS_FAILURE], row[at.ALLOWS_WARNING] = int(task.allow_failure), int(task.allow_warning)
        row[at.TASK] = self.tasks.setdefault((flow.key, task.id), len(self.tasks))
        self._failures(row, flow_index, flow, node, attempts)
        if task.retry is not None:
            waits = f"{{flow}}/retry_due/{node.number}/1/{{count}}"
            if renews:
                waits, row[at.TASK_RENEWS] = _RENEWALS, 1
            row[at.TASK_RETRY] = self._retry(flow_index, flow, task.retry, waits)
        return row

    def _failures(self, row: list[int], flow_index: int, flow: Flow, node: Node, attempts: int) -> None:
        task = node.task
        assert task is not None
        failures = task.failures
        if failures is None and (task.kind is TaskKind.FAIL or task.id not in self.counted):
            row[at.FAILS] = at.ALWAYS_FAILS if task.kind is TaskKind.FAIL else at.NEVER_FAILS
            return
        failures = failures or Failures()
        row[at.FAILS] = at.SOMETIMES_FAILS
        row[at.FAIL_ATTEMPTS] = failures.attempts
        row[at.ONLY_ORIGINAL] = int(failures.only_original)
        row[at.RUNS] = len(self.runs)
        self.runs += sorted(failures.runs)
        row[at.RUNS_END] = len(failures.runs)
        row[at.OTHERWISE] = int(failures.share >= 1)
        share = failures.share
        if share not in (0.0, 1.0):
            row[at.FAIL_DRAW] = len(self.draws[flow_index])

            def fails(drawn: npt.NDArray[np.float64]) -> Ints:
                return (drawn < share).astype(np.int64)

            names = (_stream(flow, node, "failure", attempt) for attempt in range(1, attempts + 1))
            self.draws[flow_index] += [shares(self.streams, name, fails) for name in names]

    def _retry(self, flow_index: int, flow: Flow, retry: Retry, name: str) -> int:
        """Add a policy; `name` is that of the stream of its random waits, with the flow and the count left open."""
        assert retry.max_attempts is not None
        row = [0] * at.RETRY_WIDTH
        row[at.MAX_ATTEMPTS] = retry.max_attempts
        row[at.MAX_DURATION_US] = NONE if retry.max_duration_us is None else retry.max_duration_us
        row[at.WAIT_DRAW] = NONE
        tried = range(1, max(2, retry.max_attempts))
        row[at.WAITS] = row[at.LONGEST_WAITS] = len(self.waits)
        if retry.random:
            shortest_us, longest_us = retry.interval_us, max(retry.interval_us, retry.max_interval_us or 0)
            self.waits += [longest_us for _ in tried]
            if longest_us > shortest_us:
                row[at.WAIT_DRAW] = len(self.draws[flow_index])

                def wait_us(drawn: npt.NDArray[np.float64]) -> Ints:
                    return shortest_us + (drawn * (longest_us - shortest_us)).astype(np.int64)

                names = (name.format(flow=flow.key, count=count) for count in tried)
                self.draws[flow_index] += [shares(self.streams, each, wait_us) for each in names]
        else:
            grown = (
                grown_us(retry.interval_us, retry.factor, each - 1, retry.max_interval_us) for each in tried
            )
            self.waits += list(grown)
        self.retry += row
        return len(self.retry) // at.RETRY_WIDTH - 1

    # --- what arrives

    def _sources(self, flow_draws: int) -> None:
        seen: dict[str, int] = {}
        for place, arrivals in enumerate(self.scenario.arrivals):
            name = f"{arrivals.flow}/{arrivals.source}/arrivals"
            occurrence = seen[name] = seen.get(name, 0) + 1
            stream = f"{name}/{occurrence}"
            flow = self.indices[arrivals.flow]
            backoff = arrivals.backoff
            waits = () if backoff is None or not backoff.jitter else self._jitters(backoff, stream)
            lengths_us = recorded_lengths(arrivals.pattern)
            times = Until(times_of(arrivals.pattern, self.streams, stream), self.until_us)
            feed = Feed(times, lengths_us, waits)
            row = self._row(flow, feed, at.ARRIVAL | place << at.SEQUENCE_BITS)
            row[at.HAS_LENGTH] = int(lengths_us is not None)
            row[at.LANE_FAILS] = self._failing(arrivals, self.scenario.flows[flow])
            row[at.SOURCE_DRAWS] = flow_draws
            if backoff is not None:
                row[at.JITTERS] = len(waits)
                row[at.BACKOFF_ATTEMPTS] = backoff.attempts
                row[at.BACKOFF_ON] = _bits(backoff.on)
                row[at.BACKOFF_WAITS] = len(self.waits)
                self.waits += [int(_wait_us(backoff, retries)) for retries in range(backoff.attempts)]
            self.lane += row
            self.lanes.append(Lane(flow, feed, arrivals=arrivals))

    def _jitters(self, backoff: Backoff, stream: str) -> tuple[Draws, ...]:
        def jitter(retries: int) -> Draws:
            wait_us = _wait_us(backoff, retries)

            def jittered(drawn: npt.NDArray[np.float64]) -> Ints:
                return (wait_us * (1 + backoff.jitter * (2 * drawn - 1))).astype(np.int64)

            return shares(self.streams, f"{stream}/jitter/{retries}", jittered)

        return tuple(jitter(retries) for retries in range(backoff.attempts))

    def _failing(self, arrivals: Arrivals, flow: Flow) -> int:
        """Return where the flags are that say which tasks of a source's executions fail, by the leaf's number."""
        first = self.first_leaf[self.indices[flow.key]]
        tasks = [node.task for node in leaves_of(flow)]
        flags = [int(task is not None and task.id in arrivals.fails) for task in tasks]
        if not any(flags):
            return NONE
        self.fails += [0] * first
        start = len(self.fails) - first
        self.fails += flags
        return start

    def _triggers(self) -> None:
        place = 0
        for index, flow in enumerate(self.scenario.flows):
            for trigger in flow.self_firing:
                fires = fires_of(trigger, flow.key, self.scenario.clock_start, self.until_us, self.streams)
                feed = Feed(fires)
                row = self._row(index, feed, at.FIRE_RANK | place << at.SEQUENCE_BITS)
                row[at.LANE_TRIGGER] = 1
                row[at.LANE_FAILS] = NONE
                row[at.ALLOWS_CONCURRENT] = int(trigger.allow_concurrent)
                row[at.STOP_AFTER] = _bits(trigger.stop_after)
                self.lane += row
                self.lanes.append(Lane(index, feed, trigger=trigger))
                place += 1

    def _row(self, flow: int, feed: Feed, rank: int) -> list[int]:
        row = [0] * at.LANE_WIDTH
        row[at.LANE_FLOW], row[at.LANE_RANK] = flow, rank
        row[at.LOCKED_BY], row[at.NEXT_US], row[at.KEY] = NONE, FOREVER, rank
        row[at.FEED] = self.feed
        self.feed += feed.rows * at.BLOCK
        return row


def _wait_us(backoff: Backoff, retries: int) -> int:
    return grown_us(backoff.initial_us, backoff.factor, retries, backoff.max_us)


def _bits(states: frozenset[str]) -> int:
    return sum(1 << STATE_CODES[State(state)] for state in states)


def _stream(flow: Flow, node: Node, what: str, attempt: int) -> str:
    """Name a stream of a task, as `simulation.workers` does."""
    task = node.task
    assert task is not None
    name = f"{flow.key}/{task.id}/{what}"
    return f"{name}/{node.occurrence}/{attempt}" if node.occurrence or attempt > 1 else name


def _array(numbers: list[int]) -> Ints:
    """Return numbers as an array that has at least one element, which numba wants to know the type of."""
    return np.array(numbers or [0], dtype=np.int64)
