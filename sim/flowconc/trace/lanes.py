"""Laying intervals out in lanes, so that none overlaps another of its lane and there are as few as possible."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator


def lanes(intervals: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield the lane, from 0, of each (start, end); `intervals` are in order of start.

    Each takes the lowest lane that is free; one that ends when another begins makes room for it.
    """
    busy: list[tuple[int, int]] = []
    free: list[int] = []
    made = 0
    for start, end in intervals:
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            lane = heapq.heappop(free)
        else:
            lane = made
            made += 1
        heapq.heappush(busy, (end, lane))
        yield lane
