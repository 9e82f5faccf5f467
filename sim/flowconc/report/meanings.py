"""What a statistic of a metric means, in words for those who do not know the names of metrics."""

from __future__ import annotations

from typing import Final

from flowconc.check.wording import number
from flowconc.scenario.vocabulary import LEVEL_METRICS, TIME_METRICS

_METRICS: Final = {
    "queue_wait": "how long an execution is QUEUED",
    "start_delay": "from the creation of an execution until it is RUNNING",
    "sojourn": "from the creation of an execution to its end",
    "lock_wait": "how long an execution waits for row locks of the database",
    "gate_latency": "from the creation of an execution until it is known whether it gets a slot",
    "scheduling_delay": "from the planned fire of a Schedule to the creation of its execution",
    "queue_depth": "how many executions are QUEUED",
    "slots_in_use": "how many slots are in use",
    "utilization": "slots in use, as a share of the limit",
    "database_utilization": "connections in use, as a share of the pool",
    "rejected": "executions that are turned away",
    "skipped_fires": "fires of triggers that make no execution",
    "throughput": "executions that end and were not turned away",
}

_RATES: Final = {
    "rejected": "as a share of all that arrive",
    "skipped_fires": "as a share of all fires",
    "throughput": "in a minute",
}


def meaning(metric: str, statistic: str) -> str:
    """Say what a statistic is: `how long an execution is QUEUED; 95 % of them have no more`."""
    if statistic == "rate":
        how = _RATES[metric]
    elif statistic == "count":
        how = "how many there are in a run"
    elif metric in LEVEL_METRICS:
        how = _of_level(statistic)
    else:
        assert metric in TIME_METRICS, f"{metric} has counts and rates only"
        how = _of_time(statistic)
    return f"{_METRICS[metric]}; {how}"


def _of_time(statistic: str) -> str:
    extremes = {"mean": "on average", "max": "the longest of a run", "min": "the shortest of a run"}
    return extremes.get(statistic) or f"{_percent(statistic)} of them have no more"


def _of_level(statistic: str) -> str:
    extremes = {"mean": "on average over the time", "max": "at most in a run", "min": "at least in a run"}
    return extremes.get(statistic) or f"no more for {_percent(statistic)} of the time"


def _percent(statistic: str) -> str:
    return f"{number(float(statistic.removeprefix('p')))} %"
