"""Executions that a Kestra server has exported: what of them is needed to let them arrive once more.

The same fields serve from 0.2x to 2.0: `id`, `namespace`, `flowId`, `state.histories` with `state` and `date` each,
`trigger.type`, and where they are there `originalId`, `scheduleDate`, `kind` and the states in `taskRunList`. A page of
the API's search has the executions under `results`, and under `total` how many the search has found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from flowconc.kestra.documents import ONE_EXECUTION, documents
from flowconc.kestra.recording import Moment
from flowconc.scenario.flow import TriggerKind
from flowconc.scenario.kestra_flow.kestra_types import task_type, trigger_type
from flowconc.scenario.problems import BadInput, Position, Problem, excerpt
from flowconc.scenario.wording import describe

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST_PROBLEMS: Final = 20
"""Problems that are listed; a file of another kind has one in every object."""

API: Final = "api"  # of the UI, too: an execution does not tell them apart
SUBFLOW: Final = "subflow"
REPLAY: Final = "replay"  # of an execution that repeats another: also the retry of a flow
PASS: Final = "LOOP"  # noqa: S105 - the kind of an execution that is a pass of a Loop task

_A_DATE: Final = "a date such as 2026-11-16T08:00:00.123Z"
_INSTANT: Final = re.compile(
    r"(?P<until_seconds>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)(?:\[[\w/+-]+\])?",
    re.ASCII,
)
_STATE: Final = re.compile(r"[A-Z_]{1,40}")
_CALLS: Final = "flow."  # tasks that start executions of flows are in this group
_KINDS: Final = {
    "trigger.Schedule": TriggerKind.SCHEDULE,
    "trigger.ScheduleOnDates": TriggerKind.SCHEDULE,
    "trigger.Webhook": TriggerKind.WEBHOOK,
    "trigger.McpToolTrigger": TriggerKind.WEBHOOK,
    "trigger.Flow": TriggerKind.FLOW,
}


@dataclass(frozen=True, slots=True)
class Exported:
    """One execution. Times are microseconds since 1970."""

    id: str
    flow: str  # namespace.id
    history: tuple[Moment, ...]
    source: str
    repeats: bool = False  # it is a replay of another one, or its retry
    due_us: int | None = None  # when it was to start, if that was said
    worked_until_us: int | None = None  # when its last task run changed last, if the export has task runs
    is_pass: bool = False


@dataclass(slots=True)
class Export:
    """Everything that some files hold."""

    executions: dict[str, Exported] = field(default_factory=dict)
    repeated: int = 0  # times that an execution was there once more
    found: int = 0  # what searches say that they have found

    def add(self, execution: Exported) -> None:
        """Enter an execution; of one that was exported twice, the longer history stays."""
        known = self.executions.get(execution.id)
        self.repeated += known is not None
        if known is None or len(known.history) < len(execution.history):
            self.executions[execution.id] = execution


def read_exports(paths: Iterable[Path]) -> Export:
    """Return every execution in the files, each once. Raises BadInput with what could not be read."""
    export, problems = Export(), list[Problem]()
    for path in paths:
        for position, document in documents(path):
            _read(document, position, export, problems)
            if len(problems) >= MOST_PROBLEMS:
                raise BadInput(problems)
    if problems:
        raise BadInput(problems)
    return export


def instant_us(text: str) -> int | None:
    """Return an ISO date with an offset in microseconds since 1970, of which nanoseconds are dropped; None if it is none."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    try:
        whole = datetime.fromisoformat(match["until_seconds"] + match["offset"])
    except ValueError:
        return None
    return (whole - EPOCH) // timedelta(microseconds=1) + int((match["fraction"] or "").ljust(6, "0")[:6])


def _read(document: Any, position: Position, export: Export, problems: list[Problem]) -> None:
    for where, item in _items(document, export):
        if len(problems) >= MOST_PROBLEMS:
            return
        reader = _Reader(item, where, position, problems)
        execution = reader.execution()
        if execution is not None:
            export.add(execution)


def _items(document: Any, export: Export) -> Iterator[tuple[str, Any]]:
    """Yield what should be executions of a document, and where in it each stands."""
    if isinstance(document, list):
        yield from ((f"[{index}]", item) for index, item in enumerate(document))
    elif isinstance(document, dict) and isinstance(document.get("results"), list):
        total = document.get("total")
        if isinstance(total, int):
            export.found = max(export.found, total)
        yield from ((f"results[{index}]", item) for index, item in enumerate(document["results"]))
    else:
        yield "", document


