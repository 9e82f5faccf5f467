"""The trace of one run: a header and an event log, held as packed records and read as plain events.

The meaning of each kind is the table of `protocol.events`. The log is numpy data so that a million executions
fit in memory; `Trace.events` decodes it for the checks, one event at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import STATE_KINDS, Kind
from flowconc.protocol.states import State
from flowconc.scenario.semantics import version_of

SCHEMA_VERSION = 1

RECORD = np.dtype(
    [
        ("t_us", "<i8"),
        ("before", "<i8"),
        ("after", "<i8"),
        ("cause", "<i4"),
        ("execution", "<i4"),
        ("revision", "<i4"),
        ("running", "<i4"),
        ("queued", "<i4"),
        ("detail", "<i4"),
        ("flow", "<i2"),
        ("actor", "<i2"),
        ("kind", "u1"),
    ]
)
"""One event: 53 bytes. `flow`, `actor` and `detail` index string tables; -1 is none. The sequence number is the row."""

DECODED_AT_ONCE = 65_536
"""Events turned into Python objects at a time: as such they take ten times the memory of their records."""

NOTHING = -(2**63)
"""`before` and `after` where there is none."""

STATES: tuple[State, ...] = tuple(State)
STATE_CODES: dict[State, int] = {state: code for code, state in enumerate(STATES)}


class Event(NamedTuple):
    """One line of the trace. `running` and `queued` count the flow's executions in that state after the event."""

    seq: int
    t_us: int
    actor: str
    kind: Kind
    execution: str | None
    flow: str | None
    revision: int | None
    cause_seq: int | None
    before: State | int | None
    after: State | int | None
    running: int | None
    queued: int | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """What the run was: enough to repeat it and to read the rest."""

    scenario: str
    semantics: str
    seed: int
    replication: int
    flowconc_version: str
    clock_start: str
    warmup_us: int = 0
    until_us: int | None = None
    connections: int | None = None  # of the database, for its utilization; None when it takes no time
    worker_threads: int | None = None
    schema_version: int = SCHEMA_VERSION

    @property
    def is_documented(self) -> bool:
        """Say whether the run kept the documentation's contract, with a fault in it or not; else it is an engine's."""
        return version_of(self.semantics) is None


class Trace:
    """A finished event log.

    `records` is a structured array of dtype RECORD, one row an event, in order; `names[i]` is the name of the
    i-th execution created; `flows`, `actors`, `details` are the string tables.
    """

    def __init__(
        self,
        header: Header,
        records: npt.NDArray[np.void],
        *,
        names: tuple[str, ...],
        flows: tuple[str, ...],
        actors: tuple[str, ...],
        details: tuple[str, ...],
    ) -> None:
        self.header = header
        self.records = records
        self.names = names
        self.flows = flows
        self.actors = actors
        self.details = details

    def __len__(self) -> int:
        return len(self.records)

    @property
    def end_us(self) -> int:
        """When the last event happened, in microseconds."""
        return int(self.records["t_us"][-1]) if len(self.records) else 0

    def sha256(self) -> str:
        """Return a fingerprint of header, names and log, in hexadecimal: two runs are the same if it is."""
        digest = hashlib.sha256(self.records.tobytes())
        digest.update(repr((self.header, self.names, self.flows, self.actors, self.details)).encode())
        return digest.hexdigest()

    def events(self, start: int = 0, stop: int | None = None) -> Iterator[Event]:
        """Yield the events from sequence number `start` up to `stop` (excluded), decoded."""
        stop = len(self.records) if stop is None else min(stop, len(self.records))
        for first in range(start, stop, DECODED_AT_ONCE):
            records = self.records[first : min(first + DECODED_AT_ONCE, stop)].tolist()
            for seq, record in enumerate(records, first):
                yield self._decode(seq, record)

    def event(self, seq: int) -> Event:
        """Return the event with sequence number `seq`."""
        return self._decode(seq, self.records[seq].tolist())

    def _decode(self, seq: int, record: tuple[int, ...]) -> Event:
        t_us, before, after, cause, execution, revision, running, queued, detail, flow, actor, code = record
        kind = Kind(code)
        of_states = kind in STATE_KINDS
        return Event(
            seq,
            t_us,
            self.actors[actor],
            kind,
            None if execution < 0 else self.names[execution],
            None if flow < 0 else self.flows[flow],
            None if revision < 0 else revision,
            None if cause < 0 else cause,
            _value(before, of_states),
            _value(after, of_states),
            None if running < 0 else running,
            None if queued < 0 else queued,
            None if detail < 0 else self.details[detail],
        )


def _value(code: int, is_state: bool) -> State | int | None:
    if code == NOTHING:
        return None
    return STATES[code] if is_state else code
