"""Workers that go down, and what becomes of the tasks that they had in hand (SEMANTICS 4.2).

What runs on a worker that goes down is lost unseen: its execution stays RUNNING and keeps its slot. The worker's
heartbeats stop; after the timeout it counts as gone, and after the grace period its jobs are sent again, as new runs
of the same attempts. A worker that comes back is a new one: it takes jobs, and knows nothing of those of the old one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flowconc.protocol.events import Kind
from flowconc.protocol.progress import Run
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, RunTask, StopTasks
from flowconc.scenario.model import Component, Platform, WorkerRestart
from flowconc.simulation.clock import Rank
from flowconc.simulation.stations import Station, shares
from flowconc.simulation.unreliable import UnreliableInstallation
from flowconc.simulation.workers import TaskRun, Workers

Key = tuple[int, int]
"""A task of an execution: (execution, node)."""

JOB = "run_task"
"""What the trace calls a message to the workers."""


class UnreliableWorkers(Workers):
    """Workers with numbers, which share the threads."""

    installation: UnreliableInstallation

    def __init__(self, installation: UnreliableInstallation) -> None:
        super().__init__(installation)
        platform = installation.scenario.platform
        self.station: Station[NumberedRun] = Station(shares(platform.worker_threads, platform.workers))
        self._outlives = platform.work_outlives_worker
        self._resent_after_us = resent_after_us(platform)
        self._lost: dict[Key, RunTask] = {}
        """Tasks whose worker is gone, and which have not been sent again."""
        self._stops: dict[Key, _WaitingStop] = {}
        """Orders to stop such tasks, which nobody answers yet."""
        installation.attach_workers(self.crash, self.heal)

    def new_run(self, order: RunTask, cause: int) -> TaskRun:
        """Return a run that knows its worker."""
        return NumberedRun(self, order, cause)

    def crash(self, for_us: int | None, cause: int) -> None:
        """Take the first worker that is up down for a time in microseconds; None is for ever, or until all is healed."""
        installation, worker = self.installation, self.station.first_up
        if worker is None:
            return
        down = installation.write_component(Kind.COMPONENT_DOWN, Component.WORKER, worker, cause)
        lost = []
        for run in self.station.down(worker):
            run.fall(down, outlives=self._outlives)
            key = run.order.execution, run.order.node
            if self.runs.get(key) is run:
                del self.runs[key]
                self._lost[key] = run.order
                lost.append(key)
        if lost and self._resent_after_us is not None:
            installation.clock.after(
                self._resent_after_us,
                lambda _: installation.when_an_executor_is_up(lambda: self._send_again(lost, down)),
                Rank.END,
            )
        if for_us is not None:
            installation.clock.after(for_us, lambda _: self._bring_back(worker, down), Rank.END)

    def heal(self, cause: int) -> None:
        """Bring all workers back. What they had in hand comes back only as the engine sends it again."""
        for worker in self.station.all_down():
            self._bring_back(worker, cause)

    def _bring_back(self, worker: int, cause: int) -> None:
        if not self.station.is_up(worker):
            self.installation.write_component(Kind.COMPONENT_UP, Component.WORKER, worker, cause)
            self.station.back(worker)

    def _send_again(self, keys: list[Key], down: int) -> None:
        """Send the jobs of a worker that is gone again. Of one that was to be stopped, this ends the wait."""
        for key in keys:
            order = self._lost.pop(key, None)
            if order is None:
                continue
            stop = self._stops.pop(key, None)
            if stop is not None:
                stop.left.discard(key)
                if not stop.left:
                    super().stopped(stop.order, down)
            elif self._is_wanted(key):
                execution, _ = key
                again = self.installation.note(Kind.MESSAGE_REPEATED, down, Message(JOB, execution))
                self._run(order, again)

    def _is_wanted(self, key: Key) -> bool:
        """Say whether the execution waits for the result of a task."""
        number, node = key
        execution = self.installation.tables.find(number)
        return execution is not None and bool(execution.progress) and execution.progress[node] == Run.RUNNING

    def stopped(self, order: StopTasks, cause: int) -> None:
        """Answer that runs have been stopped; of those whose worker is gone, as the version has it."""
        lost = {(order.execution, node) for node in order.nodes} & self._lost.keys()
        if lost and self.installation.rules.kill_waits_for_lost_tasks:
            self._stops.update(dict.fromkeys(lost, _WaitingStop(order, lost)))
            return
        for key in lost:
            del self._lost[key]
        super().stopped(order, cause)


@dataclass(slots=True, eq=False)
class _WaitingStop:
    """An order to stop tasks some of which no worker has any more: `left`."""

    order: StopTasks
    left: set[Key] = field(default_factory=set)


class NumberedRun(TaskRun):
    """A run on a worker that may go down."""

    __slots__ = ("_fallen", "worker")

    _workers: UnreliableWorkers

    def __init__(self, workers: UnreliableWorkers, order: RunTask, cause: int) -> None:
        super().__init__(workers, order, cause)
        self.worker: int | None = None
        self._fallen = False

    def seated(self, unit: int) -> None:
        """Start on a worker."""
        self.worker = unit
        self.started()

    def ask(self) -> None:
        """Start as soon as a worker has a thread."""
        self._workers.station.take(self)

    def give_up(self) -> None:
        """Leave the line for a thread."""
        self._workers.station.withdraw(self)

    def leave(self) -> None:
        """Give the thread back, unless it is gone."""
        if not self._fallen:
            assert self.worker is not None
            self._workers.station.release(self, self.worker)

    def fall(self, cause: int, *, outlives: bool) -> None:
        """Be lost with the worker. Work that outlives it goes on to its end, and nobody hears of that."""
        self._fallen = True
        if self.started_us is not None and not outlives:
            self._off = True
            self.cause = cause
            self._report(self._workers.installation.clock.now_us, Kind.TASK_ENDED, None, State.KILLED)

    def ended(self, outcome: Run) -> None:
        """Send the result to the executor, if there still is a worker to send it."""
        if not self._fallen:
            super().ended(outcome)
        elif not self._off:
            self.report_end(outcome)


def resent_after_us(platform: Platform) -> int | None:
    """Return how long after a worker has gone down its jobs are sent again, in microseconds; None is never."""
    match platform.worker_restart:
        case WorkerRestart.NEVER:
            return None
        case WorkerRestart.IMMEDIATELY:
            return platform.worker_timeout_us
        case WorkerRestart.AFTER_TERMINATION_GRACE_PERIOD:
            return platform.worker_timeout_us + platform.worker_grace_us
