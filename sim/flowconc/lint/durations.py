"""How long an execution of a flow takes at least, as far as its file says: a lower bound, never a guess.

Sleep tasks, shell commands that are a lone `sleep N` and pauses that go on by themselves count; whatever else runs
counts nothing. What follows each other is summed, of what runs side by side the longest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from math import ceil

from flowconc.lint.calls import branches
from flowconc.lint.places import Places, is_conditional
from flowconc.scenario.distributions import Constant
from flowconc.scenario.flow import PauseEnd, TaskKind
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.kestra_flow.task_source import Loop, TaskSource
from flowconc.scenario.problems import Position


def least_us(flow: FlowSource, places: Places, waits_us: Mapping[Position, int]) -> int:
    """Return the least time from an execution's start to the end of its afterExecution, in microseconds.

    `waits_us` has that of the executions which the calls at these positions wait for; other calls count nothing.
    """
    bound = _Bound(places, waits_us)
    return bound.in_turn((*flow.tasks, *flow.finally_, *flow.after_execution))


class _Bound:
    def __init__(self, places: Places, waits_us: Mapping[Position, int]) -> None:
        self._places = places
        self._waits_us = waits_us

    def in_turn(self, tasks: Iterable[TaskSource]) -> int:
        """Add up tasks that follow each other, up to the first that fails."""
        total_us = 0
        for source in tasks:
            total_us += self._of(source)
            if source.task.kind is TaskKind.FAIL and not source.disabled:
                break
        return total_us

    def _of(self, source: TaskSource) -> int:
        task = source.task
        if source.disabled or is_conditional(self._places.data(task.position)):
            return 0
        inside_us = self._inside(source)
        if task.timeout_us is not None:
            inside_us = min(inside_us, task.timeout_us)
        return inside_us + self.in_turn(source.finally_)

    def _inside(self, source: TaskSource) -> int:
        match source.task.kind:
            case TaskKind.WORK:
                duration = source.task.duration
                return duration.value_us if isinstance(duration, Constant) else 0
            case TaskKind.PAUSE:
                resumes = source.task.pause_end in {PauseEnd.RESUME, PauseEnd.WARN}
                return source.task.pause_us or 0 if resumes else 0
            case TaskKind.SUBFLOW:
                return self._waits_us.get(source.task.position, 0)
            case TaskKind.CHOICE:
                return min((self.in_turn(branch) for branch in branches(source)), default=0)
            case TaskKind.GRAPH:
                return self._longest_way(source.children)
            case _:
                return self._passes(source)

    def _passes(self, source: TaskSource) -> int:
        """Return the least time of a group of tasks, or of all the passes of a loop."""
        loop = source.loop if source.loop is not None else Loop(1, 1, source.task.kind)
        if loop.body is TaskKind.PARALLEL:
            one_us = max(map(self._of, source.children), default=0)
        else:
            one_us = self.in_turn(source.children)
        passes = loop.passes or 0
        rounds = ceil(passes / loop.width) if loop.width else min(passes, 1)
        return rounds * one_us

    def _longest_way(self, nodes: tuple[TaskSource, ...]) -> int:
        """Return the length of the longest chain of a Dag, whose nodes may stand in any order."""
        needs = {node.task.id: node.task.depends_on for node in nodes}
        own_us = {node.task.id: self._of(node) for node in nodes}
        end_us: dict[str, int] = {}
        for name in TopologicalSorter(needs).static_order():
            before_us = max((end_us[need] for need in needs[name]), default=0)
            end_us[name] = before_us + own_us[name]
        return max(end_us.values(), default=0)
