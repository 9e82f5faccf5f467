"""How the checks say times, numbers and lists of names."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

SHOWN_AT_MOST = 8
"""Names in one line of a story; the others are counted."""


def duration(t_us: float) -> str:
    """Say microseconds in seconds, without needless zeros: `10s`, `0.25s`."""
    return f"{number(t_us / 1e6)}s"


def number(value: float) -> str:
    """Say a number with at most six decimals and without needless zeros."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def listing(items: Iterable[str], count: int) -> str:
    """Join the first of `count` items and count the rest; `nobody` when there is none."""
    shown = list(islice(items, SHOWN_AT_MOST))
    if not shown:
        return "nobody"
    more = count - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def counted(count: int, noun: str) -> str:
    """Say how many: `1 run`, `30 runs`, `1,600 runs`."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"
