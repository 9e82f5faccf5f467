"""When a trigger is to fire: the dates of its cron expression, or its interval, as offsets from the scenario's start."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from flowconc.scenario.flow import Trigger, TriggerKind
from flowconc.scenario.literals.cron import parse

_MICROSECOND = timedelta(microseconds=1)


def timing_of(trigger: Trigger) -> tuple[object, ...]:
    """Return what says when a trigger fires: triggers of which it is the same fire at the same times."""
    return trigger.kind, trigger.cron, trigger.with_seconds, trigger.zone, trigger.interval_us


def fire_times_us(trigger: Trigger, clock_start: datetime, now_us: int) -> Iterator[int]:
    """Yield the fires from now on, as offsets from the scenario's start: at the start itself there is none."""
    dates = dates_of(trigger, clock_start)
    t_us = dates.after(just_before(trigger, now_us))
    while t_us is not None:
        yield t_us
        t_us = dates.after(t_us)


def just_before(trigger: Trigger, now_us: int) -> int:
    """Return the time after which the fires lie of a trigger that is there from `now_us` on.

    A poll comes an interval later, a Schedule may at once, but not at the scenario's start.
    """
    return now_us if trigger.kind is TriggerKind.POLLING else max(0, now_us - 1)


class Dates(Protocol):
    """Times in ascending order, in microseconds from the scenario's start."""

    def after(self, t_us: int) -> int | None:
        """Return the first one after `t_us`, or None."""


def dates_of(trigger: Trigger, clock_start: datetime) -> Dates:
    """Return the dates of a Schedule, or the times of polls."""
    if trigger.kind is TriggerKind.POLLING:
        assert trigger.interval_us is not None
        return Interval(trigger.interval_us)
    return CronDates(trigger, clock_start)


class CronDates:
    """The dates of a cron expression. Asked for one after the other, they are found without looking back."""

    def __init__(self, trigger: Trigger, clock_start: datetime) -> None:
        assert trigger.cron is not None
        self._cron = parse(trigger.cron, with_seconds=trigger.with_seconds)
        self._zone = trigger.zone or UTC
        self._start = clock_start
        self._last_us: int | None = None
        self._fires: Iterator[datetime] = iter(())

    def after(self, t_us: int) -> int | None:
        """Return the first date after `t_us`; None when the expression never fires again."""
        if t_us != self._last_us:
            after = self._start + timedelta(microseconds=t_us)
            self._fires = self._cron.fires(after.astimezone(self._zone))
        fire = next(self._fires, None)
        self._last_us = None if fire is None else (fire.astimezone(UTC) - self._start) // _MICROSECOND
        return self._last_us


class Interval:
    """Times one interval after the other."""

    def __init__(self, interval_us: int) -> None:
        self._interval_us = interval_us

    def after(self, t_us: int) -> int:
        """Return the time one interval after `t_us`."""
        return t_us + self._interval_us


class Listed:
    """Times that are known beforehand."""

    def __init__(self, times_us: Sequence[int]) -> None:
        self._times_us = times_us

    def after(self, t_us: int) -> int | None:
        """Return the first one after `t_us`, or None."""
        place = bisect_right(self._times_us, t_us)
        return self._times_us[place] if place < len(self._times_us) else None


class Walk:
    """Dates that are dealt with one after the other, from the first after `after_us` to `last_us` (None: no end).

    `backfill` is which of the trigger's backfills they belong to, from 1.
    """

    def __init__(
        self, dates: Dates, after_us: int, last_us: int | None = None, backfill: int | None = None
    ) -> None:
        self._dates = dates
        self._last_us = last_us
        self.backfill = backfill
        self.next_us: int | None = None
        self.go_on_after(after_us)

    @property
    def is_endless(self) -> bool:
        """Say whether these are the trigger's regular dates."""
        return self._last_us is None

    def go_on_after(self, t_us: int) -> None:
        """Go on with the first date after `t_us`."""
        found = self._dates.after(t_us)
        beyond = found is not None and self._last_us is not None and found > self._last_us
        self.next_us = None if beyond else found

    def pass_by(self, before_us: int) -> Iterator[int]:
        """Yield the dates before a time, and leave each behind."""
        while self.next_us is not None and self.next_us < before_us:
            passed_us = self.next_us
            self.go_on_after(passed_us)
            yield passed_us

    def change(self, dates: Dates) -> None:
        """Go on with other dates, from where it is."""
        self._dates = dates
        if self.next_us is not None:
            self.go_on_after(self.next_us - 1)
