"""Recordings: what the real engine did with a script, one JSON object a line.

The first line is a header, the last a summary with every execution's stored history; between them are the operations
as they were sent and what a poll of the engine's tables saw change. Times are milliseconds since the start, and
become microseconds here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flowconc.kestra.release import Release, parse_release
from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.resolve.flow_files import shown_path
from flowconc.scenario.source.text_file import read_text

LONGEST_MS: Final = 1e9
"""Milliseconds of a recording, eleven days: more is a mistake."""

Moment = tuple[str, int]
"""A state and when it was entered, in microseconds."""

_NANOSECONDS: Final = re.compile(r"(\.[0-9]{6})[0-9]*")


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """One task run: its attempts and its states."""

    task: str
    attempts: int
    history: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class RecordedExecution:
    """One execution as the summary has it. `parent` and `triggered_by` are names of the recording."""

    name: str
    flow: str
    revision: int
    history: tuple[Moment, ...]
    tasks: tuple[RecordedTask, ...]
    parent: str | None = None
    trigger: str | None = None
    trigger_date_us: int | None = None
    schedule_date_us: int | None = None  # when it was to start; on 2.0 also of schedules, where it is past
    triggered_by: str | None = None
    kind: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class SentOperation:
    """One operation as it was sent: when, and how the engine refused it, if it did."""

    verb: str
    t_us: int
    execution: str | None
    flow: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A state that a poll saw in an execution's stored history, at place `index` of it."""

    execution: str
    state: str
    index: int
    t_us: int
    seen_us: int


@dataclass(frozen=True, slots=True)
class Recording:
    """One trace of the real engine."""

    path: str
    script: str
    release: Release
    started: datetime
    startup_us: int  # how long the engine took to start, before the recording's time began
    ended: str  # `quiet`: nothing moved any more; `horizon`: time was up; `halt`: the process was ended
    end_us: int
    operations: tuple[SentOperation, ...]
    sightings: tuple[Sighting, ...]
    executions: Mapping[str, RecordedExecution]
    counters: Mapping[str, int]
    queues: Mapping[str, tuple[str, ...]]
    gone: tuple[str, ...]  # executions that were seen to disappear
    rewritten: tuple[str, ...]  # executions whose stored history was overwritten by an older copy
    logs: tuple[str, ...]


def sighted_in_order(recording: Recording) -> list[Sighting]:
    """Return what polls saw, in the order in which it was stored.

    That of the states' dates differs where an older copy was written over newer states.
    """
    rewritten = frozenset(recording.rewritten)
    return sorted(
        recording.sightings,
        key=lambda each: each.seen_us if each.execution in rewritten else each.t_us,
    )


def read_recording(path: Path) -> Recording:
    """Read a recording. Raises BadInput when it is none."""
    shown = shown_path(path)
    lines = list(_lines(read_text(path, shown_as=shown), shown))
    if not lines or lines[0].get("kind") != "header":
        raise _bad(shown, 1, "the recording has no header", '{"kind": "header", ...} in its first line')
    if lines[-1].get("kind") != "summary":
        raise _bad(
            shown, len(lines), "the recording has no summary", '{"kind": "summary", ...} in its last line'
        )
    try:
        return _recording(shown, lines)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        what = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
        raise _bad(shown, 1, f"this is not a recording of the engine ({what})") from None


def _lines(text: str, shown: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise _bad(shown, number, "this line is not JSON") from None
        if not isinstance(found, dict):
            raise _bad(shown, number, "this line is not a JSON object")
        yield found


def _bad(shown: str, line: int, what: str, expected: str | None = None) -> BadInput:
    return BadInput([Problem(Position(shown, line), what, expected)])


def _recording(shown: str, lines: list[dict[str, Any]]) -> Recording:
    header, summary = lines[0], lines[-1]
    of_kind: dict[str, list[dict[str, Any]]] = {}
    for line in lines[1:-1]:
        of_kind.setdefault(line["kind"], []).append(line)
    executions = {name: _execution(name, each) for name, each in summary["executions"].items()}
    return Recording(
        path=shown,
        script=str(header["script"]),
        release=parse_release(str(header["kestra"])),
        started=_instant(str(header["t0"])),
        startup_us=_us(header.get("startup_ms", 0)),
        ended=str(summary["ended"]),
        end_us=_us(summary["end_ms"]),
        operations=tuple(map(_operation, of_kind.get("op", ()))),
        sightings=tuple(map(_sighting, of_kind.get("state", ()))),
        executions=executions,
        counters={flow: int(counter) for flow, counter in summary["counters"].items()},
        queues={flow: tuple(names) for flow, names in summary["queues"].items()},
        gone=tuple(str(line["exec"]) for line in of_kind.get("gone", ())),
        rewritten=tuple(str(line["exec"]) for line in of_kind.get("history-rewritten", ())),
        logs=tuple(str(line.get("message", "")) for line in of_kind.get("log", ())),
    )


def _execution(name: str, line: dict[str, Any]) -> RecordedExecution:
    return RecordedExecution(
        name=name,
        flow=str(line["flow"]),
        revision=int(line["rev"]),
        history=_history(line["history"]),
        tasks=tuple(
            RecordedTask(str(task["task"]), int(task["attempts"]), _history(task["history"]))
            for task in line.get("tasks", ())
            if task["history"]
        ),
        parent=line.get("parent"),
        trigger=line.get("trigger"),
        trigger_date_us=_us_or_none(line.get("triggerDate")),
        schedule_date_us=_us_or_none(line.get("scheduleDate")),
        triggered_by=line.get("triggeredBy"),
        kind=line.get("kind"),
        deleted=bool(line.get("deleted", False)),
    )


def _operation(line: dict[str, Any]) -> SentOperation:
    return SentOperation(
        str(line["op"]), _us(line["t"]), line.get("exec"), line.get("flow"), line.get("error")
    )


def _sighting(line: dict[str, Any]) -> Sighting:
    return Sighting(
        str(line["exec"]),
        str(line["state"]),
        int(line["i"]),
        _us(line["t"]),
        _us(line.get("seen", line["t"])),
    )


def _history(pairs: list[list[Any]]) -> tuple[Moment, ...]:
    return tuple((str(state), _us(ms)) for state, ms in pairs)


def _us(ms: float) -> int:
    if not abs(ms) <= LONGEST_MS:
        raise ValueError(f"{ms} is no time in milliseconds")
    return round(ms * 1_000)


def _us_or_none(ms: float | None) -> int | None:
    return None if ms is None else _us(ms)


def _instant(text: str) -> datetime:
    """Read an ISO date, of which more than microseconds are dropped."""
    return datetime.fromisoformat(_NANOSECONDS.sub(r"\1", text).replace("Z", "+00:00"))