def source_of(trigger: str | None) -> str:
    """Return a label for what made an execution, from the type that it has under `trigger`."""
    if trigger is None:
        return API
    kind = trigger_type(trigger)
    if kind is not None and kind.core in _KINDS:
        return str(_KINDS[kind.core].value)
    task = task_type(trigger.partition("$")[0])
    if task is not None and (task.core or "").startswith(_CALLS):
        return SUBFLOW
    realtime = "Realtime" in trigger.rpartition(".")[2]
    return str((TriggerKind.REALTIME if realtime else TriggerKind.POLLING).value)


class _Reader:
    """One execution; what is wrong with it goes to `problems`."""

    def __init__(self, item: Any, where: str, position: Position, problems: list[Problem]) -> None:
        self._item = item
        self._where = where
        self._position = position
        self._problems = problems
        self._wrong = False

    def execution(self) -> Exported | None:
        """Return the execution, or None when the problems say what is wrong with it."""
        item = self._item
        if not isinstance(item, dict) or not {"id", "flowId", "state"} & item.keys():
            self._complain("", f"is {_shown(item)}, no execution", ONE_EXECUTION)
            return None
        name, namespace, flow = (self._text(item, key, key) for key in ("id", "namespace", "flowId"))
        history = self._history(item.get("state"), "state")
        runs = self._runs(item.get("taskRunList"))
        due = item.get("scheduleDate")
        due_us = None if due is None else self._instant(item, "scheduleDate", "scheduleDate")
        trigger = item.get("trigger")
        kind = self._text(trigger, "type", "trigger.type") if trigger is not None else None
        repeats = item.get("originalId") not in (None, name)
        if self._wrong:
            return None
        return Exported(
            id=name,
            flow=f"{namespace}.{flow}",
            history=history,
            source=REPLAY if repeats else source_of(kind),
            repeats=repeats,
            due_us=due_us,
            worked_until_us=max((run[-1][1] for run in runs if run), default=None),
            is_pass=item.get("kind") == PASS,
        )

    def _runs(self, runs: Any) -> list[tuple[Moment, ...]]:
        if runs is None:
            return []
        if not isinstance(runs, list):
            self._complain("taskRunList", f"is {describe(runs)}", "a list")
            return []
        states = [run.get("state") if isinstance(run, dict) else None for run in runs]
        return [self._history(state, f"taskRunList[{index}].state") for index, state in enumerate(states)]

    def _history(self, state: Any, shown: str) -> tuple[Moment, ...]:
        histories = state.get("histories") if isinstance(state, dict) else None
        if not isinstance(histories, list) or not histories:
            self._complain(f"{shown}.histories", _lack(histories), "its states and dates")
            return ()
        moments = []
        for index, moment in enumerate(histories):
            at = f"{shown}.histories[{index}]"
            name = self._text(moment, "state", f"{at}.state")
            if name and not _STATE.fullmatch(name):
                self._complain(f"{at}.state", f"is {excerpt(name)}, no state", "for instance RUNNING")
            moments.append((name, self._instant(moment, "date", f"{at}.date")))
        return tuple(moments)

    def _instant(self, mapping: Any, key: str, shown: str) -> int:
        text = self._text(mapping, key, shown)
        at_us = instant_us(text)
        if text and at_us is None:
            self._complain(shown, f"is {excerpt(text)}, no date with an offset", _A_DATE)
        return 0 if at_us is None else at_us

    def _text(self, mapping: Any, key: str, shown: str) -> str:
        value = mapping.get(key) if isinstance(mapping, Mapping) else None
        if isinstance(value, str) and value:
            return value
        self._complain(shown, _lack(value), "a text")
        return ""

    def _complain(self, shown: str, what: str, expected: str) -> None:
        self._wrong = True
        path = ".".join(part for part in (self._where, shown) if part)
        self._problems.append(Problem(self._position, f"{path or 'this'} {what}", expected))


def _lack(value: Any) -> str:
    if value is None:
        return "is missing"
    return f"is {describe(value)}" if value else "is empty"


def _shown(item: Any) -> str:
    if isinstance(item, dict):
        keys = ", ".join(str(key) for key in list(item)[:5])
        return f"an object with {excerpt(keys)}" if item else "an empty object"
    return describe(item)
