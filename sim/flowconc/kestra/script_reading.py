"""Scripts: flows and timed operations that were run on the real engine, one script for all its versions.

A script is YAML. A line that ends in `# only: CONDITION` is there for some versions of Kestra only. Times are in
seconds from the start. `count` and `every` repeat an operation: the labels of its executions are then numbered from 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from flowconc.kestra.release import Release
from flowconc.kestra.script import FlowText, Operation, Script
from flowconc.scenario.kestra_flow.jackson import KESTRA
from flowconc.scenario.problems import BadInput, Position, Problem, Severity, excerpt, nearest
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flow_files import shown_path
from flowconc.scenario.source.text_file import read_text
from flowconc.scenario.source.yaml_document import Document, Loc
from flowconc.scenario.source.yaml_source import documents
from flowconc.scenario.wording import describe, one_of

MOST_REPEATED: Final = 100_000
"""Times that one operation may be repeated."""

LONGEST_S: Final = 1e6
"""Seconds of a script, eleven days: more is a mistake."""

_ONLY: Final = re.compile(r"\s*#\s*only:(?P<condition>.*)$")
_KEYS: Final = frozenset(
    [
        "title",
        "description",
        "horizon",
        "min",
        "quiet",
        "warmup",
        "versions",
        "properties",
        "flows",
        "ops",
        "ops_after",
    ]
)


@dataclass(frozen=True, slots=True)
class _Form:
    """What goes with a verb: `needs` one of each group of keys, `may` have others."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


_FORMS: Final[Mapping[str, _Form]] = {
    "trigger": _Form(("flow",), ("as", "inputs", "labels", "scheduleIn")),
    "kill": _Form(("exec",)),
    "kill-all": _Form((), ("flow",)),
    "pause": _Form(("exec",)),
    "resume": _Form(("exec",)),
    "restart": _Form(("exec",), ("task",)),
    "replay": _Form(("exec",), ("task", "as")),
    "force-run": _Form(("exec",)),
    "unqueue": _Form(("exec",), ("state",)),
    "change-status": _Form(("exec", "state")),
    "delete": _Form(("exec",)),
    "purge": _Form(("flow",), ("states", "noEnd")),
    "set-counter": _Form(("flow", "running")),
    "save-flow": _Form(("source",)),
    "delete-flow": _Form(("flow",)),
    "disable-trigger": _Form(("flow", "trigger")),
    "enable-trigger": _Form(("flow", "trigger")),
    "note": _Form((), ("text",)),
}
_OTHER_NAMES: Final = {
    "execute": "trigger",
    "run": "trigger",
    "force_run": "force-run",
    "create-flow": "save-flow",
    "update-flow": "save-flow",
    "edit-flow": "save-flow",
    "status": "change-status",
    "counter": "set-counter",
}
_OTHER_KEYS: Final = {
    "execution": "exec",
    "label": "as",
    "to": "state",
    "status": "state",
    "from": "task",
    "schedule-in": "scheduleIn",
    "no-end": "noEnd",
    "value": "running",
    "info": "text",
}
_OF_EVERY: Final = ("at", "op", "count", "every")
_FREE: Final = frozenset({"text", "labels", "note", "comment"})


def read_script(path: Path, release: Release) -> Script | None:
    """Read a script for one version of Kestra; None when it is not for that version.

    Raises BadInput with every problem in it.
    """
    shown = shown_path(path)
    text = _lines_for(read_text(path, shown_as=shown), release, shown)
    found = documents(text, shown)
    if not found or not isinstance(found[0].data, dict):
        what = describe(found[0].data) if found else "empty"
        raise BadInput([Problem(Position(shown), f"the script is {what}", "`title`, `flows`, `ops`, ...")])
    reader = _Reader(found[0], text.splitlines(), release)
    script = reader.script()
    if reader.errors:
        raise BadInput(reader.errors)
    return script


