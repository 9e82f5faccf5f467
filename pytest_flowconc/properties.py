"""What `--junitxml` keeps of a scenario: names that do not change, with their unit at the end."""

from __future__ import annotations

from flowconc.check.compiled_metrics import measures_of
from flowconc.runner import Result

MEASURED = {
    "flowconc.queue_wait_s_mean": ("queue_wait", "mean"),
    "flowconc.queue_wait_s_p95": ("queue_wait", "p95"),
    "flowconc.queue_wait_s_max": ("queue_wait", "max"),
    "flowconc.start_delay_s_p95": ("start_delay", "p95"),
    "flowconc.sojourn_s_p95": ("sojourn", "p95"),
    "flowconc.queue_depth_executions_max": ("queue_depth", "max"),
    "flowconc.slots_in_use_executions_mean": ("slots_in_use", "mean"),
    "flowconc.slots_in_use_executions_max": ("slots_in_use", "max"),
    "flowconc.rejected_executions_count": ("rejected", "count"),
    "flowconc.skipped_fires_count": ("skipped_fires", "count"),
    "flowconc.throughput_executions_count": ("throughput", "count"),
}
"""Property -> metric and statistic, as `thresholds:` has them, over all flows of the scenario."""

DECIMALS = 6


def properties(result: Result) -> list[tuple[str, str | int | float]]:
    """Return the properties of a result: what repeats it, then what it measured, the mean over its replications.

    A statistic that some replication has no data for is left out.
    """
    return [
        ("flowconc.semantics", result.scenario.semantics),
        ("flowconc.seed", result.seed),
        ("flowconc.replications", result.verdict.replications),
        *([] if result.examples is None else [("flowconc.examples", result.examples)]),
        ("flowconc.outcome", result.verdict.outcome.value),
        *_measured(result),
    ]


def _measured(result: Result) -> list[tuple[str, float]]:
    runs = [measures_of(run) for run in result.runs]
    found = []
    for name, (metric, statistic) in MEASURED.items():
        values = [run.observe(metric, statistic).value for run in runs]
        known = [value for value in values if value is not None]
        if known and len(known) == len(values):
            found.append((name, round(sum(known) / len(known), DECIMALS)))
    return found
