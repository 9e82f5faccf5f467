"""What the plots show, as step functions and marks, cut down to what a picture can resolve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import Kind
from flowconc.trace.intervals import Ints, first_of_run
from flowconc.trace.tables import UNLIMITED, slots_table
from flowconc.trace.trace import NOTHING, Trace

MOST_STEPS = 600
"""Points in time that one curve can tell apart: about a pixel each in a picture as wide as a page."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A step function: `values[i]` holds from `t_us[i]` on. Both of shape (n,), times in order."""

    t_us: Ints
    values: Ints

    def __len__(self) -> int:
        return len(self.t_us)


@dataclass(frozen=True, slots=True)
class FlowLevels:
    """How one flow's slots and queue stood over time. Where `limit` is -1 there is none."""

    flow: str
    queued: Steps
    holding: Steps
    limit: Steps


@dataclass(frozen=True, slots=True)
class LockSeries:
    """What the database made executions wait for.

    `granted_us` and `wait_us`, shape (n,): when each lock that was waited for was granted, and after how long.
    """

    granted_us: Ints
    wait_us: Ints
    waiting: Steps
    connections: Steps

    @property
    def idle(self) -> bool:
        """Say whether nobody ever waited and no transaction took time."""
        return not len(self.granted_us) and not len(self.connections)


@dataclass(frozen=True, slots=True)
class TriggerFires:
    """The fires of one trigger: when they made an execution and when they were skipped, shape (n,) each."""

    flow: str
    trigger: str
    made_us: Ints
    skipped_us: Ints


def busiest_flows(trace: Trace) -> list[str]:
    """Return the flows, the one with most executions first; equal ones as the trace lists them."""
    records = trace.records
    created = records["flow"][(records["kind"] == Kind.CREATED) & (records["flow"] >= 0)]
    counts = np.bincount(created, minlength=len(trace.flows))
    return [trace.flows[code] for code in np.argsort(-counts, kind="stable").tolist()]


def flow_levels(trace: Trace, flow: str) -> FlowLevels:
    """Return the levels of one flow, as each instant left them."""
    table = slots_table(trace, flow)
    return FlowLevels(
        flow,
        *(settled(Steps(table.t_us, column)) for column in (table.queued, table.holding, table.limit)),
    )


def lock_series(trace: Trace) -> LockSeries:
    """Return the waits for row locks and the connections in use."""
    records = trace.records
    waits = records[records["kind"] == Kind.LOCK_WAIT]
    transactions = records[records["kind"] == Kind.TRANSACTION]
    transactions = transactions[transactions["before"] > 0]
    granted_us = waits["t_us"].astype(np.int64)
    wait_us = waits["before"].astype(np.int64)
    return LockSeries(
        granted_us,
        wait_us,
        _overlaps(granted_us - wait_us, granted_us),
        _overlaps(transactions["t_us"] - transactions["before"], transactions["t_us"]),
    )


def trigger_fires(trace: Trace) -> Iterator[TriggerFires]:
    """Yield every trigger that fired, in the order of the first fires."""
    records = trace.records
    fires = records[np.isin(records["kind"], (Kind.FIRE, Kind.FIRE_SKIPPED))]
    keys = list(dict.fromkeys(zip(fires["flow"].tolist(), fires["detail"].tolist(), strict=True)))
    for flow, detail in keys:
        own = fires[(fires["flow"] == flow) & (fires["detail"] == detail)]
        made = own["kind"] == Kind.FIRE
        yield TriggerFires(
            trace.flows[flow] if flow >= 0 else "",
            trace.details[detail] if detail >= 0 else "",
            own["t_us"][made].astype(np.int64),
            _planned_us(own[~made]),
        )


def _planned_us(skipped: npt.NDArray[np.void]) -> Ints:
    """Return when skipped fires were due: they may be written down later. Those that answer events are not planned."""
    planned = skipped["before"] != NOTHING
    due: Ints = np.where(planned, skipped["before"], skipped["t_us"]).astype(np.int64)
    return due


def settled(steps: Steps) -> Steps:
    """Keep what each instant left, where it differs from the instant before."""
    return Steps(*settled_columns(steps.t_us, steps.values))


def settled_columns(t_us: Ints, *columns: Ints) -> tuple[Ints, ...]:
    """Keep of parallel step functions what each instant left, where any of them differs from the instant before."""
    last_of_instant = np.append(t_us[1:] != t_us[:-1], True)[: len(t_us)]
    kept = [column[last_of_instant] for column in (t_us, *columns)]
    changed = np.any([first_of_run(column) for column in kept[1:]], axis=0)
    return tuple(column[changed] for column in kept)


def decimated(steps: Steps, end_us: int) -> Steps:
    """Return at most three points for each of MOST_STEPS equal spans of time: no peak and no dip is lost.

    At the first step of a span the function goes through its lowest and its highest value there, at the last one
    it takes its last value.
    """
    if len(steps) <= 2 * MOST_STEPS:
        return steps
    span = steps.t_us * MOST_STEPS // (end_us + 1)
    begins = np.flatnonzero(first_of_run(span))
    ends = np.append(begins[1:], len(steps)) - 1
    t_us = np.stack([steps.t_us[begins], steps.t_us[begins], steps.t_us[ends]], axis=1)
    values = np.stack(
        [
            np.minimum.reduceat(steps.values, begins),
            np.maximum.reduceat(steps.values, begins),
            steps.values[ends],
        ],
        axis=1,
    )
    return Steps(t_us.ravel(), values.ravel())


def worst_per_span(t_us: Ints, values: Ints, end_us: int) -> tuple[Ints, Ints]:
    """Return the largest value of each of MOST_STEPS equal spans of time, and when it was; t_us is in order."""
    if len(t_us) <= MOST_STEPS:
        return t_us, values
    span = t_us * MOST_STEPS // (end_us + 1)
    order = np.lexsort((-values, span))
    worst = order[first_of_run(span[order])]
    return t_us[worst], values[worst]


def one_per_span(t_us: Ints, end_us: int) -> Ints:
    """Return one time for each of MOST_STEPS equal spans that has any; `t_us` is in order."""
    if len(t_us) <= MOST_STEPS:
        return t_us
    return t_us[first_of_run(t_us * MOST_STEPS // (end_us + 1))]


def has_limit(levels: FlowLevels) -> bool:
    """Say whether the flow ever had a limit."""
    return bool((levels.limit.values != UNLIMITED).any())


def _overlaps(start_us: Ints, end_us: Ints) -> Steps:
    """Count how many of the intervals each instant lies in."""
    t_us = np.concatenate((start_us, end_us)).astype(np.int64)
    change = np.concatenate((np.ones(len(start_us), np.int64), -np.ones(len(end_us), np.int64)))
    order = np.argsort(t_us, kind="stable")
    return settled(Steps(t_us[order], np.cumsum(change[order])))
