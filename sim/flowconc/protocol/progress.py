"""How an execution goes through its plan: which tasks start when one has ended, and how the whole ends.

Progress is a byte per node. Functions take progress and return new progress with the tasks that have become READY;
nothing else is kept. The rules are Kestra's for flowable tasks: a failed task stops its sequence; tasks running
beside it go on to their end, nothing new starts; then `errors` run, then `finally`, and the group fails.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from flowconc.protocol.plan import NONE, Node, Plan
from flowconc.scenario.flow import TaskKind


class Run(IntEnum):
    """The state of one node."""

    PENDING = 0
    READY = 1  # may start, and will when the execution is not paused
    RUNNING = 2  # for a group: its main tasks
    RETRYING = 3
    ERRORS = 4  # a group whose `errors` run
    FINALLY_SUCCESS = 5  # a group whose `finally` runs, and how it ends then
    FINALLY_WARNING = 6
    FINALLY_FAILED = 7
    FINALLY_KILLED = 8
    SUCCESS = 9
    WARNING = 10
    FAILED = 11
    KILLED = 12  # stops nothing by itself: what follows a subflow task whose child was killed goes on


ENDED = frozenset({Run.SUCCESS, Run.WARNING, Run.FAILED, Run.KILLED})
_FINALLY_OF = {
    Run.SUCCESS: Run.FINALLY_SUCCESS,
    Run.WARNING: Run.FINALLY_WARNING,
    Run.FAILED: Run.FINALLY_FAILED,
    Run.KILLED: Run.FINALLY_KILLED,
}
_END_OF = {finally_: end for end, finally_ in _FINALLY_OF.items()}
_AT_REST = bytes({Run.PENDING, *ENDED})


# Most executions of a flow go through the same few steps of progress, so a few are worth remembering.
_REMEMBERED = 1024


class Step(NamedTuple):
    """Progress made. `ready` are the nodes that have become READY, in order; a choice among them waits to be decided."""

    progress: bytes
    ready: tuple[int, ...]


@lru_cache(maxsize=_REMEMBERED)
def begin(plan: Plan, root: int = 0, progress: bytes = b"") -> Step:
    """Start the group `root`: the flow's tasks (0), or its afterExecution tasks (`plan.after`)."""
    work = _Work(plan, progress or bytes(len(plan.nodes)))
    work.start(root)
    return work.done()


@lru_cache(maxsize=_REMEMBERED)
def end(plan: Plan, progress: bytes, node: int, outcome: Run) -> Step:
    """End a task with `outcome` and start what that lets start."""
    work = _Work(plan, progress)
    work.finish(node, outcome)
    return work.done()


def choose(plan: Plan, progress: bytes, node: int, branch: int) -> Step:
    """Take branch number `branch` of the choice `node`."""
    work = _Work(plan, progress)
    work.states[node] = Run.RUNNING
    work.start(plan.nodes[node].children[branch])
    return work.done()


@lru_cache(maxsize=_REMEMBERED)
def mark(progress: bytes, nodes: tuple[int, ...], run: Run) -> bytes:
    """Set the state of some nodes and nothing else."""
    states = bytearray(progress)
    for node in nodes:
        states[node] = run
    return bytes(states)


def again(plan: Plan, progress: bytes) -> Step:
    """Prepare a restart: failed tasks become READY and the groups around them run again.

    Errors, finally and afterExecution tasks start over.
    """
    work = _Work(plan, progress)
    work.forget(plan.after)
    work.reopen(0)
    return work.done()


def kill(progress: bytes, *, spared: Run = Run.PENDING) -> bytes:
    """End every node that has begun and not ended, but those that are `spared`."""
    left = ENDED | {Run.PENDING, spared}
    return bytes(state if state in left else Run.KILLED for state in progress)


def rewind(plan: Plan, progress: bytes, node: int) -> Step:
    """Prepare a replay from a task: what came before it stays, it is READY, and what follows is still to come."""
    work = _Work(plan, progress)
    work.forget(plan.after)
    work.rewind(node)
    return work.done()


def waiting(progress: bytes, run: Run) -> tuple[int, ...]:
    """Return the nodes in state `run`, in order."""
    return tuple(index for index, state in enumerate(progress) if state == run)