def _lines_for(text: str, release: Release, shown: str) -> str:
    """Empty the lines that are there for other versions only: the numbers of the others stay."""
    lines, problems = [], []
    for number, line in enumerate(text.splitlines(), 1):
        match = _ONLY.search(line)
        try:
            kept = match is None or release.satisfies(match["condition"])
        except ValueError as error:
            problems.append(Problem(Position(shown, number), str(error), "for instance `# only: >=2.0`"))
            kept = True
        lines.append(line if kept else "")
    if problems:
        raise BadInput(problems)
    return "\n".join(lines) + "\n"


class _Reader:
    """Reads one script; what is wrong is collected."""

    def __init__(self, document: Document, lines: list[str], release: Release) -> None:
        self._document = document
        self._data: Mapping[str, Any] = document.data
        self._lines = lines
        self._release = release
        self._findings = Findings(document.locate)

    @property
    def errors(self) -> list[Problem]:
        return [each for each in self._findings.problems if each.severity is Severity.ERROR]

    def script(self) -> Script | None:
        data = self._data
        for key in data.keys() - _KEYS:
            self._remark((key,), f"the key {key!r} is not known here and is left out")
        if not self._is_for_release():
            return None
        flows = tuple(
            flow
            for index in range(len(self._list("flows")))
            if (flow := self._flow(("flows", index))) is not None
        )
        if not data.get("flows"):
            self._findings.error(("flows",), "there is no flow", "the text of at least one flow")
        if "ops" not in data:
            self._findings.error(
                (), "the script has no operations", "`ops`, a list of timed operations, which may be empty"
            )
        horizon_us = self._time_us(("horizon",), data.get("horizon", data.get("min", 60)))
        return Script(
            title=str(data.get("title", "")),
            position=self._document.position,
            release=self._release,
            flows=flows,
            operations=self._operations("ops"),
            until_us=horizon_us,
            after=self._operations("ops_after"),
            properties=data.get("properties") or {},
            notices=tuple(each for each in self._findings.problems if each.severity is not Severity.ERROR),
        )

    def _is_for_release(self) -> bool:
        condition = self._data.get("versions")
        if condition is None:
            return True
        try:
            return self._release.satisfies(str(condition))
        except ValueError as error:
            self._findings.error(("versions",), str(error), "for instance `>=1.1`")
            return True

    def _list(self, key: str) -> list[Any]:
        found = self._data.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self._findings.error((key,), f"`{key}` is {describe(found)}", "a list")
            return []
        return found

    def _flow(self, loc: Loc) -> FlowText | None:
        """Read the text of a flow, or take the flow as it is written in the script itself."""
        value = self._at(loc)
        place = self._document.locate(loc)
        if isinstance(value, dict):
            return FlowText(value, self._below(loc), 1, 0)
        if not isinstance(value, str):
            self._findings.error(loc, f"{describe(value)} is not a flow", "the text of a flow")
            return None
        first_line = place.line + 1
        indent = next(
            (len(line) - len(line.lstrip()) for line in self._lines[place.line :] if line.strip()), 0
        )
        try:
            found = documents(value, place.path, scalars=KESTRA)
        except BadInput as error:
            moved = (
                replace(
                    each,
                    position=Position(
                        place.path, each.position.line + first_line - 1, each.position.column + indent
                    ),
                )
                for each in error.problems
            )
            self._findings.adopt(BadInput(moved))
            return None
        if not found or not isinstance(found[0].data, dict):
            self._findings.error(loc, "this is not a flow", "a mapping with `id`, `namespace`, `tasks`")
            return None
        return FlowText(found[0].data, found[0], first_line, indent)

    def _below(self, loc: Loc) -> Document:
        node = self._document.root
        for step in loc:
            node = node.children[step]
        return replace(self._document, data=self._at(loc), root=node)

    def _at(self, loc: Loc) -> Any:
        value: Any = self._data
        for step in loc:
            value = value[step]
        return value

    # --- operations -----------------------------------------------------------------------------------------

    def _operations(self, key: str) -> tuple[Operation, ...]:
        """Return the operations of a list, in order of time; those of one time in the order written."""
        found: list[Operation] = []
        for index, entry in enumerate(self._list(key)):
            loc = (key, index)
            if not isinstance(entry, dict):
                self._findings.error(
                    loc, f"{describe(entry)} is not an operation", "{at: 0, op: trigger, ...}"
                )
                continue
            named = {str(name): value for name, value in entry.items()}
            found += self._repeated(loc, {_OTHER_KEYS.get(name, name): named[name] for name in named})
        self._check_labels(found)
        return tuple(sorted(found, key=lambda operation: operation.at_us))

    def _check_labels(self, operations: list[Operation]) -> None:
        """Refuse two executions with one label."""
        first: dict[str, Operation] = {}
        for operation in operations:
            if operation.label is not None and first.setdefault(operation.label, operation) is not operation:
                what = f"the label {excerpt(operation.label)} is there twice"
                self._findings.problems.append(Problem(operation.position, what, "a label of its own"))

    def _repeated(self, loc: Loc, entry: dict[str, Any]) -> list[Operation]:
        operation = self._operation(loc, entry)
        count = entry.get("count")
        if operation is None or count is None:
            return [] if operation is None else [operation]
        if not isinstance(count, int) or not 0 < count <= MOST_REPEATED:
            self._findings.error((*loc, "count"), f"{describe(count)} is no count", f"1 to {MOST_REPEATED:,}")
            return []
        every_us = self._time_us((*loc, "every"), entry.get("every", 0))
        return [
            replace(
                operation,
                at_us=operation.at_us + index * every_us,
                label=operation.label and f"{operation.label}{index + 1}",
                execution=operation.execution and f"{operation.execution}{index + 1}",
            )
            for index in range(count)
        ]

    def _operation(self, loc: Loc, entry: dict[str, Any]) -> Operation | None:
        verb = self._verb(loc, entry)
        if verb is None:
            return None
        form = _FORMS[verb]
        missing = [key for key in ("at", *form.needs) if key not in entry]
        for key in missing:
            self._findings.error(loc, f"the operation {verb!r} has no `{key}`", f"`{key}: ...`")
        for key in entry.keys() - {*form.needs, *form.may, *_OF_EVERY, *_FREE}:
            self._remark((*loc, key), f"`{key}` does not go with {verb!r} and is left out")
        if missing:
            return None
        states = entry.get("states", [])
        schedule_in = entry.get("scheduleIn")
        running = entry.get("running")
        return Operation(
            verb=verb,
            at_us=self._time_us((*loc, "at"), entry["at"]),
            position=self._document.locate(loc),
            flow=_text(entry.get("flow")),
            execution=_text(entry.get("exec")),
            label=_text(entry.get("as")),
            inputs=entry.get("inputs") or {},
            schedule_in_us=None if schedule_in is None else self._time_us((*loc, "scheduleIn"), schedule_in),
            state=_text(entry.get("state")),
            task=_text(entry.get("task")),
            running=running if isinstance(running, int) else None,
            states=tuple(map(str, states if isinstance(states, list) else [states])),
            unended=bool(entry.get("noEnd", False)),
            trigger=_text(entry.get("trigger")),
            source=self._flow((*loc, "source")) if verb == "save-flow" else None,
        )

    def _verb(self, loc: Loc, entry: dict[str, Any]) -> str | None:
        written = str(entry.get("op", ""))
        if written == "create":  # of a flow when it has the text of one, else of an execution
            return "save-flow" if "source" in entry else "trigger"
        verb = written.replace("_", "-")
        verb = _OTHER_NAMES.get(written, _OTHER_NAMES.get(verb, verb))
        if verb in _FORMS:
            return verb
        what = f"there is no operation {written!r}" if written else "nothing says what the operation does"
        suggestion = nearest(verb, _FORMS)
        self._findings.error((*loc, "op"), what, None if suggestion else one_of(_FORMS), suggestion)
        return None

    def _time_us(self, loc: Loc, seconds: object) -> int:
        """Read a time in seconds."""
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds <= LONGEST_S:
            return round(seconds * 1e6)
        self._findings.error(loc, f"{describe(seconds)} is no time", "seconds from the start")
        return 0

    def _remark(self, loc: Loc, what: str) -> None:
        self._findings.remark(Severity.NOTICE, loc, what)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
