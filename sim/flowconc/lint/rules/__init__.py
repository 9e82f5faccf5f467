"""Every rule, in the order of the documentation: first what stops for ever, last what only may surprise."""

from __future__ import annotations

from typing import Final

from flowconc.lint.rule import Rule
from flowconc.lint.rules import deadlock, endless, fan_out, holding, names, rejection, schedules

RULES: Final[tuple[Rule, ...]] = (
    deadlock.slot_deadlock,
    deadlock.loop_in_limited_flow,
    deadlock.deadlock_under_load,
    endless.endless_start,
    deadlock.child_always_rejected,
    fan_out.fan_out_rejected,
    rejection.rejected_child,
    rejection.after_execution_of_rejected,
    holding.retry_may_be_rejected,
    rejection.behavior_never_acts,
    schedules.schedule_overrun,
    schedules.queue_without_end,
    fan_out.fan_out_queued,
    holding.pause_holds_slot,
    holding.pause_locks_trigger,
    holding.retry_holds_slot,
    holding.sla_counts_queue,
    names.duplicate_flow,
)
