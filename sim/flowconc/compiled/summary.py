"""Runs beyond memory: statistics instead of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from flowconc.compiled import fields as at
from flowconc.compiled import tally
from flowconc.compiled.fields import Ints
from flowconc.compiled.jit import Announce
from flowconc.compiled.memory import Memory
from flowconc.compiled.program import translate
from flowconc.compiled.run import MOST_EXECUTIONS, end_us_of, go, header_of
from flowconc.compiled.subset import Unsupported, supports
from flowconc.scenario.model import Scenario
from flowconc.simulation.streams import Streams
from flowconc.trace.trace import STATES, Header

US_PER_S: Final = 1e6

_BLOCKS: Final = {
    "queue_wait": tally.QUEUE_WAIT,
    "start_delay": tally.START_DELAY,
    "sojourn": tally.SOJOURN,
    "gate_latency": tally.GATE_LATENCY,
    "lock_wait": tally.LOCK_WAIT,
    "worker_wait": tally.WORKER_WAIT,
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a time was distributed. Everything is exact but the quantiles, which are at most 1/128 too high."""

    count: int
    mean_s: float | None
    max_s: float | None
    _buckets: Ints

    def quantile_s(self, share: float) -> float | None:
        """Return the smallest time that `share` of the executions did not exceed, in seconds; None without any."""
        if not self.count or self.max_s is None:
            return None
        needed = share * self.count * (1 - 1e-12)
        bucket = int(np.searchsorted(np.cumsum(self._buckets), needed))
        return min(highest_us(bucket) / US_PER_S, self.max_s)


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """The statistics of one flow, of executions created from the warm-up on, and of the window up to the horizon.

    `times` has a distribution for each of `queue_wait`, `start_delay`, `sojourn`, `gate_latency` (`check.metrics`),
    and of the executions that have ended for `lock_wait` and `worker_wait`. `ended` counts final states.
    """

    flow: str
    created: int  # those of the warm-up included
    ended: dict[str, int]
    gated: int
    turned_away: int
    times: dict[str, Distribution]
    throughput_per_s: float | None
    mean_queued: float | None
    max_queued: int
    mean_held: float | None
    max_held: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The statistics of one run, which ended at `end_us`."""

    header: Header
    flows: tuple[FlowSummary, ...]
    end_us: int

    @property
    def executions(self) -> int:
        """How many executions were created."""
        return sum(flow.created for flow in self.flows)


def summarize(
    scenario: Scenario,
    *,
    seed: int | None = None,
    replication: int = 0,
    compiled: bool | None = None,
    announce: Announce | None = None,
    max_executions: int = MOST_EXECUTIONS,
) -> Summary:
    """Run a scenario once and keep only statistics: memory does not grow with the number of executions.

    Arguments and errors are those of `run`; a run without `until` is counted up to its last event.
    """
    reasons = supports(scenario)
    if reasons:
        raise Unsupported(reasons)
    seed = scenario.run.seed if seed is None else seed
    translation = translate(scenario, Streams(seed, replication), kept=False)
    memory = Memory(translation)
    go(memory, max_executions, compiled=compiled, announce=announce)
    end_us = end_us_of(memory)
    until_us = scenario.run.until_us
    horizon_us = end_us if until_us is None else until_us
    memory.state.scalar[at.NOW] = max(end_us, horizon_us) + 1
    for flow in range(len(scenario.flows)):
        memory.state.scalar[at.END_OF_WINDOW_US] = horizon_us
        tally.weigh(memory.state, flow)
    return Summary(
        header_of(translation, seed, replication),
        tuple(_flow(memory, index, horizon_us) for index in range(len(scenario.flows))),
        end_us,
    )


def _flow(memory: Memory, index: int, horizon_us: int) -> FlowSummary:
    scenario = memory.translation.scenario
    row = memory.state.tally[index * tally.TALLY_WIDTH : (index + 1) * tally.TALLY_WIDTH]
    window_us = horizon_us - scenario.run.warmup_us
    return FlowSummary(
        flow=scenario.flows[index].key,
        created=int(memory.state.flow[index * at.FLOW_WIDTH + at.ORDINAL]),
        ended={
            state.value: int(row[tally.IN_STATE + code])
            for code, state in enumerate(STATES)
            if row[tally.IN_STATE + code]
        },
        gated=int(row[tally.GATED]),
        turned_away=int(row[tally.TURNED_AWAY]),
        times={metric: _times(row[block : block + tally.BLOCK_WIDTH]) for metric, block in _BLOCKS.items()},
        throughput_per_s=_mean(row[tally.DONE] * US_PER_S, window_us),
        mean_queued=_mean(row[tally.QUEUED_AREA], window_us),
        max_queued=int(row[tally.MOST_QUEUED]),
        mean_held=_mean(row[tally.HELD_AREA], window_us),
        max_held=int(row[tally.MOST_HELD]),
    )


def _times(block: Ints) -> Distribution:
    count = int(block[tally.COUNT])
    return Distribution(
        count,
        _mean(block[tally.SUM_US] / US_PER_S, count),
        float(block[tally.MOST_US] / US_PER_S) if count else None,
        block[tally.FIRST_BUCKET :],
    )


def _mean(total: float, number: int) -> float | None:
    return float(total) / number if number > 0 else None


def highest_us(bucket: int) -> int:
    """Return the longest time of a bucket, in microseconds."""
    half = tally.EXACT_BITS - 1
    if bucket < 1 << tally.EXACT_BITS:
        return bucket
    shift = (bucket >> half) - 1
    return ((((bucket & ((1 << half) - 1)) | 1 << half) + 1) << shift) - 1
