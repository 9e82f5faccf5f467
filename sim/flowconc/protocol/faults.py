"""Fault models: one answer or one step of a semantics changed, as a known bug of Kestra had it (BUGS).

`documented+reject_frees` is the documented contract with that one fault. Each has the mechanism of a bug and nothing
else of the version that had it, so that what the invariants find is the mechanism's doing.
"""

from __future__ import annotations

from typing import Any

from flowconc.protocol.alterations import (
    do_nothing,
    dropping_queue,
    gated_resume,
    in_reverse,
    innermost_scope_only,
    turning_queue_away,
    without_saving_claims,
)
from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.fault import Fault
from flowconc.protocol.release import release
from flowconc.protocol.rules import (
    Claims,
    CountLock,
    Emission,
    FailedRestart,
    Gated,
    LimitOf,
    RetryKill,
    SlaInQueue,
)
from flowconc.protocol.states import State
from flowconc.protocol.steps import Step, slot_locks
from flowconc.protocol.trigger_faults import TRIGGER_FAULTS

_APART: dict[str, Any] = {"ending": ("release", "conclude")}
_BY_HISTORY: dict[str, Any] = {**_APART, "claims": Claims.HISTORY}
_GATE, _SAVE, _KILL = STEPS["gate"], STEPS["save_flow"], STEPS["kill"]
_DELETE_FLOW = STEPS["delete_flow"]
_RESUME, _PAUSE_DUE = STEPS["resume"], STEPS["pause_due"]

