"""How long tasks ran in a recording, for each execution of a flow in order of creation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from flowconc.kestra.recording import RecordedExecution, Recording

HANDED_ON_WITHIN_US: Final = 1_000_000
"""An execution that leaves the queue this soon after the end of another one was started by it."""

USUAL_OVERHEAD_US: Final = 100_000
"""What the engine adds to the time of a task when the recording shows no task that ended."""

STOPPED_BEFORE_US: Final = 100_000
"""A task that was stopped would have gone on for at least so long."""

TaskKey = tuple[str, str]
"""(flow, task)."""

_ENDS: Final = frozenset({"SUCCESS", "FAILED", "WARNING"})


@dataclass(frozen=True, slots=True)
class Lengths:
    """Times of tasks, in microseconds. `of_runs_us` goes by execution, in order of creation; None is not known.

    `usual_us` is the usual length of a task that ended, `added_us` what the engine usually adds to what the flow says.
    """

    of_runs_us: Mapping[TaskKey, tuple[int | None, ...]]
    usual_us: Mapping[TaskKey, int]
    added_us: int = USUAL_OVERHEAD_US

    def or_usual_us(self, key: TaskKey, nominal_us: int) -> int:
        """Return how long a run takes of which nothing is known."""
        return self.usual_us.get(key, nominal_us + self.added_us)


NO_LENGTHS: Final = Lengths({}, {}, added_us=0)


def lengths_of(
    recording: Recording, order: Mapping[str, Sequence[str]], nominal_us: Mapping[TaskKey, int]
) -> Lengths:
    """Take the lengths from a recording.

    `order` has the executions of each flow in order of creation, `nominal_us` what the flow files say of each task
    that workers run, 0 where they say nothing.
    """
    held_us = _held(recording)
    tasks: dict[str, set[str]] = {}
    for flow, task in nominal_us:
        tasks.setdefault(flow, set()).add(task)
    runs: dict[TaskKey, tuple[int | None, ...]] = {}
    for flow, task in nominal_us:
        executions = [recording.executions[name] for name in order.get(flow, ())]
        runs[flow, task] = tuple(
            _segment_us(each, task, held_us[each.name])
            if each.name in held_us and _in_a_row(each, tasks[flow])
            else _run_us(each, task)
            for each in executions
        )
    usual_us = {
        key: round(median(known))
        for key, found in runs.items()
        if (known := [length for length in found if length is not None])
    }
    added = [usual_us[key] - nominal_us[key] for key in usual_us]
    lengths = Lengths(runs, usual_us, round(median(added)) if added else USUAL_OVERHEAD_US)
    for (flow, task), found in list(runs.items()):
        at_least_us = lengths.or_usual_us((flow, task), nominal_us[flow, task])
        runs[flow, task] = tuple(
            _stopped_us(recording.executions[name], task, at_least_us) if known is None else known
            for known, name in zip(found, order.get(flow, ()), strict=True)
        )
    return lengths


# --- tasks in a row -------------------------------------------------------------------------------------------


def _in_a_row(execution: RecordedExecution, tasks: Set[str]) -> bool:
    """Say whether an execution ran tasks one after the other, each once, and no groups of tasks."""
    if not {run.task for run in execution.tasks} <= tasks:
        return False
    if any(run.attempts > 1 for run in execution.tasks):
        return False
    spans = [(run.history[0][1], run.history[-1][1]) for run in execution.tasks]
    return all(end_us <= begin_us for (_, end_us), (begin_us, _) in pairwise(spans))


def _segment_us(execution: RecordedExecution, task: str, held_us: int) -> int | None:
    """Return which part of the time that an execution held its slot belongs to a task: until the next one is created."""
    starts_us = [run.history[0][1] for run in execution.tasks]
    begin_us = _running_us(execution)
    bounds = [begin_us, *starts_us[1:], begin_us + held_us]
    for run, (from_us, until_us) in zip(execution.tasks, pairwise(bounds), strict=True):
        if run.task == task:
            return max(0, until_us - from_us)
    return None


def _running_us(execution: RecordedExecution) -> int:
    return next(t_us for state, t_us in execution.history if state == "RUNNING")


# --- one task run ---------------------------------------------------------------------------------------------


def _run_us(execution: RecordedExecution, task: str) -> int | None:
    """Return how long a task took at first that ended by itself: from its creation until what comes next."""
    for run in execution.tasks:
        if run.task != task:
            continue
        resent = [t_us for state, t_us in run.history if state == "RESUBMITTED"]
        begin_us = resent[-1] if resent else run.history[0][1]
        end_us = next((t_us for state, t_us in run.history if state in _ENDS and t_us >= begin_us), None)
        if end_us is not None:
            return _next_us(execution, end_us) - begin_us
    return None


def _stopped_us(execution: RecordedExecution, task: str, at_least_us: int) -> int | None:
    """Return how long a run takes that was stopped: longer than until then; None when that says nothing new."""
    for run in execution.tasks:
        if run.task == task and run.history[-1][0] == "KILLED":
            stopped_us = max(run.history[-1][1], execution.history[-1][1])
            length = stopped_us - run.history[0][1] + STOPPED_BEFORE_US
            return length if length > at_least_us else None
    return None


def _next_us(execution: RecordedExecution, end_us: int) -> int:
    """Return what comes after the end of a task: the next task, or a state of the execution."""
    moments = [run.history[0][1] for run in execution.tasks if run.history]
    moments += [t_us for _, t_us in execution.history]
    return min((t_us for t_us in moments if t_us >= end_us), default=end_us)


# --- a whole execution ----------------------------------------------------------------------------------------


def _held(recording: Recording) -> dict[str, int]:
    """Return how long each execution held its slot that ran once and then ended by itself.

    The engine gives a slot back a little after the end; what it starts then shows when.
    """
    runs = {
        name: (_running_us(execution), _over_us(execution))
        for name, execution in recording.executions.items()
        if _ended_by_itself(execution)
    }
    handed_on = _handed_on(recording, {name: end_us for name, (_, end_us) in runs.items()})
    usual_us = round(median(handed_on.values())) if handed_on else 0
    return {
        name: end_us - start_us + handed_on.get(name, usual_us) for name, (start_us, end_us) in runs.items()
    }


def _ended_by_itself(execution: RecordedExecution) -> bool:
    """Say whether an execution ran once, undisturbed, and all its tasks ended; a retry as another one may follow.

    A kill that the end outran has not disturbed it.
    """
    states = [state for state, _ in execution.history]
    if "RUNNING" not in states or not execution.tasks:
        return False
    rest = [state for state in states[states.index("RUNNING") + 1 :] if state != "KILLING"]
    if rest not in (["SUCCESS"], ["FAILED"], ["WARNING"], ["FAILED", "RETRIED"]):
        return False
    if any(state == "RESUBMITTED" for run in execution.tasks for state, _ in run.history):
        return False
    return all(run.history[-1][0] in {*_ENDS, "RETRIED"} for run in execution.tasks)


def _over_us(execution: RecordedExecution) -> int:
    """Return when an execution and its last task, which may be of afterExecution, were over."""
    return max(execution.history[-1][1], *(run.history[-1][1] for run in execution.tasks))


def _handed_on(recording: Recording, ends_us: Mapping[str, int]) -> dict[str, int]:
    """Return, for each execution whose end let another one start, how long that took."""
    taken: dict[str, int] = {}
    for flow, moments in _pops(recording).items():
        own = sorted(
            (end_us, name) for name, end_us in ends_us.items() if recording.executions[name].flow == flow
        )
        for t_us in sorted(moments):
            last = next((each for each in reversed(own) if 0 <= t_us - each[0] <= HANDED_ON_WITHIN_US), None)
            if last is not None:
                taken[last[1]] = t_us - last[0]
                own.remove(last)
    return taken


def _pops(recording: Recording) -> dict[str, list[int]]:
    """Return, by flow, when executions left the queue to run."""
    pops: dict[str, list[int]] = {}
    for execution in recording.executions.values():
        for t_us in _leaves(execution):
            pops.setdefault(execution.flow, []).append(t_us)
    return pops


def _leaves(execution: RecordedExecution) -> Iterator[int]:
    for (before, _), (state, t_us) in pairwise(execution.history):
        if before == "QUEUED" and state == "RUNNING":
            yield t_us
