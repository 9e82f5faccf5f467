"""A trace up to a moment: who was in which state, who held a slot, what an execution had been through."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from flowconc.check.wording import SHOWN_AT_MOST, duration, listing
from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.intervals import OPEN, holds
from flowconc.trace.trace import NOTHING, STATE_CODES, STATES, Event, Trace

Ints = npt.NDArray[np.int64]

ABSENT = -1
"""The state of an execution that is not there: not yet created, of another flow, or deleted."""


class View:
    """A trace as it stood when all that happened at `at_us` had happened; None is the end of the run."""

    def __init__(self, trace: Trace, at_us: int | None = None) -> None:
        self.trace = trace
        self.at_us = trace.end_us if at_us is None else at_us
        self._records = trace.records[: self.rows_until(self.at_us)]

    def rows_until(self, t_us: int) -> int:
        """Return how many events had happened when the instant `t_us` was over."""
        return int(np.searchsorted(self.trace.records["t_us"], t_us, side="right"))

    @property
    def last_seq(self) -> int:
        """The last event that had happened, 0 when none had."""
        return max(len(self._records) - 1, 0)

    # --- a flow

    def states(self, flow: str) -> Ints:
        """Return the state code of every execution of the flow, ABSENT for the others; one row an execution."""
        rows = self._of(flow, (Kind.CREATED, Kind.STATE, Kind.DELETED))
        states = np.full(len(self.trace.names), ABSENT, dtype=np.int64)
        into = np.where(rows["kind"] == Kind.DELETED, ABSENT, rows["after"])
        states[rows["execution"]] = into  # the last one of each execution stays
        return states

    def in_state(self, flow: str, state: State) -> int:
        """Return how many executions of the flow were in exactly this state."""
        return int(np.count_nonzero(self.states(flow) == STATE_CODES[state]))

    def ended(self, flow: str) -> dict[str, int]:
        """Return how many executions of the flow had ended, by final state, only those states that occur."""
        states = self.states(flow)
        counts = np.bincount(states[states != ABSENT], minlength=len(STATES))
        return {
            state.value: int(counts[code])
            for code, state in enumerate(STATES)
            if state in FINAL and counts[code]
        }

    def unended(self, flow: str) -> int:
        """Return how many executions of the flow were there and had not ended."""
        there = int(np.count_nonzero(self.states(flow) != ABSENT))
        return there - sum(self.ended(flow).values())

    def holding(self, flow: str) -> Ints:
        """Return the numbers of the live executions that held a slot of the flow, as `intervals.holds` has it."""
        if flow not in self.trace.flows:
            return np.zeros(0, dtype=np.int64)
        held = holds(self.trace)
        now = len(self._records)
        over = (held.last != OPEN) & (held.last < now)
        mine = (held.flow == self.trace.flows.index(flow)) & (held.first < now) & ~over
        return np.unique(held.execution[mine])

    def counter(self, flow: str) -> int:
        """Return the engine's own figure, as the last claim, release or operator left it."""
        if flow not in self.trace.flows:
            return 0
        own = np.isin(self._kinds, (Kind.CLAIM, Kind.RELEASE)) & (self._records["detail"] < 0)
        mine = self._records["flow"] == self.trace.flows.index(flow)
        rows = self._records[mine & (own | (self._kinds == Kind.COUNTER_SET))]
        figure = int(rows["after"][-1]) if len(rows) else 0
        return 0 if figure == NOTHING else figure

    def standing(self, flow: str) -> tuple[str, ...]:
        """Return the lines that say how the flow stood: who held its slots, who waited."""
        holding, waiting = self.holding(flow), np.flatnonzero(self.states(flow) == STATE_CODES[State.QUEUED])
        return (
            f"at {duration(self.at_us)}, {flow}: counter {self.counter(flow)}",
            f"holding a slot: {self._named(holding)}",
            f"waiting: {self._named(waiting)}",
        )

    def _named(self, numbers: Ints) -> str:
        return listing(
            (self.trace.names[number] for number in numbers[:SHOWN_AT_MOST].tolist()), len(numbers)
        )

    def _of(self, flow: str, kinds: tuple[Kind, ...]) -> npt.NDArray[np.void]:
        if flow not in self.trace.flows:
            return self._records[:0]
        mine = self._records["flow"] == self.trace.flows.index(flow)
        rows: npt.NDArray[np.void] = self._records[
            mine & np.isin(self._kinds, kinds) & (self._records["execution"] >= 0)
        ]
        return rows

    @cached_property
    def _kinds(self) -> npt.NDArray[np.uint8]:
        return np.ascontiguousarray(self._records["kind"])

    # --- an execution, a trigger

    def history(self, name: str) -> list[Event]:
        """Return the events that name an execution, in order; none when it never came into being."""
        if name not in self.trace.names:
            return []
        number = self.trace.names.index(name)
        events = [
            self.trace.event(seq) for seq in np.flatnonzero(self._records["execution"] == number).tolist()
        ]
        return events if any(event.kind is Kind.CREATED for event in events) else []

    def fires(self, flow: str, trigger: str, kind: Kind) -> Ints:
        """Return the sequence numbers of a trigger's FIRE or FIRE_SKIPPED events."""
        if trigger not in self.trace.details or flow not in self.trace.flows:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(
            (self._kinds == kind)
            & (self._records["flow"] == self.trace.flows.index(flow))
            & (self._records["detail"] == self.trace.details.index(trigger))
        )

    def late(self, flow: str, trigger: str) -> Ints:
        """Return the sequence numbers of the fires whose execution was created after the planned time."""
        fires = self.fires(flow, trigger, Kind.FIRE)
        fires = fires[self._records["before"][fires] != NOTHING]  # a Flow trigger plans nothing
        planned_us = self._records["before"][fires]
        created = self._records[self._kinds == Kind.CREATED]
        created_us = np.full(len(self.trace.names), -1, dtype=np.int64)
        created_us[created["execution"]] = created["t_us"]
        late: Ints = fires[created_us[self._records["execution"][fires]] > planned_us]
        return late
