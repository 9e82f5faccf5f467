"""Fires that fell due while the scheduler was down: which of them are made up for when it is back (SEMANTICS 5.3)."""

from __future__ import annotations

from collections.abc import Iterable

from flowconc.protocol.creation import find_trigger
from flowconc.protocol.steps import Message
from flowconc.protocol.tables import Tables
from flowconc.scenario.flow import RecoverMissed, TriggerKind


def fires_to_make_up_for(missed: Iterable[Message], tables: Tables, now_us: int) -> list[Message]:
    """Return those that come late, in the order in which they fell due.

    A Schedule's `recoverMissedSchedules` says which: all, the last one, or none; fires that are later than its
    `lateMaximumDelay` are left out. A poll that was missed is not made up for: the next one finds as much.
    """
    late: list[Message] = []
    for message in missed:
        flow, name, planned_us = message.argument
        trigger = find_trigger(tables, flow, name)
        if trigger is None or trigger.kind is not TriggerKind.SCHEDULE:
            continue
        recovery, longest_us = trigger.recover_missed, trigger.late_maximum_us
        if recovery is RecoverMissed.NONE or (longest_us is not None and now_us - planned_us > longest_us):
            continue
        if recovery is RecoverMissed.LAST:
            late = [each for each in late if each.argument[:2] != (flow, name)]
        late.append(message)
    return late
