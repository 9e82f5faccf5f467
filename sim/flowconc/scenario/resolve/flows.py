"""The flows of a scenario: read from files or inline, given their behaviour, and every revision that edits make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowconc.scenario.behaviour import Behaviours, Decided, TaskBehaviour
from flowconc.scenario.document.actions import ActionDocument
from flowconc.scenario.document.scenario import ScenarioDocument, TaskDocument
from flowconc.scenario.document.validation import Loc, Locate
from flowconc.scenario.flow import Flow, SlaKind, Trigger, TriggerKind
from flowconc.scenario.kestra_flow.dialect import Dialect, dialect_of
from flowconc.scenario.kestra_flow.flow_file import FlowSource, build_flow, parse_flow
from flowconc.scenario.names import FlowNames, UnknownName, like, listed
from flowconc.scenario.problems import BadInput, Position, Problem, excerpt
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flow_files import FlowFiles
from flowconc.scenario.resolve.inputs import Decisions

MAX_REVISIONS: Final = 200
"""Times that the actions of one scenario may save a flow; each is a whole flow, read and built anew."""

FLOW_SUFFIXES: Final = (".yaml", ".yml")
_IDENTITY: Final = ("id", "namespace", "tenant")


@dataclass(frozen=True)
class Flows:
    """Every revision of every flow that a scenario knows."""

    initial: tuple[Flow, ...]
    saved: Mapping[int, Flow]  # by the index of the `edit` or `create_flow` that saves it
    names: FlowNames
    sources: Mapping[str, tuple[FlowSource, ...]]  # by flow: every revision as its file says it
    notices: tuple[Problem, ...]

    @property
    def revisions(self) -> tuple[Flow, ...]:
        """Return all of them, the initial ones first."""
        return (*self.initial, *self.saved.values())

    def tasks(self, flow: str) -> frozenset[str]:
        """Return the ids of the tasks that some revision of a flow has."""
        return frozenset().union(*map(_task_ids, self.sources.get(flow, ())))


def resolve_flows(
    document: ScenarioDocument, files: FlowFiles, findings: Findings, *, complete: bool
) -> Flows:
    """Read and build the flows of a document, and the revisions that its actions save.

    `complete` is False when entries of the document that could not be read have been left out.
    """
    errors = len(findings.problems)
    reader = _FlowReader(files, dialect_of(document.semantics), findings)
    initial = _read_entries(document, reader, findings, complete=complete)
    created = _read_created(document, reader, initial)
    complete = complete and len(findings.problems) == errors
    saved = _history(document, initial, created, findings, complete=complete)
    by_flow = _revisions([*initial.values(), *created.values(), *saved.values()])
    names = FlowNames(
        {
            (of[0].namespace, of[0].id, of[0].tenant): {
                trigger.id for source in of for trigger in source.triggers
            }
            for of in by_flow.values()
        },
        complete=complete,
    )
    builder = _Builder(document, names, by_flow, findings)
    return Flows(
        initial=tuple(flow for source in initial.values() if (flow := builder.build(source)) is not None),
        saved={index: flow for index, source in saved.items() if (flow := builder.build(source)) is not None},
        names=names,
        sources={key: tuple(of) for key, of in by_flow.items()},
        notices=tuple(dict.fromkeys(builder.notices)),
    )


# --- reading ------------------------------------------------------------------------------------------------


class _FlowReader:
    """Reads flows, in files or inline, in the language of one version."""

    def __init__(self, files: FlowFiles, dialect: Dialect, findings: Findings) -> None:
        self._files = files
        self._dialect = dialect
        self._findings = findings

    def entry(self, entry: str | dict[str, Any], loc: Loc) -> Iterator[FlowSource]:
        """Yield the flows that one entry names, or is."""
        findings = self._findings
        try:
            if isinstance(entry, dict):
                yield parse_flow(entry, below(findings.locate, loc), dialect=self._dialect)
                return
            paths = self._files.named(entry)
        except BadInput as error:
            findings.adopt(error)
            return
        except UnknownName as error:
            findings.unknown(loc, error)
            return
        for path in paths:
            try:
                yield self._files.read(path, self._dialect)
            except BadInput as error:
                findings.adopt(error)


def _read_entries(
    document: ScenarioDocument, reader: _FlowReader, findings: Findings, *, complete: bool
) -> dict[str, FlowSource]:
    """Return the flows of `flows:` by key. A key that is there twice is an error."""
    sources: dict[str, FlowSource] = {}
    if not document.flows and complete:
        findings.error(("flows",), "`flows` is empty", "at least one flow")
    for index, entry in enumerate(document.flows):
        loc = ("flows", index)
        for source in reader.entry(entry, loc):
            first = sources.setdefault(source.key, source)
            if first is not source:
                findings.error(
                    loc, f"the flow {source.key} is there twice, first in {first.position}", "each once"
                )
    return sources


def _read_created(
    document: ScenarioDocument, reader: _FlowReader, initial: Mapping[str, FlowSource]
) -> dict[int, FlowSource]:
    """Return the flows that `create_flow` gives by path or inline, by the action's index."""
    created = {}
    for index, action in enumerate(document.actions):
        entry = action.create_flow
        if isinstance(entry, dict) or (isinstance(entry, str) and _is_path(entry, initial)):
            for source in reader.entry(entry, ("actions", index, "create_flow")):
                created[index] = source
    return created


