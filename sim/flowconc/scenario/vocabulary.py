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
    "no_self_deadlock",
    "rejected_runs_no_task",
    "trigger_lock_has_live_holder",
    "one_execution_per_fire",
    "one_counter_per_flow",
    "crash_loses_nothing",
    "no_lock_cycle",
    "scopes_all_or_none",
    "display_matches_engine",
    "external_work_within_limit",
)
"""Ids of the invariants, in the order in which they are reported."""

SOMETIMES = (
    "queue_not_empty",
    "queue_of_several",
    "limit_reached",
    "started_from_queue",
    "rejected",
    "overtaking",
    "kill_while_queued",
    "kill_while_running",
    "kill_while_paused",
    "kill_while_retrying",
    "delete_while_running",
    "delete_while_queued",
    "forced_beside_holder",
    "restart_while_full",
    "limit_lowered_below_holders",
    "limit_raised_with_backlog",
    "after_execution_on_slot",
    "fire_skipped",
    "fire_late",
    "sla_broken_while_queued",
    "crash_while_holding",
    "crash_while_queued",
    "fault_with_work_in_hand",
    "step_failed",
    "message_lost",
    "message_repeated",
    "message_delayed",
    "lock_contended",
)
"""Names of the conditions that a run may come to (`check.coverage`)."""

TIME_METRICS = ("queue_wait", "start_delay", "sojourn", "lock_wait", "gate_latency", "scheduling_delay")
LEVEL_METRICS = ("queue_depth", "slots_in_use", "utilization", "database_utilization")
COUNT_METRICS = ("rejected", "skipped_fires", "throughput")
METRICS = TIME_METRICS + LEVEL_METRICS + COUNT_METRICS
"""What `thresholds:` can speak of: seconds; time-weighted levels; counted events."""

STATISTICS = ("count", "rate", "min", "max", "mean", "p50", "p90", "p95", "p99", "p99.9")

SELECTORS = ("flow", "source", "trigger")
"""What a metric can be narrowed by, as in `queue_wait{flow=X}`."""

SEMANTICS = (
    "documented",
    "kestra-2.0.2",
    "kestra-2.0.0",
    "kestra-1.3.31",
    "kestra-1.2",
    "kestra-1.1.10",
    "kestra-1.1.0",
    "kestra-0.24.0",
    "kestra-0.22.0",
    "kestra-0.21.0",
)
"""Names of the semantics: the documentation's contract, then versions of Kestra, newest first."""

FAULT_MODELS = (
    "double_terminal_handling",
    "paused_not_counted",
    "restart_bypasses_gate",
    "unlocked_admission",
    "no_lock_when_empty",
    "reject_frees",
    "pop_without_check",
    "kill_queued_frees",
    "killed_again_frees",
    "kill_of_ended_frees",
    "forced_run_frees",
    "unqueued_end_frees",
    "sla_in_queue_frees",
    "restart_keeps_claim",
    "own_revision_limit",
    "negative_counter",
    "skip_locked_pop",
    "release_in_two_transactions",
    "one_pop_per_release",
    "no_pop_under_other_behavior",
    "scope_removal_orphans_queue",
    "blocked_head_blocks_all",
    "after_execution_never_frees",
    "killed_after_execution_leaks",
    "gate_outcome_not_saved",
    "asserted_leaks",
    "release_error_swallowed",
    "crash_leaks",
    "emitted_after_commit",
    "poison_row",
    "limit_resets_counter",
    "unqueue_before_check",
    "resume_passes_gate",
    "kill_queued_keeps_row",
    "deleted_queued_comes_back",
    "retry_revives_killed",
    "killed_retry_hangs",
    "ghost_kill_hangs",
    "late_schedule_revives",
    "loop_as_executions",
    "lock_order_inverted",
    "stale_trigger_snapshot",
    "triple_fire",
    "conditions_met_twice",
    "unlocked_trigger",
    "rejected_keeps_trigger_lock",
    "backfill_over_backfill",
    "late_fires",
    "delete_frees",
)
"""Names of the fault models: each alters one rule of a semantics, as in `documented+NAME`."""

STEPS = (
    "create",
    "gate",
    "task_ended",
    "branch_chosen",
    "retry_due",
    "flow_retry_due",
    "pause_due",
    "resume",
    "stopped",
    "decide",
    "later_pass",
    "schedule_due",
    "release",
    "decrement",
    "select",
    "take",
    "pop",
    "unlock",
    "emit",
    "popped",
    "conclude",
    "sla_due",
    "sla_kill",
    "fire",
    "realtime_event",
    "skip_fires",
    "backfill",
    "backfill_over",
    "flow_trigger",
    "act_on_one",
    "act_on_many",
    "kill",
    "hang",
    "unqueue",
    "change_status",
    "replay",
    "delete",
    "purge",
    "force_run",
    "pause",
    "restart",
    "install_flow",
    "edit_flow",
    "create_flow",
    "save_flow",
    "delete_flow",
    "edit_scope",
    "save_scope",
    "move_queue",
    "set_counter",
    "switch_trigger",
    "release_again",
    "restore_triggers",
)
"""Names of the protocol's steps, in any semantics: the places where a fault can fall."""
