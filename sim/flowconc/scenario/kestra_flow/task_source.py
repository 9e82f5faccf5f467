"""A task as a flow file says it, before the scenario says what the file cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flowconc.scenario.flow import Task, TaskKind

OWN_ID: Final = "{{ flow.id }}"
OWN_NAMESPACE: Final = "{{ flow.namespace }}"
"""The templates with which a subflow may name the flow that starts it; building the flow fills them in."""

UNNAMED: Final = "?"
"""The id of what has none, which is an error, while reading goes on."""


@dataclass(frozen=True, slots=True)
class Loop:
    """How often the children of a loop run. `passes` None: the file does not say."""

    passes: int | None
    width: int | None = 1  # passes side by side; None is no bound
    body: TaskKind = TaskKind.SEQUENCE  # how the children of one pass run


@dataclass(frozen=True, slots=True)
class TaskSource:
    """A task as its file says it, with what is inside it; `task` has no children yet."""

    task: Task
    children: tuple[TaskSource, ...] = ()
    errors: tuple[TaskSource, ...] = ()
    finally_: tuple[TaskSource, ...] = ()
    branches: tuple[tuple[str, tuple[TaskSource, ...]], ...] = ()
    taken: str | None = None  # the branch taken unless the scenario says otherwise
    condition: str | None = (
        None  # what decides if a Fail fails, or which branch is taken: evaluated for arrivals
    )
    loop: Loop | None = None
    inputs: Mapping[str, object] | None = None  # of a subflow; None where only a run would know
    disabled: bool = False  # dropped when the flow is built
    duration_is_late: bool = False  # a Sleep whose duration only a run would know

    def walk(self) -> Iterator[TaskSource]:
        """Give this task and all inside it, in the order of the file's properties."""
        yield self
        for _, tasks in self.branches:
            for task in tasks:
                yield from task.walk()
        for task in (*self.children, *self.errors, *self.finally_):
            yield from task.walk()
