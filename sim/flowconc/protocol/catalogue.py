"""The steps of the protocol, and where each rule of the documentation (SEMANTICS part A) is kept.

| rule | where |
|---|---|
| A1-A3 admission | `slots.gate` |
| A4 hand-over | `release.with_release`, `release.pop` |
| A5 trigger locks | `triggers.fire`, `conclusion.conclude` |
| A6 database locks | the `locks` and `statements` of each step below |
| A7 tasks are not counted | `lifecycle`: no step of a task looks at a limit |
| A8 edits | `flows.save_flow`; the gate and the pop read the latest revision |
| A9 kill and delete | `operators.kill_execution`, `operators.delete_execution` |
| A10 force-run | `operators.force_run`; `release.frees`: only what was claimed |
| A11 the Concurrency tab | `report` |
"""

from __future__ import annotations

from flowconc.protocol import (
    creation,
    flows,
    lifecycle,
    operators,
    pauses,
    release,
    replays,
    retrying,
    scopes,
    sla,
    slots,
    triggers,
)
from flowconc.protocol.steps import (
    Step,
    execution_lock,
    no_lock,
    slot_locks,
)

# Statements: how many a step sends to the database while it holds its locks. The gate, for instance, locks the
# execution, locks and reads the counter, and writes both. A step without statements takes no time.
_STEPS = (
    Step("create", creation.create, creation.parent_lock, 0),
    Step("gate", slots.gate, slot_locks, 4),
    Step("task_ended", release.with_release(lifecycle.task_ended), lifecycle.result_locks, 4),
    Step("branch_chosen", lifecycle.branch_chosen, execution_lock, 2),
    Step("retry_due", retrying.retry_due, execution_lock, 2),
    Step("flow_retry_due", retrying.flow_retry_due, execution_lock, 2),
    Step("pause_due", pauses.pause_due, execution_lock, 2),
    Step("resume", pauses.resume, execution_lock, 2),
    Step("stopped", release.with_release(lifecycle.stopped), slot_locks, 4),
    Step("decide", slots.decide, slot_locks, 4),
    Step("later_pass", slots.later_pass, execution_lock, 2),
    Step("schedule_due", slots.schedule_due, slot_locks, 4),
    Step("release", release.release, slot_locks, 4),
    Step("decrement", release.decrement, slot_locks, 2),
    Step("select", release.select, execution_lock, 2),
    Step("take", release.take, slot_locks, 3),
    Step("pop", release.hand_on, slot_locks, 4),
    Step("unlock", release.unlock, no_lock, 0),
    Step("emit", release.emit, no_lock, 1),
    Step("popped", release.popped, execution_lock, 3),
    Step("conclude", release.finish, slot_locks, 2),
    Step("sla_due", release.with_release(sla.sla_due), slot_locks, 3),
    Step("sla_kill", sla.sla_kill, slot_locks, 3),
    Step("fire", triggers.fire, triggers.trigger_lock, 3),
    Step("realtime_event", triggers.realtime_event, triggers.event_lock, 3),
    Step("skip_fires", triggers.skip_fires, no_lock, 0),  # the scheduler has them in memory
    Step("backfill", triggers.backfill, triggers.trigger_lock, 2),
    Step("backfill_over", triggers.backfill_over, no_lock, 0),  # saved with the last of its fires
    Step("flow_trigger", creation.flow_trigger, creation.listener_lock, 2),
    Step("act_on_one", operators.act_on_one, no_lock, 0),
    Step("act_on_many", operators.act_on_many, no_lock, 0),
    Step("kill", operators.kill_execution, slot_locks, 3),
    Step("answered", operators.answered, execution_lock, 2),
    Step("unqueue", operators.unqueue, slot_locks, 3),
    Step("change_status", operators.change_status, execution_lock, 2),
    Step("replay", replays.replay, execution_lock, 3),
    Step("delete", operators.delete_execution, slot_locks, 2),
    Step("purge", operators.delete_execution, slot_locks, 2),
    Step("force_run", operators.force_run, slot_locks, 3),
    Step("pause", operators.pause, execution_lock, 2),
    Step("restart", operators.restart, execution_lock, 2),
    Step("install_flow", flows.save_flow, no_lock, 0),  # before time begins
    Step("edit_flow", flows.edit_flow, no_lock, 0),
    Step("create_flow", flows.create_flow, no_lock, 0),
    Step("save_flow", flows.save_flow, flows.counter_of_saved_flow, 4),
    Step("delete_flow", flows.delete_flow, no_lock, 0),
    Step("edit_scope", scopes.edit_scope, no_lock, 0),
    Step("save_scope", release.with_moved_queue(scopes.save_scope), no_lock, 2),
    Step("move_queue", release.move_queue, no_lock, 4),
    Step("set_counter", flows.set_counter, flows.counter_of_saved_flow, 2),
    Step("switch_trigger", flows.switch_trigger, no_lock, 0),
)

STEPS = {step.name: step for step in _STEPS}