def _is_path(entry: str, known: Mapping[str, FlowSource]) -> bool:
    """Say whether an entry is a path; the key of a known flow, which may have a `/` behind its tenant, is none."""
    return entry not in known and ("/" in entry or entry.endswith(FLOW_SUFFIXES))


def below(locate: Locate, start: Loc) -> Locate:
    """Return `locate` for paths that begin at `start`."""

    def locate_below(loc: Loc, *, key: bool = False) -> Position:
        return locate((*start, *loc), key=key)

    return locate_below


# --- revisions ----------------------------------------------------------------------------------------------


def _history(
    document: ScenarioDocument,
    initial: Mapping[str, FlowSource],
    created: Mapping[int, FlowSource],
    findings: Findings,
    *,
    complete: bool,
) -> dict[int, FlowSource]:
    """Return what each `edit` and `create_flow` saves: the flow with all earlier edits, in order of time."""
    latest = {source.key: source for source in created.values()} | dict(initial)
    names = FlowNames(
        {(source.namespace, source.id, source.tenant): () for source in latest.values()}, complete=complete
    )
    saved: dict[int, FlowSource] = {}
    for index, action in sorted(enumerate(document.actions), key=lambda pair: pair[1].at or 0):
        source = created.get(index)
        name = action.edit or action.create_flow
        if source is None and isinstance(name, str):
            source = _latest(name, names, latest, ("actions", index, action.word), findings)
            if source is not None and action.edit is not None:
                source = _edited(source, action, index, findings)
        if source is not None:
            saved[index] = latest[source.key] = source
        if len(saved) > MAX_REVISIONS:
            findings.error(("actions", index), "flows are saved too often", f"at most {MAX_REVISIONS} times")
            break
    return dict(sorted(saved.items()))


def _latest(
    name: str, names: FlowNames, latest: Mapping[str, FlowSource], loc: Loc, findings: Findings
) -> FlowSource | None:
    if _is_path(name, latest):
        return None  # could not be read; that has been said
    try:
        key = names.flow(name)
    except UnknownName as error:
        findings.unknown(loc, error)
        return None
    return None if key is None else latest[key]


def _edited(source: FlowSource, action: ActionDocument, index: int, findings: Findings) -> FlowSource | None:
    """Return the flow as the action saves it, or None when that is no valid flow."""
    changes = dict(action.flow or {})
    entry: Loc = ("actions", index)
    for name in _IDENTITY:
        if name in changes:
            findings.error((*entry, "flow", name), f"an edit cannot change the flow's {name}", key=True)
            return None
    if "concurrency" in action.model_fields_set:
        if "concurrency" in changes:
            findings.error(
                (*entry, "flow", "concurrency"), "`concurrency` is given twice", "each once", key=True
            )
            return None
        changes["concurrency"] = action.concurrency

    def locate(loc: Loc, *, key: bool = False) -> Position:
        inside_flow = bool(loc) and loc[0] in (action.flow or {})
        return findings.locate((*entry, "flow", *loc) if inside_flow else (*entry, *loc), key=key)

    try:
        return source.with_changes(changes, locate)
    except BadInput as error:
        findings.adopt(error)
        return None


def _revisions(sources: Iterable[FlowSource]) -> dict[str, list[FlowSource]]:
    by_flow: dict[str, list[FlowSource]] = {}
    for source in sources:
        by_flow.setdefault(source.key, []).append(source)
    return by_flow


# --- building -----------------------------------------------------------------------------------------------


