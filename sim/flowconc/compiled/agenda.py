"""The events that lie ahead, in the order of the simulation's clock: by time, then rank and place, then sequence.

The next few are a sorted table whose last row comes first, which a transaction's end, soon to come, is quickly put
into. What lies beyond them is a binary heap. Arrivals and fires have an agenda of their own, with one entry each.

An entry is three numbers: time, key (rank, place and sequence) and what it is (a slot and a kind).
"""

from __future__ import annotations

from typing import Final

from flowconc.compiled.fields import (
    FAR,
    KEY,
    LANE_WIDTH,
    LANES,
    NEAR,
    NEXT_US,
    SCALARS,
    SEQUENCE,
    Ints,
    State,
)

NEAR_ROOM: Final = 64
HALF: Final = NEAR_ROOM // 2
ENTRY: Final = 3


def put(g: Ints, far: Ints, t_us: int, rank: int, what: int) -> None:
    """Add an event; `rank` is its key but for the sequence. `g` are the scalars of the state."""
    key = rank | g[SEQUENCE]
    g[SEQUENCE] += 1
    size = g[NEAR]
    if size == NEAR_ROOM:
        move_half(g, far)
        size = g[NEAR]
    if g[FAR] > 0 and (t_us > g[SCALARS] or (t_us == g[SCALARS] and key > g[SCALARS + 1])):
        push(g, far, t_us, key, what)
        return
    g[NEAR] = size + 1
    place = SCALARS + ENTRY * size
    while place > SCALARS:
        before_us = g[place - 3]
        if before_us > t_us or (before_us == t_us and g[place - 2] > key):
            break
        g[place] = before_us
        g[place + 1] = g[place - 2]
        g[place + 2] = g[place - 1]
        place -= ENTRY
    g[place] = t_us
    g[place + 1] = key
    g[place + 2] = what


def put_later(g: Ints, far: Ints, t_us: int, rank: int, what: int) -> None:
    """Do what `put` does, where that is not worth being part of its caller in machine code."""
    put(g, far, t_us, rank, what)


def first_us(g: Ints) -> int:
    """Return when the first event is; the place before the table says FOREVER, for when there is none."""
    return g[SCALARS + ENTRY * g[NEAR] - ENTRY]  # type: ignore[no-any-return]


def first_key(g: Ints) -> int:
    """Return the key of the first event."""
    return g[SCALARS + ENTRY * g[NEAR] - ENTRY + 1]  # type: ignore[no-any-return]


def take(g: Ints, far: Ints) -> int:
    """Remove the first event and return what it is."""
    size = g[NEAR] - 1
    what = g[SCALARS + ENTRY * size + 2]
    g[NEAR] = size
    if size == 0 and g[FAR] > 0:
        move_near(g, far)
    return what  # type: ignore[no-any-return]


def move_half(g: Ints, far: Ints) -> None:
    """Move the later half of the near events to the far ones."""
    for place in range(SCALARS, SCALARS + ENTRY * HALF, ENTRY):
        push(g, far, g[place], g[place + 1], g[place + 2])
    for place in range(SCALARS, SCALARS + ENTRY * HALF):
        g[place] = g[place + ENTRY * HALF]
    g[NEAR] = HALF


def move_near(g: Ints, far: Ints) -> None:
    """Move the first of the far events to the near ones, of which there is none."""
    count = min(HALF, g[FAR])
    for index in range(count):
        place = SCALARS + ENTRY * (count - 1 - index)
        g[place] = far[0]
        g[place + 1] = far[1]
        g[place + 2] = far[2]
        _drop(g, far)
    g[NEAR] = count


def push(g: Ints, far: Ints, t_us: int, key: int, what: int) -> None:
    """Add a far event."""
    place = g[FAR]
    g[FAR] = place + 1
    while place > 0:
        above = (place - 1) >> 1
        if far[ENTRY * above] < t_us or (far[ENTRY * above] == t_us and far[ENTRY * above + 1] < key):
            break
        _copy(far, above, place)
        place = above
    _write(far, place, t_us, key, what)


def _drop(g: Ints, far: Ints) -> None:
    """Remove the first of the far events."""
    size = g[FAR] - 1
    g[FAR] = size
    t_us, key, what = far[ENTRY * size], far[ENTRY * size + 1], far[ENTRY * size + 2]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _precedes(far, below + 1, far[ENTRY * below], far[ENTRY * below + 1]):
            below += 1
        if not _precedes(far, below, t_us, key):
            break
        _copy(far, below, place)
        place = below
    _write(far, place, t_us, key, what)


def _precedes(far: Ints, place: int, t_us: int, key: int) -> bool:
    entry = ENTRY * place
    return far[entry] < t_us or (far[entry] == t_us and far[entry + 1] < key)  # type: ignore[no-any-return]


def _copy(far: Ints, place: int, to: int) -> None:
    _write(far, to, far[ENTRY * place], far[ENTRY * place + 1], far[ENTRY * place + 2])


def _write(far: Ints, place: int, t_us: int, key: int, what: int) -> None:
    entry = ENTRY * place
    far[entry] = t_us
    far[entry + 1] = key
    far[entry + 2] = what


# --- lanes


def order_lanes(s: State) -> None:
    """Make the heap of the lanes anew."""
    for place in range(s.scalar[LANES] - 1, -1, -1):
        sink(s.lane, s.lane_heap, place, s.scalar[LANES])


def sink(lanes: Ints, heap: Ints, place: int, size: int) -> None:
    """Let the lane at a place of the heap find its place among those below it."""
    lane = heap[place]
    t_us, key = lanes[lane * LANE_WIDTH + NEXT_US], lanes[lane * LANE_WIDTH + KEY]
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        row = heap[below] * LANE_WIDTH
        if below + 1 < size:
            other = heap[below + 1] * LANE_WIDTH
            if lanes[other + NEXT_US] < lanes[row + NEXT_US] or (
                lanes[other + NEXT_US] == lanes[row + NEXT_US] and lanes[other + KEY] < lanes[row + KEY]
            ):
                below, row = below + 1, other
        if lanes[row + NEXT_US] > t_us or (lanes[row + NEXT_US] == t_us and lanes[row + KEY] > key):
            break
        heap[place] = heap[below]
        place = below
    heap[place] = lane
