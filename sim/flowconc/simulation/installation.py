"""The protocol in time: messages go to executors, steps run as transactions, orders go where they belong.

What a step does is the protocol's business; here is only when it happens and who does it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from flowconc.protocol.events import ReportFields
from flowconc.protocol.semantics import Semantics
from flowconc.protocol.steps import Message, Next, Order, Step, Wake
from flowconc.protocol.tables import Tables
from flowconc.scenario.model import Scenario
from flowconc.simulation.clock import Clock, Rank
from flowconc.simulation.database import Database, Transaction
from flowconc.simulation.resources import Resource
from flowconc.simulation.streams import Streams
from flowconc.trace.recorder import Recorder

Handler = Callable[[Any, int], None]
"""Takes an order and the sequence number of the event that led to it."""


class Installation:
    """A running Kestra: its tables, its executors and scheduler, its database, its clock.

    Components (workers, scheduler, sources) register for the orders that are theirs with `on`.
    """

    def __init__(self, scenario: Scenario, semantics: Semantics, streams: Streams) -> None:
        self.scenario = scenario
        self.clock = Clock()
        self.tables = Tables(semantics.rules)
        self.recorder = Recorder()
        self.streams = streams
        self._steps = semantics.steps
        self._database = Database(scenario.platform.database, self.tables, self.clock, self.recorder)
        self.takes_time = self._database.takes_time
        self._executors = Resource(scenario.platform.executors)
        self._scheduler = Resource(1)
        self._last_event = scenario.run.max_events - 1
        self._arrival_us = scenario.platform.latency.arrival_us
        self._ways = dict(scenario.platform.latency.ways)
        self._ready: deque[tuple[Step, Message, int, str]] = deque()
        self._busy = False
        self._waits: dict[tuple[int, str], int] = {}
        self._handlers: dict[type, Handler] = {Wake: self._wake, Next: self._next}
        self.on(Message, self._forward if self._arrival_us or self._ways else self.send)

    def on(self, order: type, handler: Handler) -> None:
        """Register the component that carries out orders of one type."""
        self._handlers[order] = handler

    def send(self, message: Message, cause: int = -1, actor: str = "executor") -> None:
        """Hand a message to whoever runs its step, and finish all that follows from it at this instant."""
        step = self._steps[message.step]
        if self.takes_time and step.statements:
            station = self._scheduler if step.name == "fire" else self._executors
            Transaction(self, self._database, station, step, message, cause, actor).begin()
            return
        self._ready.append((step, message, cause, actor))
        self._drain()

    def _drain(self) -> None:
        """Run the steps that wait, and those that they lead to, until none is left."""
        ready = self._ready
        if not self._busy:
            self._busy = True
            now_us = self.clock.now_us
            while ready:
                self.pass_on(*self.commit(now_us, *ready.popleft()))
            self._busy = False

    def later(self, delay_us: int, call: Callable[[], None], rank: Rank = Rank.CONSEQUENCE) -> None:
        """Call after a latency: at once, without the clock, when there is none."""
        if delay_us:
            self.clock.after(delay_us, lambda _: call(), rank)
        else:
            call()

    def commit(
        self,
        now_us: int,
        step: Step,
        message: Message,
        cause: int,
        actor: str,
        transaction: ReportFields | None = None,
    ) -> tuple[Iterable[Order], int]:
        """Run a step and write down what it did, and the transaction that it took, if it took one.

        Returns the orders of the step, to be passed on, and their cause.
        """
        result = step.run(self.tables, message, now_us)
        self.tables.apply(result.changes)
        reports = result.reports
        if transaction is not None:
            reports.append(transaction)
        if reports:
            last = self.recorder.record(now_us, actor, reports, cause)
            if last >= self._last_event:
                self.clock.stop()
            if len(reports) > 1 or transaction is None:
                cause = last if transaction is None else last - 1
        return result.orders, cause

    def pass_on(self, orders: Iterable[Order], cause: int) -> None:
        """Give each order to the component that carries it out."""
        handlers = self._handlers
        for order in orders:
            handlers[type(order)](order, cause)

    def _forward(self, message: Message, cause: int) -> None:
        """Let a message take its time: that of a new execution to the executor, and others where they are known."""
        way_us = self.way_us(message)
        if way_us is None:
            way_us = self._arrival_us if message.step == "gate" else 0
        self.later(way_us, lambda: self.send(message, cause))

    def way_us(self, message: Message) -> int | None:
        """Return how long a message is on its way where that is known, in microseconds."""
        execution = self.tables.find(message.execution) if self._ways else None
        way = None if execution is None else self._ways.get((message.step, execution.birth.flow))
        return None if execution is None or way is None else way.at(execution.birth.ordinal)

    def _next(self, order: Next, cause: int) -> None:
        """Go on with the next step of the same pass, before any other message is looked at."""
        step = self._steps[order.message.step]
        if self.takes_time and step.statements:
            self.send(order.message, cause)
        else:
            self._ready.appendleft((step, order.message, cause, "executor"))
            self._drain()

    def _wake(self, order: Wake, cause: int) -> None:
        """Send a message after a delay. It ranks as an end: a task that is due goes before what operators do."""
        delay_us = order.after_us
        if order.at_most_us > delay_us:
            delay_us += int(self._share(order.message) * (order.at_most_us - delay_us))
        if not order.looked_for:
            delay_us += self.way_us(order.message) or 0
        tick_us = self.tables.rules.tick_us
        if (
            delay_us and order.looked_for and tick_us is not None
        ):  # the engine looks at what is due from time to time (SEMANTICS 6.1)
            delay_us += -(self.clock.now_us + delay_us) % tick_us
        self.clock.after(
            delay_us, lambda _: self.send(order.message, cause), Rank.END if delay_us else Rank.CONSEQUENCE
        )

    def _share(self, message: Message) -> float:
        """Draw for a random wait, from the stream of the execution and the task that waits."""
        assert message.execution is not None
        birth = self.tables.executions[message.execution].birth
        what = f"{message.step}/{message.argument}" if message.step == "retry_due" else message.step
        wait = (birth.number, what)
        count = self._waits[wait] = self._waits.get(wait, 0) + 1
        return self.streams.uniform(f"{birth.flow}/{what}/{birth.attempt}/{count}", birth.ordinal)
