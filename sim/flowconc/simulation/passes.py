"""A pass: what one executor does with one message (SEMANTICS 4.1).

It runs the message's step, a transaction, and then the steps that are ordered as `Next`, each a transaction of its
own. Everything else that a step orders is durable from its commit on. So a crash of the executor rolls back the
transaction under way and loses the steps that are still to come; the message is then delivered again or lost, as the
version has it. A pass that is through has no message any more.

A fire is the same for the scheduler, except that what becomes of a lost one is the scheduler's business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from simpy.events import Event

from flowconc.protocol.events import Kind, ReportFields
from flowconc.protocol.steps import Message, Next, Order, Step
from flowconc.scenario.model import FaultKind
from flowconc.simulation.clock import Rank
from flowconc.simulation.faults import Chance
from flowconc.simulation.resources import Resource
from flowconc.simulation.rollback import RevocableTransaction
from flowconc.simulation.stations import Station

if TYPE_CHECKING:
    from flowconc.simulation.unreliable import UnreliableInstallation

NO_STATION: Final = Resource(None)
"""Stands for the station of a transaction whose pass has its place already."""

SWALLOWED: Final = "release"
"""The step whose errors are logged and forgotten, where the version does that (SEMANTICS 2.1)."""


class Pass:
    """One delivery of a message.

    `repeats` is the event because of which it is not the first; None for the first. `made` says that the first one
    made what this one asks for again.
    """

    __slots__ = (
        "_actor",
        "_cause",
        "_current",
        "_host",
        "_made",
        "_repeats",
        "_rest",
        "_transaction",
        "cut",
        "message",
        "station",
        "unit",
    )

    def __init__(
        self,
        host: UnreliableInstallation,
        station: Station[Pass],
        message: Message,
        cause: int,
        actor: str,
        *,
        repeats: int | None = None,
        made: bool = False,
    ) -> None:
        self._host = host
        self.station = station
        self.message = message
        self._cause = cause
        self._actor = actor
        self._repeats = repeats
        self._made = made
        self._current: Message | None = message
        """The step under way, or waited with; None when it has been committed."""
        self._rest: deque[tuple[Message, int]] = deque()
        """The steps still to come, each with its cause."""
        self._transaction: RevocableTransaction | None = None
        self.cut = False
        self.unit: int | None = None

    @property
    def over(self) -> bool:
        """Say whether nothing is left to do."""
        return self._current is None and not self._rest

    def deliver(self) -> None:
        """Go to a unit that is up: at once, or when there is one with room."""
        if self._is_timed(self.message):
            self.station.take(self)
        else:
            self._host.take_turn(self._turn)

    def seated(self, unit: int) -> None:
        """Begin at a unit."""
        self.unit = unit
        if self._repeats is not None:
            self._cause = self._host.note(Kind.MESSAGE_REPEATED, self._repeats, self.message)
        if self._made:
            self._current = None
            self.station.release(self, unit)
        else:
            self._run(self.message, self._cause)

    def _turn(self) -> None:
        """Go on with a step that takes no time: the first one, or a later one."""
        if self.cut:
            return
        if self.unit is not None:
            assert self._current is not None
            self._run(self._current, self._cause)
            return
        unit = self.station.first_up
        if unit is None:
            self._host.unmanned(self)
        else:
            self.station.joins(self, unit)
            self.seated(unit)

    # --- the steps, one after the other

    def _is_timed(self, message: Message) -> bool:
        return self._host.takes_time and self._host.step(message.step).statements > 0

    def _run(self, message: Message, cause: int) -> None:
        host, step = self._host, self._host.step(message.step)
        if self._is_timed(message):
            self._transaction = RevocableTransaction(
                self, host.database, NO_STATION, step, message, cause, self._actor
            )
            self._transaction.begin()
        else:
            self.pass_on(*self.commit(host.clock.now_us, step, message, cause, self._actor))

    def commit(
        self,
        now_us: int,
        step: Step,
        message: Message,
        cause: int,
        actor: str,
        transaction: ReportFields | None = None,
    ) -> tuple[Iterable[Order], int]:
        """Run a step and write it down, unless a fault falls before that; return its orders and their cause."""
        host = self._host
        self._transaction = None
        errors = []
        for chance in host.faults.before(step.name, now_us):
            if chance.fault.kind is FaultKind.ERROR:
                errors.append(chance)
            else:
                host.crash(chance.fault.component, chance.fault.for_us, cause, by=self)
        if not self.cut and errors:
            self._fail(errors[0], message, cause)
        if self.cut or errors:
            return (), cause
        orders, cause = host.commit(now_us, step, message, cause, actor, transaction)
        self._current = None
        self._rest.extend((order.message, cause) for order in orders if type(order) is Next)
        for chance in host.faults.after(step.name, now_us):
            host.crash(chance.fault.component, chance.fault.for_us, cause, by=self)
        return orders, cause

    def pass_on(self, orders: Iterable[Order], cause: int) -> None:
        """Give the durable orders to those who carry them out, and go on with what is left of the pass."""
        if self.over and not self.cut:
            assert self.unit is not None
            self.station.release(self, self.unit)
        for order in orders:
            if type(order) is Next:
                self._go_on()
            else:
                self._host.pass_on((order,), cause)
        self._go_on()

    def _go_on(self) -> None:
        """Begin the next step, unless there is none, or one is under way. It goes before all that waits its turn."""
        if self._current is not None or not self._rest:
            return
        message, self._cause = self._rest.popleft()
        self._current = message
        if self._is_timed(message):
            self._run(message, self._cause)
        else:
            self._host.take_turn(self._turn, first=True)

    # --- what goes wrong

    def _fail(self, chance: Chance, message: Message, cause: int) -> None:
        """Roll the step back that the database has failed: it is tried again, forgotten, or lost with the pass."""
        host = self._host
        failed = host.note(Kind.STEP_FAILED, cause, message)
        rules = host.rules
        if message.step == SWALLOWED and rules.release_errors_swallowed:
            self._current = None
            self._skip(message, rules.ending, failed)
        elif rules.redelivers:
            self._cause = failed
            host.clock.after(chance.backoff_us(), self._try_again, Rank.END)
        else:
            assert self.unit is not None
            self.station.release(self, self.unit)
            self.fall(failed)

    def _skip(self, message: Message, ending: tuple[str, ...], cause: int) -> None:
        """Go on behind a step at the end of an execution, as if it had popped nobody."""
        place = ending.index(message.step) + 1 if message.step in ending else len(ending)
        if place < len(ending):
            self._rest.append((Message(ending[place], message.execution, ()), cause))

    def _try_again(self, _: Event) -> None:
        if self.cut or self._current is None:
            return
        if self._is_timed(self._current):
            self._run(self._current, self._cause)
        else:
            self._host.take_turn(self._turn)

    def withdraw(self) -> None:
        """Roll back the transaction under way, and leave the lines that it waits in."""
        if self._transaction is not None:
            self._transaction.withdraw()

    def let_go(self) -> None:
        """Give back what the transaction under way had."""
        if self._transaction is not None:
            self._transaction.let_go()
            self._transaction = None

    def fall(self, cause: int) -> None:
        """End here, because of the crash or the error `cause`. A pass that was through has nothing to lose."""
        self.cut = True
        if self.over:
            return
        lost = [message for message, _ in self._rest]
        if self._current is not None and self._current is not self.message:
            lost.insert(0, self._current)
        for message in lost:
            self._host.lose(message, cause)
        self._rest.clear()
        self._current = None
        self._host.undelivered(self.message, cause, self._actor)
