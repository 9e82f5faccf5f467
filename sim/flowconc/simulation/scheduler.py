"""The scheduler: lets Schedule and polling triggers fire at their times (SEMANTICS A5).

Under `documented` it has no loop of its own: a trigger fires exactly at its time, strictly after the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flowconc.protocol.creation import find_trigger
from flowconc.protocol.steps import Message, Reschedule
from flowconc.scenario.cron import parse
from flowconc.scenario.flow import Trigger, TriggerKind
from flowconc.simulation.clock import Rank
from flowconc.simulation.installation import Installation

_MICROSECOND = timedelta(microseconds=1)


class Scheduler:
    """Keeps one timer per trigger, always set for its next fire."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.until_us = installation.scenario.run.until_us
        self._timers: dict[tuple[str, str], _Timer] = {}
        self._places: dict[tuple[str, str], int] = {}
        installation.on(Reschedule, self._reschedule)

    def _reschedule(self, order: Reschedule, cause: int) -> None:
        """Set the timers of a flow's triggers anew: the flow or a trigger has changed."""
        installation = self.installation
        for key in [key for key in self._timers if key[0] == order.flow]:
            self._timers.pop(key).off = True
        for trigger in installation.tables.flows[order.flow].definition.triggers:
            key = (order.flow, trigger.id)
            row = installation.tables.triggers.get(key)
            if row is None or row.disabled or find_trigger(installation.tables, *key) is None:
                continue
            if trigger.kind in (TriggerKind.SCHEDULE, TriggerKind.POLLING):
                place = self._places.setdefault(key, len(self._places))
                self._timers[key] = _Timer(self, order.flow, trigger, place)


class _Timer:
    """The coming fires of one trigger. Each moment asks for the next, so that only one lies ahead at a time."""

    def __init__(self, scheduler: Scheduler, flow: str, trigger: Trigger, place: int) -> None:
        self.off = False
        self._scheduler = scheduler
        self._flow = flow
        self._trigger = trigger
        self._place = place
        self._polls = 0
        now_us = scheduler.installation.clock.now_us
        self._times_us = _times_us(trigger, scheduler.installation.scenario.clock_start, now_us)
        self._set()

    def _set(self) -> None:
        t_us = next(self._times_us, None)
        until_us = self._scheduler.until_us
        if t_us is not None and (until_us is None or t_us <= until_us):
            self._scheduler.installation.clock.at(t_us, lambda _: self._fire(t_us), Rank.FIRE, self._place)

    def _fire(self, planned_us: int) -> None:
        if self.off:
            return
        self._set()
        if self._finds():
            message = Message("fire", None, (self._flow, self._trigger.id, planned_us))
            self._scheduler.installation.send(message, actor="scheduler")

    def _finds(self) -> bool:
        """Say whether there is something to run for: always for a schedule, at a given share for a poll."""
        if self._trigger.kind is not TriggerKind.POLLING or self._trigger.finds >= 1:
            return True
        streams = self._scheduler.installation.streams
        self._polls += 1
        return (
            streams.uniform(f"{self._flow}/{self._trigger.id}/finds", self._polls - 1) < self._trigger.finds
        )


def _times_us(trigger: Trigger, clock_start: datetime, now_us: int) -> Iterator[int]:
    """Yield the trigger's fires strictly after now, as offsets from the scenario's start."""
    if trigger.kind is TriggerKind.POLLING:
        assert trigger.interval_us is not None
        t_us = now_us
        while True:
            t_us += trigger.interval_us
            yield t_us
    assert trigger.cron is not None
    now = clock_start + timedelta(microseconds=now_us)
    for fire in parse(trigger.cron, with_seconds=trigger.with_seconds).fires(
        now.astimezone(trigger.zone or UTC)
    ):
        yield (fire.astimezone(UTC) - clock_start) // _MICROSECOND
