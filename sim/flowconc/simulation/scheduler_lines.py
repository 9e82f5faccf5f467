"""The fires of one trigger that lie ahead, in the order in which they are seen to (SEMANTICS A5, 5).

A trigger has one line or two. Fires that are made up for (a backfill, dates missed while the scheduler was down) wait
in line: one after the other, each until the trigger is unlocked. The regular ones follow them in the same line where
the version lets them wait, too; else they are punctual, and come at their times whether the trigger is locked or not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Protocol

from flowconc.protocol.rules import Rules
from flowconc.protocol.steps import Backfill, Evaluated, Message
from flowconc.protocol.triggers import Fire, fires_stay
from flowconc.scenario.flow import RecoverMissed, Trigger, TriggerKind
from flowconc.simulation.scheduler_dates import Dates, Listed, Walk, dates_of, just_before, timing_of


class Host(Protocol):
    """The scheduler, as the fires of a trigger see it."""

    rules: Rules
    clock_start: datetime

    @property
    def now_us(self) -> int:
        """The time."""

    @property
    def is_up(self) -> bool:
        """Whether the scheduler works."""

    def send(self, message: Message) -> None:
        """Hand a message to whoever runs its step."""

    def write_off(self, flow: str, trigger: str, times_us: Iterable[int]) -> None:
        """Write down that planned fires will make no execution."""

    def appoint(self, line: Line) -> None:
        """Call back a line when its first fire is due."""

    def is_locked(self, flow: str, trigger: Trigger) -> bool:
        """Say whether an execution that has not ended keeps a trigger from firing."""

    def finds(self, flow: str, trigger: Trigger) -> bool:
        """Say whether there is something to run for: always for a Schedule, at a given share for a poll."""


class Line(Protocol):
    """Fires in the order in which they are seen to. `appointment` counts how often the scheduler has been asked."""

    appointment: int
    looked_us: int | None

    @property
    def place(self) -> int:
        """The trigger's place among all: at equal times they fire in this order."""

    def planned_us(self) -> int | None:
        """Return the planned time of the first fire, or None when there is none, or it has to wait."""

    def look(self) -> None:
        """See to the first fire: it is due."""


class Timetable:
    """All fires of a trigger that lie ahead. It begins when the trigger is there and enabled, and ends with that."""

    def __init__(self, host: Host, flow: str, trigger: Trigger, place: int) -> None:
        self.host = host
        self.flow = flow
        self.trigger = trigger
        self.place = place
        self.regular = self._from_now()
        self.waiting = WaitingLine(self)
        self.punctual = None if fires_stay(host.rules) else PunctualLine(self)
        self.appoint()

    def appoint(self) -> None:
        """Ask to be called when the next fires are due."""
        self.waiting.settle()
        if self.punctual is not None:
            self.host.appoint(self.punctual)

    def _from_now(self) -> Walk:
        """Return the regular dates from now on. The engine's loop finds the next one after now (SEMANTICS 5.3)."""
        now_us, trigger = self.host.now_us, self.trigger
        after_us = just_before(trigger, now_us) if self.host.rules.tick_us is None else now_us
        return Walk(self.dates(), after_us)

    def dates(self) -> Dates:
        """Return the trigger's dates, for somebody to walk through."""
        return dates_of(self.trigger, self.host.clock_start)

    def change(self, trigger: Trigger) -> None:
        """Go on with the trigger as it has been saved: with other dates, the regular ones start from now."""
        before, self.trigger = self.trigger, trigger
        if timing_of(before) == timing_of(trigger):
            self.waiting.settle()
            return
        self.write_off_before(self.host.now_us)
        self.regular = self._from_now()
        self.waiting.change_dates()
        self.appoint()

    def resume(self) -> None:
        """Go on after the scheduler was down."""
        if self.punctual is None:
            self.recover_regular()
        else:
            self.punctual.resume()
        self.appoint()

    def lose(self, planned_us: int) -> None:
        """Take back a fire that was sent and came to nothing."""
        if not self.waiting.lose(planned_us) and self.punctual is not None:
            self.punctual.lose(planned_us)
            if self.host.is_up:
                self.resume()

    def end(self) -> None:
        """Leave everything that lies ahead, since the trigger is gone or disabled."""
        self.write_off_before(self.host.now_us)
        self.waiting.leave()
        if self.punctual is not None:
            self.punctual.appointment += 1

    # --- fires that make no execution

    def write_off(self, times_us: Iterable[int]) -> None:
        """Write down that planned fires of a Schedule make no execution. A poll that does not come plans nothing."""
        if self.trigger.kind is TriggerKind.SCHEDULE:
            self.host.write_off(self.flow, self.trigger.id, times_us)

    def write_off_before(self, t_us: int) -> None:
        """Write off everything planned before a time, but for backfills: those go on elsewhere, or not."""
        lost = () if self.punctual is None else self.punctual.take_lost()
        self.waiting.pass_by_sent()
        self.write_off(chain(lost, self.waiting.missed_before(t_us), self.regular.pass_by(t_us)))

    def too_late(self, walk: Walk) -> Iterator[int]:
        """Yield the dates that are too late by `lateMaximumDelay`, and leave them behind (SEMANTICS 5.4)."""
        longest_us = self.trigger.late_maximum_us
        return iter(()) if longest_us is None else walk.pass_by(self.host.now_us - longest_us)

    # --- what was missed

    def recover(self, missed: Iterable[int]) -> list[int]:
        """Return those of the missed fires that are made up for, and write the others off (SEMANTICS 5.3)."""
        if self.trigger.kind is not TriggerKind.SCHEDULE:
            for _ in missed:
                pass  # the next poll finds as much
            return []
        times_us = list(missed)
        wanted = self.trigger.recover_missed
        first = 0 if wanted is RecoverMissed.ALL else len(times_us) - (wanted is RecoverMissed.LAST)
        first = max(0, first)
        self.write_off(times_us[:first])
        return times_us[first:]

    def recover_regular(self) -> None:
        """Apply `recoverMissedSchedules` to the regular dates that have passed."""
        if self.trigger.kind is not TriggerKind.SCHEDULE or self.trigger.recover_missed is RecoverMissed.ALL:
            return  # the next date stays what it is
        kept = self.recover(self.regular.pass_by(self.host.now_us + 1))
        if kept:
            self.regular.go_on_after(kept[0] - 1)
            self.write_off(self.too_late(self.regular))


