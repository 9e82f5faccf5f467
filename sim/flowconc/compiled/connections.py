"""How many of the database's connections were in use, and for how long, as `check.metrics` has it of a trace.

The kernel adds up the time for which so many connections were free. What counts is the window from the warm-up to the
horizon, so the run is halted there. A trace knows of a transaction when it commits; where a run is cut off, some never
do, and must not count. Such a run is done again, and halted where each of those began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from flowconc.compiled import fields as at
from flowconc.compiled.agenda import ENTRY
from flowconc.compiled.fields import NONE, Ints
from flowconc.compiled.memory import Memory

Go = Callable[[Memory], None]
"""Lets a run go on up to its HORIZON_US."""

_KIND: Final = (1 << at.KIND_BITS) - 1


@dataclass(frozen=True, slots=True)
class InUse:
    """Connections in use within the window.

    `held_us[n]` is for how many microseconds there were n, shape (connections + 1,); `last` is how many there were when
    the window's last instant was over.
    """

    held_us: Ints
    last: int


def run_through(memory: Memory, go: Go, again: Callable[[], Memory]) -> InUse | None:
    """Let a run go to its end, and return its connections in use; None where the database takes no time.

    `again` returns the memory of the same run at its beginning.
    """
    if not memory.platform[at.TAKES_TIME]:
        go(memory)
        return None
    in_use = _in_use(memory, go, ())
    open_since_us = tuple(sorted(_open_since_us(memory)))
    return _in_use(again(), go, open_since_us) if open_since_us else in_use


def _in_use(memory: Memory, go: Go, open_since_us: tuple[int, ...]) -> InUse:
    """Run to the end. Transactions that began at `open_since_us` never commit, and are left out."""
    run, scalar = memory.translation.scenario.run, memory.state.scalar
    end_us = int(scalar[at.HORIZON_US])
    horizon_us = end_us if run.until_us is None else run.until_us
    began_us = (each for each in open_since_us if each > run.warmup_us)

    def free_us(last_us: int, until_us: int | None = None) -> Ints:
        """Run up to an instant, that included, and return for how long so many were free, up to another one."""
        scalar[at.HORIZON_US] = min(last_us, end_us)
        go(memory)
        closed_us = memory.state.free.copy()
        closed_us[_free(memory)] += int(scalar[at.NOW]) if until_us is None else until_us
        return closed_us

    halts_us = (run.warmup_us, *began_us)
    parts = [free_us(halt_us - 1, halt_us) for halt_us in halts_us]
    parts.append(free_us(horizon_us, run.until_us))
    last = len(memory.state.free) - 1 - _free(memory) - len(open_since_us)
    held_us = np.zeros(len(memory.state.free), dtype=np.int64)
    for halt_us, (before_us, after_us) in zip(halts_us, pairwise(parts), strict=True):
        left_out = sum(each <= halt_us for each in open_since_us)
        held_us[: len(held_us) - left_out] += (after_us - before_us)[::-1][left_out:]
    scalar[at.HORIZON_US] = end_us
    go(memory)
    return InUse(held_us, last)


def _free(memory: Memory) -> int:
    return int(memory.state.line[at.CONNECTIONS * at.LINE_WIDTH + at.UNITS])


def _open_since_us(memory: Memory) -> Iterator[int]:
    """Yield since when each transaction has its connection that is at work, or waits for a row lock."""
    slots = memory.state.slot
    for slot in (*_at_work(memory), *_waiting(memory)):
        yield int(slots[slot * at.SLOT_WIDTH + at.CONNECTED_US])


def _at_work(memory: Memory) -> Iterator[int]:
    state = memory.state
    near, far = state.scalar[at.SCALARS :], state.far
    for table, size in ((near, state.scalar[at.NEAR]), (far, state.scalar[at.FAR])):
        for what in table[2 : ENTRY * size : ENTRY].tolist():
            if what & _KIND == at.E_COMMIT:
                yield what >> at.KIND_BITS


def _waiting(memory: Memory) -> Iterator[int]:
    state, scenario = memory.state, memory.translation.scenario
    first_trigger = at.RESOURCES + 2 * len(scenario.flows)
    counters = range(at.RESOURCES, first_trigger, 2)
    for line in (*counters, *range(first_trigger, memory.translation.lines)):
        slot = int(state.line[line * at.LINE_WIDTH + at.HEAD])
        while slot != NONE:
            yield slot
            slot = int(state.slot[slot * at.SLOT_WIDTH + at.NEXT])
