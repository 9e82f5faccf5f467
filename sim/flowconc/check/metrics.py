"""What `thresholds:` can measure, read off one trace as arrays.

| metric | one value per | what |
|---|---|---|
| queue_wait | execution that was not turned away | time in QUEUED, 0 when it never waited |
| start_delay | execution that ran | creation to first RUNNING |
| sojourn | execution that was not turned away and has ended | creation to end |
| lock_wait | execution | time spent waiting for row locks of the database |
| gate_latency | execution that reached the gate | creation to first gate |
| scheduling_delay | execution that a fire made | planned time to creation |
| queue_depth, slots_in_use | instant | executions QUEUED; live executions that hold a slot |
| utilization | instant with a limit in force | slots in use / limit |
| database_utilization | instant | connections in use / connections |
| rejected | | executions turned away at their first gate; their share of those that reached it |
| skipped_fires | | planned fires that made no execution; their share of all planned fires |
| throughput | | executions that were not turned away and have ended; ends per second |

Times are in seconds. The warm-up is left out: executions created, fires planned and levels held before it. Levels
and the rate of throughput are taken over the window from the warm-up to the horizon, which is `until` where the
run has one, else the run's end: while a run drains, nobody arrives, and its levels say nothing about the load.
An execution whose time is not over at the end (still queued, still running) has no value; such are counted.
Levels of several flows add up; utilization is then all slots in use over all slots.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from flowconc.check.keeping import kept
from flowconc.check.statistics import Floats, summary
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.scenario.vocabulary import COUNT_METRICS, LEVEL_METRICS
from flowconc.trace.tables import (
    NEVER,
    UNLIMITED,
    ExecutionsTable,
    SlotsTable,
    executions_table,
    slots_table,
)
from flowconc.trace.trace import STATE_CODES, Trace

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Selectors = tuple[tuple[str, str], ...]

_Times = tuple[Ints, Ints, Flags, Flags]
"""From, to, whether it is over, and whether the metric speaks of this execution; one row an execution."""

US_PER_S = 1e6

SHARES = frozenset({"utilization", "database_utilization"})
"""Levels that are shares."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value an execution, in seconds, shape (n,); `unfinished` executions have none yet."""

    values: Floats
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """A step function over the window: `values[i]` held for `weights[i]` microseconds, both of shape (n,)."""

    values: Floats
    weights: Floats

    @property
    def by_value(self) -> Level:
        """The same with each value once, in ascending order: what is added up has then one order only."""
        values, places = np.unique(self.values, return_inverse=True)
        return Level(values, np.bincount(places, self.weights, len(values)).astype(np.float64))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many, and as a rate; no rate where there is nothing to divide by."""

    count: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class Observation:
    """A statistic of one run. `value` is None when there was nothing to take it from."""

    value: float | None
    unfinished: int = 0


def matches_flow(key: str | None, wanted: str) -> bool:
    """Say whether a selector's `wanted` (an id, or namespace.id) means the flow with this key."""
    return key is not None and (key == wanted or key.rpartition(".")[2] == wanted)