class PunctualLine:
    """Regular fires that come at their times. Those that find the trigger locked are skipped."""

    def __init__(self, timetable: Timetable) -> None:
        self.appointment = 0
        self.looked_us: int | None = None
        self._timetable = timetable
        self._lost: list[int] = []

    @property
    def place(self) -> int:
        """The trigger's place among all."""
        return self._timetable.place

    def planned_us(self) -> int | None:
        """Return the planned time of the next fire, if there is one."""
        return self._timetable.regular.next_us

    def look(self) -> None:
        """Send the fire that is due, and turn to the next one."""
        timetable = self._timetable
        host, walk, trigger = timetable.host, timetable.regular, timetable.trigger
        planned_us = walk.next_us
        assert planned_us is not None
        walk.go_on_after(planned_us)
        host.appoint(self)
        if host.finds(timetable.flow, trigger):
            host.send(Message("fire", None, Fire(timetable.flow, trigger.id, planned_us)))

    def lose(self, planned_us: int) -> None:
        """Take back a fire that was sent and came to nothing: it is one of the missed."""
        self._lost.append(planned_us)

    def take_lost(self) -> list[int]:
        """Return the fires that came to nothing, once."""
        lost, self._lost = self._lost, []
        return lost

    def resume(self) -> None:
        """Put what was missed, as far as it is made up for, into the line of those that wait."""
        timetable = self._timetable
        passed = timetable.regular.pass_by(timetable.host.now_us)
        kept = timetable.recover(chain(self.take_lost(), passed))
        if kept:
            timetable.waiting.walks.append(Walk(Listed(kept), kept[0] - 1, kept[-1]))


