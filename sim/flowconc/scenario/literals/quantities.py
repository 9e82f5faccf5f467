"""The scenario format's own literals: times (`1h30m`), rates (`30/min`) and shares (`2%`).

A number always carries its unit; the one exception is 0 for a time. Nothing is negative. All arithmetic is on
integers until the last step, so that what is written is what is meant.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from flowconc.scenario.literals.durations import DurationError, parse_iso
from flowconc.scenario.problems import excerpt, nearest

MAX_TIME_US: Final = 36_525 * 86_400_000_000
"""A hundred years. Sums of a few such times stay far within 64 bits."""

MAX_RATE_PER_S: Final = 1_000_000.0
"""One per microsecond, the resolution of simulated time."""

_MAX_CHARS: Final = 100
_DECIMAL: Final = r"[0-9]+(?:\.[0-9]+)?"

_TIME_UNITS_US: Final = {
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
_TIME: Final = re.compile("".join(f"(?:(?P<{unit}>{_DECIMAL}){unit})?" for unit in _TIME_UNITS_US))
_TIME_EXPECTED: Final = "a time such as 30s, 250ms, 1h30m or PT90S"

_RATE_UNITS_S: Final = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("m", "min", "minute"), 60),
    **dict.fromkeys(("h", "hour"), 3_600),
    **dict.fromkeys(("d", "day"), 86_400),
}
_RATE: Final = re.compile(rf"(?P<number>{_DECIMAL})\s*/\s*(?P<unit>[A-Za-z]+)")
_RATE_EXPECTED: Final = "a rate such as 30/min, 4/s, 100/h or 5/day"

_SHARE: Final = re.compile(rf"(?P<percent>{_DECIMAL})\s*%")
_SHARE_EXPECTED: Final = "a share from 0% to 100%, such as 2%"


class QuantityError(ValueError):
    """A literal that cannot be read; the text says what is wrong and what was expected."""


def parse_time(value: object) -> int:
    """Return a time in microseconds: `30s`, `1.5s`, `1h30m` or ISO-8601; 0 may stand without a unit.

    Raises QuantityError for anything else, for what is negative, finer than a microsecond, or longer than
    MAX_TIME_US.
    """
    text = _text(value, _TIME_EXPECTED)
    if _is_number(text):
        if Fraction(text) == 0:
            return 0
        raise QuantityError(f"{text} has no unit, expected {_TIME_EXPECTED}, did you mean '{text}s'?")
    if text.startswith("-") and not text.upper().startswith("-P"):
        raise QuantityError(f"{excerpt(text)} is negative, expected {_TIME_EXPECTED}")
    match = _TIME.fullmatch(text)
    if text and match is not None:
        parts = match.groupdict()
        time_us = sum(
            (Fraction(part) * _TIME_UNITS_US[unit] for unit, part in parts.items() if part), Fraction()
        )
    elif text.upper().lstrip("+-").startswith("P"):
        time_us = _iso_us(text)
    else:
        raise QuantityError(f"{excerpt(text)} is not a time, expected {_TIME_EXPECTED}{_time_hint(text)}")
    if time_us < 0:
        raise QuantityError(f"{excerpt(text)} is negative, expected {_TIME_EXPECTED}")
    if time_us > MAX_TIME_US:
        raise QuantityError(f"{excerpt(text)} is too long, expected at most 100 years")
    if time_us.denominator != 1:
        raise QuantityError(f"{excerpt(text)} is finer than a microsecond, the resolution of simulated time")
    return int(time_us)


def _iso_us(text: str) -> Fraction:
    try:
        return Fraction(parse_iso(text), 1_000)
    except DurationError as error:
        raise QuantityError(str(error)) from None


def _time_hint(text: str) -> str:
    """Return a suggestion for `10 min`, `5 seconds`, `1h 30m`."""
    squeezed = "".join(text.lower().split())
    for pattern, unit in (
        ("milliseconds?|msecs?|millis", "ms"),
        ("microseconds?|µs|μs|usec", "us"),
        ("seconds?|secs?", "s"),
        ("minutes?|mins?", "m"),
        ("hours?|hrs?", "h"),
        ("days?", "d"),
    ):
        squeezed = re.sub(rf"(?<=[0-9])(?:{pattern})(?![a-z])", unit, squeezed)
    return f", did you mean {squeezed!r}?" if squeezed and _TIME.fullmatch(squeezed) else ""


def parse_rate(value: object) -> float:
    """Return a rate per second: `30/min`, `4/s`, `100/h`, `5/day`.

    Raises QuantityError for anything else, and above MAX_RATE_PER_S.
    """
    text = _text(value, _RATE_EXPECTED)
    if _is_number(text):
        raise QuantityError(f"{text} has no unit, expected {_RATE_EXPECTED}, did you mean '{text}/min'?")
    match = _RATE.fullmatch(text)
    if match is None:
        raise QuantityError(f"{excerpt(text)} is not a rate, expected {_RATE_EXPECTED}")
    seconds = _RATE_UNITS_S.get(match["unit"])
    if seconds is None:
        unit = nearest(match["unit"], _RATE_UNITS_S)
        hint = f", did you mean '{match['number']}/{unit}'?" if unit else ""
        raise QuantityError(f"{match['unit']!r} is not a unit of time, expected {_RATE_EXPECTED}{hint}")
    rate_per_s = float(Fraction(match["number"]) / seconds)
    if rate_per_s > MAX_RATE_PER_S:
        raise QuantityError(f"{excerpt(text)} is too much, expected at most {MAX_RATE_PER_S:.0f}/s")
    return rate_per_s


def parse_share(value: object) -> float:
    """Return a share, from 0 to 1: `2%`, `0.5%`. Raises QuantityError for anything else."""
    text = _text(value, _SHARE_EXPECTED)
    if _is_number(text):
        percent = float(text) * 100 if 0 < float(text) <= 1 else float(text)
        hint = f", did you mean '{percent:g}%'?" if percent <= 100 else ""
        raise QuantityError(f"{text} has no percent sign, expected {_SHARE_EXPECTED}{hint}")
    match = _SHARE.fullmatch(text)
    if match is None:
        raise QuantityError(f"{excerpt(text)} is not a share, expected {_SHARE_EXPECTED}")
    share = Fraction(match["percent"]) / 100
    if share > 1:
        raise QuantityError(f"{excerpt(text)} is more than everything, expected {_SHARE_EXPECTED}")
    return float(share)


def _text(value: object, expected: str) -> str:
    """Return the text to parse; a number of YAML as it would be written. Raises QuantityError when absurd."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        kind = (
            "nothing"
            if value is None
            else "true or false"
            if isinstance(value, bool)
            else type(value).__name__
        )
        raise QuantityError(f"{kind} stands here, expected {expected}")
    if isinstance(value, int) and abs(value) >= 10**_MAX_CHARS:
        raise QuantityError(f"the number is out of any range, expected {expected}")
    text = str(value).strip()
    if len(text) > _MAX_CHARS:
        raise QuantityError(f"{excerpt(text)} is too long a text, expected {expected}")
    return text


def _is_number(text: str) -> bool:
    return re.fullmatch(_DECIMAL, text) is not None
