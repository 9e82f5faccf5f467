"""What stands in a file that Kestra has exported: JSON documents, one a line or of many lines, or rows of a CSV.

A file with a document a line is read line by line, however long it is. Kestra's own CSV of executions (since 1.2) has in
its cells what Java prints of a map; of those, what is read here becomes what the same execution has as JSON.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final, TextIO

from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.resolve.flow_files import shown_path

MAX_CHARACTERS: Final = 512 * 1024 * 1024
"""Of one document: it is in memory as a whole."""

ONE_EXECUTION: Final = "an execution as Kestra's API gives it, a page of its search, or its CSV"

_FIRST_COLUMNS: Final = ("id", "namespace", "flowId")  # of every execution, and in this order
_PLAIN_COLUMNS: Final = ("originalId", "scheduleDate", "kind")  # what is read of the others, and is no map
_SPACE: Final = re.compile(r"\s*")
_JAVA_STATE: Final = re.compile(r"\{current=[A-Z_]+, histories=\[(?P<histories>.*?)\]")
_JAVA_HISTORY: Final = re.compile(r"\{state=(?P<state>[^,}]*), date=(?P<date>[^,}]*)\}")
_JAVA_TRIGGER: Final = re.compile(r"\{id=[^,}]*, type=(?P<type>[\w.$]+)[,}]")

Placed = tuple[Position, Any]
"""A document and the line on which it begins."""


def documents(path: Path) -> Iterator[Placed]:
    """Yield each document of a file. Raises BadInput for what is no text, no JSON and no CSV of executions."""
    shown = shown_path(path)
    if not path.is_file():
        raise _bad(Position(shown), "this is no regular file", "a file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _documents(stream, shown)
    except UnicodeDecodeError:
        raise _bad(Position(shown), "the file is not encoded in UTF-8", "UTF-8") from None
    except OSError as error:
        raise _bad(Position(shown), f"cannot be read ({error.strerror or error})") from None


def _documents(stream: TextIO, shown: str) -> Iterator[Placed]:
    for number, line in enumerate(iter(lambda: stream.readline(MAX_CHARACTERS), ""), start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            if set(_FIRST_COLUMNS) <= set(line.strip().split(",")):
                yield from _rows(stream, line.strip().split(","), shown, number)
            else:
                yield from _of_many_lines(line + stream.read(MAX_CHARACTERS), shown, number)
            return
        yield Position(shown, number), document


# --- JSON


def _of_many_lines(text: str, shown: str, first: int) -> Iterator[Placed]:
    """Yield the documents of a text whose lines are none: each may take several, or share one with the next."""
    if len(text) >= MAX_CHARACTERS:
        raise _bad(Position(shown, first), "this document is too large", "an execution a line, as JSON")
    decoder, at, line = json.JSONDecoder(), 0, first
    while (begin := _after_space(text, at)) < len(text):
        line += text.count("\n", at, begin)
        try:
            document, at = decoder.raw_decode(text, begin)
        except json.JSONDecodeError as error:
            where = Position(shown, first + error.lineno - 1, error.colno)
            raise _bad(where, f"this is not JSON ({error.msg})", ONE_EXECUTION) from None
        except (ValueError, RecursionError):
            raise _bad(Position(shown, line), "this is not JSON that can be read", ONE_EXECUTION) from None
        yield Position(shown, line), document
        line += text.count("\n", begin, at)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


# --- the CSV


def _rows(stream: TextIO, columns: list[str], shown: str, header: int) -> Iterator[Placed]:
    """Yield the rows of Kestra's CSV below its header, as objects."""
    rows = _parsed(stream)
    while True:
        number = header + rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise _bad(Position(shown, number), f"this is no CSV ({error})", ONE_EXECUTION) from None
        if row:
            yield Position(shown, number), _execution(row, columns)


def _parsed(stream: Iterable[str]) -> Any:
    csv.field_size_limit(MAX_CHARACTERS)  # one cell has all task runs of an execution
    return csv.reader(stream, strict=True)


def _execution(row: list[str], columns: list[str]) -> dict[str, Any]:
    """Return what is read of a row.

    The header has the columns of the first execution, and 1.x writes the cells of the others in their own order: only
    what every execution has stands where the header says it. State and trigger are known by how they look.
    """
    found: dict[str, Any] = {
        name: row[columns.index(name)] for name in _FIRST_COLUMNS if columns.index(name) < len(row)
    }
    if len(row) == len(columns):
        found |= {
            name: cell for name, cell in zip(columns, row, strict=True) if cell and name in _PLAIN_COLUMNS
        }
    for cell in row:
        if (state := _JAVA_STATE.match(cell)) is not None:
            pairs = _JAVA_HISTORY.finditer(state["histories"])
            found["state"] = {"histories": [pair.groupdict() for pair in pairs]}
        elif (trigger := _JAVA_TRIGGER.match(cell)) is not None:
            found["trigger"] = {"type": trigger["type"]}
    return found


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return the text of a CSV file with lines that end in a line feed."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _bad(position: Position, what: str, expected: str | None = None) -> BadInput:
    return BadInput([Problem(position, what, expected)])
