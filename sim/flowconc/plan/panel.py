"""Which statistics a plan asks of every run: those of its conditions, and those that everybody wants to see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flowconc.plan.evaluation import DRAWN, Statistic, of_flow
from flowconc.scenario.conditions import Threshold
from flowconc.scenario.plan import Plan

OF_FLOW: Final = (
    ("queue_wait", "mean"),
    ("queue_wait", "p50"),
    ("queue_wait", "p95"),
    ("queue_wait", "p99"),
    ("queue_wait", "max"),
    ("queue_wait", "unfinished"),
    ("sojourn", "mean"),
    ("sojourn", "p95"),
    ("queue_depth", "mean"),
    ("queue_depth", "max"),
    ("slots_in_use", "mean"),
    ("slots_in_use", "max"),
    ("utilization", "mean"),
    ("rejected", "rate"),
    ("rejected", "count"),
    ("skipped_fires", "rate"),
    ("skipped_fires", "count"),
    ("throughput", "rate"),
    ("lock_wait", "mean"),
    ("lock_wait", "p95"),
    ("backlog", "growth"),
)
"""Metric and statistic, of the flow whose limit is planned."""

OF_ALL: Final = (("lock_wait", "mean"), ("database_utilization", "mean"))
"""Of everything in the scenario: what the limit costs the others."""


def statistic_of(condition: Threshold) -> Statistic:
    """Return the statistic that a condition speaks of."""
    return Statistic(condition.metric, condition.statistic, condition.selectors)


def asked(plan: Plan) -> tuple[Statistic, ...]:
    """Return what is asked of every run of a plan, each once, in a fixed order."""
    conditions: Iterable[Statistic] = map(statistic_of, (*plan.goals, *plan.protects))
    panel = (of_flow(metric, statistic, plan.flow) for metric, statistic in OF_FLOW)
    everything = (Statistic(metric, statistic) for metric, statistic in OF_ALL)
    return tuple(sorted({*conditions, *panel, *everything, DRAWN}))
