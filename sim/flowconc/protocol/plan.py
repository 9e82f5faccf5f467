"""A flow's task tree as a flat plan: numbered nodes, so that progress is one byte per node.

Node 0 is the flow's own sequence of tasks. A group (sequence, parallel, graph, choice) has main children and, where
the flow file has them, an `errors` and a `finally` group. `after` is the group of afterExecution tasks, outside the
tree: it starts when the execution's final state is set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from flowconc.protocol.states import State
from flowconc.scenario.flow import Concurrency, Flow, Retry, Sla, SlaBehavior, SlaKind, Task, TaskKind

NONE = -1
GROUPS = frozenset({TaskKind.SEQUENCE, TaskKind.PARALLEL, TaskKind.GRAPH, TaskKind.CHOICE})


class Node(NamedTuple):
    """One task, or one group of tasks, of a plan. Other nodes are given by their number, NONE is no node."""

    number: int
    kind: TaskKind
    parent: int
    task: Task | None  # None for the flow's own groups
    occurrence: int  # how many nodes before it have the same task id (passes of a loop)
    children: tuple[int, ...] = ()
    errors: int = NONE
    finally_: int = NONE
    depends_on: tuple[int, ...] = ()

    @property
    def is_group(self) -> bool:
        """Say whether the node only steers others."""
        return self.kind in GROUPS


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What one revision of a flow says of its executions. `after` is NONE without afterExecution tasks.

    `asserted` is the state in which an SLA assertion that does not hold ends every execution.
    """

    nodes: tuple[Node, ...]
    after: int
    retry: Retry | None = None
    concurrency: Concurrency | None = None
    sla: tuple[Sla, ...] = ()
    asserted: State | None = None
    passes: tuple[
        tuple[int, Plan], ...
    ] = ()  # where passes of a Loop are executions: by node, what each does

    def of_pass(self, path: tuple[int, ...]) -> Plan:
        """Return the plan of a pass of a Loop: `path` are its node, and before that those of the passes around it."""
        plan = self
        for node in path:
            plan = dict(plan.passes)[node]
        return plan


def compile_plan(flow: Flow, *, loops_apart: bool = False) -> Plan:
    """Give the tasks of `flow` their numbers: parents before children, in the order of the file.

    With `loops_apart`, a pass of a Loop is one node, which stands for an execution (SEMANTICS 3.19).
    """
    builder = _Builder(loops_apart)
    builder.group(None, TaskKind.SEQUENCE, flow.tasks, flow.errors, flow.finally_, NONE)
    after = NONE
    if flow.after_execution:
        after = builder.group(None, TaskKind.SEQUENCE, flow.after_execution, (), (), NONE)
    nodes, passes = tuple(builder.nodes), builder.passes(flow)
    return Plan(nodes, after, flow.retry, flow.concurrency, flow.sla, _asserted(flow.sla), passes)


def node_of(plan: Plan, task: str) -> int | None:
    """Return the number of the first node with this task id; None when there is none."""
    return next((node.number for node in plan.nodes if node.task is not None and node.task.id == task), None)


SLA_ENDS = {SlaBehavior.FAIL: State.FAILED, SlaBehavior.CANCEL: State.CANCELLED}
"""The state in which an SLA that is broken ends an execution; with NONE it only says so."""


def _asserted(sla: tuple[Sla, ...]) -> State | None:
    broken = (each for each in sla if each.kind is SlaKind.EXECUTION_ASSERTION and not each.holds)
    return next((SLA_ENDS[each.behavior] for each in broken if each.behavior in SLA_ENDS), None)


class _Builder:
    def __init__(self, loops_apart: bool) -> None:
        self.nodes: list[Node] = []
        self._loops_apart = loops_apart
        self._passes: list[tuple[int, Task]] = []
        self._seen: dict[str, int] = {}

    def passes(self, flow: Flow) -> tuple[tuple[int, Plan], ...]:
        """Return the plan of each pass of each Loop; an execution of the flow, with its limit, and nothing else."""
        bare = replace(flow, errors=(), finally_=(), after_execution=(), retry=None, sla=())
        return tuple(
            (node, compile_plan(replace(bare, tasks=body.children), loops_apart=True))
            for node, body in self._passes
        )

    def group(
        self,
        task: Task | None,
        kind: TaskKind,
        children: tuple[Task, ...],
        errors: tuple[Task, ...],
        finally_: tuple[Task, ...],
        parent: int,
    ) -> int:
        index = self._reserve(kind, parent, task)
        built = tuple(self.task(child, index) for child in children)
        by_id = {child.id: number for child, number in zip(children, built, strict=True)}
        for child, number in zip(children, built, strict=True):
            needed = tuple(by_id[name] for name in child.depends_on if name in by_id)
            self.nodes[number] = self.nodes[number]._replace(depends_on=needed)
        self.nodes[index] = self.nodes[index]._replace(
            children=built,
            errors=self.group(None, TaskKind.SEQUENCE, errors, (), (), index) if errors else NONE,
            finally_=self.group(None, TaskKind.SEQUENCE, finally_, (), (), index) if finally_ else NONE,
        )
        return index

    def task(self, task: Task, parent: int) -> int:
        if task.kind is TaskKind.CHOICE:
            return self._choice(task, parent)
        if task.is_loop and self._loops_apart:
            return self._loop(task, parent)
        if task.kind in GROUPS:
            return self.group(task, task.kind, task.children, task.errors, task.finally_, parent)
        if task.call is not None and task.call.count > 1:
            return self._fan_out(task, task.call.count, parent)
        return self._reserve(task.kind, parent, task)

    def _choice(self, task: Task, parent: int) -> int:
        """Make each branch a sequence; `children` are the branches, in the order of the file."""
        index = self._reserve(TaskKind.CHOICE, parent, task)
        branches = tuple(
            self.group(None, TaskKind.SEQUENCE, branch.tasks, (), (), index) for branch in task.branches
        )
        self.nodes[index] = self.nodes[index]._replace(
            children=branches,
            errors=self.group(None, TaskKind.SEQUENCE, task.errors, (), (), index) if task.errors else NONE,
            finally_=self.group(None, TaskKind.SEQUENCE, task.finally_, (), (), index)
            if task.finally_
            else NONE,
        )
        return index

    def _loop(self, task: Task, parent: int) -> int:
        """Make one node per pass of a Loop."""
        index = self._reserve(task.kind, parent, replace(task, children=()))
        passes = tuple(self._reserve(TaskKind.SUBFLOW, index, body) for body in task.children)
        self._passes += zip(passes, task.children, strict=True)
        self.nodes[index] = self.nodes[index]._replace(children=passes)
        return index

    def _fan_out(self, task: Task, count: int, parent: int) -> int:
        """Make one call per batch (ForEachItem), side by side."""
        index = self._reserve(TaskKind.PARALLEL, parent, None)
        calls = tuple(self._reserve(TaskKind.SUBFLOW, index, task) for _ in range(count))
        self.nodes[index] = self.nodes[index]._replace(children=calls)
        return index

    def _reserve(self, kind: TaskKind, parent: int, task: Task | None) -> int:
        occurrence = 0
        if task is not None:
            occurrence = self._seen.get(task.id, 0)
            self._seen[task.id] = occurrence + 1
        self.nodes.append(Node(len(self.nodes), kind, parent, task, occurrence))
        return len(self.nodes) - 1
