"""Durations as Java's `Duration.parse` reads them, and as our messages show them."""

from __future__ import annotations

import re
from typing import Final

from flowconc.scenario.problems import excerpt

_MAX_CHARS: Final = 1_000
_LONG_MIN: Final = -(2**63)
_LONG_MAX: Final = 2**63 - 1
_NANOS_PER_SECOND: Final = 1_000_000_000

_ISO: Final = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<days>[-+]?[0-9]+)D)?"
    r"(?P<time>T(?:(?P<hours>[-+]?[0-9]+)H)?(?:(?P<minutes>[-+]?[0-9]+)M)?"
    r"(?:(?P<seconds>[-+]?[0-9]+)(?:[.,](?P<fraction>[0-9]{0,9}))?S)?)?",
    re.IGNORECASE | re.ASCII,
)
_SECONDS_PER: Final = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}

_LARGE_UNITS_US: Final = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000}


class DurationError(ValueError):
    """A duration that the engine refuses; the text says what is wrong and what was expected."""


def parse_iso(text: str) -> int:
    """Read an ISO-8601 duration, such as `PT1H30M` or `P1DT0.5S`, and return its nanoseconds.

    What Java reads is read: signs everywhere, lower case, a comma for the decimal point. Raises DurationError
    for what Java does not read, and for what does not fit 64 bits of nanoseconds.
    """
    match = _ISO.fullmatch(text) if len(text) <= _MAX_CHARS else None
    # Java refuses a `T` that nothing follows, but only the upper-case one.
    if match is None or match["time"] == "T" or not any(match[unit] for unit in _SECONDS_PER):
        raise DurationError(
            f"{excerpt(text)} is not a duration, expected ISO-8601 such as PT30S, PT1H30M or P1D"
        )
    seconds = 0
    for unit in reversed(_SECONDS_PER):
        part_s = _long(_long(int(match[unit] or 0), text) * _SECONDS_PER[unit], text)
        seconds = _long(seconds + part_s, text)
    nanos = int((match["fraction"] or "").ljust(9, "0"))
    if (match["seconds"] or "").startswith("-"):
        nanos = -nanos
    total = seconds * _NANOS_PER_SECOND + nanos
    return _long(-total if match["sign"] == "-" else total, text)


def _long(number: int, text: str) -> int:
    if not _LONG_MIN <= number <= _LONG_MAX:
        raise DurationError(f"{excerpt(text)} is out of range, expected at most 292 years")
    return number


def format_us(us: int) -> str:
    """Print microseconds in the shortest form of the scenario's own language: `1h30m`, `1.5s`, `250ms`, `10us`.

    `quantities.parse_time` reads it back exactly. A negative time, which only a difference can be, has a sign.
    """
    if us < 0:
        return f"-{format_us(-us)}"
    if 0 < us < 1_000:
        return f"{us}us"
    if 0 < us < 1_000_000:
        return f"{_decimal(us, 1_000)}ms"
    text = ""
    for unit, size_us in _LARGE_UNITS_US.items():
        count, us = divmod(us, size_us)
        text += f"{count}{unit}" if count else ""
    return text if text and not us else f"{text}{_decimal(us, 1_000_000)}s"


def _decimal(number: int, power_of_ten: int) -> str:
    """Divide exactly, without trailing zeros: 1.5."""
    whole, rest = divmod(number, power_of_ten)
    return f"{whole}.{rest:0{len(str(power_of_ten)) - 1}}".rstrip("0") if rest else str(whole)
