"""One step, really taken: the protocol's function over the rows of a state, and everything that comes of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from flowconc.explore.books import Judge
from flowconc.explore.cells import EMPTY, Cells
from flowconc.explore.flight import Fork, Item, Job, Letter, Sent, Stop, Unlocking, Waiting, hands_on
from flowconc.explore.outcomes import branches, counts_runs, outcomes
from flowconc.explore.reading import Reading, TablesView
from flowconc.explore.tree import Tree
from flowconc.protocol.creation import find_trigger
from flowconc.protocol.events import Kind, ReportFields
from flowconc.protocol.progress import Run
from flowconc.protocol.semantics import Semantics
from flowconc.protocol.states import State
from flowconc.protocol.steps import (
    Backfill,
    Choose,
    Ended,
    Evaluated,
    Message,
    Next,
    Order,
    Reschedule,
    RunTask,
    StopTasks,
    Unlocked,
    Wake,
)
from flowconc.protocol.tables import Origin
from flowconc.scenario.flow import RecoverMissed
from flowconc.scenario.model import Scenario
from flowconc.simulation.scheduler_dates import timing_of
from flowconc.simulation.simulate import short_names_of
from flowconc.simulation.sources import arrival_of, request_of
from flowconc.trace.trace import Event

EXECUTOR, OPERATOR, SCHEDULER = "executor", "operator", "scheduler"

_BEGUN = "runs begun"
_ANSWERED = "answered"

_STATE_OF = {
    Run.SUCCESS: State.SUCCESS,
    Run.WARNING: State.WARNING,
    Run.FAILED: State.FAILED,
    None: State.KILLED,
}

Reports = tuple[str, tuple[ReportFields, ...]]
"""What one actor reports at once."""


class Work(NamedTuple):
    """What is done at a stroke: a step with what comes before it, or the death of an executor.

    `opens` says that all is at rest before it, so that an instant begins; `alone` that all else is, so that the instant
    is over if this goes no further.
    """

    message: Message | None
    t_us: int = 0
    actor: str = EXECUTOR
    opens: bool = True
    alone: bool = True
    again: bool = False  # a message that is delivered again
    ended: tuple[tuple[RunTask, Run | None], ...] = ()  # tasks that end with it; None is killed
    timing: tuple[object, ...] = ()  # of a fire: what its trigger must look like
    lost: tuple[Message, ...] | None = None  # of a crash: what was still to be done


class Did(NamedTuple):
    """What came of it: codes read and written, what to report, what is under way now, what the same executor does next.

    `unlocked` are triggers whose waiting fires come now; `broken` are the invariants that it broke.
    """

    read: dict[int, str]
    written: dict[int, str]
    reports: tuple[Reports, ...]
    sent: tuple[Item, ...]
    following: tuple[Letter, ...]
    unlocked: tuple[Unlocking, ...]
    broken: tuple[str, ...]


class _Deed(NamedTuple):
    """What work did in the tables, before it is judged: `contents` are what it wrote.

    The books tell many more states apart than the tables do, so what it did is remembered apart from the judgement.
    """

    read: dict[int, str]
    contents: dict[int, Hashable]
    reports: tuple[Reports, ...]
    sent: tuple[Item, ...]
    following: tuple[Letter, ...]
    unlocked: tuple[Unlocking, ...]
    events: tuple[Event, ...]


class NotExplorable(ValueError):  # noqa: N818 - it says what it is
    """The semantics orders something that has no place where there is no time."""


class Stepping:
    """Takes steps of a semantics over states of a scenario."""

    def __init__(self, scenario: Scenario, semantics: Semantics, cells: Cells, judge: Judge) -> None:
        self.cells = cells
        self.semantics = semantics
        self._scenario = scenario
        self._judge = judge
        self._reading = Reading(cells)
        self._tables = TablesView(self._reading, semantics.rules, across_flows=bool(scenario.limits))
        self._deeds: dict[Work, Tree[_Deed]] = {}

    def install(self) -> tuple[str, list[Did]]:
        """Return the state in which the scenario's flows are installed, and what came of installing each."""
        reading = self._reading
        reading.open("")
        reading.put(self.cells.at("short_names", None), tuple(short_names_of(self._scenario).items()))
        state, done = self.cells.changed("", reading.written()), []
        scenario = self._scenario
        for message in (
            *(Message("install_flow", None, (flow.key, flow)) for flow in scenario.flows),
            *(Message("save_scope", None, (limit.scope, limit.concurrency)) for limit in scenario.limits),
        ):
            did = self.take(Work(message, actor=OPERATOR), state)
            state = self.cells.changed(state, did.written)
            done.append(did)
        return state, done

    def take(self, work: Work, state: str) -> Did:
        """Do some work in a state."""
        reading = self._reading
        reading.open(state)
        deed = self._deed(work, state)
        rests = work.alone and not deed.following and not any(map(hands_on, deed.sent))
        broken = self._judge.step(reading, deed.events, opens=work.opens, rests=rests)
        return Did(
            reading.read,
            reading.written(),
            deed.reports,
            deed.sent,
            deed.following,
            deed.unlocked,
            broken,
        )

    def _deed(self, work: Work, state: str) -> _Deed:
        """Do some work in the tables, or what it did where it read the same."""
        reading = self._reading
        tree = self._deeds.get(work)
        if tree is None:
            tree = self._deeds[work] = Tree()
        deed = tree.find(state.ljust(self.cells.width, EMPTY))
        if deed is not None:
            reading.take_over(deed.read, deed.contents)
            return deed
        one = _One(self._scenario, self.semantics, reading, self._tables, work)
        one.do()
        events = tuple(one.events())
        deed = _Deed(
            *reading.so_far(),
            tuple(one.reports),
            tuple(one.sent),
            tuple(one.following),
            tuple(one.unlocked),
            events,
        )
        tree.add(deed.read.items(), deed)
        return deed

    def names(self, state: str) -> tuple[str, ...]:
        """Return the names of all executions that were ever created, in order of creation."""
        cell = self.cells.at("names", None)
        names: Any = self.cells.content(cell, state[cell]) if cell < len(state) else None
        return tuple(name for _, name in names or ())

    def end(self, state: str) -> tuple[str, ...]:
        """Return the ids of the invariants that do not hold when nothing can happen any more."""
        self._reading.open(state)
        return self._judge.end(self._reading)