_FAULTS = (
    # --- running above the limit
    Fault(
        "double_terminal_handling",
        "the end of an execution is handled twice, and frees a slot each time",
        "#2976, #16579",
        {**_BY_HISTORY, "ending": ("release", "release_again", "conclude")},
        (Step("release_again", release, slot_locks, 4),),
    ),
    Fault(
        "paused_not_counted",
        "where running executions are counted, PAUSED ones are left out",
        "#2455, #2534",
        {"counted_states": frozenset({State.RUNNING})},
    ),
    Fault(
        "restart_bypasses_gate",
        "a restarted execution runs without passing the gate",
        "#4141, #7880",
        {"gated_restarts": Gated.NONE},
    ),
    Fault(
        "unlocked_admission",
        "the gate counts first and decides later, with no lock in between",
        "#10228",
        {"count_lock": CountLock.NONE},
    ),
    Fault(
        "no_lock_when_empty",
        "the gate locks the rows it counts, and where there is none it locks nothing",
        "#10296",
        {"count_lock": CountLock.HELD_IF_ANY},
    ),
    Fault(
        "reject_frees",
        "the end of a rejected execution frees a slot",
        "#13141",
        {**_BY_HISTORY, "rejected_frees": True},
    ),
    Fault(
        "pop_without_check",
        "a release pops one execution without looking at the limit",
        "#12031, #13301",
        {"pop_checks_limit": False, "pops_all_that_fit": False},
    ),
    Fault(
        "kill_queued_frees",
        "the end of an execution killed in the queue frees a slot",
        "#13211, #11574",
        {**_BY_HISTORY, "killed_queued_frees": True},
    ),
    Fault(
        "killed_again_frees",
        "each further kill of an execution being killed frees a slot",
        "#13211",
        {**_BY_HISTORY, "killed_again_frees": True},
    ),
    Fault(
        "kill_of_ended_frees",
        "a kill that reaches an execution that has ended frees a slot",
        "#16579",
        {**_BY_HISTORY, "kill_of_ended_frees": True},
    ),
    Fault("forced_run_frees", "the end of a forced run frees a slot it never took", "probe 1", _BY_HISTORY),
    Fault(
        "unqueued_end_frees",
        "an execution taken out of the queue to a final state frees a slot",
        "probe 2",
        {**_BY_HISTORY, "unqueued_end_frees": True},
    ),
    Fault(
        "sla_in_queue_frees",
        "an SLA that ends an execution in the queue frees a slot, and leaves it in the queue",
        "probe 3",
        {**_BY_HISTORY, "sla_in_queue": SlaInQueue.FREES},
    ),
    Fault(
        "restart_keeps_claim",
        "a restarted execution carries the claim of its first life",
        "SEMANTICS 3.11",
        {**_APART, "claims": Claims.STAMPED, "restart_keeps_claim": True},
    ),
    Fault(
        "own_revision_limit",
        "each execution goes by the limit of its own revision, and keeps a lowered limit alive",
        "SEMANTICS 2.5",
        {"limit_of": LimitOf.OWN},
    ),
    Fault(
        "schedules_bypass_gate",
        "an execution that was scheduled for later runs without passing the gate",
        "OBSERVED 19",
        {"gated_schedules": False},
    ),
    Fault(
        "replay_bypasses_gate",
        "a replay from a task of an execution that had not FAILED runs without passing the gate",
        "OBSERVED 9",
        {"gated_restarts": Gated.AFTER_FAILED},
    ),
    Fault(
        "rejected_restart_runs",
        "FAIL does not stop a restarted execution",
        "OBSERVED 9",
        {"failed_restart": FailedRestart.RUNS},
    ),
    Fault(
        "rejected_runs_on",
        "a rejected execution with afterExecution runs its first task all the same",
        "OBSERVED 2",
        {**_APART, "rejected_runs": True},
    ),
    Fault(
        "popped_not_counted",
        "an execution that is popped is not counted",
        "OBSERVED 1",
        {"popped_is_counted": False},
    ),
    Fault("negative_counter", "a counter may be set below 0", "#18478", {"counter_may_be_negative": True}),
    # --- slots that never come back, queues that never drain
    Fault(
        "skip_locked_pop",
        "a pop locks the head of the queue and skips it when somebody else has it locked",
        "#13743",
        {**_BY_HISTORY, "ending": ("decrement", "select", "take", "conclude"), "pops_all_that_fit": False},
    ),
    Fault(
        "release_in_two_transactions",
        "the slot is freed in one transaction and handed on in another",
        "#13785",
        {**_BY_HISTORY, "ending": ("decrement", "pop", "conclude"), "pops_all_that_fit": False},
    ),
    Fault(
        "one_pop_per_release",
        "a raised limit starts nobody: each end pops one",
        "probe 6",
        {"save_moves_queue": False, "pops_all_that_fit": False},
    ),
    Fault(
        "no_pop_under_other_behavior",
        "ends under CANCEL or FAIL pop nobody, whoever still waits",
        "probe 8",
        {"pops_under_any_behavior": False},
    ),
    Fault(
        "scope_removal_orphans_queue",
        "the end of an execution that has no limit any more pops nobody, whoever still waits",
        "#18235",
        {"save_moves_queue": False, "pops_all_that_fit": False, "pops_under_any_behavior": False},
    ),
    Fault(
        "blocked_head_blocks_all",
        "a pop that finds the oldest blocked by another limit looks no further",
        "#17339",
        {"passes_over_blocked": False},
    ),
    Fault(
        "outer_scopes_unclaimed",
        "an admission claims a slot in the innermost namespace, and in none around it",
        "#17339",
        {},
        (Step("gate", innermost_scope_only(_GATE.run), _GATE.locks, _GATE.statements),),
    ),
    Fault(
        "deleted_flow_drops_queue",
        "a deleted flow takes its queue with it, and nobody starts those who waited",
        "probe 9",
        {},
        (
            Step(
                "delete_flow",
                dropping_queue(_DELETE_FLOW.run),
                _DELETE_FLOW.locks,
                _DELETE_FLOW.statements,
            ),
        ),
    ),
    Fault(
        "deleted_flow_fails_queue",
        "a deleted flow fails those who wait: when they are looked at, the flow is gone",
        "SEMANTICS 2.5",
        steps=(_DELETE_FLOW._replace(run=turning_queue_away(_DELETE_FLOW.run, State.FAILED)),),
    ),
    Fault(
        "behavior_empties_queue",
        "a change to CANCEL or FAIL turns those away who wait already",
        "probe 8",
        steps=(_SAVE._replace(run=turning_queue_away(_SAVE.run, State.CANCELLED)),),
    ),
    Fault(
        "rejected_child_is_silent",
        "a parent does not hear of a subflow that the gate rejected",
        "OBSERVED 13",
        {"rejected_child_reports": False},
    ),
    Fault(
        "after_execution_never_frees",
        "nobody notices that afterExecution is over",
        "#10657, #8459",
        {"after_execution_frees": False},
    ),
    Fault(
        "killed_after_execution_leaks",
        "after a kill, the end of afterExecution frees no slot",
        "#17759",
        {"killed_frees_later": False},
    ),
    Fault(
        "gate_outcome_not_saved",
        "the gate counts an execution and does not save it with its claim",
        "#11022, #11025",
        {},
        (Step("gate", without_saving_claims(_GATE.run), _GATE.locks, _GATE.statements),),
    ),
    Fault(
        "asserted_leaks",
        "an execution admitted and then ended by an SLA assertion looks like a rejected one",
        "#17759",
        _BY_HISTORY,
    ),
    Fault(
        "release_error_swallowed",
        "an error in the release is logged and forgotten",
        "#17759",
        {**_APART, "release_errors_swallowed": True},
    ),
    Fault(
        "crash_leaks",
        "what an executor had in hand is gone when it crashes",
        "#14356",
        {**_APART, "redelivers": False},
    ),
    Fault(
        "emitted_after_commit",
        "a popped execution is sent on its way after the commit of the pop, and a crash loses it",
        "probe 4",
        {**_APART, "ending": ("release", "emit", "conclude"), "emission": Emission.AFTER_COMMIT},
    ),
    Fault(
        "poison_row",
        "the flow has two counter rows, and the gate gives up on its executions",
        "#12943",
        {},
        (Step("gate", do_nothing, _GATE.locks, _GATE.statements),),
    ),
    Fault(
        "limit_resets_counter",
        "saving a limit starts its counter at 0, whoever runs",
        "#17339, #17658",
        {"save_resets_counter": True, "counts_unlimited": False},
    ),
    Fault(
        "unqueue_before_check",
        "unqueue takes the row out of the queue before it looks at the target state",
        "probe 11",
        {"unqueue_checks_first": False},
    ),
    Fault(
        "resume_passes_gate",
        "a resumed execution passes the gate once more, and waits for the slot that it holds",
        "#7880",
        {},
        (
            Step("resume", gated_resume, _RESUME.locks, _RESUME.statements),
            Step("pause_due", gated_resume, _PAUSE_DUE.locks, _PAUSE_DUE.statements),
        ),
    ),
    # --- kill, delete, retry
    Fault(
        "kill_queued_keeps_row",
        "a kill leaves the execution in the queue, and it is popped later",
        "#11574",
        {"kill_leaves_queue": False},
    ),
    Fault(
        "deleted_queued_comes_back",
        "a deletion leaves the execution in the queue, and it is popped later",
        "SEMANTICS 3.6",
        {"delete_leaves_queue": False},
    ),
    Fault(
        "retry_revives_killed",
        "the wait for a retry outlives a kill, and runs the killed execution again",
        "#19679, #5983",
        {"kill_of_retrying": RetryKill.REVIVED},
    ),
    Fault(
        "killed_retry_hangs",
        "a kill during the wait for a retry never ends",
        "#19679",
        {"kill_of_retrying": RetryKill.HANGS},
    ),
    Fault(
        "ghost_kill_hangs",
        "a kill waits for the tasks of a worker that is gone",
        "#19679",
        {"kill_waits_for_lost_tasks": True},
    ),
    Fault(
        "late_schedule_revives",
        "the date of a scheduled execution that has ended runs it again",
        "OBSERVED 12",
        {"late_schedule_revives": True},
    ),
    # --- deadlocks
    Fault(
        "loop_as_executions",
        "the passes of a Loop are executions of the flow and wait behind their parent",
        "#19705",
        {"loop_is_executions": True},
    ),
    Fault(
        "lock_order_inverted",
        "a kill takes its locks in the reverse order of everybody else",
        "#17574",
        {},
        (Step("kill", _KILL.run, in_reverse(_KILL.locks), _KILL.statements),),
    ),
    *TRIGGER_FAULTS,
    # --- a remedy: what the contract itself lacks
    Fault(
        "delete_frees",
        "the deletion of a holder frees its slot (a remedy: the documentation says it does not)",
        "#2597",
        {"delete_frees": True},
    ),
)

FAULTS = {fault.name: fault for fault in _FAULTS}
"""Every fault model, by name."""
