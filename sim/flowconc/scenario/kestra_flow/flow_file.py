"""Kestra's own flow files: read as the engine reads them, unmodified.

What Kestra 2.0.0 refuses is an error, all of a file at once. What it accepts by accident is a warning, with the
value that it takes. What is accepted but not simulated is a notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from flowconc.scenario.document.validation import Locate
from flowconc.scenario.flow import Behavior, Concurrency, Retry, Trigger
from flowconc.scenario.kestra_flow.build import build_flow
from flowconc.scenario.kestra_flow.dialect import DOCUMENTED, OF_FLOWS, Dialect
from flowconc.scenario.kestra_flow.jackson import KESTRA
from flowconc.scenario.kestra_flow.kestra_types import words
from flowconc.scenario.kestra_flow.metadata import check_metadata
from flowconc.scenario.kestra_flow.retry import read_retry
from flowconc.scenario.kestra_flow.section import Section
from flowconc.scenario.kestra_flow.sla import SlaSource, read_service_levels
from flowconc.scenario.kestra_flow.task_source import UNNAMED, TaskSource
from flowconc.scenario.kestra_flow.tasks import read_tasks
from flowconc.scenario.kestra_flow.triggers import read_triggers
from flowconc.scenario.names import flow_key
from flowconc.scenario.problems import BadInput, Position, Problem, Severity, excerpt
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.source.yaml_source import Document, Loc, documents, read_text
from flowconc.scenario.wording import describe

__all__ = ["FlowSource", "Locate", "build_flow", "parse_flow", "read_flow"]

_ID: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
_NAMESPACE: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_TENANT: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
LONGEST_ID: Final = 100
LONGEST_NAMESPACE: Final = 150

_KNOWN: Final = words(
    "id namespace tenantId revision description labels inputs outputs variables tasks errors finally "
    "afterExecution triggers concurrency retry sla checks quotas disabled draft deleted updated policyRefs "
    "workerSelector source tenant"
)
_DROPPED: Final = {  # what older versions had, and what takes its place
    "listeners": "`afterExecution`, or a Flow trigger in another flow",
    "pluginDefaults": "the properties on the tasks themselves: Kestra 2.0 has no defaults in flows",
    "taskDefaults": "the properties on the tasks themselves: Kestra 2.0 has no defaults in flows",
    "workerGroup": "`workerSelector`, since 2.0",
}
_OF_1_X: Final = words("listeners pluginDefaults taskDefaults workerGroup")
"""What older versions have and nothing here depends on."""
_BEHAVIORS: Final = tuple(behavior.value for behavior in Behavior)


@dataclass(frozen=True, slots=True)
class FlowSource:
    """A flow as its file says it, checked; `build_flow` adds what a scenario says of its tasks."""

    namespace: str
    id: str
    data: Mapping[str, object]  # the whole mapping, plain Python data; not to be changed
    position: Position
    notices: tuple[Problem, ...]  # warnings and notices, by position
    tasks: tuple[TaskSource, ...]
    errors: tuple[TaskSource, ...]
    finally_: tuple[TaskSource, ...]
    after_execution: tuple[TaskSource, ...]
    triggers: tuple[Trigger, ...]
    concurrency: Concurrency | None
    retry: Retry | None
    disabled: bool
    locate: Locate = field(compare=False, repr=False)
    sla: tuple[SlaSource, ...] = ()
    tenant: str | None = None
    dialect: Dialect = DOCUMENTED

    @property
    def key(self) -> str:
        """The flow's name across namespaces, and tenants where it has one: `namespace.id`, `tenant/namespace.id`."""
        return flow_key(self.tenant, f"{self.namespace}.{self.id}")

    def walk(self) -> Iterator[TaskSource]:
        """Give all tasks, at any depth."""
        for task in (*self.tasks, *self.errors, *self.finally_, *self.after_execution):
            yield from task.walk()

    def with_changes(self, changes: Mapping[str, object], locate: Locate) -> FlowSource:
        """Return the flow with these top-level keys replaced whole; None removes one.

        `locate` finds places in `changes`. Raises BadInput with every problem that the edited flow has.
        """
        data = {key: value for key, value in {**self.data, **changes}.items() if value is not None}

        def locate_edited(loc: Loc, *, key: bool = False) -> Position:
            edited = bool(loc) and changes.get(str(loc[0])) is not None
            return (locate if edited else self.locate)(loc, key=key)

        return parse_flow(data, locate_edited, dialect=self.dialect)


def read_flow(path: Path, *, shown_as: str | None = None, dialect: Dialect = DOCUMENTED) -> FlowSource:
    """Read a flow file in the language of a version; `shown_as` is its name in messages.

    Raises BadInput with every problem in it.
    """
    shown = shown_as if shown_as is not None else str(path)
    found = documents(read_text(path, shown_as=shown), shown, scalars=KESTRA)
    if not found:
        raise BadInput([Problem(Position(shown), "the file has no content", "a flow")])
    warnings = list(found[0].warnings)
    if len(found) > 1:
        warnings.append(_only_first(found[1]))
    return parse_flow(found[0].data, found[0].locate, warnings=tuple(warnings), dialect=dialect)


def _only_first(second: Document) -> Problem:
    what = "Kestra reads only the first document of a file; this one is ignored"
    return Problem(second.position, what, severity=Severity.WARNING)


