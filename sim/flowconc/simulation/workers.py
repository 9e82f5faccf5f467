"""Workers: threads that run tasks for their durations (SEMANTICS A7: independent of any limit)."""

from __future__ import annotations

from flowconc.protocol.events import Kind
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

COPIES = ("retry:", "replay:")
"""How the source of an execution begins that does again what another one did."""

_STATE_OF = {Run.SUCCESS: State.SUCCESS, Run.WARNING: State.WARNING, Run.FAILED: State.FAILED}


class Workers:
    """All worker threads of an installation, and the chances of what they run."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.threads = Resource(installation.scenario.platform.worker_threads)
        self.latency = installation.scenario.platform.latency
        self.runs: dict[tuple[int, int], TaskRun] = {}
        self._begun: dict[tuple[str, str], int] = {}
        installation.on(RunTask, self._run)
        installation.on(StopTasks, self._stop)
        installation.on(Choose, self._choose)

    def _run(self, order: RunTask, cause: int) -> None:
        run = self.new_run(order, cause)
        self.runs[order.execution, order.node] = run
        self.installation.later(self.latency.dispatch_us, run.dispatched)

    def new_run(self, order: RunTask, cause: int) -> TaskRun:
        """Return a run that an order asks for, not yet dispatched."""
        return TaskRun(self, order, cause)

    def stopped(self, order: StopTasks, cause: int) -> None:
        """Answer that the runs of an order have been stopped."""
        self.installation.send(order.then, cause)

    def _stop(self, order: StopTasks, cause: int) -> None:
        """Kill runs: the kill takes the way of an order there, unless its own is known, and of a result back."""

        def stop() -> None:
            for node in order.nodes:
                run = self.runs.pop((order.execution, node), None)
                if run is not None:
                    run.killed()
            self.installation.later(self.latency.result_us, lambda: self.stopped(order, cause))

        way_us = self.installation.way_us(order.then)
        self.installation.later(self.latency.dispatch_us if way_us is None else way_us, stop)

    def _choose(self, order: Choose, cause: int) -> None:
        """Draw the branch of a choice."""
        execution = self.installation.tables.executions[order.execution]
        node = self.installation.tables.plan_of(execution).nodes[order.node]
        task = node.task
        branches = task.branches if task is not None else ()
        taken = dict(execution.birth.takes).get(task.id) if task is not None else None
        if taken is not None:
            index = next(index for index, branch in enumerate(branches) if branch.name == taken)
            self.installation.send(Message("branch_chosen", order.execution, (order.node, index)), cause)
            return
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
        if failures.only_original and birth.source.startswith(COPIES):
            return _SUCCESS
        if begun in failures.runs or attempt <= failures.attempts:
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


class TaskRun:
    """One attempt of one task."""

    __slots__ = ("_birth", "_off", "_task", "_workers", "asked_us", "cause", "order", "started_us")

    def __init__(self, workers: Workers, order: RunTask, cause: int) -> None:
        self._workers = workers
        self.order = order
        self._off = False
        self.cause = cause
        self.started_us: int | None = None
        self.asked_us: int | None = None

    def dispatched(self) -> None:
        """Ask for a thread."""
        if self._off:
            return
        self.asked_us = self._workers.installation.clock.now_us
        self.ask()

    # Asking for a thread, giving up the place in the line, and giving the thread back:

    def ask(self) -> None:
        """Start as soon as there is a thread."""
        if self._workers.threads.take(self.started):
            self.started()

    def give_up(self) -> None:
        """Leave the line for a thread."""
        self._workers.threads.withdraw(self.started)

    def leave(self) -> None:
        """Give the thread back."""
        self._workers.threads.release()

    def started(self) -> None:
        """Run the task on a thread until it ends, or its timeout does."""
        workers, order = self._workers, self.order
        number, index, attempt = order.execution, order.node, order.attempt
        clock, tables = workers.installation.clock, workers.installation.tables
        execution = tables.find(number)
        if execution is None:  # deleted while its task waited for a thread: there is nothing to run
            self._forget()
            # Through the clock: a long line of deleted ones is then no deep recursion.
            clock.after(0, lambda _: self.leave(), _AT_ONCE)
            return
        birth = self._birth = execution.birth
        node = tables.plan_of(execution).nodes[index]
        task = self._task = node.task
        assert task is not None
        assert self.asked_us is not None
        now_us = self.started_us = clock.now_us
        self._report(now_us, _STARTED, attempt, now_us - self.asked_us)
        outcome = workers.outcome(birth, node, attempt)
        duration_us = workers.duration_us(birth, node, attempt)
        if task.timeout_us is not None and task.timeout_us < duration_us:
            duration_us, outcome = task.timeout_us, _FAILED
        clock.after(duration_us, lambda _: self.ended(outcome), _END if duration_us else _AT_ONCE)

    def killed(self) -> None:
        """Give the thread back, or the place in the line for one. Nothing comes of the run any more."""
        self._off = True
        if self.started_us is not None:
            self._report(self._workers.installation.clock.now_us, _ENDED, None, State.KILLED)
            self.leave()
        elif self.asked_us is not None:
            self.give_up()

    def ended(self, outcome: Run) -> None:
        """Send the result to the executor, and give the thread back."""
        if self._off:
            return
        workers, number, index = self._workers, self.order.execution, self.order.node
        installation = workers.installation
        self._forget()
        self.report_end(outcome)
        message = Message("task_ended", number, (index, outcome, self.started_us))
        installation.later(workers.latency.result_us, lambda: installation.send(message, self.cause))
        self.leave()

    def _forget(self) -> None:
        """Take the run off the list, unless a later run of the same task has its place there."""
        runs, place = self._workers.runs, (self.order.execution, self.order.node)
        if runs.get(place) is self:
            del runs[place]

    def report_end(self, outcome: Run) -> None:
        """Write down how the run ended."""
        self._report(self._workers.installation.clock.now_us, _ENDED, None, _STATE_OF[outcome])

    def _report(self, now_us: int, kind: Kind, before: int | None, after: int | State | None) -> None:
        """Write the run's own event down, unless the execution has been deleted: nobody hears of it then."""
        installation, birth, task = self._workers.installation, self._birth, self._task
        if birth.number in installation.tables.executions and task is not None:
            report = (kind, birth.number, birth.flow, birth.revision, before, after, task.id)
            self.cause = installation.recorder.record(now_us, "worker", (report,), self.cause)


def _stream(birth: Birth, node: Node, what: str, attempt: int = 1) -> str:
    """Name a stream of a task. Passes of a loop and later attempts have their own, so that no draw depends on order."""
    task = node.task
    assert task is not None
    name = f"{birth.flow}/{task.id}/{what}"
    if node.occurrence or attempt > 1:
        return f"{name}/{node.occurrence}/{attempt}"
    return name