class Measures:
    """The metrics of one trace. Tables, samples and levels are made when first needed, once, and shared by statistics."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.start_us = trace.header.warmup_us
        until_us = trace.header.until_us
        self.horizon_us = trace.end_us if until_us is None else until_us

    def observe(self, metric: str, statistic: str, selectors: Selectors = ()) -> Observation:
        """Return a statistic of a metric, in the metric's unit; no value for one that such a metric has not."""
        if metric in COUNT_METRICS:
            tally = self.tally(metric, selectors)
            return Observation({"count": float(tally.count), "rate": tally.rate}.get(statistic))
        if metric in LEVEL_METRICS:
            level = self.level(metric, selectors)
            if metric in SHARES and statistic == "mean":
                level = level.by_value  # of fractions, the order of a sum is seen in its last digits
            return Observation(summary(statistic, level.values, level.weights))
        sample = self.sample(metric, selectors)
        if statistic == "count":
            return Observation(float(len(sample.values)), sample.unfinished)
        return Observation(summary(statistic, sample.values), sample.unfinished)

    # --- one value an execution

    @kept
    def sample(self, metric: str, selectors: Selectors = ()) -> Sample:
        """Return a time metric's values."""
        table = self.table
        counted = self._select(selectors) & (table.created_us >= self.start_us)
        start_us, end_us, over, due = {
            "queue_wait": self._queue_wait,
            "start_delay": self._start_delay,
            "sojourn": self._sojourn,
            "lock_wait": self._lock_wait,
            "gate_latency": self._gate_latency,
            "scheduling_delay": self._scheduling_delay,
        }[metric]()
        values = (end_us - start_us)[counted & due & over] / US_PER_S
        return Sample(values, int(np.count_nonzero(counted & due & ~over)))

    def _queue_wait(self) -> _Times:
        table = self.table
        gated = (table.gate_us != NEVER) | (table.started_us != NEVER)
        over = table.state != STATE_CODES[State.QUEUED]
        return np.zeros_like(table.slot_wait_us), table.slot_wait_us, over, gated & ~self._turned_away

    def _start_delay(self) -> _Times:
        table = self.table
        over = table.started_us != NEVER
        return table.created_us, table.started_us, over, over | self._alive

    def _sojourn(self) -> _Times:
        table = self.table
        over = table.ended_us != NEVER
        return table.created_us, table.ended_us, over, (over | self._alive) & ~self._turned_away

    def _lock_wait(self) -> _Times:
        waited_us = self.table.lock_wait_us
        always = np.ones(len(waited_us), dtype=np.bool_)
        return np.zeros_like(waited_us), waited_us, always, always

    def _gate_latency(self) -> _Times:
        table = self.table
        over = table.gate_us != NEVER
        return table.created_us, table.gate_us, over, over | self._alive

    def _scheduling_delay(self) -> _Times:
        table = self.table
        fired = table.planned_us != NEVER
        return table.planned_us, table.created_us, fired, fired

    # --- one value an instant

    @kept
    def level(self, metric: str, selectors: Selectors = ()) -> Level:
        """Return a level metric's steps within the window; none for a selector that levels do not know."""
        if metric == "database_utilization":
            return NO_LEVEL if selectors else self._database_utilization()
        if any(name != "flow" for name, _ in selectors):
            return NO_LEVEL
        flows = [key for key in self._flows if all(matches_flow(key, value) for _, value in selectors)]
        if not flows:
            return NO_LEVEL
        if metric == "utilization":
            return self._window(*self._utilization(flows))
        times_us, (queued, holding) = self._summed(flows, ("queued", "holding"))
        return self._window(times_us, queued if metric == "queue_depth" else holding)

    def _utilization(self, flows: Iterable[str]) -> tuple[Ints, Floats]:
        times_us, (holding, limit) = self._summed(flows, ("limited_holding", "limited"))
        share = np.divide(holding, limit, out=np.full(len(limit), np.nan), where=limit > 0)
        return times_us, share

    def _summed(self, flows: Iterable[str], columns: tuple[str, ...]) -> tuple[Ints, list[Floats]]:
        """Add up the step functions of several flows. Return when they change, and to what.

        Of several changes of one instant only what stands after the last one has a meaning, so their order has none.
        """
        times: list[Ints] = [np.zeros(1, dtype=np.int64)]
        changes: list[list[Floats]] = [[np.zeros(1)] for _ in columns]
        for flow in flows:
            table = self.slots(flow)
            limited = table.limit != UNLIMITED
            levels = {
                "queued": table.queued,
                "holding": table.holding,
                "limited_holding": np.where(limited, table.holding, 0),
                "limited": np.where(limited, table.limit, 0),
            }
            times.append(table.t_us)
            for change, column in zip(changes, columns, strict=True):
                change.append(np.diff(levels[column].astype(np.float64), prepend=0.0))
        times_us = np.concatenate(times)
        order = np.argsort(times_us)
        return times_us[order], [np.cumsum(np.concatenate(change)[order]) for change in changes]

    def _database_utilization(self) -> Level:
        """Return the share of the database's connections in use; no level where the database takes no time.

        A transaction is written when it commits and says how long it held its connection.
        """
        connections = self.trace.header.connections
        if connections is None:
            return NO_LEVEL
        rows = self._rows(Kind.TRANSACTION)
        committed_us = self.trace.records["t_us"][rows]
        begun_us = committed_us - self.trace.records["before"][rows]
        times_us = np.concatenate((np.zeros(1, dtype=np.int64), begun_us, committed_us))
        change = np.concatenate((np.zeros(1), np.ones(len(rows)), -np.ones(len(rows))))
        order = np.argsort(times_us)
        return self._window(times_us[order], np.cumsum(change[order]) / connections)

    def _window(self, times_us: Ints, values: Floats) -> Level:
        """Cut a step function to the window, and to what stood when each instant was over."""
        if not len(times_us) or self.horizon_us < self.start_us:
            return NO_LEVEL
        last_of_instant = np.append(times_us[1:] != times_us[:-1], True)
        times_us, values = times_us[last_of_instant], values[last_of_instant]
        ends_us = np.append(times_us[1:], self.horizon_us + 1)
        inside = (ends_us > self.start_us) & (times_us <= self.horizon_us) & ~np.isnan(values)
        begin = np.clip(times_us[inside], self.start_us, self.horizon_us)
        end = np.clip(ends_us[inside], self.start_us, self.horizon_us)
        return Level(values[inside], (end - begin).astype(np.float64))

    # --- how many

    def tally(self, metric: str, selectors: Selectors = ()) -> Tally:
        """Return a count metric."""
        if metric == "skipped_fires":
            skipped, made = (self.fires(kind, selectors) for kind in (Kind.FIRE_SKIPPED, Kind.FIRE))
            return Tally(skipped, skipped / (skipped + made) if skipped + made else None)
        table = self.table
        selected = self._select(selectors)
        recent = selected & (table.created_us >= self.start_us)
        if metric == "rejected":
            rejected = int(np.count_nonzero(recent & self._turned_away))
            gated = int(np.count_nonzero(recent & (table.gate_us != NEVER)))
            return Tally(rejected, rejected / gated if gated else None)
        done = (table.ended_us != NEVER) & ~self._turned_away
        in_window = done & selected & (table.ended_us >= self.start_us) & (table.ended_us <= self.horizon_us)
        window_s = (self.horizon_us - self.start_us) / US_PER_S
        rate = int(np.count_nonzero(in_window)) / window_s if window_s > 0 else None
        return Tally(int(np.count_nonzero(done & recent)), rate)

    def fires(self, kind: Kind, selectors: Selectors) -> int:
        """Count fires planned from the warm-up on: not those of Flow triggers. Their source is their trigger."""
        rows = self._rows(kind)
        records = self.trace.records
        wanted = records["before"][rows] >= self.start_us
        for name, value in selectors:
            if name == "flow":
                wanted &= _marked(
                    [matches_flow(key, value) for key in self.trace.flows], records["flow"][rows]
                )
            elif name == "trigger":
                wanted &= _marked([each == value for each in self.trace.details], records["detail"][rows])
            else:
                wanted &= value == "trigger"
        return int(np.count_nonzero(wanted))

    # --- what they share

    @cached_property
    def table(self) -> ExecutionsTable:
        """The executions of the run."""
        return executions_table(self.trace)

    @property
    def _flows(self) -> tuple[str, ...]:
        return self.trace.flows

    @kept
    def slots(self, flow: str) -> SlotsTable:
        """Return how the slots of a flow (its key) stood, and its queue, over the run."""
        return slots_table(self.trace, flow)

    @cached_property
    def _turned_away(self) -> Flags:
        applied = self.table.applied
        turned_away: Flags = (applied == "CANCEL") | (applied == "FAIL")
        return turned_away

    @cached_property
    def _alive(self) -> Flags:
        table = self.table
        alive: Flags = (table.created_us != NEVER) & (table.ended_us == NEVER) & ~table.deleted
        return alive

    @cached_property
    def _kinds(self) -> npt.NDArray[np.uint8]:
        return np.ascontiguousarray(self.trace.records["kind"])

    def _rows(self, kind: Kind) -> Ints:
        return np.flatnonzero(self._kinds == kind)

    @kept
    def _select(self, selectors: Selectors) -> Flags:
        table = self.table
        selected: Flags = np.ones(len(table), dtype=np.bool_)
        for name, value in selectors:
            if name == "flow":
                meant = [table.flow == key for key in self._flows if matches_flow(key, value)]
                selected &= np.logical_or.reduce(meant) if meant else False
            else:
                selected &= (table.source if name == "source" else table.trigger) == value
        return selected


def _marked(wanted: list[bool], codes: npt.NDArray[np.integer]) -> Flags:
    """Say for each code of a string table whether its string is wanted; no string (-1) is not."""
    marked: Flags = np.array([*wanted, False], dtype=np.bool_)[codes]
    return marked


NO_LEVEL = Level(np.zeros(0), np.zeros(0))