class _Builder:
    """Builds flows with the behaviour that the document gives their tasks and triggers."""

    def __init__(
        self,
        document: ScenarioDocument,
        names: FlowNames,
        by_flow: Mapping[str, list[FlowSource]],
        findings: Findings,
    ) -> None:
        self._findings = findings
        self._by_flow = by_flow
        self._default = _behaviour(document.tasks.default, findings.locate(("tasks", "default"), key=True))
        self._tasks = self._behaviours(document, names)
        self._finds = self._shares(document, names)
        self._assertions = self._said(document, names)
        self._midnight_us = -_time_of_day_us(document.clock.start)
        self.notices: list[Problem] = []

    def build(self, source: FlowSource) -> Flow | None:
        """Return the flow, or None when it cannot be built and the findings say why."""
        try:
            said = self._assertions.get(source.key, {})
            behaviours = Behaviours(self._for(source), self._default, said, self._decided)
            flow, notices = build_flow(source, behaviours)
        except BadInput as error:
            self._findings.adopt(error)
            return None
        self.notices += (*source.notices, *notices)
        return replace(flow, triggers=tuple(self._settled(flow, trigger) for trigger in flow.triggers))

    def _decided(self, flow: str, inputs: Mapping[str, object]) -> Decided:
        """Say what the inputs of a subflow decide, where the scenario says nothing of the task itself."""
        said = frozenset(
            task
            for task, given in self._tasks.get(flow, {}).items()
            if given.failures is not None or given.takes is not None
        )
        return Decisions(self._by_flow.get(flow, ()), said, inputs).both

    def _for(self, source: FlowSource) -> dict[str, TaskBehaviour]:
        """Return the behaviour of the tasks of one revision.

        A behaviour for a task that only another revision has is left out; one for a task that no revision has
        stays in, for `build_flow` to complain of.
        """
        behaviours = self._tasks.get(source.key, {})
        revisions = self._by_flow[source.key]
        if len(revisions) == 1:
            return behaviours
        others = frozenset().union(*map(_task_ids, revisions)) - _task_ids(source)
        return {task: behaviour for task, behaviour in behaviours.items() if task not in others}

    def _behaviours(
        self, document: ScenarioDocument, names: FlowNames
    ) -> dict[str, dict[str, TaskBehaviour]]:
        found: dict[str, dict[str, TaskBehaviour]] = {}
        for flow, tasks in document.tasks.by_flow.items():
            key = self._key("tasks", flow, names)
            if key is not None:
                found.setdefault(key, {}).update(
                    (task, _behaviour(given, self._findings.locate(("tasks", flow, task), key=True)))
                    for task, given in tasks.items()
                )
        return found

    def _shares(self, document: ScenarioDocument, names: FlowNames) -> dict[str, tuple[float, Loc]]:
        """Return the share of polls that find something, by `namespace.flow.trigger`, and where it is said."""
        found: dict[str, tuple[float, Loc]] = {}
        for flow, triggers in document.triggers.items():
            key = self._key("triggers", flow, names)
            for trigger, given in triggers.items() if key is not None else ():
                loc, name = ("triggers", flow, trigger), f"{key}.{trigger}"
                try:
                    names.trigger(name)
                except UnknownName as error:
                    self._findings.unknown(loc, error, key=True)
                else:
                    found[name] = (given.finds, loc)
        return found

    def _key(self, section: str, flow: str, names: FlowNames) -> str | None:
        try:
            return names.flow(flow)
        except UnknownName as error:
            self._findings.unknown((section, flow), error, key=True)
            return None

    def _said(self, document: ScenarioDocument, names: FlowNames) -> dict[str, dict[str, bool]]:
        """Return which assertions hold and which do not, by flow and service level."""
        found: dict[str, dict[str, bool]] = {}
        for flow, assertions in document.sla.items():
            key = self._key("sla", flow, names)
            if key is None:
                continue
            known = {each.sla.id: each.sla.kind for source in self._by_flow[key] for each in source.sla}
            for name, holding in assertions.items():
                if known.get(name) is SlaKind.EXECUTION_ASSERTION:
                    found.setdefault(key, {})[name] = holding
                else:
                    self._complain_of_assertion(key, name, known, ("sla", flow, name))
        return found

    def _complain_of_assertion(self, flow: str, name: str, known: Mapping[str, SlaKind], loc: Loc) -> None:
        if name in known:
            what = f"the service level {excerpt(name)} is a {known[name].value}, which asserts nothing"
            self._findings.error(loc, what, "an EXECUTION_ASSERTION", key=True)
        else:
            what = f"the flow {flow} has no service level {excerpt(name)}"
            self._findings.error(loc, what, listed(known), like(name, known), key=True)

    def _settled(self, flow: Flow, trigger: Trigger) -> Trigger:
        """Return a trigger with what the scenario says of it, and its windows on the clock of the run."""
        if trigger.window_us is not None:
            trigger = replace(trigger, window_start_us=trigger.window_start_us + self._midnight_us)
        share, loc = self._finds.get(f"{flow.key}.{trigger.id}", (None, ()))
        if share is None:
            return trigger
        if trigger.kind is not TriggerKind.POLLING:
            self._findings.error(
                loc, f"a {trigger.kind.value} trigger does not poll", "a polling trigger", key=True
            )
        return replace(trigger, finds=share)


def _time_of_day_us(date: datetime) -> int:
    """Return how long after midnight, UTC, a date is."""
    date = date.astimezone(UTC)
    return (date - date.replace(hour=0, minute=0, second=0, microsecond=0)) // timedelta(microseconds=1)


def _behaviour(given: TaskDocument | None, position: Position) -> TaskBehaviour:
    if given is None:
        return TaskBehaviour()
    return TaskBehaviour(given.duration, given.fails, given.takes, given.items, position)


def _task_ids(source: FlowSource) -> frozenset[str]:
    return frozenset(each.task.id for each in source.walk())
