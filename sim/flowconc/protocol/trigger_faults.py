"""Fault models of triggers: of their locks, their fires and their dates (BUGS, section 2)."""

from __future__ import annotations

from flowconc.protocol.alterations import (
    later_trigger_rows,
    restore_triggers,
    several_times,
    unlocked,
    without_unlocking,
)
from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.fault import Fault
from flowconc.protocol.rules import Missed
from flowconc.protocol.steps import Step, no_lock

_GATE, _FIRE, _SAVE, _FLOW_TRIGGER = (STEPS[name] for name in ("gate", "fire", "save_flow", "flow_trigger"))

TRIGGER_FAULTS = (
    Fault(
        "stale_trigger_snapshot",
        "a save writes the trigger's row back as it was read, over an unlock that came between",
        "#11434, #16703",
        {},
        (
            Step("save_flow", later_trigger_rows(_SAVE.run), _SAVE.locks, _SAVE.statements),
            Step("restore_triggers", restore_triggers, no_lock, 2),
        ),
    ),
    Fault(
        "triple_fire",
        "one fire of a trigger makes three executions",
        "#18422",
        {},
        (Step("fire", several_times(_FIRE.run, 3), _FIRE.locks, _FIRE.statements),),
    ),
    Fault(
        "conditions_met_twice",
        "two executors see the last condition of a Flow trigger met, and each makes an execution",
        "#14196",
        {},
        (
            Step(
                "flow_trigger",
                several_times(_FLOW_TRIGGER.run, 2),
                _FLOW_TRIGGER.locks,
                _FLOW_TRIGGER.statements,
            ),
        ),
    ),
    Fault(
        "unlocked_trigger",
        "a trigger fires again while the execution that it made has not ended",
        "#4754",
        {},
        (Step("fire", unlocked(_FIRE.run), _FIRE.locks, _FIRE.statements),),
    ),
    Fault(
        "rejected_keeps_trigger_lock",
        "the end of a rejected execution leaves its trigger locked",
        "#6889",
        {},
        (Step("gate", without_unlocking(_GATE.run), _GATE.locks, _GATE.statements),),
    ),
    Fault(
        "backfill_over_backfill",
        "a second backfill moves the trigger's dates back to where the first one was",
        "#19013",
        {"one_backfill": False},
    ),
    Fault(
        "late_fires",
        "the fires of a locked trigger are kept, and come late one after the other",
        "#7429, #14060",
        {"missed": Missed.LATE, "tick_us": 1_000_000},
    ),
)
"""All of them."""
