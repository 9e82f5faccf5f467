"""What each version of Kestra answers differently: from the documentation, or from the version after or before it.

Read from top to bottom: the newest line first, then back in time. A version is held to recordings of the real engine
of that version (tests/conformance); what was not recorded is from SEMANTICS section 8.
"""

from __future__ import annotations

from dataclasses import replace

from flowconc.protocol.rules import (
    DOCUMENTED_RULES,
    Claims,
    Counting,
    CountLock,
    Emission,
    FailedRestart,
    Gated,
    Hears,
    LimitOf,
    Missed,
    RetryKill,
    Rules,
    SlaInQueue,
)
from flowconc.protocol.states import State

_SECOND_US = 1_000_000

DOCUMENTED = DOCUMENTED_RULES

KESTRA_2_0_2 = replace(
    DOCUMENTED,
    counts_unlimited=False,
    limit_of=LimitOf.OWN,
    save_moves_queue=False,
    save_resets_counter=True,
    counter_may_be_negative=True,
    gated_restarts=Gated.AFTER_FAILED,
    failed_restart=FailedRestart.RUNS,
    rejected_runs=True,
    ending=("release", "emit", "conclude"),
    claims=Claims.STAMPED,
    pops_all_that_fit=False,
    pops_under_any_behavior=False,
    looks_at_most=100,
    emission=Emission.AFTER_COMMIT,
    release_errors_swallowed=True,
    kill_waits_for_lost_tasks=True,
    killing_takes_results=True,
    kill_of_paused=(State.RESTARTED, State.KILLING),
    killed_queued_after=True,
    restart_keeps_claim=True,
    delete_leaves_queue=False,
    forced_end_refused=False,
    unqueued_end_frees=True,
    sla_in_queue=SlaInQueue.FREES,
    retry_shows_failure=True,
    flow_retry_stutters=True,
    loop_is_executions=True,
    missed=Missed.LATE,
    realtime_locks=False,
    late_at_its_turn=False,
    one_backfill=False,
    tick_us=_SECOND_US,
)

KESTRA_2_0_0 = replace(
    KESTRA_2_0_2,
    kill_of_retrying=RetryKill.HANGS,
)

KESTRA_1_3_31 = replace(
    KESTRA_2_0_2,
    save_resets_counter=False,
    asserts_queued=True,
    ending=("release", "conclude"),
    claims=Claims.HISTORY,
    emission=Emission.IN_TRANSACTION,
    killed_frees_later=False,
    release_errors_swallowed=False,
    redelivers=False,
    kill_waits_for_tasks=False,
    killing_takes_results=False,
    kill_waits_for_lost_tasks=False,
    kill_of_retrying=RetryKill.REVIVED,
    kill_of_ended_frees=True,
    forgets_kills=False,
    restart_keeps_claim=False,
    restarts_rejected=False,
    forced_end_refused=True,
    unqueued_end_frees=False,
    flow_retry_stutters=False,
    loop_is_executions=False,
    missed=Missed.RECOVERED,
    date_passed_us=_SECOND_US,
)

KESTRA_1_2 = replace(
    KESTRA_1_3_31,
    gated_schedules=False,
    has_allow_concurrent=False,
)

KESTRA_1_1_10 = replace(
    KESTRA_1_2,
    ending=("decrement", "select", "take", "conclude"),
)

KESTRA_1_1_0 = replace(
    KESTRA_1_1_10,
    failed_restart=FailedRestart.RUNS_COUNTED,
    asserts_queued=False,
    rejected_frees=True,
    killed_queued_frees=True,
    pop_checks_limit=False,
    killed_frees_later=True,
    killed_again_frees=True,
)

KESTRA_0_24_0 = replace(
    KESTRA_1_1_0,
    counting=Counting.RUNNING_ROWS,
    count_lock=CountLock.HELD_IF_ANY,
    gated_restarts=Gated.NONE,
    asserts_running=True,
    popped_is_counted=False,
    after_execution_frees=False,
    kill_leaves_queue=False,
    killed_again_frees=False,
    kill_of_ended_frees=False,
    kill_of_paused=(State.RESTARTED, State.RUNNING),
    rejected_child_reports=False,
    flow_triggers_hear=Hears.ENDS,
)

KESTRA_0_22_0 = replace(
    KESTRA_0_24_0,
    counting=Counting.EXECUTIONS,
    count_lock=CountLock.NONE,
    asserts_running=False,
    ending=("select", "take", "conclude"),
    forced_leaves_queue=False,
    popped_runs_again=False,
    sla_in_queue=SlaInQueue.STAYS,
    sla_end_frees=False,
    rejected_child_reports=True,
    flow_triggers_hear=Hears.NOT_POPS,
    missed=Missed.LATE,
)

KESTRA_0_21_0 = replace(
    KESTRA_0_22_0,
    popped_runs_again=True,
    late_schedule_revives=True,
    sla_kills_children=False,
)

VERSIONS: dict[str, Rules] = {
    "documented": DOCUMENTED,
    "kestra-2.0.2": KESTRA_2_0_2,
    "kestra-2.0.0": KESTRA_2_0_0,
    "kestra-1.3.31": KESTRA_1_3_31,
    "kestra-1.2": KESTRA_1_2,
    "kestra-1.1.10": KESTRA_1_1_10,
    "kestra-1.1.0": KESTRA_1_1_0,
    "kestra-0.24.0": KESTRA_0_24_0,
    "kestra-0.22.0": KESTRA_0_22_0,
    "kestra-0.21.0": KESTRA_0_21_0,
}
"""Every version that is known, newest first."""
