"""The arrays of a run: made, filled, and made larger while the kernel rests."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from flowconc.compiled import fields as at
from flowconc.compiled.agenda import ENTRY, NEAR_ROOM
from flowconc.compiled.fields import BLOCK, FOREVER, NONE, Columns, Ints, State
from flowconc.compiled.program import Translation
from flowconc.compiled.tally import TALLY_WIDTH

Array = npt.NDArray[Any]

_FIRST_SLOTS = 256
_FIRST_ROWS = 1024
_FIRST_BLOCK = 512
"""How many numbers a stream is asked for at first: most runs are short. Four times as many each time after that."""


class Memory:
    """The state and the columns of one run. `rows`: how many executions are expected, when that is known."""

    def __init__(self, translation: Translation, *, rows: int | None = None) -> None:
        self.translation = translation
        self.platform = translation.scalar
        self.kept = bool(self.platform[at.KEPT])
        self._flow_blocks = [_FIRST_BLOCK] * len(translation.draws)
        self._lane_blocks = [_FIRST_BLOCK] * len(translation.lanes)
        self.columns = _columns((rows or _FIRST_ROWS) if self.kept else _FIRST_SLOTS)
        self.state = self._new_state()
        self.slots = 0
        self._more_slots(_FIRST_SLOTS)
        self.state.scalar[at.ROOM] = len(self.columns.state) if self.kept else FOREVER
        self.fill()

    def _new_state(self) -> State:
        translation, platform = self.translation, self.translation.scenario.platform
        flows, lanes, lines = len(translation.draws), len(translation.lanes), translation.lines
        line = np.zeros((lines, at.LINE_WIDTH), dtype=np.int64)
        line[:, [at.HEAD, at.TAIL]] = NONE
        line[:, at.UNITS] = 1
        for number, units in (
            (at.EXECUTORS, platform.executors),
            (at.SCHEDULER, 1),
            (at.CONNECTIONS, platform.database.connections),
            (at.THREADS, platform.worker_threads),
        ):
            line[number, at.UNITS] = FOREVER if units is None else units
        scalar = np.zeros(at.SCALARS + ENTRY * NEAR_ROOM, dtype=np.int64)
        scalar[: at.SCALARS] = translation.scalar
        scalar[at.FREE] = NONE
        scalar[at.SCALARS - ENTRY] = FOREVER
        leaves = len(translation.program.leaf) // at.LEAF_WIDTH
        feeds = sum(lane.feed.rows for lane in translation.lanes)
        streams = sum(map(len, translation.draws))
        return State(
            scalar,
            far=_empty(),
            slot=_empty(),
            held=_empty(),
            flow=translation.flow.copy(),
            lane=translation.lane.copy() if lanes else _no_lane(),
            lane_heap=np.arange(max(1, lanes), dtype=np.int64),
            line=line.reshape(-1),
            free=np.zeros(platform.database.connections + 1, dtype=np.int64),
            begun=np.zeros(max(1, translation.tasks), dtype=np.int64),
            run_pos=np.zeros(max(1, leaves), dtype=np.int64),
            feed=np.empty(max(1, feeds * BLOCK), dtype=np.int64),
            pool=np.empty(max(1, streams * BLOCK), dtype=np.int64),
            tally=np.zeros(1 if self.kept else flows * TALLY_WIDTH, dtype=np.int64),
        )

    def help(self) -> None:
        """Give the kernel whatever it has stopped for."""
        scalar = self.state.scalar
        scalar[at.WANTED] = 0
        if scalar[at.FREE] == NONE:
            self._more_slots(2 * self.slots)
        if scalar[at.CREATED] >= scalar[at.ROOM]:
            self._more_rows(len(self.columns.state) * 5 // 4 + _FIRST_ROWS)
            scalar[at.ROOM] = len(self.columns.state)
        self.fill()

    def fill(self) -> None:
        """Fill the pools and feeds that are used up."""
        state = self.state
        for flow, draws in enumerate(self.translation.draws):
            mine = flow * at.FLOW_WIDTH
            if draws and state.flow[mine + at.POOL_POS] == state.flow[mine + at.POOL_END]:
                size = self._flow_blocks[flow]
                start = state.flow[mine + at.POOL]
                for stream in draws:
                    state.pool[start : start + size] = stream.take(size)
                    start += BLOCK
                state.flow[mine + at.POOL_POS], state.flow[mine + at.POOL_END] = 0, size
                self._flow_blocks[flow] = min(4 * size, BLOCK)
        for lane in range(len(self.translation.lanes)):
            mine = lane * at.LANE_WIDTH
            if state.lane[mine + at.POS] == state.lane[mine + at.FILLED] and not state.lane[mine + at.OVER]:
                self._feed(lane, int(state.lane[mine + at.FEED]), mine)

    def _feed(self, lane: int, start: int, mine: int) -> None:
        state, size = self.state, self._lane_blocks[lane]
        if state.lane[mine + at.NEXT_US] != FOREVER:
            return  # the last of the old block is still to come
        filled = self.translation.lanes[lane].feed.fill(state.feed, start, BLOCK, size)
        self._lane_blocks[lane] = min(4 * size, BLOCK)
        state.lane[mine + at.FILLED] = filled
        state.lane[mine + at.POS] = min(1, filled)
        state.lane[mine + at.OVER] = filled < size
        state.lane[mine + at.NEXT_US] = state.feed[start] if filled else FOREVER

    def _more_slots(self, slots: int) -> None:
        state, width = self.state, int(self.platform[at.HELD_WIDTH])
        old, self.slots = self.slots, slots
        slot = _longer(state.slot, slots * at.SLOT_WIDTH, old * at.SLOT_WIDTH)
        rows = slot.reshape(slots, at.SLOT_WIDTH)
        rows[old:, at.DRAWN] = np.arange(old, slots) * width
        rows[old:, at.NEXT] = np.arange(old + 1, slots + 1)
        rows[-1, at.NEXT] = state.scalar[at.FREE]
        state.scalar[at.FREE] = old
        self.state = state._replace(
            slot=slot,
            held=_longer(state.held, slots * width, old * width),
            far=_longer(state.far, slots * ENTRY, old * ENTRY),
        )
        if not self.kept:
            self._more_rows(slots)

    def _more_rows(self, rows: int) -> None:
        old = len(self.columns.state)
        if rows > old:
            longer = _columns(rows)
            for number in range(len(longer)):
                longer[number][:old] = self.columns[number]
            self.columns = longer


_COLUMN_TYPES = tuple(np.dtype(each) for each in [np.int64] * 9 + [np.int32] * 5 + [np.int8])


def _columns(rows: int) -> Columns:
    """Return columns of zeros. They lie in one block, which the system hands out in large pages, much faster."""
    rows += -rows % 8
    block = np.zeros(rows * sum(each.itemsize for each in _COLUMN_TYPES), dtype=np.uint8)
    columns, start = [], 0
    for each in _COLUMN_TYPES:
        columns.append(block[start : start + rows * each.itemsize].view(each))
        start += rows * each.itemsize
    return Columns._make(columns)


def _no_lane() -> Ints:
    """Return a lane from which nothing comes, for a scenario that has none."""
    lane = np.zeros(at.LANE_WIDTH, dtype=np.int64)
    lane[at.NEXT_US] = FOREVER
    return lane


def _empty() -> Ints:
    return np.zeros(1, dtype=np.int64)


def _longer(array: Array, size: int, used: int) -> Array:
    longer = np.zeros(size, dtype=array.dtype)
    longer[:used] = array[:used]
    return longer
