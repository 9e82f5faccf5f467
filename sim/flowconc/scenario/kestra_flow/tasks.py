"""The task tree of a flow file: checked as the engine checks it, and interpreted as far as it matters here.

Of templates and conditions only those are evaluated that depend on nothing but what is known beforehand. Each of the
others is named in a notice that says what happens instead, and what the scenario can say of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Final

from flowconc.scenario.flow import Call, PauseEnd, Task, TaskKind
from flowconc.scenario.kestra_flow.conditions import ConditionError, holds, literals, rendered
from flowconc.scenario.kestra_flow.dialect import FIRST_OF_2, OF_TASKS
from flowconc.scenario.kestra_flow.jackson import is_template
from flowconc.scenario.kestra_flow.kestra_types import CORE_TASK_TYPES, KestraType, task_type
from flowconc.scenario.kestra_flow.retry import read_retry
from flowconc.scenario.kestra_flow.section import Section
from flowconc.scenario.kestra_flow.task_source import OWN_ID, OWN_NAMESPACE, UNNAMED, Loop, TaskSource
from flowconc.scenario.kestra_flow.work import evaluated_for_arrivals, read_fail, read_sleep, read_work
from flowconc.scenario.problems import Severity, excerpt, nearest
from flowconc.scenario.wording import describe, one_of

TASK_ID: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
LONGEST_ID: Final = 256
_OWN: Final = re.compile(r"\s*\{\{-?\s*(flow\.(?:id|namespace))\s*-?\}\}\s*")
LOOP: Final = "flow.Loop"
LOG_LEVELS: Final = ("ERROR", "WARN", "INFO", "DEBUG", "TRACE")


def read_tasks(section: Section, key: str) -> tuple[TaskSource, ...]:
    """Read a list of tasks."""
    found = (read_task(item) for item in section.sections(key, "task"))
    return tuple(task for task in found if task is not None)


def read_task(section: Section) -> TaskSource | None:
    """Read a task and all inside it; None when it cannot be told what it is."""
    task_id = _read_id(section)
    kind = _read_type(section)
    if kind is None:
        return None
    owner = kind.name.rpartition(".")[2]
    section.check_ages(OF_TASKS)
    if kind.properties is not None:
        known = kind.properties | (_ONCE if section.dialect.is_older else frozenset())
        section.check_keys(known, f"the type {owner}", _DROPPED.get(kind.core or ""))
        section.require(kind.required, f"the {owner} task {excerpt(task_id or UNNAMED)}")
    task = _read_options(section, task_id or UNNAMED, kind)
    source = _READERS.get(kind.core or "", read_work)(section, task, kind)
    return replace(source, disabled=source.disabled or _is_off(section))


def _read_id(section: Section) -> str | None:
    task_id = section.text("id")
    if task_id is None:
        if not section.has("id"):
            section.missing("id", "this task")
    elif not TASK_ID.fullmatch(task_id) or len(task_id) > LONGEST_ID:
        section.error(
            "id",
            f"{excerpt(task_id)} is no id of a task",
            "letters, digits, - and _, a letter or digit first",
        )
    return task_id


def _read_type(section: Section) -> KestraType | None:
    name = section.data.get("type")
    if name is None:
        section.missing("type", "this task")
        return None
    kind = task_type(name) if isinstance(name, str) else None
    if kind is None:
        shown = excerpt(name) if isinstance(name, str) else describe(name)
        suggestion = nearest(name, CORE_TASK_TYPES) if isinstance(name, str) else None
        section.error("type", f"there is no task type {shown}", "the name of a plugin's class", suggestion)
    else:
        _check_age(section, kind)
    return kind


def _check_age(section: Section, kind: KestraType) -> None:
    """Refuse a type that the version has no more, or not yet; `documented` reads those of 1.x with a warning."""
    owner, dialect = kind.name.rpartition(".")[2], section.dialect
    if kind.core == LOOP and dialect.lacks(FIRST_OF_2):
        section.error(
            "type", f"{dialect} has no task type {owner}: it is there since 2.0", "for instance ForEach"
        )
    elif kind.outdated and dialect.is_2:
        section.error(
            "type", f"{dialect} has the task type {owner} no more", _SUCCESSORS.get(kind.core or "")
        )
    elif kind.outdated and not dialect.is_older:
        section.warn("type", "Kestra 2.0 has this type no more; it is read as 1.x has it")


def _read_options(section: Section, task_id: str, kind: KestraType) -> Task:
    """Read what every task can have."""
    section.text("description")
    section.choice("logLevel", LOG_LEVELS)
    section.boolean("logToFile")
    if kind.core is not None:
        _check_common(section)
    if section.has("workerSelector") or section.has("workerGroup"):
        key = "workerSelector" if section.has("workerSelector") else "workerGroup"
        section.notice(key, f"`{key}` is not simulated: any worker takes the task")
    return Task(
        id=task_id,
        type=kind.name,
        kind=TaskKind.WORK,
        position=section.position,
        retry=read_retry(section),
        timeout_us=section.property_duration_us("timeout", "the task has no time limit"),
        allow_failure=section.boolean("allowFailure"),
        allow_warning=section.boolean("allowWarning"),
    )


def _check_common(section: Section) -> None:
    section.items("policyRefs")
    cache = section.section("taskCache")
    if cache is not None:
        cache.check_keys(frozenset({"enabled", "ttl"}), "`taskCache`")
        cache.duration_us("ttl")
    if section.has("assets"):
        section.error("assets", "assets are only in Kestra's Enterprise Edition", "no `assets`")


def _is_off(section: Section) -> bool:
    """Say whether `disabled` or `runIf` keep the task from running."""
    disabled = section.boolean("disabled")
    condition = section.text("runIf")
    try:
        return disabled or (condition is not None and not holds(condition))
    except ConditionError:
        section.notice("runIf", "`runIf` is a template, which is not evaluated: the task always runs")
        return disabled


# --- tasks that steer ---------------------------------------------------------------------------------------


def _flowable(section: Section, task: Task, kind: TaskKind, *, children: str | None = "tasks") -> TaskSource:
    """Read what every flowable task can have: children, errors, finally."""
    tasks = () if children is None else read_tasks(section, children)
    if children is not None and section.has(children) and not section.data[children]:
        section.error(children, f"`{children}` is empty", "at least one task")
    return TaskSource(
        replace(task, kind=kind),
        children=tasks,
        errors=read_tasks(section, "errors"),
        finally_=read_tasks(section, "finally"),
    )


def _read_sequence(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    return _flowable(section, task, TaskKind.SEQUENCE)


def _read_allow_failure(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    return _flowable(section, replace(task, allow_failure=True), TaskKind.SEQUENCE)


def _read_working_directory(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    source = _flowable(section, task, TaskKind.SEQUENCE)
    for child in section.sections("tasks", "task"):
        known = task_type(child.data["type"]) if isinstance(child.data.get("type"), str) else None
        if known is not None and known.core in _READERS and known.core not in _RUNNABLE:
            child.error("type", "a WorkingDirectory can hold no task that steers", "a task that does work")
        if child.has("workerSelector"):
            child.error(
                "workerSelector",
                "only the WorkingDirectory itself can choose a worker",
                "no `workerSelector`",
            )
    return source


def _read_parallel(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    return _flowable(section, replace(task, width=_width(section, "concurrent")), TaskKind.PARALLEL)


def _width(section: Section, key: str) -> int | None:
    return _positive(section.property_integer(key, "as many at a time as there are"))


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None


def _read_dag(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    source = _flowable(section, task, TaskKind.GRAPH, children=None)
    if not section.data.get("tasks"):
        section.error("tasks", "the Dag has no tasks", "at least one task")
    nodes = []
    for item in section.sections("tasks", "task of a Dag"):
        item.check_keys(frozenset({"task", "dependsOn"}), "a task of a Dag")
        inner = item.section("task")
        if inner is None:
            item.missing("task", "this entry of the Dag")
            continue
        needs = tuple(sorted(item.texts("dependsOn")))
        if (node := read_task(inner)) is not None:
            nodes.append(replace(node, task=replace(node.task, depends_on=needs)))
    _check_dag(section, nodes)
    return replace(
        source, children=tuple(nodes), task=replace(source.task, width=_width(section, "concurrent"))
    )


def _check_dag(section: Section, nodes: list[TaskSource]) -> None:
    needs = {node.task.id: node.task.depends_on for node in nodes}
    for unknown in sorted({need for task_needs in needs.values() for need in task_needs} - needs.keys()):
        what = f"a task depends on {excerpt(unknown)}, which is not in the Dag"
        section.error("tasks", what, one_of(needs), nearest(unknown, needs))
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        cycle = " -> ".join(error.args[1])
        section.error("tasks", f"these tasks wait for each other: {cycle}", "dependencies without a cycle")


def _read_if(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    source = _flowable(section, task, TaskKind.CHOICE, children=None)
    if section.has("then") and not section.data["then"]:
        section.error("then", "`then` is empty", "at least one task")
    condition = section.text("condition") or ""
    branches = (("then", read_tasks(section, "then")), ("else", read_tasks(section, "else")))
    source = replace(source, branches=branches)
    try:
        return replace(source, taken="then" if holds(condition) else "else")
    except ConditionError:
        how = evaluated_for_arrivals(condition, "the condition")
        section.notice("condition", f"{how}: `then` is taken, unless the scenario says which (`takes`)")
        return replace(source, taken="then", condition=condition)


def _read_switch(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    source = _flowable(section, task, TaskKind.CHOICE, children=None)
    cases = section.section("cases")
    branches = [(name, read_tasks(cases, name)) for name in cases.data] if cases is not None else []
    if not section.has("defaults") and not any(cases and cases.has(name) for name, _ in branches):
        section.error_at(section.loc, "the Switch has no tasks", "tasks in `cases` or `defaults`")
    value = section.property_text("value") or ""
    names = [name for name, _ in branches]
    branches.append(("defaults", read_tasks(section, "defaults")))
    source = replace(source, branches=tuple(branches))
    try:
        known = rendered(value)
    except ConditionError:
        taken = "defaults" if section.has("defaults") or not names else names[0]
        how = evaluated_for_arrivals(value, "the value")
        section.notice("value", f"{how}: {taken!r} is taken, unless the scenario says which (`takes`)")
        return replace(source, taken=taken, condition=value)
    return replace(source, taken=known if known in names else "defaults")


# --- loops --------------------------------------------------------------------------------------------------


def _passes(section: Section, key: str) -> int | None:
    """Count the values of a loop; None, with a notice, when only a run would know them."""
    values = section.data.get(key)
    if isinstance(values, str) and not is_template(values):
        try:
            values = json.loads(values)
        except (ValueError, RecursionError):
            values = None
    if isinstance(values, list | dict):
        return len(values)
    if key in section.data:
        section.notice(
            key, "the values are not evaluated: the loop runs once, unless the scenario says `items: N`"
        )
    return None


def _read_for_each(section: Section, task: Task, kind: KestraType) -> TaskSource:
    limit = section.integer("concurrencyLimit", minimum=0, filled=True)
    width = 1 if limit is None else _positive(limit)
    loop = Loop(_passes(section, "values"), width)
    task = replace(task, is_loop=kind.core == LOOP)
    return replace(_flowable(section, task, _loop_kind(width)), loop=loop)


def _loop_kind(width: int | None) -> TaskKind:
    return TaskKind.SEQUENCE if width == 1 else TaskKind.PARALLEL


def _read_each_sequential(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    return replace(_flowable(section, task, TaskKind.SEQUENCE), loop=Loop(_passes(section, "value")))


def _read_each_parallel(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    loop = Loop(_passes(section, "value"), _width(section, "concurrent"), TaskKind.PARALLEL)
    return replace(_flowable(section, task, TaskKind.PARALLEL), loop=loop)


def _read_loop_until(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    section.notice(
        "condition", "the condition is not evaluated: the loop runs once, unless the scenario says `items: N`"
    )
    return replace(_flowable(section, task, TaskKind.SEQUENCE), loop=Loop(None))


# --- tasks that wait, or start flows ---------------------------------------------------------------------


def _read_pause(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    source = _flowable(section, task, TaskKind.PAUSE, children=None)
    behavior = (section.property_text("behavior") or PauseEnd.RESUME.value).strip()
    ends = {end.value: end for end in PauseEnd}
    if behavior not in ends:
        section.notice(
            "behavior", f"the behavior {excerpt(behavior)} is not evaluated: the pause ends with RESUME"
        )
    on_pause = section.section("onPause")
    inner = read_task(on_pause) if on_pause is not None else None
    if inner is not None:
        section.notice("onPause", "the task of `onPause` is not simulated")
    pause_us = section.property_duration_us("pauseDuration", "the execution waits until it is resumed")
    return replace(
        source,
        task=replace(source.task, pause_us=pause_us, pause_end=ends.get(behavior, PauseEnd.RESUME)),
        children=() if inner is None else (replace(inner, disabled=True),),
    )


def _read_subflow(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    wait = section.boolean("wait", default=True)
    transmit_failed = section.boolean("transmitFailed", default=True)
    section.integer("revision")
    given = section.section("inputs")
    if section.has("scheduleDate"):
        section.notice("scheduleDate", "`scheduleDate` is not simulated: the subflow starts at once")
    namespace, flow_id = _own(section.text("namespace")), _own(section.text("flowId"))
    called = {"namespace": namespace, "flowId": flow_id}
    for key, text in called.items():
        if text is not None and text not in {OWN_ID, OWN_NAMESPACE} and is_template(text):
            section.notice(
                key,
                f"`{key}` is a template, which is not evaluated: the task is work that needs a duration in the scenario",
            )
            return TaskSource(task)
    call = Call(f"{namespace}.{flow_id}", wait=wait, transmit_failed=transmit_failed)
    return TaskSource(
        replace(task, kind=TaskKind.SUBFLOW, call=call), inputs=literals({} if given is None else given.data)
    )


def _own(text: str | None) -> str | None:
    """Return a template that names the flow itself in the one way that is known further on; any other text as it is."""
    match = None if text is None else _OWN.fullmatch(text)
    return text if match is None else f"{{{{ {match[1]} }}}}"


def _read_for_each_item(section: Section, task: Task, kind: KestraType) -> TaskSource:
    source = _read_subflow(section, task, kind)
    section.remark_at(
        Severity.NOTICE,
        section.loc,
        "the batches are not counted: there is one, unless the scenario says `items: N`",
    )
    return replace(
        source, loop=Loop(None), errors=read_tasks(section, "errors"), finally_=read_tasks(section, "finally")
    )


_Reader = Callable[[Section, Task, KestraType], TaskSource]
_READERS: Final[dict[str, _Reader]] = {
    "flow.Sequential": _read_sequence,
    "flow.AllowFailure": _read_allow_failure,
    "flow.WorkingDirectory": _read_working_directory,
    "flow.Parallel": _read_parallel,
    "flow.Dag": _read_dag,
    "flow.If": _read_if,
    "flow.Switch": _read_switch,
    "flow.Loop": _read_for_each,
    "flow.ForEach": _read_for_each,
    "flow.EachSequential": _read_each_sequential,
    "flow.EachParallel": _read_each_parallel,
    "flow.ForEachItem": _read_for_each_item,
    "flow.LoopUntil": _read_loop_until,
    "flow.Pause": _read_pause,
    "flow.Subflow": _read_subflow,
    "flow.Sleep": read_sleep,
    "execution.Fail": read_fail,
}
_ONCE: Final = frozenset({"workerGroup"})
"""Properties of every task that 2.0 has no more."""
_SUCCESSORS: Final = {
    "flow.ForEach": "a Loop",
    "flow.ForEachItem": "a Loop",
    "flow.EachSequential": "a Loop",
    "flow.EachParallel": "a Loop",
}
_RUNNABLE: Final = frozenset({"flow.Sleep", "execution.Fail"})
_DROPPED: Final = {
    "flow.Pause": {
        "delay": "`pauseDuration`, its name since 1.0",
        "tasks": "the tasks after the Pause, since 1.0",
    },
}
