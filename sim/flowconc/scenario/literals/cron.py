"""Cron expressions exactly as Kestra's Schedule trigger takes them.

Kestra configures cron-utils 9.2.1 with minute, hour, day of month (where `L` is the last day), month and day of
week, each with strict ranges, second in front of them when `withSeconds` is true, and seven nicknames. What the
engine takes by accident is taken here too, and said in `Cron.warnings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flowconc.scenario.literals.cron_fires import Days, Fields, Moment, Walk, ZonedClock
from flowconc.scenario.problems import excerpt, nearest

_MAX_CHARS = 10_000
_JAVA_INT_MAX = 2**31 - 1
_JAVA_SPACES = re.compile(r"[ \t\n\v\f\r]+")
_TRIMMED = "".join(map(chr, range(0x21)))  # what Java's String.trim takes off: all up to the space

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class CronError(ValueError):
    """A cron expression that the engine refuses; the text says what is wrong and what was expected."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed cron expression. Expressions joined by `|` fire whenever one of them does."""

    expression: str
    alternatives: tuple[Fields, ...]
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def fires(self, after: datetime) -> Iterator[datetime]:
        """Give the fires strictly after the aware datetime `after`, in its zone, as long as there are any.

        Ends when there is none for a hundred years, and with the year 9999.
        """
        if after.utcoffset() is None or after.tzinfo is None:
            raise ValueError("`after` must have a time zone")
        clock = ZonedClock(after.tzinfo)
        start = clock.from_instant(after.astimezone(UTC).replace(tzinfo=None, microsecond=0))
        walks = [Walk(fields, clock) for fields in self.alternatives]
        try:
            yield from _fires_of_one(walks[0], start) if len(walks) == 1 else _fires_of_any(walks, start)
        except (OverflowError, ValueError):  # the datetime module's calendar ends
            return


def _fires_of_one(walk: Walk, moment: Moment) -> Iterator[datetime]:
    while True:
        fire = None
        for fire in walk.steady_fires(moment):
            yield fire
        if fire is not None:
            moment = Moment(fire.replace(tzinfo=None), moment.offset)
        found = walk.next_fire(moment)
        if found is None:
            return
        moment = found
        yield walk.clock.aware(moment)


def _fires_of_any(walks: list[Walk], moment: Moment) -> Iterator[datetime]:
    while True:
        found = [fire for walk in walks if (fire := walk.next_fire(moment)) is not None]
        if not found:
            return
        moment = min(found, key=lambda fire: fire.instant)
        yield walks[0].clock.aware(moment)


