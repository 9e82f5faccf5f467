"""Flow files in few words, and what the rules find in them.

    flow("a", call("b"), limit=1)

is the text of a file with the flow `n.a`. Files are called `1.yaml`, `2.yaml`, ... in the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flowconc.lint.linter import FlowFile, lint
from flowconc.lint.rule import Finding
from flowconc.lint.scopes import Scope
from flowconc.scenario.flow import Behavior, Concurrency
from flowconc.scenario.kestra_flow.flow_file import FlowSource, parse_flow
from flowconc.scenario.kestra_flow.jackson import KESTRA
from flowconc.scenario.source.yaml_source import documents

CORE = "io.kestra.plugin.core"
LOG = f"{{id: log, type: {CORE}.log.Log, message: x}}"
NIGHTLY = f"{{id: nightly, type: {CORE}.trigger.Schedule, cron: '0 2 * * *'}}"


def sleep(duration: str = "PT10S", *, task_id: str = "sleep", more: str = "") -> str:
    return f"{{id: {task_id}, type: {CORE}.flow.Sleep, duration: {duration}{_more(more)}}}"


def call(flow_id: str, *, task_id: str | None = None, more: str = "") -> str:
    """Return a Subflow task that waits for the flow `n.FLOW_ID`; `more` are further properties."""
    name = task_id or (f"call_{flow_id}" if flow_id.isalnum() else "call")
    return f"{{id: {name}, type: {CORE}.flow.Subflow, namespace: n, flowId: {flow_id}{_more(more)}}}"


def group(kind: str, *tasks: str, task_id: str = "group", more: str = "", key: str = "tasks") -> str:
    """Return a task of the type `flow.KIND` around others."""
    return f"{{id: {task_id}, type: {CORE}.flow.{kind}{_more(more)}, {key}: [{', '.join(tasks)}]}}"


def task(kind: str, *, task_id: str = "task", more: str = "") -> str:
    """Return a task of the type `KIND` of Kestra's core."""
    return f"{{id: {task_id}, type: {CORE}.{kind}{_more(more)}}}"


def trigger(kind: str, *, trigger_id: str = "trigger", more: str = "") -> str:
    return f"{{id: {trigger_id}, type: {CORE}.trigger.{kind}{_more(more)}}}"


def flow(
    flow_id: str,
    *tasks: str,
    limit: int | None = None,
    behavior: str = "QUEUE",
    triggers: Iterable[str] = (),
    more: Iterable[str] = (),
    namespace: str = "n",
) -> str:
    """Return the text of a flow file, one task a line from line 5 on; `more` are further top-level lines."""
    concurrency = "{}" if limit is None else f"{{limit: {limit}, behavior: {behavior}}}"
    lines = [f"id: {flow_id}", f"namespace: {namespace}"]
    lines.append("labels: {}" if limit is None else f"concurrency: {concurrency}")
    lines += ["tasks:", *(f"  - {task}" for task in tasks or (LOG,))]
    triggers = list(triggers)
    if triggers:
        lines += ["triggers:", *(f"  - {trigger}" for trigger in triggers)]
    return "\n".join([*lines, *more]) + "\n"


def _more(more: str) -> str:
    return f", {more}" if more else ""


def read(text: str, path: str = "1.yaml") -> FlowSource:
    document = documents(text, path, scalars=KESTRA)[0]
    return parse_flow(document.data, document.locate)


def files(*texts: str) -> list[FlowFile]:
    return [FlowFile(read(text, f"{number}.yaml"), text) for number, text in enumerate(texts, 1)]


def namespace_limit(limit: int, namespace: str | None = "n", behavior: str = "QUEUE") -> Scope:
    return Scope(Concurrency(limit, Behavior(behavior)), namespace=namespace)


def findings(*texts: str, limits: Iterable[Scope] = ()) -> list[Finding]:
    return lint(files(*texts), limits=limits)


def rules(*texts: str, limits: Iterable[Scope] = ()) -> list[str]:
    """Return what is found, as `RULE FILE:LINE`, in order of position."""
    return [
        f"{finding.rule} {Path(finding.position.path).stem}:{finding.position.line}"
        for finding in findings(*texts, limits=limits)
    ]
