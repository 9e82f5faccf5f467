"""Lines of slots that wait, first come, first served; and the slots themselves, of which the free ones are a line."""

from __future__ import annotations

from flowconc.compiled.fields import (
    FREE,
    HEAD,
    LINE_WIDTH,
    NEXT,
    NONE,
    SLOT_WIDTH,
    TAIL,
    WANTED,
    Ints,
    State,
)


def join(slots: Ints, lines: Ints, line: int, slot: int) -> None:
    """Stand last in a line."""
    slots[slot * SLOT_WIDTH + NEXT] = NONE
    last = lines[line * LINE_WIDTH + TAIL]
    if last == NONE:
        lines[line * LINE_WIDTH + HEAD] = slot
    else:
        slots[last * SLOT_WIDTH + NEXT] = slot
    lines[line * LINE_WIDTH + TAIL] = slot


def call(slots: Ints, lines: Ints, line: int) -> int:
    """Remove the first in a line, in which somebody waits, and return it."""
    slot = lines[line * LINE_WIDTH + HEAD]
    following = slots[slot * SLOT_WIDTH + NEXT]
    lines[line * LINE_WIDTH + HEAD] = following
    if following == NONE:
        lines[line * LINE_WIDTH + TAIL] = NONE
    return slot  # type: ignore[no-any-return]


def take_slot(s: State) -> int:
    """Return a free slot, of which there is one. Python has to make more when it was the last."""
    slot = s.scalar[FREE]
    following = s.slot[slot * SLOT_WIDTH + NEXT]
    s.scalar[FREE] = following
    if following == NONE:
        s.scalar[WANTED] = 1
    return slot  # type: ignore[no-any-return]


def give_slot(s: State, slot: int) -> None:
    """Let a slot be free."""
    s.slot[slot * SLOT_WIDTH + NEXT] = s.scalar[FREE]
    s.scalar[FREE] = slot
