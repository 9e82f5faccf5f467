"""What was measured elsewhere: CSV files of arrivals (`replay:`) and of durations (`empirical(file)`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from flowconc.scenario.document.values import MAX_COUNT
from flowconc.scenario.model import Recorded
from flowconc.scenario.problems import BadInput, Position, Problem, excerpt, nearest
from flowconc.scenario.resolve.flow_files import shown_path
from flowconc.scenario.source.text_file import read_text
from flowconc.scenario.wording import one_of

COLUMNS: Final = ("at_s", "duration_s", "source")
MAX_BYTES: Final = 64 * 1024 * 1024
MAX_SECONDS: Final = 10 * 366 * 86_400
MOST_PROBLEMS: Final = 20
"""Problems of one file that are listed; a file of another kind has one in every line."""

_FIELD: Final = re.compile(r'(\s*"(?:[^"]|"")*"\s*|[^,]*),')
_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}")


def read_arrivals(path: Path) -> Recorded:
    """Return the arrivals in the file at `path`, in order of time. Raises BadInput with the file's own lines."""
    shown = shown_path(path)
    rows = _rows(read_text(path, shown_as=shown, max_bytes=MAX_BYTES))
    try:
        number, header = next(rows)
    except StopIteration:
        raise BadInput(
            [Problem(Position(shown), "the file is empty", f"a header: {', '.join(COLUMNS)}")]
        ) from None
    columns = _columns(header, shown, number)
    problems: list[Problem] = []
    arrivals: list[tuple[int, int | None, str | None]] = []
    for number, fields in rows:
        row = _Row(fields, number, shown, len(columns), problems)
        arrivals.append(row.read(columns))
        if len(problems) >= MOST_PROBLEMS or len(arrivals) > MAX_COUNT:
            break
    if len(arrivals) > MAX_COUNT:
        problems.append(
            Problem(Position(shown, number), "there are too many arrivals", f"at most {MAX_COUNT:,}")
        )
    if problems:
        raise BadInput(problems)
    if not arrivals:
        raise BadInput(
            [Problem(Position(shown, number), "there are no arrivals below the header", "a line for each")]
        )
    arrivals.sort(key=lambda arrival: arrival[0])
    times_us, durations_us, sources = zip(*arrivals, strict=True)
    return Recorded(times_us, durations_us, sources)


def read_durations(path: Path) -> tuple[int, ...]:
    """Return the durations in the file at `path`, in microseconds: seconds, one a line.

    A header is needed only where there are other columns; the durations' is `duration_s`, and may be empty where it is
    not known. Raises BadInput with the file's own lines.
    """
    shown = shown_path(path)
    rows = list(_rows(read_text(path, shown_as=shown, max_bytes=MAX_BYTES)))
    names = [name for name, _ in rows[0][1]] if rows else []
    header = "duration_s" in names
    index, width = (names.index("duration_s"), len(names)) if header else (0, 1)
    problems: list[Problem] = []
    durations_us = [
        _Row(fields, number, shown, width, problems).seconds(index)
        for number, fields in rows[header : MAX_COUNT + 2]
        if width == 1 or len(fields) != width or fields[index][0]
    ]
    if not durations_us:
        problems.append(
            Problem(Position(shown), "there are no durations in this file", "one a line, in seconds")
        )
    if len(durations_us) > MAX_COUNT:
        problems.append(Problem(Position(shown), "there are too many durations", f"at most {MAX_COUNT:,}"))
    if problems:
        raise BadInput(problems[:MOST_PROBLEMS])
    return tuple(durations_us)


def _rows(text: str) -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """Yield the lines that are not blank, numbered: each field without its quotes, and its column."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, list(_fields(line.rstrip("\r")))


def _fields(line: str) -> Iterator[tuple[str, int]]:
    column = 1
    for field in _FIELD.findall(line + ","):
        leading = len(field) - len(field.lstrip())
        yield _unquoted(field.strip()), column + leading
        column += len(field) + 1


def _unquoted(field: str) -> str:
    if len(field) > 1 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field


def _columns(header: list[tuple[str, int]], shown: str, line: int) -> dict[str, int]:
    """Return the index of each column of the header, which is needed and may have any order."""
    columns: dict[str, int] = {}
    problems = []
    for index, (name, column) in enumerate(header):
        position = Position(shown, line, column)
        if name not in COLUMNS:
            problems.append(
                Problem(position, f"unknown column {excerpt(name)}", one_of(COLUMNS), nearest(name, COLUMNS))
            )
        elif name in columns:
            problems.append(Problem(position, f"the column {name} is there twice", "each once"))
        columns.setdefault(name, index)
    if "at_s" not in columns:
        problems.append(
            Problem(Position(shown, line), "the column at_s is missing", f"a header: {', '.join(COLUMNS)}")
        )
    if problems:
        raise BadInput(problems)
    return columns


class _Row:
    """One line below the header; what is wrong with it goes to `problems`."""

    def __init__(
        self, fields: list[tuple[str, int]], line: int, shown: str, width: int, problems: list[Problem]
    ) -> None:
        self._fields = fields
        self._line = line
        self._shown = shown
        self._problems = problems
        if len(fields) != width:
            self._complain(1, f"the line has {len(fields)} fields", f"{width}, as in the header")

    def read(self, columns: dict[str, int]) -> tuple[int, int | None, str | None]:
        """Return time and duration in microseconds, and the source."""
        duration_us = source = None
        if "duration_s" in columns and self._field(columns["duration_s"])[0]:
            duration_us = self.seconds(columns["duration_s"])
        if "source" in columns:
            source = self._field(columns["source"])[0] or None
        return self.seconds(columns["at_s"]), duration_us, source

    def seconds(self, index: int) -> int:
        """Return a field that is a number of seconds, in microseconds."""
        text, column = self._field(index)
        if _NUMBER.fullmatch(text) is None:
            self._complain(column, f"{excerpt(text)} is not a time in seconds", "a number such as 12.5")
            return 0
        seconds = Decimal(text)
        if seconds > MAX_SECONDS:
            self._complain(column, f"{text} seconds are too long", f"at most {MAX_SECONDS:,}")
        return int((seconds * 1_000_000).to_integral_value())

    def _field(self, index: int) -> tuple[str, int]:
        """Return a field and its column; one that the line lacks, which has been said, counts as zero."""
        return self._fields[index] if index < len(self._fields) else ("0", 1)

    def _complain(self, column: int, what: str, expected: str) -> None:
        self._problems.append(Problem(Position(self._shown, self._line, column), what, expected))