def parse_flow(
    data: object, locate: Locate, *, warnings: tuple[Problem, ...] = (), dialect: Dialect = DOCUMENTED
) -> FlowSource:
    """Check a flow's mapping, of a file or written inline in a scenario, in the language of a version.

    Raises BadInput with every problem.
    """
    findings = Findings(locate)
    if not isinstance(data, dict):
        raise BadInput(
            [
                Problem(
                    locate(()), f"a flow is a mapping, this is {describe(data)}", "`id`, `namespace`, `tasks`"
                )
            ]
        )
    section = Section(data, (), findings, dialect)
    _check_keys(section)
    flow_id = _identity(
        section, "id", _ID, LONGEST_ID, "letters, digits, '.', '-' and '_', a letter or digit first"
    )
    namespace = _identity(
        section, "namespace", _NAMESPACE, LONGEST_NAMESPACE, "lower-case letters, digits, '.', '-' and '_'"
    )
    check_metadata(section)
    source = FlowSource(
        namespace=namespace,
        id=flow_id,
        data=data,
        position=locate(()),
        notices=(),
        tasks=_tasks(section),
        errors=read_tasks(section, "errors"),
        finally_=read_tasks(section, "finally"),
        after_execution=read_tasks(section, "afterExecution"),
        triggers=read_triggers(section),
        concurrency=_concurrency(section),
        retry=read_retry(section),
        disabled=section.boolean("disabled"),
        locate=locate,
        sla=read_service_levels(section),
        tenant=_tenant(section),
        dialect=dialect,
    )
    _check_ids(source, section)
    if not dialect.is_older:
        _check_calls(source, section)
    errors = [problem for problem in findings.problems if problem.severity is Severity.ERROR]
    if errors:
        raise BadInput(errors)
    notices = sorted((*warnings, *findings.problems), key=lambda problem: problem.position)
    return replace(source, notices=tuple(notices))


def _check_keys(section: Section) -> None:
    section.check_ages(OF_FLOWS)
    section.check_keys(_KNOWN | (_OF_1_X if section.dialect.is_older else frozenset()), "a flow", _DROPPED)
    for key in sorted(_OF_1_X & section.data.keys()) if section.dialect.is_older else ():
        section.notice(key, f"`{key}` is not simulated")


def _tenant(section: Section) -> str | None:
    """Read the tenant, which Kestra itself keeps outside the file."""
    text = section.text("tenant")
    if text is not None and not (_TENANT.fullmatch(text) and len(text) <= LONGEST_NAMESPACE):
        section.error(
            "tenant",
            f"{excerpt(text)} is no tenant",
            "lower-case letters, digits, '-' and '_', a letter or digit first",
        )
        return None
    return text


def _identity(section: Section, key: str, pattern: re.Pattern[str], longest: int, expected: str) -> str:
    text = section.text(key)
    if text is None:
        if not section.has(key):
            section.missing(key, "the flow")
        return UNNAMED
    if not pattern.fullmatch(text):
        section.error(key, f"{excerpt(text)} is no {key} of a flow", expected)
    elif len(text) > longest:
        section.error(key, f"the {key} has {len(text)} characters", f"at most {longest}")
    return text


def _tasks(section: Section) -> tuple[TaskSource, ...]:
    if not section.has("tasks"):
        section.missing("tasks", "the flow")
    elif section.data["tasks"] == []:
        section.error("tasks", "`tasks` is empty", "at least one task")
    return read_tasks(section, "tasks")


def _concurrency(section: Section) -> Concurrency | None:
    """Read the flow's limit. A limit below 1 is refused, an omitted behavior is QUEUE (SEMANTICS A1, A3)."""
    inner = section.section("concurrency")
    if inner is None:
        return None
    inner.check_keys(frozenset({"limit", "behavior"}), "`concurrency`")
    inner.require(("limit",), "`concurrency`")
    limit = inner.integer("limit", minimum=1, filled=True)
    behavior = inner.choice("behavior", _BEHAVIORS)
    if "behavior" in inner.data and inner.data["behavior"] is None:
        inner.warn("behavior", "`behavior` is null; Kestra takes QUEUE")
    return None if limit is None else Concurrency(limit, Behavior(behavior or Behavior.QUEUE.value))


def _check_ids(source: FlowSource, section: Section) -> None:
    """Report task ids that are there twice, anywhere in the flow."""
    first: dict[str, Position] = {}
    for task in (source.task for source in source.walk()):
        position = first.setdefault(task.id, task.position)
        if position != task.position and task.id != UNNAMED:
            what = f"the task id {excerpt(task.id)} is there twice, first in line {position.line}"
            section.problem(task.position, what, "each id once in a flow")


def _check_calls(source: FlowSource, section: Section) -> None:
    """Report a flow that names itself as one that it starts: Kestra 2.0 refuses that ("Recursive call to flow")."""
    calls = (task.task for task in source.walk())
    own = f"{source.namespace}.{source.id}"
    starts = [task.position for task in calls if task.call is not None and task.call.flow == own]
    itself = (source.namespace, source.id)
    starts += [
        trigger.position
        for trigger in source.triggers
        if itself in {(upstream.namespace, upstream.flow_id) for upstream in trigger.upstream}
    ]
    for position in starts:
        section.problem(position, f"the flow {source.key} would start itself", "another flow")