class WaitingLine:
    """Fires that wait until the trigger is unlocked, one at a time.

    What is made up for comes first, then the regular ones, if those may wait.
    """

    def __init__(self, timetable: Timetable) -> None:
        self.appointment = 0
        self.looked_us: int | None = None
        self.walks: deque[Walk] = deque()
        """What is made up for, in order."""
        self._timetable = timetable
        self._sent: tuple[Walk, int] | None = None
        """The fire that has been sent, until the scheduler hears of it."""

    @property
    def place(self) -> int:
        """The trigger's place among all."""
        return self._timetable.place

    def _first(self) -> Walk | None:
        if self.walks:
            return self.walks[0]
        timetable = self._timetable
        return timetable.regular if timetable.punctual is None else None

    def planned_us(self) -> int | None:
        """Return the planned time of the first fire, unless it has to wait for an end, or for news of the last one."""
        timetable = self._timetable
        walk = self._first()
        if (
            self._sent is not None
            or walk is None
            or timetable.host.is_locked(timetable.flow, timetable.trigger)
        ):
            return None
        return walk.next_us

    def look(self) -> None:
        """Send the fire that is due. It stays the first until the scheduler hears that it is done."""
        timetable = self._timetable
        host, trigger, walk = timetable.host, timetable.trigger, self._first()
        assert walk is not None
        self.looked_us = host.now_us
        if host.rules.late_at_its_turn and walk.backfill is None:
            late = list(timetable.too_late(walk))
            timetable.write_off(late)
            if late:
                self.looked_us = None  # it has not fired: the next date may be due in the same moment
                self.settle()
                return
        planned_us = walk.next_us
        assert planned_us is not None
        if not host.finds(timetable.flow, trigger):
            walk.go_on_after(host.now_us)
            self.settle()
            return
        self._sent = (walk, planned_us)
        fire = Fire(timetable.flow, trigger.id, planned_us, walk.backfill, not walk.is_endless)
        host.send(Message("fire", None, fire))

    def evaluated(self, news: Evaluated) -> None:
        """Turn to the next fire, or wait for the end of the execution that keeps the trigger locked."""
        if self._sent is None or self._sent[1] != news.planned_us:
            return  # of a punctual one, or heard of before
        walk, self._sent = self._sent[0], None
        timetable = self._timetable
        if walk.next_us != news.planned_us:  # everything before now has been written off meanwhile, but this
            if not news.done:
                timetable.write_off((news.planned_us,))
        elif news.done:
            is_poll = timetable.trigger.kind is TriggerKind.POLLING
            walk.go_on_after(timetable.host.now_us if is_poll else news.planned_us)
            if walk.backfill is None:
                timetable.write_off(timetable.too_late(walk))
        self.settle()

    def lose(self, planned_us: int) -> bool:
        """Take back the fire that was sent, if it is this one: it came to nothing, and is still the first."""
        if self._sent is None or self._sent[1] != planned_us:
            return False
        self._sent = None
        self.settle()
        return True

    def settle(self) -> None:
        """Leave behind what is through, and ask to be called when the first fire is due."""
        while self.walks and self.walks[0].next_us is None:
            self._over(self.walks.popleft())
        self._timetable.host.appoint(self)

    def fill(self, news: Backfill) -> None:
        """Begin a backfill.

        One that is under way is left, and where it was is taken for the next regular date: so all that came since
        then comes again when the new one is through (BUGS, #19013).
        """
        timetable = self._timetable
        host = timetable.host
        if self.walks and self.walks[0].backfill is not None:
            before_us = self.walks.popleft().next_us
            assert before_us is not None
            if timetable.punctual is None:
                timetable.regular.go_on_after(before_us - 1)
            else:
                self.walks.append(Walk(timetable.dates(), before_us - 1, host.now_us - 1))
        self.walks.appendleft(Walk(timetable.dates(), news.first_us - 1, news.last_us, news.number))
        self.settle()

    def pass_by_sent(self) -> None:
        """Leave the fire behind that has been sent: what becomes of it is not decided yet."""
        if self._sent is not None and self._sent[0].next_us == self._sent[1]:
            self._sent[0].go_on_after(self._sent[1])

    def missed_before(self, t_us: int) -> Iterator[int]:
        """Yield what is made up for and was planned before a time, and leave it behind, but for backfills."""
        for walk in self.walks:
            if walk.backfill is None:
                yield from walk.pass_by(t_us)

    def change_dates(self) -> None:
        """Go on with a backfill on the trigger's new dates. What was missed has been written off."""
        for walk in self.walks:
            if walk.backfill is not None:
                walk.change(self._timetable.dates())

    def leave(self) -> None:
        """Leave all that waits here."""
        self.appointment += 1
        while self.walks:
            self._over(self.walks.popleft())

    def _over(self, walk: Walk) -> None:
        if walk.backfill is not None:
            timetable = self._timetable
            argument = (timetable.flow, timetable.trigger.id, walk.backfill)
            timetable.host.send(Message("backfill_over", None, argument))
