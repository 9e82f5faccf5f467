"""How many executions of another flow an execution can have at once, and where that is more than a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from flowconc.lint.calls import LOOP_UNTIL, Call, branches, core
from flowconc.lint.repository import Repository
from flowconc.lint.scopes import Scope
from flowconc.scenario.flow import Task, TaskKind
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.kestra_flow.task_source import Loop, TaskSource
from flowconc.scenario.problems import Position

_Counts = Mapping[tuple[str, bool], float]
"""Executions at once, by the flow that is called and whether the caller waits; infinite where only a run knows."""


@dataclass(frozen=True, slots=True)
class Flood:
    """A task of one execution that starts more executions of `target` at once than the limit of `scope`.

    `count` is infinite where only a run knows it.
    """

    task: Task
    target: str
    count: float
    scope: Scope


def floods(repository: Repository, flow: FlowSource) -> Iterator[Flood]:
    """Give each flood once, at the innermost task that makes it."""
    calls = {call.position: call for call in repository.calls_by(flow)}
    if calls:
        walk = _Walk(repository, calls)
        for source in (*flow.tasks, *flow.errors, *flow.finally_, *flow.after_execution):
            walk.visit(source)
        yield from walk.found


class _Walk:
    """A walk over the tasks of a flow, inside first."""

    def __init__(self, repository: Repository, calls: Mapping[Position, Call]) -> None:
        self._repository = repository
        self._calls = calls
        self.found: list[Flood] = []

    def visit(self, source: TaskSource) -> _Counts:
        """Return how many executions a task has at once. What exceeds a limit is noted, and counted no further."""
        if source.disabled:
            return {}
        call = self._calls.get(source.task.position)
        if call is not None:
            counts: _Counts = {(call.target, call.wait): inf if call.is_batched else 1}
        else:
            counts = self._inside(source)
            if source.loop is not None:
                counts = {
                    key: count * _copies(source, source.loop, waits=key[1]) for key, count in counts.items()
                }
        counts = _most([counts, *map(self.visit, (*source.errors, *source.finally_))])
        return {key: count for key, count in counts.items() if not self._is_flood(source.task, key[0], count)}

    def _inside(self, source: TaskSource) -> _Counts:
        children = [self.visit(child) for child in source.children]
        if source.loop is not None:
            return _sum(children) if source.loop.body is TaskKind.PARALLEL else _most(children)
        match source.task.kind:
            case TaskKind.PARALLEL:
                return _sum(children, source.task.width)
            case TaskKind.GRAPH:
                return _most(
                    _sum(side_by_side, source.task.width) for side_by_side in _stages(source, children)
                )
            case _:
                return _most(
                    [*children, *(self.visit(task) for branch in branches(source) for task in branch)]
                )

    def _is_flood(self, task: Task, target: str, count: float) -> bool:
        scope = min(self._repository.scopes_of(target), key=lambda scope: scope.limit, default=None)
        if scope is None or count <= scope.limit:
            return False
        self.found.append(Flood(task, target, count, scope))
        return True


def _copies(source: TaskSource, loop: Loop, *, waits: bool) -> float:
    """Return how many passes of a loop have executions under way at once.

    A pass that waits for none, and does nothing else, is over at once: then all passes have.
    """
    passes = inf if loop.passes is None else loop.passes
    width = inf if loop.width is None else loop.width
    if waits or not all(map(_takes_no_time, source.children)) or core(source.task) == LOOP_UNTIL:
        return min(passes, width)
    return passes


def _takes_no_time(source: TaskSource) -> bool:
    call = source.task.call
    if source.disabled or source.task.kind is TaskKind.INSTANT or (call is not None and not call.wait):
        return True
    inside = [*source.children, *(task for branch in branches(source) for task in branch)]
    return bool(inside) and all(map(_takes_no_time, inside))


def _stages(source: TaskSource, counts: list[_Counts]) -> Iterable[list[_Counts]]:
    """Return what the tasks of a Dag start, in groups of those that wait for the same tasks."""
    stages: dict[tuple[str, ...], list[_Counts]] = {}
    for node, started in zip(source.children, counts, strict=True):
        stages.setdefault(node.task.depends_on, []).append(started)
    return stages.values()


def _most(counts: Iterable[_Counts]) -> _Counts:
    """Return the most of any of these, which follow each other or exclude each other."""
    return {key: max(values) for key, values in _values(counts).items()}


def _sum(counts: Iterable[_Counts], width: int | None = None) -> _Counts:
    """Add up what stands side by side; no more than `width` do at once."""
    return {key: sum(sorted(values, reverse=True)[:width]) for key, values in _values(counts).items()}


def _values(counts: Iterable[_Counts]) -> Mapping[tuple[str, bool], list[float]]:
    found: dict[tuple[str, bool], list[float]] = {}
    for each in counts:
        for key, count in each.items():
            found.setdefault(key, []).append(count)
    return found