class _One:
    """The taking of one step."""

    def __init__(
        self, scenario: Scenario, semantics: Semantics, reading: Reading, tables: TablesView, work: Work
    ) -> None:
        self.reading = reading
        self.tables = tables
        self.reports: list[Reports] = []
        self.sent: list[Item] = []
        self.following: list[Letter] = []
        self.unlocked: list[Unlocking] = []
        self._scenario = scenario
        self._steps = semantics.steps
        self._work = work
        self._at_once: deque[Message] = deque()

    def do(self) -> None:
        """Do the work."""
        work = self._work
        for order, outcome in work.ended:
            self._report_run(order, Kind.TASK_ENDED, None, _STATE_OF[outcome])
        if work.lost is not None:
            self._die(work.lost)
        elif work.message is not None and (not work.timing or self._fires(work.message, work.timing)):
            if work.again:
                self._note(Kind.MESSAGE_REPEATED, work.message)
            self._run(work.message, work.actor)

    def _run(self, message: Message, actor: str) -> None:
        """Run a step; and at once, what an operator's request does to flows: that is not the executors' work."""
        self._at_once.append(message)
        while self._at_once:
            message = self._at_once.popleft()
            result = self._steps[message.step].run(self.tables, message, self._work.t_us)
            self.tables.apply(result.changes)
            if result.reports:
                self.reports.append((actor, tuple(map(tuple, result.reports))))  # type: ignore[arg-type]
            for order in result.orders:
                self._pass_on(order, actor)

    def _pass_on(self, order: Order, actor: str) -> None:
        t_us = self._work.t_us
        match order:
            case Message() if actor == OPERATOR and order.execution is None:
                self._at_once.append(order)
            case Message():
                self.sent.append(Letter(order, t_us))
            case Wake(after_us, _, message):
                self.sent.append(Letter(message, t_us + after_us))
            case Next(message):
                self.following.append(Letter(message, t_us))
            case RunTask():
                self._start(order)
            case StopTasks():
                self.sent.append(Stop(order, t_us))
            case Choose(number, index):
                execution = self.tables.executions[number]
                node = self.tables.plan_of(execution).nodes[index]
                self.sent.append(Fork(order, branches(execution.birth, node), t_us))
            case Ended(number):
                self._answer(number)
            case Reschedule() | Evaluated(done=True):
                pass  # every fire that may come is among the cues
            case Evaluated():
                assert self._work.message is not None
                self.sent.append(Waiting(Sent(self._work.message, SCHEDULER, self._work.timing)))
            case Unlocked(flow, name, recovers):
                self.unlocked.append(Unlocking((flow, name), self._kept(flow, name) if recovers else None))
            case Backfill():
                raise NotExplorable(
                    "a backfill cannot be explored: which of its fires come first is a matter of time"
                )
            case _:
                raise NotExplorable(f"what {type(order).__name__} means where there is no time is not known")

    def _kept(self, flow: str, name: str) -> int | None:
        """Return how many of the fires that wait come after all, as `recoverMissedSchedules` says."""
        trigger = find_trigger(self.tables, flow, name)
        kept = RecoverMissed.ALL if trigger is None else trigger.recover_missed
        return {RecoverMissed.ALL: None, RecoverMissed.LAST: 1, RecoverMissed.NONE: 0}[kept]

    # --- what is not the protocol's

    def _start(self, order: RunTask) -> None:
        execution = self.tables.executions[order.execution]
        task = self.tables.plan_of(execution).nodes[order.node].task
        assert task is not None
        begun = 0
        if counts_runs(task):
            cell = self.reading.cells.at(_BEGUN, (execution.birth.flow, task.id))
            begun = (self.reading.get(cell) or 0) + 1
            self.reading.put(cell, begun)
        self._report_run(order, Kind.TASK_STARTED, order.attempt, 0)
        self.sent.append(Job(order, outcomes(execution.birth, task, order.attempt, begun), self._work.t_us))

    def _answer(self, number: int) -> None:
        """Let a source that was turned away come again, if it is one that does."""
        execution = self.tables.executions[number]
        birth = execution.birth
        assert birth.origin is not None
        arrivals = self._scenario.arrivals[birth.origin.place]
        backoff = arrivals.backoff
        answered = self.reading.cells.at(_ANSWERED, birth.origin)
        if backoff is None or self.reading.get(answered):
            return
        self.reading.put(answered, True)
        if execution.state in backoff.on and birth.origin.retries < backoff.attempts:
            origin = Origin(birth.origin.place, birth.origin.number, birth.origin.retries + 1)
            request = request_of(arrivals, origin, birth.source, None, birth.duration_us)
            self.sent.append(Sent(arrival_of(request), f"source:{birth.source}"))

    def _fires(self, message: Message, timing: tuple[object, ...]) -> bool:
        """Say whether a trigger is there, enabled, and still fires at these times."""
        flow, name, *_ = message.argument
        trigger = find_trigger(self.tables, flow, name)
        if trigger is None or timing_of(trigger) != timing:
            return False
        row = self.tables.triggers.get((flow, name))
        return row is not None and not row.disabled

    def _die(self, lost: tuple[Message, ...]) -> None:
        """Lose what an executor had in hand when it died. A pop in two steps unlocks the row that it had locked.

        That it went down is not reported as such: nobody else is hit, and it is back at once.
        """
        for message in lost:
            self._note(Kind.MESSAGE_LOST, message)
            if message.step == "take" and message.argument is not None:
                flow = self.tables.executions[message.execution or 0].birth.flow
                self._run(Message("unlock", None, flow), EXECUTOR)

    def _note(self, kind: Kind, message: Message) -> None:
        execution = self.tables.find(message.execution)
        flow = None if execution is None else execution.birth.flow
        self.reports.append((EXECUTOR, ((kind, message.execution, flow, None, None, None, message.step),)))

    def _report_run(self, order: RunTask, kind: Kind, before: int | None, after: State | int) -> None:
        """Report the start or the end of a run, unless its execution has been deleted: nobody hears of it then."""
        execution = self.tables.find(order.execution)
        if execution is None:
            return
        task = self.tables.plan_of(execution).nodes[order.node].task
        assert task is not None
        birth = execution.birth
        report = (kind, birth.number, birth.flow, birth.revision, before, after, task.id)
        self.reports.append(("worker", (report,)))

    def _name(self, number: int) -> str:
        """Return the name of an execution: from its row, or from the table of all names if that is gone."""
        row = self.reading.last(self.reading.cells.at("executions", number))
        name: str = self.tables.names[number] if row is None else row.birth.name
        return name

    def events(self) -> Iterator[Event]:
        """Yield what was reported as events of one instant, each the consequence of the one before."""
        fields = [(actor, report) for actor, reports in self.reports for report in reports]
        for seq, (actor, (kind, number, flow, revision, before, after, detail)) in enumerate(fields, 1):
            name = None if number is None else self._name(number)
            yield Event(seq, 1, actor, kind, name, flow, revision, seq - 1, before, after, None, None, detail)
