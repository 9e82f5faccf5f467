"""Traces read back from JSON Lines: every line is looked at, and what is wrong is told by its line.

The form is that of `trace.jsonl`. Bad files end in BadInput, never in a trace that lacks something.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TextIO

import numpy as np
import numpy.typing as npt

from flowconc.protocol.events import STATE_KINDS, Kind
from flowconc.scenario.problems import BadInput, Position, Problem, nearest
from flowconc.trace.jsonl import CHUNK, EVENT_KEYS, HEADER_KEYS, compact
from flowconc.trace.trace import NOTHING, RECORD, SCHEMA_VERSION, STATE_CODES, Header, Trace

_LONGEST_LINE = 1_000_000
_MOST_PROBLEMS = 20
_LATEST_US = 2**62  # sums of two times still fit in 64 bits

_CODES = {str(state): code for state, code in STATE_CODES.items()}
_KNOWN = {keys: frozenset(keys) for keys in (EVENT_KEYS, HEADER_KEYS)}
_KINDS = {kind.name.lower(): kind for kind in Kind}
_REQUIRED: dict[Kind, tuple[str, ...]] = {
    Kind.FLOW_SAVED: ("flow",),
    Kind.FLOW_DELETED: ("flow",),
    Kind.CREATED: ("execution", "flow", "after"),
    Kind.STATE: ("execution", "flow", "after"),
    Kind.GATE: ("execution", "flow"),
    Kind.CLAIM: ("execution", "flow", "after"),
    Kind.RELEASE: ("execution", "flow", "after"),
    Kind.DELETED: ("execution", "flow"),
    Kind.FIRE: ("detail",),
    Kind.FIRE_SKIPPED: ("detail",),
    Kind.LOCK_WAIT: ("before",),
    Kind.TRANSACTION: ("before",),
}
"""What the tables and checks rely on; the rest of an event may be null."""


def read_jsonl(stream: TextIO, path: str) -> Trace:
    """Read a trace from a text stream; `path` is what messages call it.

    Raises BadInput with every problem of the file, up to a number after which the rest is not read.
    """
    reader = _Reader(path)
    try:
        for number, line in enumerate(_numbered(stream), 1):
            reader.take(number, line)
    except UnicodeDecodeError:
        reader.report(
            reader.line + 1, "the text is not UTF-8", "JSON Lines as `flowconc run --trace` writes them"
        )
    return reader.trace()


def _numbered(stream: TextIO) -> Iterator[str]:
    while line := stream.readline(_LONGEST_LINE + 1):
        yield line


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """One line cannot be used: what is wrong, what was expected, what may have been meant."""

    def __init__(self, what: str, expected: str | None = None, suggestion: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.suggestion = suggestion


class _Table(dict[str | None, int]):
    """The index of each string, in order of first appearance; None is -1."""

    def __init__(self, what: str, room: int) -> None:
        super().__init__({None: -1})
        self._what = what
        self._room = room

    def __missing__(self, string: str | None) -> int:
        _check_characters(string or "")
        index = len(self) - 1
        if index >= self._room:
            raise _Malformed(f"there are more than {self._room} different {self._what}")
        self[string] = index
        return index

    def strings(self) -> tuple[str, ...]:
        return tuple(string for string in self if string is not None)


class _Reader:
    """Takes the lines one by one and keeps what they say."""

    def __init__(self, path: str) -> None:
        self.line = 0
        self._path = path
        self._header: Header | None = None
        self._problems: list[Problem] = []
        self._rows: list[tuple[int, ...]] = []
        self._chunks: list[npt.NDArray[np.void]] = []
        self._seq = 0
        self._t_us = 0
        self._names = _Table("executions", 2**31 - 1)
        self._flows = _Table("flows", 2**15 - 1)
        self._actors = _Table("actors", 2**15 - 1)
        self._details = _Table("details", 2**31 - 1)

    def report(
        self, line: int, what: str, expected: str | None = None, suggestion: str | None = None
    ) -> None:
        """Note a problem; at the last one that fits, raise BadInput."""
        self._problems.append(Problem(Position(self._path, line), what, expected, suggestion))
        if len(self._problems) >= _MOST_PROBLEMS:
            self._give_up()

    def take(self, number: int, line: str) -> None:
        """Read one line, the first as the header."""
        self.line = number
        try:
            if self._header is None:
                self._header = _header(_parse(line))
            elif line.strip():
                self._rows.append(self._row(_parse(line)))
                self._seq += 1
        except _Malformed as problem:
            self.report(number, problem.what, problem.expected, problem.suggestion)
            if self._header is None or len(line) > _LONGEST_LINE:
                self._give_up()  # nothing after it can be understood
            self._seq += 1
        if len(self._rows) >= CHUNK:
            self._pack()

    def trace(self) -> Trace:
        """Return what was read. Raises BadInput."""
        if self._header is None:
            self.report(1, "the trace is empty", f"a header with schema_version {SCHEMA_VERSION}")
        if self._problems or self._header is None:
            self._give_up()
        self._pack()
        records = np.concatenate(self._chunks)
        return Trace(
            self._header,
            records,
            names=_by_creation(records, self._names.strings()),
            flows=self._flows.strings(),
            actors=self._actors.strings(),
            details=self._details.strings(),
        )

    def _give_up(self) -> NoReturn:
        raise BadInput(self._problems)

    def _pack(self) -> None:
        self._chunks.append(np.array(self._rows, dtype=RECORD))
        self._rows.clear()

    def _row(self, event: dict[str, Any]) -> tuple[int, ...]:
        """Return one event as a record."""
        _check_keys(event, EVENT_KEYS)
        kind = _kind(event["kind"])
        for key in _REQUIRED.get(kind, ()):
            if event[key] is None:
                raise _Malformed(f"{key!r} is null in an event of kind {event['kind']!r}")
        seq = _count(event, "seq", 2**31 - 1)
        if seq != self._seq:
            raise _Malformed(f"'seq' is {seq}", f"{self._seq}, the number of events before it")
        t_us = _count(event, "t_us", _LATEST_US)
        if t_us < self._t_us:
            raise _Malformed(f"'t_us' goes back to {t_us}", f"{self._t_us} or later")
        self._t_us = t_us
        value = _state if kind in STATE_KINDS else _number
        return (
            t_us,
            value(event, "before"),
            value(event, "after"),
            _index(event, "cause_seq", seq - 1),
            self._names[_text(event, "execution")],
            _index(event, "revision"),
            _index(event, "running"),
            _index(event, "queued"),
            self._details[_text(event, "detail")],
            self._flows[_text(event, "flow")],
            self._actors[_text(event, "actor", nullable=False)],
            int(kind),
        )


def _by_creation(records: npt.NDArray[np.void], names: tuple[str, ...]) -> tuple[str, ...]:
    """Renumber the executions of `records` in order of creation and return their names in that order.

    While reading they were numbered in order of appearance, which is another where an event speaks of one before
    it is created.
    """
    created = records["execution"][records["kind"] == Kind.CREATED]
    rank = np.full(len(names), len(names), dtype=np.int64)
    rank[created[::-1]] = np.arange(len(created))[::-1]
    order = np.argsort(rank, kind="stable")
    number = np.full(len(names) + 1, -1, dtype=np.int32)  # at the end: where -1 finds it
    number[order] = np.arange(len(names))
    records["execution"] = number[records["execution"]]
    return tuple(names[index] for index in order.tolist())


# --- the parts of a line ------------------------------------------------------------------------------------


def _parse(line: str) -> dict[str, Any]:
    if len(line) > _LONGEST_LINE:
        raise _Malformed("the line is too long", f"at most {_LONGEST_LINE} characters")
    try:
        parsed = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else "a value is beyond any range"
        raise _Malformed(f"the line is not JSON: {what}", "one JSON object a line") from None
    if not isinstance(parsed, dict):
        raise _Malformed("the line is not a JSON object", "one JSON object a line")
    return parsed


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _header(line: dict[str, Any]) -> Header:
    if "schema_version" not in line:
        raise _Malformed("the first line has no 'schema_version'", "the header of a trace")
    if line["schema_version"] != SCHEMA_VERSION or type(line["schema_version"]) is not int:
        raise _Malformed(f"schema_version is {_short(line['schema_version'])}", str(SCHEMA_VERSION))
    _check_keys(line, HEADER_KEYS)
    return Header(**{key: _HEADER_VALUES[key](line, key) for key in HEADER_KEYS})


def _check_keys(line: dict[str, Any], known: tuple[str, ...]) -> None:
    if line.keys() == _KNOWN[known]:
        return
    missing = [key for key in known if key not in line]
    unknown = [key for key in line if key not in known]
    if unknown:
        raise _Malformed(
            f"unknown key {_short(unknown[0])}", suggestion=nearest(unknown[0][:100], missing or known)
        )
    raise _Malformed(f"the key {missing[0]!r} is missing")


def _kind(name: object) -> Kind:
    if isinstance(name, str) and name in _KINDS:
        return _KINDS[name]
    suggestion = nearest(name[:100], _KINDS) if isinstance(name, str) else None
    raise _Malformed(f"unknown kind {_short(name)}", suggestion=suggestion)


def _text(line: dict[str, Any], key: str, *, nullable: bool = True) -> str | None:
    value = line[key]
    if isinstance(value, str) or (nullable and value is None):
        return value
    raise _Malformed(f"{key!r} is {_short(value)}", "a string or null" if nullable else "a string")


def _count(line: dict[str, Any], key: str, most: int) -> int:
    value = line[key]
    if type(value) is int and 0 <= value <= most:
        return value
    raise _Malformed(f"{key!r} is {_short(value)}", f"a whole number from 0 to {most}")


def _index(line: dict[str, Any], key: str, most: int = 2**31 - 1) -> int:
    return -1 if line[key] is None else _count(line, key, most)


def _number(line: dict[str, Any], key: str) -> int:
    value = line[key]
    if value is None:
        return NOTHING
    if type(value) is int and abs(value) <= _LATEST_US:
        return value
    raise _Malformed(f"{key!r} is {_short(value)}", "a whole number or null")


def _state(line: dict[str, Any], key: str) -> int:
    value = line[key]
    if value is None:
        return NOTHING
    if isinstance(value, str) and value in _CODES:
        return _CODES[value]
    suggestion = nearest(value[:100], _CODES) if isinstance(value, str) else None
    raise _Malformed(f"{key!r} is {_short(value)}", "a state or null", suggestion)


def _short(value: object) -> str:
    """Return a value of the file as a message can show it."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    text = compact(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _check_characters(string: str) -> None:
    """Refuse half a character (a lone surrogate), which JSON can escape but no file can hold."""
    try:
        string.encode()
    except UnicodeEncodeError:
        raise _Malformed(f"{_short(string)} has half a character in it") from None


def _header_text(line: dict[str, Any], key: str) -> str | None:
    text = _text(line, key, nullable=False)
    _check_characters(text or "")
    return text


def _whole(line: dict[str, Any], key: str) -> int:
    return _count(line, key, 2**63 - 1)


def _whole_or_null(line: dict[str, Any], key: str) -> int | None:
    return None if line[key] is None else _whole(line, key)


_HEADER_VALUES: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "schema_version": _whole,
    "scenario": _header_text,
    "semantics": _header_text,
    "seed": _whole,
    "replication": _whole,
    "flowconc_version": _header_text,
    "clock_start": _header_text,
    "warmup_us": _whole,
    "until_us": _whole_or_null,
    "connections": _whole_or_null,
    "worker_threads": _whole_or_null,
}
