"""The scheduler: lets triggers fire at their times (SEMANTICS A5, 5).

Under `documented` it has no loop of its own: a trigger fires exactly at its time. The engine's looks at its triggers
from time to time, on a grid that begins with the scenario (SEMANTICS 5.1): each that is enabled, not locked, and whose
next date has come is evaluated once. Only the looks at which there is something to see are simulated.

What it knows of dates the engine keeps in the database, where it survives a crash: a fire is through when the step
that makes it has been committed, and until then it is the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count, islice
from typing import Final

from flowconc.protocol import triggers
from flowconc.protocol.creation import find_trigger
from flowconc.protocol.steps import Backfill, Evaluated, Message, Reschedule, Unlocked
from flowconc.scenario.flow import Trigger, TriggerKind
from flowconc.simulation.clock import Rank
from flowconc.simulation.installation import Installation
from flowconc.simulation.scheduler_lines import Line, Timetable

AT_A_TIME: Final = 1000
"""How many fires are written off in one step: a run that reaches its last event stops in between."""

_LAST_PLACE: Final = (1 << 32) - 1

Key = tuple[str, str]
"""Flow and trigger id."""


class Scheduler:
    """Keeps the timetables of all triggers that are there and enabled, and calls each line when its first fire is due.

    At equal times, fires come in the order of their planned times, then of the triggers in the scenario. Nothing fires
    after the run's `until`; what was planned up to then and has made no execution is written off there.
    """

    def __init__(self, installation: Installation) -> None:
        self.rules = installation.tables.rules
        self.clock_start = installation.scenario.clock_start
        self.is_up = True
        self._installation = installation
        self._until_us = installation.scenario.run.until_us
        self._timetables: dict[Key, Timetable] = {}
        self._places: dict[Key, int] = {}
        self._polls: dict[Key, int] = {}
        self._agenda: list[tuple[int, int, int, int, int, Line]] = []
        self._entries = count()
        self._cause = -1
        self._closes = self._closed = False
        installation.on(Reschedule, self._reschedule)
        installation.on(Evaluated, self._evaluated)
        installation.on(Unlocked, self._unlocked)
        installation.on(Backfill, self._backfill)

    @property
    def now_us(self) -> int:
        """The time."""
        return self._installation.clock.now_us

    # --- what it hears of

    def _reschedule(self, order: Reschedule, cause: int) -> None:
        """See which triggers of a flow are there and enabled now. Those whose times stay the same go on."""
        before = {key: self._timetables.pop(key) for key in list(self._timetables) if key[0] == order.flow}
        for trigger in self._scheduled(order.flow):
            key = (order.flow, trigger.id)
            place = self._places.setdefault(key, len(self._places))
            timetable = before.pop(key, None)
            if timetable is None:
                timetable = Timetable(self, order.flow, trigger, place)
            else:
                timetable.change(trigger)
            self._timetables[key] = timetable
            self._close_with_the_run()
        for timetable in before.values():
            timetable.end()

    def _scheduled(self, flow: str) -> list[Trigger]:
        """Return the triggers of a flow that fire by themselves and are enabled."""
        tables = self._installation.tables
        return [
            trigger
            for trigger in tables.flows[flow].definition.triggers
            if trigger.kind in (TriggerKind.SCHEDULE, TriggerKind.POLLING)
            and find_trigger(tables, flow, trigger.id) is not None
            and not tables.triggers[flow, trigger.id].disabled
        ]

    def _evaluated(self, news: Evaluated, cause: int) -> None:
        timetable = self._timetables.get((news.flow, news.trigger))
        if timetable is not None:
            timetable.waiting.evaluated(news)

    def _unlocked(self, news: Unlocked, cause: int) -> None:
        timetable = self._timetables.get((news.flow, news.trigger))
        if timetable is not None:
            if news.recovers:
                timetable.recover_regular()
            timetable.waiting.settle()

    def _backfill(self, news: Backfill, cause: int) -> None:
        timetable = self._timetables.get((news.flow, news.trigger))
        if timetable is not None:
            timetable.waiting.fill(news)

    # --- its coming and going

    def down(self) -> None:
        """Stop: nothing fires until `up`. A fire that was sent and is not committed has to be told by `lost`."""
        self.is_up = False

    def up(self, cause: int = -1) -> None:
        """Go on, because of the event `cause`: each Schedule makes up for what its `recoverMissedSchedules` says."""
        self.is_up, self._cause = True, cause
        for timetable in self._timetables.values():
            timetable.resume()
        self._cause = -1

    def lost(self, message: Message) -> None:
        """Take back a message whose transaction came to nothing. A fire is still the next one, or one of the missed."""
        if message.step != "fire":
            self._installation.send(
                message, -1, "clock"
            )  # it is in the database, and nobody has to see to it
            return
        fire = triggers.Fire(*message.argument)
        timetable = self._timetables.get((fire.flow, fire.trigger))
        if self._closed:
            self.write_off(fire.flow, fire.trigger, (fire.planned_us,))
        elif timetable is not None:
            timetable.lose(fire.planned_us)

    # --- the agenda

    def appoint(self, line: Line) -> None:
        """Call back a line when its first fire is due: at the planned time, or at the engine's next look."""
        line.appointment += 1
        planned_us = line.planned_us()
        if planned_us is None or not self.is_up:
            return
        due_us = self._due_us(planned_us, line.looked_us)
        if self._until_us is not None and due_us > self._until_us:
            return
        entry = (due_us, planned_us, line.place, next(self._entries), line.appointment, line)
        heappush(self._agenda, entry)
        self._installation.clock.at(due_us, lambda _: self._call(), Rank.FIRE)

    def _due_us(self, planned_us: int, looked_us: int | None) -> int:
        now_us, tick_us = self.now_us, self.rules.tick_us
        due_us = max(planned_us + self.rules.date_passed_us, now_us)
        if tick_us is None:
            return due_us
        due_us += -due_us % tick_us
        return due_us if looked_us is None or due_us > looked_us else looked_us + tick_us

    def _call(self) -> None:
        """Let the first line on the agenda look, unless it has made another appointment since.

        The clock calls once for each entry, when that is due; so it is always the first that is meant.
        """
        *_, appointment, line = heappop(self._agenda)
        if appointment == line.appointment and self.is_up:
            line.look()

    # --- what timetables need

    def send(self, message: Message) -> None:
        """Hand a message to whoever runs its step."""
        self._installation.send(message, self._cause, "scheduler" if self.is_up else "clock")

    def write_off(self, flow: str, trigger: str, times_us: Iterable[int]) -> None:
        """Write down that planned fires will make no execution: those within the run."""
        until_us = self._until_us
        within = (t_us for t_us in times_us if t_us >= 0 and (until_us is None or t_us <= until_us))
        while some := tuple(islice(within, AT_A_TIME)):
            self.send(Message("skip_fires", None, (flow, trigger, some)))

    def is_locked(self, flow: str, trigger: Trigger) -> bool:
        """Say whether an execution that has not ended keeps a trigger from firing."""
        tables = self._installation.tables
        return triggers.is_locked(tables, tables.triggers[flow, trigger.id], trigger)

    def finds(self, flow: str, trigger: Trigger) -> bool:
        """Say whether there is something to run for: always for a Schedule, at a given share for a poll."""
        if trigger.kind is not TriggerKind.POLLING or trigger.finds >= 1:
            return True
        poll = self._polls.get((flow, trigger.id), 0)
        self._polls[flow, trigger.id] = poll + 1
        return self._installation.streams.uniform(f"{flow}/{trigger.id}/finds", poll) < trigger.finds

    def _close_with_the_run(self) -> None:
        """Set the clock for the end of the run's `until`, behind all that comes then."""
        if not self._closes and self._until_us is not None:
            self._closes = True
            self._installation.clock.at(self._until_us, lambda _: self._close(), Rank.ARRIVAL, _LAST_PLACE)

    def _close(self) -> None:
        assert self._until_us is not None
        self._closed = True
        for timetable in self._timetables.values():
            timetable.write_off_before(self._until_us + 1)
