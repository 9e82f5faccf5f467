"""When a cron expression fires: the walk from one date to the next, in a time zone.

Kestra leaves this to cron-utils 9.2.1 (`ExecutionTime.nextExecution`), whose answer around daylight-saving
changes depends on the way it walks there: a date is moved field by field, in Java's `ZonedDateTime`, which
keeps its UTC offset where it can. This module takes the same way. cronsim, like most cron libraries, has rules
of its own for those days (it moves a fire out of a spring gap, where Kestra skips it), so it cannot be used here;
the tests use it as an independent opinion where no clock is ever changed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import product
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of the time of day: its length, and how many make up the next larger one."""

    length: timedelta
    count: int

    def of(self, local: datetime) -> int:
        """Return the unit's value: of 12:34:56, the minute is 34."""
        return (local - local.replace(hour=0, minute=0, second=0)) // self.length % self.count

    def start(self, local: datetime) -> datetime:
        """Return `local` with all smaller units set to 0."""
        return local - (local - local.replace(hour=0, minute=0, second=0)) % self.length


_SECOND = _Unit(timedelta(seconds=1), 60)
_MINUTE = _Unit(timedelta(minutes=1), 60)
_HOUR = _Unit(timedelta(hours=1), 24)

_LONGEST_WAIT_YEARS = 100
"""cron-utils gives up when nothing fires for so long: the expression never fires again."""


class Moment(NamedTuple):
    """A local date and time, in whole seconds, with the UTC offset it stands at."""

    local: datetime
    offset: timedelta

    @property
    def instant(self) -> datetime:
        """The same in UTC, without a zone."""
        return self.local - self.offset


