"""Time zones as Java's `ZoneId.of` takes them: regions, and offsets such as `+2`, `UTC+02:00` and `GMT-3`."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

MAX_OFFSET: Final = timedelta(hours=18)

_OFFSET: Final = re.compile(
    r"(?P<sign>[-+])(?:(?P<h>[0-9])|(?P<hh>[0-9]{2})(?:(?P<colon>:?)(?P<mm>[0-5][0-9])(?:(?P=colon)(?P<ss>[0-5][0-9]))?)?)",
    re.ASCII,
)
_PREFIXED: Final = re.compile(r"(?:UTC|GMT|UT)(?P<offset>[-+].*)?", re.ASCII)

_NOT_IN_JAVA: Final = frozenset({"EST", "MST", "HST", "Factory", "localtime", "posixrules", "US/Pacific-New"})
_ONLY_IN_JAVA: Final = {
    f"SystemV/{old}": f"Etc/GMT+{hours}"
    for old, hours in (
        ("AST4", 4),
        ("EST5", 5),
        ("CST6", 6),
        ("MST7", 7),
        ("PST8", 8),
        ("YST9", 9),
        ("HST10", 10),
    )
} | {
    "SystemV/AST4ADT": "America/Halifax",
    "SystemV/EST5EDT": "America/New_York",
    "SystemV/CST6CDT": "America/Chicago",
    "SystemV/MST7MDT": "America/Denver",
    "SystemV/PST8PDT": "America/Los_Angeles",
    "SystemV/YST9YDT": "America/Anchorage",
}


class ZoneError(ValueError):
    """A time zone that the engine refuses."""


@cache
def regions() -> frozenset[str]:
    """Return the names of all regions, as Java has them. Names are case-sensitive."""
    return (frozenset(available_timezones()) - _NOT_IN_JAVA) | _ONLY_IN_JAVA.keys()


@cache
def parse_zone(text: str) -> tzinfo:
    """Return the time zone of this name. Raises ZoneError."""
    if text == "Z":
        return UTC
    if text[:1] in {"+", "-"}:
        return _offset(text, text)
    if (prefixed := _PREFIXED.fullmatch(text)) is not None:
        return UTC if prefixed["offset"] is None else _offset(prefixed["offset"], text)
    if text == "GMT0":
        return UTC
    if text not in regions():
        raise ZoneError(f"{text!r} is not a time zone")
    return ZoneInfo(_ONLY_IN_JAVA.get(text, text))


def _offset(text: str, whole: str) -> timezone:
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise ZoneError(f"{whole!r} is not a time zone")
    hours = int(match["h"] or match["hh"])
    offset = timedelta(hours=hours, minutes=int(match["mm"] or 0), seconds=int(match["ss"] or 0))
    if offset > MAX_OFFSET:
        raise ZoneError(f"{whole!r} is more than 18 hours from UTC")
    return timezone(-offset if match["sign"] == "-" else offset, whole)
