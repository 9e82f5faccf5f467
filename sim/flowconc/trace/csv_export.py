"""The tables of a trace as CSV, for spreadsheets and data frames.

Columns are those of `tables`; times are microseconds, states their names; a time that never came, an absent text
and the limit of an unlimited flow are empty.
"""

from __future__ import annotations

import csv
from dataclasses import fields
from typing import TextIO

from flowconc.trace.tables import ExecutionsTable, SlotsTable, executions_table, slots_table
from flowconc.trace.trace import STATES, Trace

_OF_STATES = frozenset({"final", "state"})
_CHUNK = 65_536  # rows turned into text at a time


def write_executions_csv(trace: Trace, stream: TextIO) -> None:
    """Write one line an execution; open `stream` with `newline=""`."""
    _write(executions_table(trace), stream)


def write_slots_csv(trace: Trace, stream: TextIO) -> None:
    """Write one line for each change of a flow's slots; open `stream` with `newline=""`."""
    _write(slots_table(trace), stream)


def _write(table: ExecutionsTable | SlotsTable, stream: TextIO) -> None:
    columns = [field.name for field in fields(table)]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for start in range(0, len(table), _CHUNK):
        chunk = (getattr(table, column)[start : start + _CHUNK].tolist() for column in columns)
        cells = (_cells(column, values) for column, values in zip(columns, chunk, strict=True))
        writer.writerows(zip(*cells, strict=True))


def _cells(column: str, values: list[object]) -> list[object]:
    if column in _OF_STATES:
        return [STATES[code] if isinstance(code, int) and code >= 0 else "" for code in values]
    return ["" if value is None or value == -1 else _flag(value) for value in values]


def _flag(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
