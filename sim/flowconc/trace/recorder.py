"""Writing a trace while a run goes on: each report becomes one packed record."""

from __future__ import annotations

from struct import Struct

import numpy as np

from flowconc.protocol.events import Kind, ReportFields
from flowconc.protocol.states import State
from flowconc.trace.trace import NOTHING, RECORD, STATE_CODES, Header, Trace

_PACK = Struct("<qqqiiiiiihhB").pack
assert Struct("<qqqiiiiiihhB").size == RECORD.itemsize

_CODES: dict[object, int] = dict(STATE_CODES) | {None: NOTHING}
"""What stands for a state, or for nothing, in `before` and `after`; numbers stand for themselves."""

_NO_FLOW = [-1, -1, -1]
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

    __slots__ = ("_actors", "_details", "_flows", "_log", "last_us", "length")

    def __init__(self) -> None:
        self._log = bytearray()
        self._flows: dict[str, list[int]] = {}
        """Per flow: its code, and how many of its executions are RUNNING and QUEUED."""
        self._actors = _Strings()
        self._details = _Strings()
        self.length = 0
        self.last_us = 0

    def record(self, t_us: int, actor: str, report: ReportFields, cause: int = -1) -> int:
        """Write one event down and return its sequence number. `cause` is the number of the one that led to it."""
        kind, execution, flow, revision, before, after, detail = report
        levels = _NO_FLOW if flow is None else self._flows.get(flow) or self._new_flow(flow)
        if kind is _STATE or kind is _DELETED:
            if before is _RUNNING:
                levels[1] -= 1
            elif before is _QUEUED:
                levels[2] -= 1
            if after is _RUNNING:
                levels[1] += 1
            elif after is _QUEUED:
                levels[2] += 1
        code, running, queued = levels
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
            code,
            self._actors[actor],
            kind,
        )
        self.last_us = t_us
        self.length = seq = self.length + 1
        return seq - 1

    def _new_flow(self, flow: str) -> list[int]:
        levels = self._flows[flow] = [len(self._flows), 0, 0]
        return levels

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
