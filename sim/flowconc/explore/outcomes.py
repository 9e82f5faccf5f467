"""How a run of a task may end, when nobody draws lots: every outcome that its scenario leaves open."""

from __future__ import annotations

from flowconc.protocol.plan import Node
from flowconc.protocol.progress import Run
from flowconc.protocol.tables import Birth
from flowconc.scenario.distributions import Constant
from flowconc.scenario.flow import Task, TaskKind
from flowconc.simulation.workers import COPIES

_SUCCEEDS, _FAILS, _EITHER = (Run.SUCCESS,), (Run.FAILED,), (Run.SUCCESS, Run.FAILED)


def counts_runs(task: Task) -> bool:
    """Say whether it matters for a task how many runs of it there have been."""
    return task.failures is not None and bool(task.failures.runs)


def outcomes(birth: Birth, task: Task, attempt: int, begun: int) -> tuple[Run, ...]:
    """Return how a run may end; it is the `begun`-th of its task over all executions."""
    possible = _drawn(birth, task, attempt, begun)
    if Run.FAILED not in possible and _may_time_out(birth, task):
        return _FAILS if _must_time_out(birth, task) else _EITHER
    return possible


def branches(birth: Birth, node: Node) -> tuple[int, ...]:
    """Return the branches of a choice that may be taken: the one that is said of this execution, or all that can be."""
    task = node.task
    assert task is not None
    taken = dict(birth.takes).get(task.id)
    return tuple(
        index
        for index, branch in enumerate(task.branches)
        if (branch.weight > 0 if taken is None else branch.name == taken)
    )


def _drawn(birth: Birth, task: Task, attempt: int, begun: int) -> tuple[Run, ...]:
    if task.id in birth.fails:
        return _FAILS
    failures = task.failures
    if failures is None:
        return _FAILS if task.kind is TaskKind.FAIL else _SUCCEEDS
    if failures.only_original and birth.source.startswith(COPIES):
        return _SUCCEEDS
    if begun in failures.runs or attempt <= failures.attempts:
        return _FAILS
    if failures.share in (0.0, 1.0):
        return _FAILS if failures.share else _SUCCEEDS
    return _EITHER


def _may_time_out(birth: Birth, task: Task) -> bool:
    if task.timeout_us is None or task.kind is not TaskKind.WORK or task.duration is None:
        return False
    return _must_time_out(birth, task) or not _is_known(birth, task)


def _must_time_out(birth: Birth, task: Task) -> bool:
    assert task.timeout_us is not None
    if birth.duration_us is not None:
        return task.timeout_us < birth.duration_us
    return isinstance(task.duration, Constant) and task.timeout_us < task.duration.value_us


def _is_known(birth: Birth, task: Task) -> bool:
    return birth.duration_us is not None or isinstance(task.duration, Constant)
