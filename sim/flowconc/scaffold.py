"""A first scenario for given flow files, which passes as it is: what `flowconc init` writes.

The text is drafted without expectations and run; what the run shows becomes the expectations. They are written
down, not guessed, so they describe the flow as it is and break when somebody changes it.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowconc.protocol.states import FINAL
from flowconc.runner import run_scenario
from flowconc.scenario.behaviour import Behaviours, TaskBehaviour
from flowconc.scenario.distributions import Constant
from flowconc.scenario.flow import Behavior, Flow, Task, TaskKind
from flowconc.scenario.kestra_flow.flow_file import FlowSource, build_flow, read_flow
from flowconc.scenario.load import SUFFIX
from flowconc.scenario.model import Scenario
from flowconc.scenario.names import short_names
from flowconc.scenario.resolve.flow_files import FlowFiles, shown_path
from flowconc.scenario.resolve.scenario import resolve
from flowconc.scenario.source.yaml_source import documents
from flowconc.trace.tables import executions_table, slots_table
from flowconc.trace.trace import STATES, Trace

MODELINE = "# yaml-language-server: $schema=flowconc.schema.json"
TASK_DURATION = "10s"
UNTIL = "10m"
ARRIVALS_BEYOND_LIMIT = 2
ARRIVALS_WITHOUT_LIMIT = 3

# a length that no flow file says, so that a task that has it has none of its own
_UNSAID = Constant(10_000_000_000_000_001)

_PLAIN = re.compile(r"(\.\./)*[A-Za-z_][A-Za-z0-9_.#/-]*")
_NOT_PLAIN = frozenset({"null", "true", "false"})


@dataclass(frozen=True, slots=True)
class _Subject:
    """One of the flows: as its file says it, what it is called here, and how many executions arrive at once."""

    path: str  # from the scenario's folder
    flow: Flow
    name: str
    arrivals: int


def target_of(flow_file: Path) -> Path:
    """Return where the scenario of a flow file goes: beside it, under the same name."""
    return flow_file.with_name(flow_file.name.removesuffix(".yaml").removesuffix(".yml") + SUFFIX)


def scaffold(flow_files: Sequence[Path], target: Path) -> str:
    """Return the text of a scenario at `target` for these flow files. It passes.

    Raises BadInput with the problems of the flow files.
    """
    subjects = _subjects(flow_files, target.parent)
    draft = "\n".join(_draft(subjects))
    scenario = _parse(draft, target)
    trace = run_scenario(scenario).trace
    return "\n".join([draft, *_expectations(subjects, trace)]) + "\n"


def _subjects(flow_files: Sequence[Path], folder: Path) -> list[_Subject]:
    sources = [(path, read_flow(path, shown_as=shown_path(path))) for path in flow_files]
    names = short_names((source.namespace, source.id, source.tenant) for _, source in sources)
    return [
        _Subject(
            Path(os.path.relpath(path, folder)).as_posix(),
            flow := _flow(source),
            # under `tasks:`, `default` is no flow
            source.key if names[source.key] == "default" else names[source.key],
            ARRIVALS_WITHOUT_LIMIT
            if flow.concurrency is None
            else flow.concurrency.limit + ARRIVALS_BEYOND_LIMIT,
        )
        for path, source in sources
    ]


def _flow(source: FlowSource) -> Flow:
    flow, _ = build_flow(source, Behaviours(default=TaskBehaviour(duration=_UNSAID)))
    return flow


def _parse(text: str, target: Path) -> Scenario:
    """Read a draft that is not on disk yet."""
    (document,) = documents(text, shown_path(target))
    (scenario,) = resolve(
        document.data, document.locate, FlowFiles(target.parent), is_plain=lambda place: True
    )
    return scenario


# --- the draft ----------------------------------------------------------------------------------------------


def _draft(subjects: Sequence[_Subject]) -> Iterator[str]:
    title = " and ".join(subject.name for subject in subjects)
    yield MODELINE
    yield f"scenario: {_scalar(f'what {title} does when more arrives than it may run')}"
    yield ""
    yield "flows:                    # Kestra flow files, unmodified"
    for subject in subjects:
        yield f"  - {_scalar(subject.path)}"
    yield ""
    yield from _task_lines(subjects)
    yield "arrivals:                 # triggers inside the flows fire by themselves"
    for subject in subjects:
        yield f"  # {_why(subject)}"
        yield f"  - {{flow: {_scalar(subject.name)}, burst: {subject.arrivals}, at: 0s}}"
    yield "  # what else can arrive:"
    yield f"  # - {{flow: {_scalar(subjects[0].name)}, poisson: 30/min, until: 5m}}"
    yield f"  # - {{flow: {_scalar(subjects[0].name)}, every: 5s, count: 20, source: webhook}}"
    yield ""
    yield "run:"
    yield f"  until: {UNTIL}              # the last time for arrivals and triggers; what runs then runs to its end"
    yield ""


def _task_lines(subjects: Sequence[_Subject]) -> Iterator[str]:
    """Yield `tasks:` with a line for each task whose duration the flow file does not say."""
    silent = {subject.name: _silent_tasks(subject.flow) for subject in subjects}
    if not any(silent.values()):
        return
    yield "tasks:                    # what a flow file cannot say"
    for name, tasks in silent.items():
        if tasks:
            yield f"  {_scalar(name)}:"
        for task in tasks:
            yield f"    {_scalar(task)}: {{duration: {TASK_DURATION}}}  # put in what it takes, or lognormal(mean 10s, p95 30s)"
    yield ""


def _silent_tasks(flow: Flow) -> list[str]:
    tasks = (*flow.tasks, *flow.errors, *flow.finally_, *flow.after_execution)
    return list(dict.fromkeys(task.id for task in _walk(tasks) if task.duration == _UNSAID))


def _walk(tasks: Iterable[Task]) -> Iterator[Task]:
    for task in tasks:
        if task.kind is TaskKind.WORK:
            yield task
        yield from _walk((*task.children, *task.errors, *task.finally_))
        for branch in task.branches:
            yield from _walk(branch.tasks)


def _why(subject: _Subject) -> str:
    concurrency = subject.flow.concurrency
    if concurrency is None:
        return "no `concurrency`: all run at once"
    fate = {
        Behavior.QUEUE: "the other two wait their turn",
        Behavior.CANCEL: "the other two are CANCELLED at once",
        Behavior.FAIL: "the other two have FAILED at once",
    }[concurrency.behavior]
    return f"limit {concurrency.limit}, behavior {concurrency.behavior.value}: {fate}"


# --- what was observed --------------------------------------------------------------------------------------


def _expectations(subjects: Sequence[_Subject], trace: Trace) -> Iterator[str]:
    yield "expect:                   # what a run of this file showed"
    for subject in subjects:
        name = _scalar(subject.name)
        running, queued = _at_start(trace, subject.flow.key)
        ended = _ended(trace, subject.flow.key)
        yield f"  - {{at: 0s, flow: {name}, running: {running}, queued: {queued}}}"
        if ended:
            states = ", ".join(f"{state}: {count}" for state, count in sorted(ended.items()))
            yield f"  - {{flow: {name}, ended: {{{states}}}}}"


def _at_start(trace: Trace, key: str) -> tuple[int, int]:
    """Return how many executions of a flow were RUNNING and QUEUED when the first instant was over."""
    table = slots_table(trace, key)
    rows = (table.t_us == 0).nonzero()[0]
    return (int(table.running[rows[-1]]), int(table.queued[rows[-1]])) if len(rows) else (0, 0)


def _ended(trace: Trace, key: str) -> Counter[str]:
    table = executions_table(trace)
    finals = [
        STATES[code] for flow, code in zip(table.flow, table.final, strict=True) if flow == key and code >= 0
    ]
    return Counter(state.value for state in finals if state in FINAL)


def _scalar(text: str) -> str:
    """Return the text as YAML takes it back, plain where that is safe."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN else json.dumps(text)
