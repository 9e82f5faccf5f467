"""The metrics of a compiled run: the same as of a trace."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from flowconc.check.keeping import kept
from flowconc.check.metrics import NO_LEVEL, Ints, Level, Measures, Selectors, matches_flow
from flowconc.compiled.executions import Executions
from flowconc.protocol.events import Kind
from flowconc.trace.tables import NEVER, UNLIMITED, ExecutionsTable, SlotsTable
from flowconc.trace.trace import Trace


def measures_of(run: Trace | Executions) -> Measures:
    """Return the metrics of a run, simulated or compiled."""
    return CompiledMeasures(run) if isinstance(run, Executions) else Measures(run)


class CompiledMeasures(Measures):
    """The metrics of one compiled run."""

    def __init__(self, executions: Executions) -> None:
        self.executions = executions
        self.start_us = executions.header.warmup_us
        until_us = executions.header.until_us
        self.horizon_us = executions.end_us if until_us is None else until_us

    def fires(self, kind: Kind, selectors: Selectors) -> int:
        """Count fires planned from the warm-up on that were skipped, or made an execution."""
        counts = self.executions.skipped if kind is Kind.FIRE_SKIPPED else self.executions.fired
        return sum(count for key, count in counts.items() if all(_means(key, each) for each in selectors))

    def _database_utilization(self) -> Level:
        in_use = self.executions.in_use
        if in_use is None or self.horizon_us < self.start_us:
            return NO_LEVEL
        seen = in_use.held_us > 0
        seen[in_use.last] = True
        levels = np.flatnonzero(seen)
        return Level(levels / (len(seen) - 1), in_use.held_us[levels].astype(np.float64))

    @cached_property
    def table(self) -> ExecutionsTable:
        """The executions of the run."""
        return self.executions.table

    @property
    def _flows(self) -> tuple[str, ...]:
        return tuple(flow.key for flow in self.executions.translation.scenario.flows)

    @kept
    def slots(self, flow: str) -> SlotsTable:
        """Return how the slots of a flow stood. There are two rows for each interval, by time."""
        table = self.table
        mine = np.flatnonzero(table.flow == flow)
        queued_us = table.queued_us[mine]
        queued_us = queued_us[queued_us != NEVER]
        left_us = (table.queued_us + table.slot_wait_us)[mine]
        left_us = left_us[(table.queued_us[mine] != NEVER) & (table.started_us[mine] != NEVER)]
        started = table.started_us[mine] != NEVER
        started_us, ended_us = table.started_us[mine][started], table.ended_us[mine][started]
        ended_us = ended_us[ended_us != NEVER]
        times_us = np.concatenate(([0], queued_us, left_us, started_us, ended_us)).astype(np.int64)
        order = np.argsort(times_us, kind="stable")
        parts = [np.zeros(1, dtype=np.int64), queued_us, left_us, started_us, ended_us]
        queued = _level(parts, {1: 1, 2: -1}, order)
        holding = _level(parts, {3: 1, 4: -1}, order)
        return SlotsTable(
            seq=np.arange(len(order)),
            t_us=times_us[order],
            flow=np.full(len(order), flow, dtype=np.object_),
            running=holding,
            queued=queued,
            holding=holding,
            limit=np.full(len(order), self._limits[flow]),
            counter=holding,
        )

    @cached_property
    def _limits(self) -> dict[str, int]:
        flows = self.executions.translation.scenario.flows
        return {flow.key: UNLIMITED if flow.concurrency is None else flow.concurrency.limit for flow in flows}


def _level(parts: list[Ints], changes: dict[int, int], order: Ints) -> Ints:
    """Return a level after each of several groups of times, in `order`, when some of the groups change it by one."""
    change = np.concatenate(
        [np.full(len(part), changes.get(number, 0), dtype=np.int64) for number, part in enumerate(parts)]
    )
    level: Ints = np.cumsum(change[order])
    return level


def _means(key: tuple[str, str], selector: tuple[str, str]) -> bool:
    """Say whether a selector means the fires of (flow, trigger); their source is `trigger`."""
    name, value = selector
    if name == "flow":
        return matches_flow(key[0], value)
    return value == (key[1] if name == "trigger" else "trigger")
