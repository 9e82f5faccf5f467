"""Statistics of a scenario's flows over all its replications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowconc.check.metrics import Measures
from flowconc.check.wording import number
from flowconc.report.series import busiest_flows
from flowconc.trace.trace import Trace

MOST_FLOWS = 12
"""Flows with a row of their own: those with most executions."""

COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("ended", "throughput", "count", ""),
    ("turned away", "rejected", "count", ""),
    ("wait, mean", "queue_wait", "mean", " s"),
    ("wait, p95", "queue_wait", "p95", " s"),
    ("wait, max", "queue_wait", "max", " s"),
    ("queue, mean", "queue_depth", "mean", ""),
    ("queue, max", "queue_depth", "max", ""),
    ("slots in use, mean", "slots_in_use", "mean", ""),
    ("utilization", "utilization", "mean", ""),
)
"""Heading, metric, statistic and unit of each column, in the words of `thresholds:`."""


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """One flow's statistics as text, one a column: the mean of the replications, and from where to where they go."""

    flow: str
    cells: tuple[str, ...]


def summaries(traces: Sequence[Trace]) -> tuple[FlowSummary, ...]:
    """Return the statistics of the flows with most executions."""
    measures = [Measures(trace) for trace in traces]
    return tuple(
        FlowSummary(
            flow,
            tuple(
                _cell([m.observe(metric, statistic, (("flow", flow),)).value for m in measures], unit)
                for _, metric, statistic, unit in COLUMNS
            ),
        )
        for flow in busiest_flows(traces[0])[:MOST_FLOWS]
    )


def _cell(values: list[float | None], unit: str) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "none"
    mean, low, high = sum(known) / len(known), min(known), max(known)
    if low == high:
        return f"{_rounded(low)}{unit}"
    return f"{_rounded(mean)} ({_rounded(low)} to {_rounded(high)}){unit}"


def _rounded(value: float) -> str:
    """Say a number with three significant decimals where it is small, whole numbers as they are."""
    return number(round(value, 3 if abs(value) < 10 else 1))
