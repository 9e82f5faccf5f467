"""The fixed words of the scenario format: one place for each list that both reader and checks need."""

from __future__ import annotations

FINAL_STATES = frozenset(
    {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED", "RESUBMITTED"}
)
"""States in which an execution has ended (SEMANTICS 2.1)."""

STATES = FINAL_STATES | {
    "CREATED",
    "QUEUED",
    "RUNNING",
    "PAUSED",
    "RESTARTED",
    "RETRYING",
    "KILLING",
    "BREAKPOINT",
}
"""Every state of an execution, as Kestra names them."""

INVARIANTS = (
    "limit_never_exceeded",
    "counter_matches_holders",
    "one_release_per_claim",
    "no_release_without_claim",
    "every_claim_released",
    "work_conserving",
    "no_stranded_execution",
    "kill_is_final",
    "fifo",
    "gate_covers_every_source",
    "exact_at_the_boundary",
    "rejected_runs_no_task",
    "trigger_lock_has_live_holder",
    "one_execution_per_fire",
    "one_counter_per_flow",
)
"""Ids of the invariants, in the order in which they are reported."""

TIME_METRICS = ("queue_wait", "start_delay", "sojourn", "lock_wait", "gate_latency", "scheduling_delay")
LEVEL_METRICS = ("queue_depth", "slots_in_use", "utilization", "database_utilization")
COUNT_METRICS = ("rejected", "skipped_fires", "throughput")
METRICS = TIME_METRICS + LEVEL_METRICS + COUNT_METRICS
"""What `thresholds:` can speak of: seconds; time-weighted levels; counted events."""

STATISTICS = ("count", "rate", "min", "max", "mean", "p50", "p90", "p95", "p99", "p99.9")

SELECTORS = ("flow", "source", "trigger")
"""What a metric can be narrowed by, as in `queue_wait{flow=X}`."""
