"""Writing a trace while a run goes on.

Writing a report down is on the path of every step, so it only keeps what it is given. Each few thousand reports are
packed into records at once, column by column, and with them the number of RUNNING and QUEUED executions after each.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import Kind, ReportFields
from flowconc.protocol.states import State
from flowconc.trace.trace import NOTHING, RECORD, STATE_CODES, Header, Trace

_BLOCK = 4096
"""So many reports are packed at once."""

_CODES: dict[object, int] = dict(STATE_CODES) | {None: NOTHING}
_VALUE_CODES = _CODES.get
"""Gives what stands for a state, or for nothing, in `before` and `after`; its second argument for a number."""

_NUMBERS: dict[int | None, int] = {None: -1}
_NONE = _NUMBERS.get
"""Gives -1 for None, and its second argument for a number."""

Records = npt.NDArray[np.void]


class _Strings(dict[str | None, int]):
    """A table of strings that gives each new one the next number; none is -1."""

    def __init__(self) -> None:
        super().__init__({None: -1})

    def __missing__(self, string: str) -> int:
        self[string] = code = len(self) - 1
        return code

    def strings(self) -> tuple[str, ...]:
        """Return the strings in the order of their numbers."""
        return tuple(string for string in self if string is not None)


class Recorder:
    """Collects reports in the order in which things happen. `length` is how many there are so far."""

    def __init__(self) -> None:
        self._flows = _Strings()
        self._actors = _Strings()
        self._details = _Strings()
        self._log = bytearray()
        self._levels = {State.RUNNING: _Levels(), State.QUEUED: _Levels()}
        self._reports: list[ReportFields] = []
        """All reports since the last block."""
        self._instants: list[int] = []
        """For each call since the last block: time, actor, cause of the first report, number of reports."""
        self.length = 0
        self.last_us = 0

    def record(self, t_us: int, actor: str, reports: Collection[ReportFields], cause: int = -1) -> int:
        """Write down what happened at one instant, each as the consequence of the one before it.

        `cause` is the number of the event that led to the first. Returns the number of the last.
        """
        count = len(reports)
        self._reports.extend(reports)
        self._instants += (t_us, self._actors[actor], cause, count)
        self.last_us = t_us
        self.length += count
        if len(self._reports) >= _BLOCK:
            self._pack()
        return self.length - 1

    def finish(self, header: Header, names: tuple[str, ...]) -> Trace:
        """Return the trace. `names[i]` is the name of the execution with number i."""
        self._pack()
        records = np.frombuffer(self._log, RECORD)  # no copy: the log is most of a run's memory
        return Trace(
            header,
            records,
            names=names,
            flows=self._flows.strings(),
            actors=self._actors.strings(),
            details=self._details.strings(),
        )

    def _pack(self) -> None:
        """Turn the reports since the last block into records."""
        if not self._reports:
            return
        size = len(self._reports)
        kinds, executions, flows, revisions, befores, afters, details = zip(*self._reports, strict=True)
        times_us, actors, causes, counts = np.array(self._instants, np.int64).reshape(-1, 4).T
        block = np.empty(size, RECORD)
        block["t_us"] = np.repeat(times_us, counts)
        block["actor"] = np.repeat(actors, counts)
        block["cause"] = np.arange(self.length - size - 1, self.length - 1)
        block["cause"][np.cumsum(counts) - counts] = causes
        block["kind"] = np.frombuffer(bytes(kinds), np.uint8)
        block["execution"] = np.fromiter(map(_NONE, executions, executions), np.int32, size)
        block["revision"] = np.fromiter(map(_NONE, revisions, revisions), np.int32, size)
        block["before"] = np.fromiter(map(_VALUE_CODES, befores, befores), np.int64, size)
        block["after"] = np.fromiter(map(_VALUE_CODES, afters, afters), np.int64, size)
        block["flow"] = np.fromiter(map(self._flows.__getitem__, flows), np.int16, size)
        block["detail"] = np.fromiter(map(self._details.__getitem__, details), np.int32, size)
        _fill_levels(block, self._levels)
        self._log += block.tobytes()
        self._reports.clear()
        self._instants.clear()


class _Levels(dict[int, int]):
    """How many executions of each flow, by its code, are in one state so far."""

    def __missing__(self, flow: int) -> int:
        return 0


def _fill_levels(block: Records, levels: dict[State, _Levels]) -> None:
    """Count, after each event, the executions of its flow that are RUNNING and QUEUED; -1 where there is no flow.

    `levels` has the counts before the block, and then those after it.
    """
    moves = np.isin(block["kind"], (Kind.STATE, Kind.DELETED))
    by_flow = np.argsort(block["flow"], kind="stable")
    flow = block["flow"][by_flow]
    starts = np.flatnonzero(np.diff(flow, prepend=-2))
    sizes = np.diff(starts, append=len(flow))
    for name, state in (("running", State.RUNNING), ("queued", State.QUEUED)):
        code, known = STATE_CODES[state], levels[state]
        change = moves * ((block["after"] == code).astype(np.int32) - (block["before"] == code))
        change = change[by_flow]
        total = np.cumsum(change, dtype=np.int64)
        flows = flow[starts].tolist()
        carried = np.array([known[each] for each in flows], dtype=np.int64)
        total += np.repeat(carried - (total[starts] - change[starts]), sizes)
        known.update(zip(flows, total[starts + sizes - 1].tolist(), strict=True))
        block[name][by_flow] = np.where(flow < 0, -1, total)
