"""The scheduler: lets Schedule and polling triggers fire at their times (SEMANTICS A5).

Under `documented` it has no loop of its own: a trigger fires exactly at its time, strictly after the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flowconc.protocol.creation import find_trigger
from flowconc.protocol.steps import Message, Reschedule
from flowconc.scenario.flow import Trigger, TriggerKind
from flowconc.scenario.literals.cron import parse
from flowconc.simulation.clock import Rank
from flowconc.simulation.installation import Installation

_MICROSECOND = timedelta(microseconds=1)


class Scheduler:
    """Keeps one timer per trigger, always set for its next fire.

    A trigger that is saved or enabled during the run fires from that instant on: actions come before fires.
    """

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.until_us = installation.scenario.run.until_us
        self._timers: dict[tuple[str, str], _Timer] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._polls: dict[tuple[str, str], int] = {}
        installation.on(Reschedule, self._reschedule)

    def _reschedule(self, order: Reschedule, cause: int) -> None:
        """Set timers for the triggers of a flow that has changed. Those whose times stay the same go on."""
        before = {key: self._timers.pop(key) for key in list(self._timers) if key[0] == order.flow}
        for trigger in self._scheduled(order.flow):
            key = (order.flow, trigger.id)
            timer = before.get(key)
            if timer is not None and _timing(timer.trigger) == _timing(trigger):
                timer.trigger = trigger
                self._timers[key] = before.pop(key)
            else:
                place = self._places.setdefault(key, len(self._places))
                self._timers[key] = _Timer(self, order.flow, trigger, place)
        for timer in before.values():
            timer.off = True

    def _scheduled(self, flow: str) -> list[Trigger]:
        """Return the triggers of a flow that fire by themselves and are enabled."""
        tables = self.installation.tables
        return [
            trigger
            for trigger in tables.flows[flow].definition.triggers
            if trigger.kind in (TriggerKind.SCHEDULE, TriggerKind.POLLING)
            and find_trigger(tables, flow, trigger.id) is not None
            and not tables.triggers[flow, trigger.id].disabled
        ]

    def next_poll(self, flow: str, trigger: str) -> int:
        """Count a poll of a trigger and return how many came before it."""
        polls = self._polls.get((flow, trigger), 0)
        self._polls[flow, trigger] = polls + 1
        return polls


def _timing(trigger: Trigger) -> tuple[object, ...]:
    return trigger.kind, trigger.cron, trigger.with_seconds, trigger.zone, trigger.interval_us


class _Timer:
    """The coming fires of one trigger. Each moment asks for the next, so that only one lies ahead at a time."""

    def __init__(self, scheduler: Scheduler, flow: str, trigger: Trigger, place: int) -> None:
        self.off = False
        self.trigger = trigger
        self._scheduler = scheduler
        self._flow = flow
        self._place = place
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
            message = Message("fire", None, (self._flow, self.trigger.id, planned_us))
            self._scheduler.installation.send(message, actor="scheduler")

    def _finds(self) -> bool:
        """Say whether there is something to run for: always for a schedule, at a given share for a poll."""
        trigger = self.trigger
        if trigger.kind is not TriggerKind.POLLING or trigger.finds >= 1:
            return True
        poll = self._scheduler.next_poll(self._flow, trigger.id)
        streams = self._scheduler.installation.streams
        return streams.uniform(f"{self._flow}/{trigger.id}/finds", poll) < trigger.finds


def _times_us(trigger: Trigger, clock_start: datetime, now_us: int) -> Iterator[int]:
    """Yield the fires from now on, as offsets from the scenario's start: at the start itself there is none."""
    if trigger.kind is TriggerKind.POLLING:
        assert trigger.interval_us is not None
        t_us = now_us
        while True:
            t_us += trigger.interval_us
            yield t_us
    assert trigger.cron is not None
    after = clock_start + timedelta(microseconds=max(0, now_us - 1))
    for fire in parse(trigger.cron, with_seconds=trigger.with_seconds).fires(
        after.astimezone(trigger.zone or UTC)
    ):
        yield (fire.astimezone(UTC) - clock_start) // _MICROSECOND
