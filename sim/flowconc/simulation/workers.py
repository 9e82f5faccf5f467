"""Workers: threads that run tasks for their durations (SEMANTICS A7: independent of any limit)."""

from __future__ import annotations

from simpy.events import Event

from flowconc.protocol.events import Kind
from flowconc.protocol.lifecycle import plan_of
from flowconc.protocol.plan import Node
from flowconc.protocol.progress import Run
from flowconc.protocol.states import State
from flowconc.protocol.steps import Choose, Message, RunTask, StopTasks
from flowconc.protocol.tables import Birth
from flowconc.scenario.flow import TaskKind
from flowconc.simulation.clock import Rank
from flowconc.simulation.installation import Installation
from flowconc.simulation.resources import Resource

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_STARTED, _ENDED = Kind.TASK_STARTED, Kind.TASK_ENDED
_WORK, _FAIL = TaskKind.WORK, TaskKind.FAIL
_SUCCESS, _FAILED = Run.SUCCESS, Run.FAILED
_AT_ONCE, _END = Rank.CONSEQUENCE, Rank.END

_STATE_OF = {Run.SUCCESS: State.SUCCESS, Run.WARNING: State.WARNING, Run.FAILED: State.FAILED}


class Workers:
    """All worker threads of an installation, and the chances of what they run."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.threads = Resource(installation.scenario.platform.worker_threads)
        self.latency = installation.scenario.platform.latency
        self.runs: dict[tuple[int, int], _Run] = {}
        self._begun: dict[tuple[str, str], int] = {}
        installation.on(RunTask, self._run)
        installation.on(StopTasks, self._stop)
        installation.on(Choose, self._choose)

    def _run(self, order: RunTask, cause: int) -> None:
        run = _Run(self, order, cause)
        self.runs[order.execution, order.node] = run
        self.installation.later(self.latency.dispatch_us, run.dispatched)

    def _stop(self, order: StopTasks, cause: int) -> None:
        """Kill runs: the kill takes the way of an order there and of a result back."""

        def stop() -> None:
            for node in order.nodes:
                run = self.runs.pop((order.execution, node), None)
                if run is not None:
                    run.killed()
            self.installation.later(self.latency.result_us, lambda: self.installation.send(order.then, cause))

        self.installation.later(self.latency.dispatch_us, stop)

    def _choose(self, order: Choose, cause: int) -> None:
        """Draw the branch of a choice."""
        execution = self.installation.tables.executions[order.execution]
        node = plan_of(self.installation.tables, execution).nodes[order.node]
        branches = node.task.branches if node.task is not None else ()
        share = self.installation.streams.uniform(
            _stream(execution.birth, node, "branch"), execution.birth.ordinal
        )
        for index, branch in enumerate(branches):
            share -= branch.weight
            if share < 0 or index == len(branches) - 1:
                self.installation.send(Message("branch_chosen", order.execution, (order.node, index)), cause)
                return

    def outcome(self, birth: Birth, node: Node, attempt: int) -> Run:
        """Say whether this run of a task fails: as the execution, the n-th run, or chance has it."""
        task = node.task
        assert task is not None
        key = (birth.flow, task.id)
        begun = self._begun[key] = self._begun.get(key, 0) + 1
        if task.id in birth.fails:
            return _FAILED
        failures = task.failures
        if failures is None:
            return _FAILED if task.kind is _FAIL else _SUCCESS
        if begun in failures.runs:
            return _FAILED
        if failures.share in (0.0, 1.0):  # nothing is left to chance, and nothing drawn
            return _FAILED if failures.share else _SUCCESS
        share = self.installation.streams.uniform(_stream(birth, node, "failure", attempt), birth.ordinal)
        return _FAILED if share < failures.share else _SUCCESS

    def duration_us(self, birth: Birth, node: Node, attempt: int) -> int:
        """Return how long this run takes, in microseconds."""
        task = node.task
        assert task is not None
        if task.kind is not _WORK or task.duration is None:
            return 0
        if birth.duration_us is not None:
            return birth.duration_us
        name = _stream(birth, node, "duration", attempt)
        return self.installation.streams.duration_us(name, birth.ordinal, task.duration)


class _Run:
    """One attempt of one task."""

    __slots__ = ("_order", "_workers", "asked_us", "cause", "node", "started_us")

    def __init__(self, workers: Workers, order: RunTask, cause: int) -> None:
        self._workers = workers
        self._order = order
        self.cause = cause
        self.started_us: int | None = None
        self.asked_us: int | None = None

    def dispatched(self) -> None:
        """Ask for a thread."""
        if self._is_off():
            return
        self.asked_us = self._workers.installation.clock.now_us
        if self._workers.threads.take(self.started):
            self.started()

    def started(self) -> None:
        """Run the task on a thread until it ends, or its timeout does."""
        workers, order = self._workers, self._order
        clock = workers.installation.clock
        execution = workers.installation.tables.executions.get(order.execution)
        if execution is None:  # deleted while its task waited for a thread: there is nothing to run
            del workers.runs[order.execution, order.node]
            # Through the clock: a long line of deleted ones is then no deep recursion.
            clock.after(0, lambda _: workers.threads.release(), _AT_ONCE)
            return
        node = plan_of(workers.installation.tables, execution).nodes[order.node]
        self.node = node
        self.started_us = clock.now_us
        assert self.asked_us is not None
        self._report(_STARTED, order.attempt, self.started_us - self.asked_us)
        outcome = workers.outcome(execution.birth, node, order.attempt)
        duration_us = workers.duration_us(execution.birth, node, order.attempt)
        timeout_us = node.task.timeout_us if node.task is not None else None
        if timeout_us is not None and timeout_us < duration_us:
            duration_us, outcome = timeout_us, _FAILED
        rank = _END if duration_us else _AT_ONCE
        clock.after(duration_us, lambda _: self._ended(_, outcome), rank)

    def killed(self) -> None:
        """Give the thread back, or the place in the line for one."""
        threads = self._workers.threads
        if self.started_us is not None:
            self._report(_ENDED, None, State.KILLED)
            threads.release()
        elif self.asked_us is not None:
            threads.withdraw(self.started)

    def _ended(self, _: Event, outcome: Run) -> None:
        if self._is_off():
            return
        workers, order = self._workers, self._order
        del workers.runs[order.execution, order.node]
        self._report(_ENDED, None, _STATE_OF[outcome])
        installation = workers.installation
        message = Message("task_ended", order.execution, (order.node, outcome, self.started_us))
        installation.later(workers.latency.result_us, lambda: installation.send(message, self.cause))
        workers.threads.release()

    def _is_off(self) -> bool:
        """Say whether the run has been killed meanwhile."""
        return self._workers.runs.get((self._order.execution, self._order.node)) is not self

    def _report(self, kind: Kind, before: int | None, after: int | State | None) -> None:
        """Write the run's own event down, unless the execution has been deleted: nobody hears of it then."""
        installation = self._workers.installation
        execution = installation.tables.executions.get(self._order.execution)
        if execution is None:
            return
        birth, task = execution.birth, self.node.task
        detail = None if task is None else task.id
        report = (kind, birth.number, birth.flow, birth.revision, before, after, detail)
        self.cause = installation.recorder.record(installation.clock.now_us, "worker", (report,), self.cause)


def _stream(birth: Birth, node: Node, what: str, attempt: int = 1) -> str:
    """Name a stream of a task. Passes of a loop and later attempts have their own, so that no draw depends on order."""
    task = node.task
    assert task is not None
    name = f"{birth.flow}/{task.id}/{what}"
    if node.occurrence or attempt > 1:
        return f"{name}/{node.occurrence}/{attempt}"
    return name
