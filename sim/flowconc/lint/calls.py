"""Which tasks of a flow start executions of flows, and whether they wait for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from flowconc.lint.places import Places, is_conditional
from flowconc.scenario.flow import Task, TaskKind
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.kestra_flow.jackson import is_template, to_boolean
from flowconc.scenario.kestra_flow.kestra_types import task_type
from flowconc.scenario.kestra_flow.task_source import TaskSource
from flowconc.scenario.names import flow_key
from flowconc.scenario.problems import Position

FOR_EACH_ITEM: Final = "flow.ForEachItem"
LOOP_UNTIL: Final = "flow.LoopUntil"
_CALLING: Final = frozenset({"flow.Subflow", FOR_EACH_ITEM})
_OWN_NAME: Final = re.compile(r"\{\{-?\s*flow\.(?P<part>id|namespace)\s*-?\}\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A task of the flow `caller` that starts executions of the flow `target`, both given by their keys."""

    caller: str
    target: str
    task: Task
    wait: bool
    transmit_failed: bool
    is_batched: bool  # ForEachItem: an execution for each batch, however many there are, all at once
    is_certain: bool  # an execution that goes well gets here: no condition, and no loop that may have no pass

    @property
    def position(self) -> Position:
        """Where the task begins."""
        return self.task.position


def core(task: Task) -> str | None:
    """Return the task's type after `io.kestra.plugin.core.`, by its newest name; None for plugins' types."""
    known = task_type(task.type)
    return None if known is None else known.core


def enabled(tasks: Iterable[TaskSource]) -> Iterator[TaskSource]:
    """Give the tasks that can run, at any depth: nothing below a disabled one does."""
    for source in tasks:
        if not source.disabled:
            yield source
            for branch in branches(source):
                yield from enabled(branch)
            yield from enabled((*source.children, *source.errors, *source.finally_))


def branches(source: TaskSource) -> list[tuple[TaskSource, ...]]:
    """Return the branches of an If or Switch that may be taken: one alone where the file decides."""
    is_open = source.condition is not None
    return [branch for name, branch in source.branches if is_open or name == source.taken]


def every_task(flow: FlowSource) -> Iterator[TaskSource]:
    """Give all tasks of the flow that can run."""
    return enabled((*flow.tasks, *flow.errors, *flow.finally_, *flow.after_execution))


def first_tasks(tasks: Iterable[TaskSource]) -> Iterator[TaskSource]:
    """Give the tasks that start when the first of these does, before any has ended: it, and what is first inside it."""
    for source in tasks:
        if not source.disabled:
            yield source
            side_by_side = source.task.kind in (TaskKind.PARALLEL, TaskKind.GRAPH)
            inside = [(each,) for each in source.children] if side_by_side else [source.children]
            for each in inside:
                yield from first_tasks(each)
            return


def calls_of(flow: FlowSource, places: Places) -> tuple[Call, ...]:
    """Return the flow's calls. Those whose target only a run knows are left out."""
    if not any(core(source.task) in _CALLING for source in every_task(flow)):
        return ()
    reader = _Reader(flow, places)
    return (
        *reader.calls(flow.tasks, is_certain=True),
        *reader.calls(flow.errors, is_certain=False),
        *reader.calls((*flow.finally_, *flow.after_execution), is_certain=True),
    )


class _Reader:
    def __init__(self, flow: FlowSource, places: Places) -> None:
        self._flow = flow
        self._places = places

    def calls(self, tasks: Iterable[TaskSource], *, is_certain: bool) -> Iterator[Call]:
        for source in tasks:
            if source.disabled:
                continue
            runs = is_certain and not is_conditional(self._places.data(source.task.position))
            passes = runs and not _may_have_no_pass(source)
            if core(source.task) in _CALLING:
                yield from self._call(source, is_certain=passes)
            yield from self.calls(source.children, is_certain=passes)
            for branch in branches(source):
                yield from self.calls(branch, is_certain=runs and source.condition is None)
            yield from self.calls(source.errors, is_certain=False)
            yield from self.calls(source.finally_, is_certain=runs)

    def _call(self, source: TaskSource, *, is_certain: bool) -> Iterator[Call]:
        task = source.task
        target = self._target(task)
        if target is not None:
            yield Call(
                caller=self._flow.key,
                target=target,
                task=task,
                wait=task.call.wait if task.call is not None else self._says(task, "wait"),
                transmit_failed=self._says(task, "transmitFailed"),
                is_batched=core(task) == FOR_EACH_ITEM,
                is_certain=is_certain,
            )

    def _says(self, task: Task, name: str) -> bool:
        """Read a property of a call that is true unless the file says otherwise."""
        value = to_boolean(self._places.data(task.position).get(name)).value
        return True if value is None else value

    def _target(self, task: Task) -> str | None:
        """Return the flow that is called, also by templates that name the caller (`{{ flow.id }}`)."""
        if task.call is not None:
            written = task.call.flow
        else:
            data = self._places.data(task.position)
            written = f"{data.get('namespace')}.{data.get('flowId')}"
        name = _OWN_NAME.sub(lambda match: str(getattr(self._flow, match["part"])), written)
        return None if is_template(name) else flow_key(self._flow.tenant, name)


def _may_have_no_pass(source: TaskSource) -> bool:
    loop = source.loop
    return loop is not None and not loop.passes and core(source.task) != LOOP_UNTIL