class _Work:
    """Mutable progress while one step is worked out."""

    def __init__(self, plan: Plan, progress: bytes) -> None:
        self.plan = plan
        self.states = bytearray(progress)
        self.ready: list[int] = []
        self._moved: list[Node] = []
        """Groups to look at. In a list, so that a long row of empty groups is no deep recursion."""

    def done(self) -> Step:
        while self._moved:
            self._go_on(self._moved.pop())
        return Step(bytes(self.states), tuple(sorted(self.ready)))

    def start(self, index: int) -> None:
        node = self.plan.nodes[index]
        if node.is_group and node.kind is not TaskKind.CHOICE:
            self.states[index] = Run.RUNNING
            self._moved.append(node)
        else:
            self.states[index] = Run.READY
            self.ready.append(index)

    def finish(self, index: int, outcome: int) -> None:
        node = self.plan.nodes[index]
        if node.task is not None:
            if outcome == Run.FAILED and node.task.allow_failure:
                outcome = Run.WARNING
            if outcome == Run.WARNING and node.task.allow_warning:
                outcome = Run.SUCCESS
        self.states[index] = outcome
        if node.parent != NONE:
            self._child_ended(self.plan.nodes[node.parent], index, outcome)

    def _child_ended(self, group: Node, child: int, outcome: int) -> None:
        if child == group.errors:
            self._enter_finally(group, Run.FAILED)
        elif child == group.finally_:
            kept = _END_OF[Run(self.states[group.number])]
            self.finish(group.number, max(kept, outcome))
        else:
            self._moved.append(group)

    def _go_on(self, group: Node) -> None:
        """Start the main children that may start now; when none is left, end the main part."""
        if self.states[group.number] != Run.RUNNING:
            return
        states = self._states_of(group)
        if Run.FAILED not in states:
            for child in self._startable(group):
                self.start(child)
        states = self._states_of(group)
        if not states.translate(None, _AT_REST):
            self._main_ended(group, max(states, default=Run.PENDING) or Run.SUCCESS)

    def _startable(self, group: Node) -> list[int]:
        states = self.states
        if group.kind is TaskKind.CHOICE:
            return []
        width = 1 if group.kind is TaskKind.SEQUENCE else (group.task.width if group.task else None)
        if width is not None:
            width = max(0, width - len(self._states_of(group).translate(None, _AT_REST)))
        if width == 0:
            return []
        pending = (child for child in group.children if states[child] == Run.PENDING)
        if group.kind is TaskKind.GRAPH:
            nodes = self.plan.nodes
            pending = (c for c in pending if all(states[d] in ENDED for d in nodes[c].depends_on))
        return list(islice(pending, width))

    def _states_of(self, group: Node) -> bytes:
        return bytes(map(self.states.__getitem__, group.children))

    def _main_ended(self, group: Node, outcome: int) -> None:
        if outcome == Run.FAILED and group.errors != NONE:
            self.states[group.number] = Run.ERRORS
            self.start(group.errors)
        else:
            self._enter_finally(group, outcome)

    def _enter_finally(self, group: Node, outcome: int) -> None:
        if group.finally_ != NONE:
            self.states[group.number] = _FINALLY_OF[Run(outcome)]
            self.start(group.finally_)
        else:
            self.finish(group.number, outcome)

    def reopen(self, index: int) -> None:
        node = self.plan.nodes[index]
        if not node.is_group:
            self.states[index] = Run.READY
            self.ready.append(index)
            return
        self.states[index] = Run.RUNNING
        self.forget(node.errors)
        self.forget(node.finally_)
        failed = [child for child in node.children if self.states[child] == Run.FAILED]
        for child in failed:
            self.reopen(child)
        if not failed:
            self._moved.append(node)

    def rewind(self, index: int) -> None:
        """Go back to just before a node: later siblings are forgotten, the groups around it run."""
        path = self.plan.nodes[index]
        self.forget(index)
        self.states[index] = Run.READY
        self.ready.append(index)
        while path.parent != NONE:
            group = self.plan.nodes[path.parent]
            later = (
                group.children[group.children.index(path.number) + 1 :]
                if path.number in group.children
                else ()
            )
            if group.kind is TaskKind.SEQUENCE:
                for child in later:
                    self.forget(child)
            if path.number in group.children:
                self.forget(group.errors)
                self.forget(group.finally_)
                self.states[group.number] = Run.RUNNING
            path = group

    def forget(self, index: int) -> None:
        if index == NONE:
            return
        node = self.plan.nodes[index]
        self.states[index] = Run.PENDING
        for child in (*node.children, node.errors, node.finally_):
            self.forget(child)
