"""An installation in which things go wrong: components go down, transactions fail, messages go astray.

It runs the same steps at the same times as `Installation`, and gives the same trace as long as no fault falls. For
the faults' sake it knows more: which executor has which message in hand. A scenario without faults does not pay for
that, because it has an `Installation`.

People and clients talk to the web server, which does not go down here: their requests are taken, and what follows
from them waits for an executor.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from flowconc.protocol.creation import Request
from flowconc.protocol.events import Kind
from flowconc.protocol.rules import Rules
from flowconc.protocol.semantics import Semantics
from flowconc.protocol.steps import Message, Step
from flowconc.protocol.tables import Listener
from flowconc.scenario.model import Component, FaultKind, Scenario
from flowconc.simulation.clock import Rank
from flowconc.simulation.faults import Chance, Faults
from flowconc.simulation.installation import Installation
from flowconc.simulation.passes import Pass
from flowconc.simulation.scheduler import Scheduler
from flowconc.simulation.stations import Station, shares
from flowconc.simulation.streams import Streams

BY_ID: Final = frozenset({"create", "flow_trigger", "replay", "save_flow"})
"""Steps that make something new, which has an id from the moment it is asked for: asked twice, it is made once."""

Crash = Callable[[int | None, int], None]
"""Takes a component down: for how long, in microseconds (None: for ever), and because of which event."""


class UnreliableInstallation(Installation):
    """An installation with a scenario's faults. `start` sets the clock for those that fall at a time."""

    def __init__(self, scenario: Scenario, semantics: Semantics, streams: Streams) -> None:
        super().__init__(scenario, semantics, streams)
        self.faults = Faults(scenario, streams)
        self.database = self._database
        executors = scenario.platform.executors
        self.executors: Station[Pass] = Station(shares(executors, executors or 1))
        self.scheduler: Station[Pass] = Station([1])
        self._turns: deque[Callable[[], None]] = deque()
        self._taking_turns = False
        self._waiting: deque[Callable[[], None]] = deque()
        """What waits for any executor to be up."""
        self._held: dict[int, Message] = {}
        """Messages that are held up, by the event that says so."""
        self._keeper: Scheduler | None = None
        self._crash_worker: Crash = lambda for_us, cause: None
        self._heal_workers: Callable[[int], None] = lambda cause: None

    @property
    def rules(self) -> Rules:
        """The rules of the version."""
        return self.tables.rules

    def step(self, name: str) -> Step:
        """Return a step of the version."""
        return self._steps[name]

    def attach_workers(self, crash: Crash, heal: Callable[[int], None]) -> None:
        """Register those who know what becomes of workers that go down, and that all come back."""
        self._crash_worker, self._heal_workers = crash, heal

    def attach_scheduler(self, scheduler: Scheduler) -> None:
        """Register who knows what becomes of fires while the scheduler is down."""
        self._keeper = scheduler

    def start(self) -> None:
        """Set the clock for the crashes that fall at a time, behind the actions of that time, and for the end of all faults."""
        behind = len(self.scenario.actions)
        for place, fault in enumerate(self.faults.timed, behind):
            call = partial(self._crash_at_time, fault.component, fault.for_us)
            self.clock.at(fault.at_us, lambda _, call=call: call(), Rank.ACTION, place)  # type: ignore[misc]
        if self.faults.heal_at_us is not None:
            self.clock.at(self.faults.heal_at_us, lambda _: self._heal(), Rank.CONSEQUENCE)

    # --- delivery

    def send(self, message: Message, cause: int = -1, actor: str = "executor") -> None:
        """Hand a message to whoever runs its step, unless a fault falls at it."""
        if actor == "scheduler":
            self._send_fire(message, cause, actor)
        elif actor != "executor":
            self.take_turn(partial(self._run_at_once, message, cause, actor))
        elif fallen := self.faults.at_message(message.step, self.clock.now_us):
            self._disturb(fallen[0], message, cause)
        else:
            self._deliver(message, cause)

    def take_turn(self, turn: Callable[[], None], *, first: bool = False) -> None:
        """Call as soon as all that came before at this instant is done, or `first` of all that waits."""
        if first:
            self._turns.appendleft(turn)
        else:
            self._turns.append(turn)
        if not self._taking_turns:
            self._taking_turns = True
            while self._turns:
                self._turns.popleft()()
            self._taking_turns = False

    def when_an_executor_is_up(self, call: Callable[[], None]) -> None:
        """Call as soon as an executor is up: now, if one is."""
        if self.executors.first_up is None:
            self._waiting.append(call)
        else:
            call()

    def unmanned(self, delivery: Pass) -> None:
        """Keep a pass that found its station down."""
        if delivery.station is self.scheduler:
            self._lose_fire(delivery.message)
        else:
            self._waiting.append(delivery.deliver)

    def undelivered(self, message: Message, cause: int, actor: str) -> None:
        """See to a message whose pass was cut short by the event `cause`: the version delivers it again, or not."""
        if actor == "scheduler":
            self._lose_fire(message)
        elif self.rules.redelivers:
            again = partial(self._deliver, message, cause, repeats=cause)
            self.clock.after(0, lambda _: again(), Rank.CONSEQUENCE)
        else:
            self.lose(message, cause)

    def lose(self, message: Message, cause: int) -> None:
        """Note that a message, or a step that was to follow in a pass, is lost."""
        self.note(Kind.MESSAGE_LOST, cause, message)
        if message.step == "take" and message.argument is not None:  # a pop in two steps had locked a row
            execution = self.tables.executions[message.execution or 0]
            self._run_at_once(Message("unlock", None, execution.birth.flow), cause, "executor")

    def note(
        self, kind: Kind, cause: int, message: Message, before: int | None = None, actor: str = "executor"
    ) -> int:
        """Write down what became of a message; return the event's number."""
        number = message.execution
        execution = self.tables.find(number)
        flow = _flow_of(message) if execution is None else execution.birth.flow
        return self._write(actor, cause, (kind, number, flow, None, before, None, message.step))

    def _deliver(
        self, message: Message, cause: int, *, repeats: int | None = None, made: bool = False
    ) -> None:
        Pass(self, self.executors, message, cause, "executor", repeats=repeats, made=made).deliver()

    def _disturb(self, chance: Chance, message: Message, cause: int) -> None:
        """Lose a message, hold it up, or deliver it twice."""
        fault = chance.fault
        match fault.kind:
            case FaultKind.LOSE:
                self.lose(message, cause)
            case FaultKind.DELAY:
                held = self.note(Kind.MESSAGE_DELAYED, cause, message, fault.for_us)
                self._held[held] = message
                if fault.for_us is not None:
                    self.clock.after(fault.for_us, lambda _: self._let_go(held), Rank.END)
            case _:
                self._deliver(message, cause)
                self._deliver(message, cause, repeats=cause, made=message.step in BY_ID)

    def _let_go(self, held: int) -> None:
        message = self._held.pop(held, None)
        if message is not None:
            self._deliver(message, held)

    def _run_at_once(self, message: Message, cause: int, actor: str) -> None:
        """Run a step that needs no executor."""
        step = self._steps[message.step]
        self.pass_on(*self.commit(self.clock.now_us, step, message, cause, actor))

    def _send_fire(self, message: Message, cause: int, actor: str) -> None:
        Pass(self, self.scheduler, message, cause, actor).deliver()

    def _lose_fire(self, message: Message) -> None:
        if self._keeper is not None:
            self._keeper.lost(message)

    # --- what goes down, and comes back

    def crash(self, component: Component | None, for_us: int | None, cause: int, by: Pass | None) -> None:
        """Take a component down for a time in microseconds; None is for ever, or until all is healed.

        Of several executors it is the one that runs the step of `by`, or else the first that is up.
        """
        if component is Component.WORKER:
            self._crash_worker(for_us, cause)
            return
        station = self.scheduler if component is Component.SCHEDULER else self.executors
        unit = station.first_up
        if by is not None and by.unit is not None and by.station is station and not by.cut:
            unit = by.unit
        if unit is not None:
            self._take_down(station, unit, for_us, cause)

    def _crash_at_time(self, component: Component | None, for_us: int | None) -> None:
        if not self.faults.healed(self.clock.now_us):
            self.crash(component, for_us, -1, None)

    def _take_down(self, station: Station[Pass], unit: int, for_us: int | None, cause: int) -> None:
        """Take an executor or the scheduler down, with all that it had in hand."""
        down = self.write_component(Kind.COMPONENT_DOWN, self._component_of(station), unit, cause)
        hit = station.down(unit)
        if station is self.scheduler:
            hit += station.empty_line()  # the line is in its memory
            if self._keeper is not None:
                self._keeper.down()
        for each in hit:
            each.withdraw()
        for each in hit:
            each.let_go()
        for each in hit:
            each.fall(down)
        if for_us is not None:
            self.clock.after(for_us, lambda _: self._bring_back(station, unit, down), Rank.END)

    def _bring_back(self, station: Station[Pass], unit: int, cause: int) -> None:
        if station.is_up(unit):
            return
        up = self.write_component(Kind.COMPONENT_UP, self._component_of(station), unit, cause)
        station.back(unit)
        if station is self.executors:
            waiting, self._waiting = self._waiting, deque()
            for call in waiting:
                self.take_turn(call)
        elif self._keeper is not None:
            self._keeper.up(up)

    def _heal(self) -> None:
        """End all faults: whoever is down comes back, what is held up is let go."""
        healed = self._write("clock", -1, (Kind.HEALED, None, None, None, None, None, None))
        for station in (self.executors, self.scheduler):
            for unit in station.all_down():
                self._bring_back(station, unit, healed)
        self._heal_workers(healed)
        for held in list(self._held):
            self._let_go(held)

    def write_component(self, kind: Kind, component: Component, unit: int, cause: int) -> int:
        """Write down that a component goes down or comes back; return the event's number."""
        return self._write(component.value, cause, (kind, None, None, None, unit, None, component.value))

    def _component_of(self, station: Station[Pass]) -> Component:
        return Component.SCHEDULER if station is self.scheduler else Component.EXECUTOR

    def _write(
        self,
        actor: str,
        cause: int,
        report: tuple[Kind, int | None, str | None, None, int | None, None, str | None],
    ) -> int:
        last = self.recorder.record(self.clock.now_us, actor, (report,), cause)
        if last >= self._last_event:
            self.clock.stop()
        return last


def _flow_of(message: Message) -> str | None:
    """Return the flow that a message without an execution is about."""
    match message.argument:
        case Request(flow=flow) | Listener(flow=flow):
            return flow
        case (str(flow), *_):
            return flow
        case _:
            return None
