"""Writing a trace while a run goes on: each report becomes one packed record."""

from __future__ import annotations

from struct import Struct

import numpy as np

from flowconc.protocol.events import Kind, Report
from flowconc.protocol.states import State
from flowconc.trace.trace import NOTHING, RECORD, STATE_CODES, Header, Trace

_PACK = Struct("<qqqiiiiiihhB").pack
assert Struct("<qqqiiiiiihhB").size == RECORD.itemsize

_CODES: dict[object, int] = {None: NOTHING, **STATE_CODES}
"""What stands for a state, or for nothing, in `before` and `after`; numbers stand for themselves."""

_STATE, _DELETED = Kind.STATE, Kind.DELETED
_RUNNING, _QUEUED = State.RUNNING, State.QUEUED


class _Strings(dict[str, int]):
    """A table of strings that gives each new one the next number."""

    def __missing__(self, string: str) -> int:
        self[string] = code = len(self)
        return code


class Recorder:
    """Collects reports in the order in which things happen, and adds what the reports do not know.

    That is time, actor, cause, and the number of RUNNING and QUEUED executions of the flow after the event.
    """

    def __init__(self) -> None:
        self._log = bytearray()
        self._flows = _Strings()
        self._actors = _Strings()
        self._details = _Strings()
        self._levels: dict[str, list[int]] = {}
        self.length = 0
        self.last_us = 0

    def record(self, t_us: int, actor: str, report: Report, cause: int = -1) -> int:
        """Write one event down and return its sequence number. `cause` is the number of the one that led to it."""
        kind, execution, flow, revision, before, after, detail = report
        if flow is None:
            flow_code, running, queued = -1, -1, -1
        else:
            flow_code = self._flows[flow]
            levels = self._levels.get(flow)
            if levels is None:
                levels = self._levels[flow] = [0, 0]
            if kind is _STATE or kind is _DELETED:
                if before is _RUNNING:
                    levels[0] -= 1
                elif before is _QUEUED:
                    levels[1] -= 1
                if after is _RUNNING:
                    levels[0] += 1
                elif after is _QUEUED:
                    levels[1] += 1
            running, queued = levels
        self._log += _PACK(
            t_us,
            _CODES.get(before, before),
            _CODES.get(after, after),
            cause,
            -1 if execution is None else execution,
            -1 if revision is None else revision,
            running,
            queued,
            -1 if detail is None else self._details[detail],
            flow_code,
            self._actors[actor],
            kind,
        )
        self.last_us = t_us
        self.length += 1
        return self.length - 1

    def finish(self, header: Header, names: tuple[str, ...]) -> Trace:
        """Return the trace. `names[i]` is the name of the execution with number i."""
        records = np.frombuffer(bytes(self._log), dtype=RECORD)
        return Trace(
            header,
            records,
            names=names,
            flows=tuple(self._flows),
            actors=tuple(self._actors),
            details=tuple(self._details),
        )
