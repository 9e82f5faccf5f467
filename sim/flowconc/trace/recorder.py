"""Writing a trace while a run goes on: each report becomes one packed record."""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

import numpy as np

from flowconc.protocol.events import Kind, ReportFields
from flowconc.protocol.states import State
from flowconc.trace.trace import NOTHING, RECORD, STATE_CODES, Header, Trace

_PACK = Struct("<qqqiiiiiihhB").pack
assert Struct("<qqqiiiiiihhB").size == RECORD.itemsize

_CODES: dict[object, int] = dict(STATE_CODES) | {None: NOTHING}
"""What stands for a state, or for nothing, in `before` and `after`; numbers stand for themselves."""

_STATE, _DELETED = Kind.STATE, Kind.DELETED
_RUNNING, _QUEUED = State.RUNNING, State.QUEUED


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


class _Flows(dict[str | None, list[int]]):
    """Per flow: its number, and how many of its executions are RUNNING and QUEUED."""

    def __init__(self) -> None:
        super().__init__({None: [-1, -1, -1]})

    def __missing__(self, flow: str) -> list[int]:
        self[flow] = levels = [len(self) - 1, 0, 0]
        return levels


class Recorder:
    """Collects reports in the order in which things happen, and adds what the reports do not know.

    That is time, actor, cause, and the number of RUNNING and QUEUED executions of the flow after the event.
    """

    __slots__ = ("_actors", "_details", "_flows", "_log", "last_us", "length")

    def __init__(self) -> None:
        self._log = bytearray()
        self._flows = _Flows()
        self._actors = _Strings()
        self._details = _Strings()
        self.length = 0
        self.last_us = 0

    def record(self, t_us: int, actor: str, reports: Iterable[ReportFields], cause: int = -1) -> int:
        """Write down what happened at one instant, each as the consequence of the one before it.

        `cause` is the number of the event that led to the first. Returns the number of the last.
        """
        log, flows, details, code_of = self._log, self._flows, self._details, _CODES.get
        actor_code = self._actors[actor]
        for kind, execution, flow, revision, before, after, detail in reports:
            levels = flows[flow]
            if kind is _STATE or kind is _DELETED:
                if before is _RUNNING:
                    levels[1] -= 1
                elif before is _QUEUED:
                    levels[2] -= 1
                if after is _RUNNING:
                    levels[1] += 1
                elif after is _QUEUED:
                    levels[2] += 1
            flow_code, running, queued = levels
            log += _PACK(
                t_us,
                code_of(before, before),
                code_of(after, after),
                cause,
                -1 if execution is None else execution,
                -1 if revision is None else revision,
                running,
                queued,
                details[detail],
                flow_code,
                actor_code,
                kind,
            )
            cause = self.length
            self.length = cause + 1
        self.last_us = t_us
        return cause

    def finish(self, header: Header, names: tuple[str, ...]) -> Trace:
        """Return the trace. `names[i]` is the name of the execution with number i."""
        records = np.frombuffer(bytes(self._log), dtype=RECORD)
        return Trace(
            header,
            records,
            names=names,
            flows=tuple(flow for flow in self._flows if flow is not None),
            actors=self._actors.strings(),
            details=self._details.strings(),
        )