def format_fire(fire: datetime) -> str:
    """Print an aware datetime as Java does: `2026-01-01T00:01Z`, seconds and offset only when not zero."""
    offset = fire.utcoffset()
    local = fire.replace(tzinfo=None).isoformat(timespec="seconds" if fire.second else "minutes")
    if not offset:
        return f"{local}Z"
    sign, size = ("-", -offset) if offset < timedelta(0) else ("+", offset)
    minutes, seconds = divmod(size // timedelta(seconds=1), 60)
    text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{local}{text}:{seconds:02}" if seconds else f"{local}{text}"


# --- the grammar --------------------------------------------------------------------------------------------


class _Field(NamedTuple):
    """One field of an expression: its name, its lowest and highest value, and names of the values from 1 on."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """Read a number, or the name of a value. Raises CronError."""
        if text in self.names:
            return self.names.index(text) + 1
        number = _java_int(text)
        if number is None:
            raise self.error(f"{excerpt(text)} is not a number")
        return number

    def value(self, text: str) -> int:
        """Read a value within the range. Raises CronError."""
        value = self.number(text)
        if not self.low <= value <= self.high:
            raise self.error(f"{value} is out of range")
        return value

    def step(self, number: int | None, text: str) -> int:
        """Check the step of `a/step`. Raises CronError."""
        if number is None or not 1 <= number <= self.high:
            raise self.error(f"{excerpt(text)} is not a step", f"a number from 1 to {self.high}")
        return number

    def error(self, what: str, expected: str | None = None) -> CronError:
        """Return an error that speaks of this field."""
        if expected is None:
            names = f", or a name from {self.names[0]} to {self.names[-1]}" if self.names else ""
            expected = f"a number from {self.low} to {self.high}{names}"
        return CronError(f"{self.name}: {what}, expected {expected}")


_SECOND = _Field("second", 0, 59)
_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY_OF_MONTH = _Field("day of month", 1, 31)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH = _Field("month", 1, 12, _MONTHS)
_DAY_OF_WEEK = _Field("day of week", 0, 7, ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"))
_FIVE_FIELDS = (_MINUTE, _HOUR, _DAY_OF_MONTH, _MONTH, _DAY_OF_WEEK)


class _Term(NamedTuple):
    """What a field, or one element of its list, names."""

    values: frozenset[int]
    every: bool = False  # `*`, on its own
    before_last: int | None = None  # n of `L-n`, 0 of `L`


def parse(expression: str, *, with_seconds: bool = False) -> Cron:
    """Read a cron expression of five fields, or of six, the first of them seconds, if `with_seconds`.

    Raises CronError for whatever the engine refuses.
    """
    if len(expression) > _MAX_CHARS:
        raise CronError(f"the expression has {len(expression)} characters, expected at most {_MAX_CHARS}")
    warnings: list[str] = []
    alternatives = [
        _parse_one(single, with_seconds=with_seconds, warnings=warnings)
        for single in _alternatives(expression)
    ]
    if not alternatives:
        raise CronError(f"there is nothing beside the `|` in {excerpt(expression)}")
    return Cron(expression, tuple(dict.fromkeys(alternatives)), tuple(dict.fromkeys(warnings)))


def _alternatives(expression: str) -> Iterator[str]:
    """Give the expressions that `||` joins (whole expressions), or `|` (fields: `0 9|18 * * *`)."""
    if "||" in expression:
        for part in _java_split(expression, "||"):
            yield from _alternatives(part)
    elif "|" in expression:
        texts = _JAVA_SPACES.split(expression)
        choices = [_java_split(text, "|") if "|" in text else [text] for text in texts]
        count = max(map(len, choices))
        if any("|" in text and len(choice) < count for text, choice in zip(texts, choices, strict=True)):
            raise CronError("fields with `|` must all have the same number of alternatives")
        for index in range(count):
            yield " ".join(choice[min(index, len(choice) - 1)] for choice in choices)
    else:
        yield expression


def _parse_one(expression: str, *, with_seconds: bool, warnings: list[str]) -> Fields:
    known = (_SECOND, *_FIVE_FIELDS) if with_seconds else _FIVE_FIELDS
    if expression in _NICKNAMES:
        expression = f"0 {_NICKNAMES[expression]}" if with_seconds else _NICKNAMES[expression]
    texts = _JAVA_SPACES.sub(" ", expression).strip(_TRIMMED).split(" ")
    if len(texts) != len(known):
        raise CronError(_wrong_count(texts, known))
    terms = [_parse_field(one, text.upper(), warnings) for one, text in zip(known, texts, strict=True)]
    *times, of_month, months, of_week = terms
    minutes, hours = times[-2:]
    days = Days(
        of_month=None if of_month.every else of_month.values,
        of_week=None if of_week.every else frozenset(value % 7 for value in of_week.values),
        before_last=of_month.before_last,
    )
    return Fields(
        seconds=tuple(sorted(times[0].values)) if with_seconds else (0,),
        minutes=tuple(sorted(minutes.values)),
        hours=tuple(sorted(hours.values)),
        days=days,
        months=tuple(sorted(months.values)),
    )


def _wrong_count(texts: list[str], known: tuple[_Field, ...]) -> str:
    expected = f"{len(known)} fields ({', '.join(field.name for field in known)})"
    if texts == [""]:
        return f"the expression is empty, expected {expected}"
    if texts[0].startswith("@"):
        nickname = nearest(texts[0], _NICKNAMES)
        hint = f", did you mean {nickname!r}?" if nickname else ""
        return f"{excerpt(' '.join(texts))} is not a nickname, expected one of {', '.join(_NICKNAMES)}{hint}"
    hint = ""
    if len(texts) == 6 and len(known) == 5:
        hint = "; a field for seconds needs `withSeconds: true`"
    elif len(texts) == 5 and len(known) == 6:
        hint = "; with `withSeconds: true` the first field is the second"
    return f"{len(texts)} field{'s'[: len(texts) != 1]}, expected {expected}{hint}"


def _parse_field(field: _Field, text: str, warnings: list[str]) -> _Term:
    if text.endswith(","):
        raise field.error(f"{excerpt(text)} ends with a comma", "a further value")
    elements = _java_split(text, ",")
    terms = [_parse_term(field, element, warnings) for element in elements]
    if len(terms) == 1:
        return terms[0] if terms[0].before_last is None else terms[0]._replace(values=frozenset())
    if any(term.before_last is not None for term in terms):
        warnings.append(f"{field.name}: the engine knows no `L` within a list, as in {excerpt(text)}")
    return _Term(frozenset[int]().union(*(term.values for term in terms)))


def _parse_term(field: _Field, text: str, warnings: list[str]) -> _Term:
    if "-" in text:
        return _parse_range(field, text, warnings)
    if "/" in text:
        return _parse_steps(field, text, warnings)
    if text == "*":
        return _every(field)
    if "?" in text:
        raise field.error(f"Kestra's cron does not know `?`, in {excerpt(text)}", "`*`")
    if field is _DAY_OF_MONTH and (text == "L" or re.search("[0-9]L", text)) and not re.search("LW|#", text):
        return _parse_last_day(text, warnings)
    return _Term(frozenset({field.value(text)}))


def _every(field: _Field) -> _Term:
    return _Term(frozenset(range(field.low, field.high + 1)), every=True)


def _parse_last_day(text: str, warnings: list[str]) -> _Term:
    """Read `L`, the last day of the month; and `5L`, which alone is `L` to the engine, and in a list 5."""
    number = text.replace("L", "")
    if not number:
        return _Term(frozenset(), before_last=0)
    day = _DAY_OF_MONTH.value(number)
    warnings.append(f"day of month: the engine reads {excerpt(text)} as L alone, and as {day} in a list")
    return _Term(frozenset({day}), before_last=0)


def _parse_range(field: _Field, text: str, warnings: list[str]) -> _Term:
    """Read `a-b`, `a-b/step` or, of days of the month, `L-n`."""
    bounds = _java_split(text, "-")
    if len(bounds) != 2 or not bounds[0]:
        raise field.error(
            f"{excerpt(text)} is not a range", "for instance 1-5; negative numbers are not known"
        )
    first, (last, *steps) = bounds[0], _java_split(bounds[1], "/") or [""]
    if text.endswith(("-", "/")):
        warnings.append(f"{field.name}: the engine ignores what ends {excerpt(text)}")
    if first == "L" and field is _DAY_OF_MONTH:
        return _Term(frozenset(), before_last=field.value(bounds[1]))
    # In days of the month, the engine takes `1-L`, too, when a flow is saved, and fails whenever it evaluates it.
    low, high = field.value(first), field.value(last)
    if low > high:
        raise field.error(f"the range {excerpt(text)} runs backwards", "the lower value first")
    if "/" not in bounds[1]:
        return _Term(frozenset(range(low, high + 1)))
    if not steps:
        raise field.error(f"the step is missing in {excerpt(text)}", "for instance 1-5/2")
    if len(steps) > 1:
        warnings.append(f"{field.name}: the engine ignores all but the first step of {excerpt(text)}")
    step = field.number(steps[0])
    if field is _DAY_OF_WEEK and step == 7:
        step = 0  # here, the engine takes the step for a day: 7 is Sunday, Sunday is 0
    return _Term(frozenset(range(low, high + 1, field.step(step, steps[0]))))


def _parse_steps(field: _Field, text: str, warnings: list[str]) -> _Term:
    """Read `*/step`, `/step` or `a/step`: every so many, from the lowest value, or from a, to the highest."""
    parts = _java_split(text, "/")
    if len(parts) != 2:
        raise field.error(f"{excerpt(text)} is not a value with a step", "for instance */5 or 10/5")
    if text.endswith("/"):
        warnings.append(f"{field.name}: the engine ignores what ends {excerpt(text)}")
    start, step = parts
    if start == "*" and step == "1":
        return _every(field)
    first = field.low if start in ("*", "") else field.value(start)
    if field is _DAY_OF_WEEK:
        first %= 7
    return _Term(frozenset(range(first, field.high + 1, field.step(_java_int(step), step))))


def _java_split(text: str, separator: str) -> list[str]:
    """Split as Java's String.split does: without the empty parts at the end."""
    if separator not in text:
        return [text]
    parts = text.split(separator)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _java_int(text: str) -> int | None:
    """Read what Java's Integer.parseInt reads: a sign, and the decimal digits of any script; else None."""
    digits = text.removeprefix("+")
    if not digits or not all(digit.isdecimal() and digit <= "\uffff" for digit in digits):
        return None
    number = 0
    for digit in digits:
        number = number * 10 + int(digit)
        if number > _JAVA_INT_MAX:
            return None
    return number
