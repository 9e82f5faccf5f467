r"""The canonical form of a trace: JSON Lines, the header first, then one event a line.

Pure ASCII, fixed order of keys, no spaces, `\n` at each line's end: the same trace is the same bytes everywhere.
`before` and `after` are names of states or numbers, as the table of `protocol.events` has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import TextIO

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import STATE_KINDS, Kind
from flowconc.trace.trace import NOTHING, RECORD, STATES, Event, Header, Trace

EVENT_KEYS = Event._fields
HEADER_KEYS = ("schema_version", *(field.name for field in fields(Header) if field.name != "schema_version"))

CHUNK = 65_536
"""Events turned into text or records at a time."""

_LINE = "{" + ",".join(f'"{key}":%s' for key in EVENT_KEYS) + "}\n"
_QUOTED_STATES = [f'"{state}"' for state in STATES]


def write_jsonl(trace: Trace, stream: TextIO) -> None:
    """Write `trace` to a text stream, a few thousand events at a time."""
    header = asdict(trace.header)
    stream.write(compact({key: header[key] for key in HEADER_KEYS}) + "\n")
    tables = {
        "execution": _quoted(trace.names),
        "flow": _quoted(trace.flows),
        "actor": _quoted(trace.actors),
        "detail": _quoted(trace.details),
    }
    for start in range(0, len(trace), CHUNK):
        stream.writelines(_lines(trace.records[start : start + CHUNK], start, tables))


def _lines(chunk: npt.NDArray[np.void], start: int, tables: dict[str, list[str]]) -> Iterator[str]:
    """Return the lines of one chunk of events, put together column by column."""
    columns = {column: chunk[column].tolist() for column in RECORD.names or ()}
    kinds = [compact(kind.name.lower()) for kind in Kind]
    of_states = [kind in STATE_KINDS for kind in columns["kind"]]
    texts = {column: map(table.__getitem__, columns[column]) for column, table in tables.items()}
    rows = zip(
        range(start, start + len(chunk)),
        columns["t_us"],
        texts["actor"],
        map(kinds.__getitem__, columns["kind"]),
        texts["execution"],
        texts["flow"],
        _nullable(columns["revision"]),
        _nullable(columns["cause"]),
        map(_value, columns["before"], of_states),
        map(_value, columns["after"], of_states),
        _nullable(columns["running"]),
        _nullable(columns["queued"]),
        texts["detail"],
        strict=True,
    )
    return map(_LINE.__mod__, rows)


def _nullable(numbers: list[int]) -> list[int | str]:
    return [number if number >= 0 else "null" for number in numbers]


def _value(code: int, is_state: bool) -> int | str:
    if code == NOTHING:
        return "null"
    return _QUOTED_STATES[code] if is_state else code


def _quoted(strings: tuple[str, ...]) -> list[str]:
    """Return each string as JSON, and null at the end, where index -1 finds it."""
    return [*(compact(string) for string in strings), "null"]


def compact(value: object) -> str:
    """Return a value as JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))
