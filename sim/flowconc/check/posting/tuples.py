"""Tuples that stand for bags of things: the explorer keeps entries as hashable values."""

from __future__ import annotations


def without(items: tuple[str, ...], item: str) -> tuple[str, ...]:
    """Return the items less one like this, if there is any."""
    if item not in items:
        return items
    place = items.index(item)
    return items[:place] + items[place + 1 :]