@dataclass(frozen=True, slots=True)
class ZonedClock:
    """Java's rules for local times that a zone has twice (overlap) or never (gap)."""

    zone: tzinfo

    def resolve(self, local: datetime, preferred: timedelta) -> Moment:
        """Place `local` in the zone: moved on by a gap's length, at the `preferred` offset in an overlap."""
        before, after = self._offsets(local)
        if before < after:
            return Moment(local + (after - before), after)
        return Moment(local, after if after == preferred else before)

    def from_instant(self, instant: datetime) -> Moment:
        """Return the local time at `instant` (UTC, without a zone)."""
        local = instant.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None, fold=0)
        return Moment(local, local - instant)

    def plus(self, moment: Moment, elapsed: timedelta) -> Moment:
        """Let time pass: an hour is an hour, whatever the clocks do."""
        return self.from_instant(moment.instant + elapsed)

    def is_only(self, local: datetime, offset: timedelta) -> bool:
        """Say whether `local` exists exactly once, at `offset`."""
        return self._offsets(local) == (offset, offset)

    def aware(self, moment: Moment) -> datetime:
        """Return `moment` as a datetime in the zone, marked (`fold`) when it is the second of two."""
        fold = int(self._offsets(moment.local)[0] != moment.offset)
        return moment.local.replace(tzinfo=self.zone, fold=fold)

    def _offsets(self, local: datetime) -> tuple[timedelta, timedelta]:
        """Return the offsets before and after the change of clocks that `local` lies in; else it is one twice."""
        first = local.replace(tzinfo=self.zone).utcoffset()
        second = local.replace(tzinfo=self.zone, fold=1).utcoffset()
        assert first is not None
        assert second is not None
        return first, second


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a cron expression names.

    `of_month` (1 to 31) and `of_week` (0, Sunday, to 6) are None for `*`. Where both name days, either will do.
    `before_last` is n for `L-n`, the n-th day before the last of the month, and 0 for `L`.
    """

    of_month: frozenset[int] | None
    of_week: frozenset[int] | None
    before_last: int | None = None

    def in_month(self, year: int, month: int) -> tuple[int, ...]:
        """Return the days of one month, in order; none when it has no such day."""
        first_weekday, length = monthrange(year, month)
        return _named_days(self, length, (first_weekday + 1) % 7)


@lru_cache(maxsize=1024)
def _named_days(days: Days, length: int, first_weekday: int) -> tuple[int, ...]:
    if days.of_month is None and days.of_week is None:
        return tuple(range(1, length + 1))
    of_month = days.of_month or frozenset()
    if days.before_last is not None:
        of_month |= {length - days.before_last}
    of_week = days.of_week or frozenset()
    return tuple(
        day for day in range(1, length + 1) if day in of_month or (first_weekday + day - 1) % 7 in of_week
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of a cron expression's fields, each sorted."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: Days
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """The way from date to date in one zone."""

    fields: Fields
    clock: ZonedClock

    def next_fire(self, moment: Moment) -> Moment | None:
        """Return the first fire strictly after `moment`, None when there is none for a hundred years.

        None as well where the engine's walk ends no later than it began: there it fires one date for ever. (Only
        zones that put the clocks back across midnight, as Newfoundland did until 2011, bring it to that.)
        """
        found = self._next_execution(moment)
        return found if found is not None and found.instant > moment.instant else None

    def _next_execution(self, moment: Moment) -> Moment | None:
        found = self._closest(moment)
        if found != moment:
            return found
        second_later = self.clock.plus(moment, _SECOND.length)
        found = self._closest(second_later)
        if found is None or found.offset >= moment.offset:
            return found
        # The clocks went back on the way. What fires less than hourly must not fire in both of the equal hours.
        following = self._closest(self.clock.plus(found, _SECOND.length))
        if following is not None and following.instant - found.instant >= 2 * _HOUR.length:
            return self._closest(self.clock.plus(second_later, _HOUR.length))
        return found

    def steady_fires(self, moment: Moment) -> Iterator[datetime]:
        """Give the further fires of `moment`'s day, or of its hour, if the clocks are not changed meanwhile.

        They are what `next_fire` would find one by one, but cheaper. There may be none.
        """
        at, fields, clock = moment.local, self.fields, self.clock
        if at.month not in fields.months or at.day not in fields.days.in_month(at.year, at.month):
            return
        rest_of_day = fields.hours[bisect_left(fields.hours, at.hour) :]
        for hours in (rest_of_day, rest_of_day[:1]):
            if not hours:
                return
            last = at.replace(hour=hours[-1], minute=fields.minutes[-1], second=fields.seconds[-1])
            settled = last + _HOUR.length  # the walk gets there with the minutes and seconds it comes from
            if last > at and clock.is_only(at, moment.offset) and clock.is_only(settled, moment.offset):
                passed = (at.hour, at.minute, at.second)
                for time in product(hours, fields.minutes, fields.seconds):
                    if time > passed:
                        yield datetime(at.year, at.month, at.day, *time, tzinfo=clock.zone)
                return

    def _closest(self, start: Moment) -> Moment | None:
        """Return the first moment from `start` on, itself included, that all fields name."""
        moment = start
        turned_back: set[Moment] = set()
        while moment.local.year - start.local.year <= _LONGEST_WAIT_YEARS:
            nearer = self._nearer(moment)
            if nearer is moment:
                return moment
            if (
                nearer.instant <= moment.instant
            ):  # where clocks go back at 00:01, the start of an hour can lie behind
                if nearer in turned_back:
                    return None  # round in circles: the engine gives up, and the expression never fires again
                turned_back.add(nearer)
            moment = nearer
        return None

    def _nearer(self, moment: Moment) -> Moment:
        """Move `moment` on to a value that the first field that is not met names, the largest unit first."""
        at, fields = moment.local, self.fields
        if at.month not in fields.months:
            return self._in_next_month_named(moment)
        days = fields.days.in_month(at.year, at.month)
        if not days:
            return self._start_of_next_month(moment)
        if at.day not in days:
            return self._on_next_day_named(moment, days)
        if at.hour not in fields.hours:
            return self._in_next_unit_named(moment, _HOUR, fields.hours)
        if at.minute not in fields.minutes:
            return self._in_next_unit_named(moment, _MINUTE, fields.minutes)
        if at.second not in fields.seconds:
            return self._in_next_unit_named(moment, _SECOND, fields.seconds)
        return moment

    def _in_next_month_named(self, moment: Moment) -> Moment:
        month = _next_above(self.fields.months, moment.local.month)
        if month is None:
            moment = self._with_month(self._midnight(moment), 1)
            moment = self._with_day(moment, 1)
            return self.clock.resolve(moment.local.replace(year=moment.local.year + 1), moment.offset)
        days = self.fields.days.in_month(moment.local.year, month)
        if not days:
            return self._start_of_next_month(moment)
        return self._at_first_time(self._with_day(self._with_month(moment, month), days[0]))

    def _on_next_day_named(self, moment: Moment, days: tuple[int, ...]) -> Moment:
        day = _next_above(days, moment.local.day)
        if day is None:
            return self._plus_month(self._with_day(self._midnight(moment), 1))
        return self._at_first_time(self._with_day(moment, day))

    def _in_next_unit_named(self, moment: Moment, unit: _Unit, values: tuple[int, ...]) -> Moment:
        steps = min((value - unit.of(moment.local)) % unit.count for value in values)
        arrived = self.clock.plus(moment, steps * unit.length)
        if arrived.offset != moment.offset:  # the clocks are changed on the way: look at every step
            arrived = self.clock.plus(moment, unit.length)
            while unit.of(arrived.local) not in values:
                arrived = self.clock.plus(arrived, unit.length)
        return self.clock.resolve(unit.start(arrived.local), arrived.offset)

    # --- what ZonedDateTime does: each change of a field is placed in the zone before the next -------------------

    def _midnight(self, moment: Moment) -> Moment:
        return self.clock.resolve(moment.local.replace(hour=0, minute=0, second=0), moment.offset)

    def _at_first_time(self, moment: Moment) -> Moment:
        fields = self.fields
        first = moment.local.replace(hour=fields.hours[0], minute=fields.minutes[0], second=fields.seconds[0])
        return self.clock.resolve(first, moment.offset)

    def _with_day(self, moment: Moment, day: int) -> Moment:
        return self.clock.resolve(moment.local.replace(day=day), moment.offset)

    def _with_month(self, moment: Moment, month: int) -> Moment:
        day = min(moment.local.day, monthrange(moment.local.year, month)[1])
        return self.clock.resolve(moment.local.replace(month=month, day=day), moment.offset)

    def _plus_month(self, moment: Moment) -> Moment:
        year, month = moment.local.year + moment.local.month // 12, moment.local.month % 12 + 1
        day = min(moment.local.day, monthrange(year, month)[1])
        return self.clock.resolve(moment.local.replace(year=year, month=month, day=day), moment.offset)

    def _start_of_next_month(self, moment: Moment) -> Moment:
        return self._with_day(self._plus_month(self._midnight(moment)), 1)


def _next_above(values: tuple[int, ...], value: int) -> int | None:
    """Return the first of the sorted `values` above `value`."""
    place = bisect_right(values, value)
    return values[place] if place < len(values) else None
