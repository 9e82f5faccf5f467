"""What is under way between the steps: messages in the queue, tasks with the workers, passes of the executors.

Time does not exist here, only order. So a task is, from its order on, a result that may be delivered whenever;
a timer is a message that may be delivered whenever; a worker's answer to a kill may be delivered whenever, and what it
finds of the tasks it was to stop is decided then. That leaves out no order of steps: when a task ends, or a timer
runs out, is seen by nobody before the message is delivered.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from flowconc.protocol.progress import Run
from flowconc.protocol.steps import Choose, Message, RunTask, StopTasks


class Letter(NamedTuple):
    """A message in the queue. `t_us` is the time that its causes have taken: the sum of the timers among them."""

    message: Message
    t_us: int = 0
    again: bool = False  # it was delivered before, to an executor that died


class Job(NamedTuple):
    """A task with the workers, and how it may end."""

    order: RunTask
    outcomes: tuple[Run, ...]
    t_us: int = 0


class Stop(NamedTuple):
    """An order to the workers to kill runs, which they will answer."""

    order: StopTasks
    t_us: int = 0


class Fork(NamedTuple):
    """A choice to be made, among branches of these numbers."""

    order: Choose
    branches: tuple[int, ...]
    t_us: int = 0


class Sent(NamedTuple):
    """What a source or the scheduler will do by itself: send an execution again, make a fire that had to wait."""

    message: Message
    actor: str
    timing: tuple[object, ...] = ()  # of a fire: what its trigger must look like


class Waiting(NamedTuple):
    """A fire that waits until its trigger is unlocked."""

    fire: Sent

    @property
    def trigger(self) -> tuple[str, str]:
        """Flow and id of the trigger."""
        flow, name, *_ = self.fire.message.argument
        return flow, name

    @property
    def planned_us(self) -> int:
        """When it was to come."""
        planned_us: int = self.fire.message.argument[2]
        return planned_us


class Unlocking(NamedTuple):
    """What becomes of the fires that wait for a trigger: the last `keeps` of them come (None: all), the others do not."""

    trigger: tuple[str, str]
    keeps: int | None


HANDED_ON = frozenset({"popped"})
"""Steps of messages with which a slot is handed on: until they are taken, what was begun is not through."""


def hands_on(item: Item) -> bool:
    """Say whether a slot is on its way with an item."""
    return isinstance(item, Letter) and item.message.step in HANDED_ON


Item = Letter | Job | Stop | Fork | Sent | Waiting


class Delivery(NamedTuple):
    """One way in which an item comes to an executor.

    `ended` are the tasks that have ended by then, and how: None is killed. `gone` are further items that it takes
    away, and `come` those that are there instead.
    """

    message: Message
    t_us: int
    ended: tuple[tuple[RunTask, Run | None], ...] = ()
    gone: tuple[Job, ...] = ()
    come: tuple[Letter, ...] = ()
    again: bool = False


def deliveries(item: Item, jobs: tuple[Job, ...]) -> tuple[Delivery, ...]:
    """Return every way in which an item can be delivered. `jobs` are all that are with the workers."""
    match item:
        case Letter(message, t_us, again):
            return (Delivery(message, t_us, again=again),)
        case Job(order, outcomes, t_us):
            return tuple(
                Delivery(_result(item, outcome).message, t_us, ((order, outcome),)) for outcome in outcomes
            )
        case Fork(order, branches, t_us):
            return tuple(
                Delivery(Message("branch_chosen", order.execution, (order.node, branch)), t_us)
                for branch in branches
            )
        case Stop(order, t_us):
            return _answers(order, t_us, jobs)
        case Sent(message):
            return (Delivery(message, 0),)
        case Waiting():
            return ()


def _answers(order: StopTasks, t_us: int, jobs: tuple[Job, ...]) -> tuple[Delivery, ...]:
    """Return what the workers may have found: each run was killed, or it had ended before, and its result is on its way."""
    running = tuple(
        dict.fromkeys(
            job for job in jobs if job.order.execution == order.execution and job.order.node in order.nodes
        )
    )
    ends: tuple[tuple[Run | None, ...], ...] = tuple((None, *job.outcomes) for job in running)
    return tuple(
        Delivery(
            order.then,
            t_us,
            ended=tuple((job.order, end) for job, end in zip(running, each, strict=True)),
            gone=running,
            come=tuple(_result(job, end) for job, end in zip(running, each, strict=True) if end is not None),
        )
        for each in product(*ends)
    )


def _result(job: Job, outcome: Run) -> Letter:
    order = job.order
    return Letter(Message("task_ended", order.execution, (order.node, outcome, job.t_us)), job.t_us)


class Pass(NamedTuple):
    """What an executor still has to do with a message: further steps, each a transaction of its own.

    `first` is the message; a crash of the executor gives it back to the queue, or loses it.
    """

    first: Letter
    rest: tuple[Letter, ...]


class Ahead(NamedTuple):
    """What is still to come from outside: for each source its next arrival, the next action, for each trigger its next fire."""

    arrivals: tuple[int, ...]
    action: int
    fires: tuple[int, ...]
    crashes: int  # how many may still fall


def number_of(about: object) -> int | None:
    """Return the number of the execution that something under way is about, if it is about one."""
    match about:
        case Letter(message=message) | Pass(first=Letter(message=message)):
            return message.execution
        case Job(order=order) | Fork(order=order) | Stop(order=order):
            return order.execution
        case _:
            return None
