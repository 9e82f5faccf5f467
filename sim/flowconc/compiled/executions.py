"""What comes of a compiled run: columns as the kernel left them, and the same table that a trace has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from flowconc.compiled.connections import InUse
from flowconc.compiled.fields import RENEWED, RESENT, Columns, Ints
from flowconc.compiled.program import Lane, Translation
from flowconc.protocol.states import FINAL, State
from flowconc.scenario.model import Arrivals, Recorded
from flowconc.scenario.names import automatic_name, short_names
from flowconc.simulation.sources import names_by_time
from flowconc.trace.intervals import Flags
from flowconc.trace.tables import NEVER, ExecutionsTable, Texts
from flowconc.trace.trace import STATE_CODES, Header

_FINAL = np.array(sorted(STATE_CODES[state] for state in FINAL))
_LANES: Final = RESENT - 1


@dataclass(frozen=True)
class Executions:
    """The executions of one run, in order of creation.

    `columns` hold each time one microsecond late, and 0 for what never came; the properties have the times themselves.
    `end_us` is the end of the run where it was cut off, for waits that were not over. `in_use` are the database's
    connections in use from the warm-up to the horizon; None where it takes no time. `skipped` and `fired` count the
    fires of each active trigger that were planned from the warm-up on: (flow, trigger) to number.
    """

    header: Header
    translation: Translation
    columns: Columns
    end_us: int
    in_use: InUse | None
    skipped: dict[tuple[str, str], int]
    fired: dict[tuple[str, str], int]

    def __len__(self) -> int:
        return len(self.columns.state)

    @property
    def created_us(self) -> Ints:
        """When each was created, shape (n,)."""
        return self.columns.created_us - 1

    @property
    def queued_us(self) -> Ints:
        """When each became QUEUED, -1 for never, shape (n,)."""
        return self.columns.queued_us - 1

    @property
    def started_us(self) -> Ints:
        """When each first became RUNNING, -1 for never, shape (n,)."""
        return self.columns.started_us - 1

    @property
    def ended_us(self) -> Ints:
        """When each ended, -1 for never, shape (n,)."""
        return self.columns.ended_us - 1

    @property
    def slot_wait_us(self) -> Ints:
        """How long each was QUEUED, shape (n,). A wait that is not over lasts until the end of the run."""
        columns = self.columns
        until_us = np.where(columns.started_us > 0, columns.started_us, self.end_us + 1)
        waits_us: Ints = np.where(columns.queued_us > 0, until_us - columns.queued_us, 0)
        return waits_us

    @property
    def flow_index(self) -> Ints:
        """Which of the scenario's flows each belongs to, shape (n,)."""
        of_lane = np.array([lane.flow for lane in self.translation.lanes] or [0], dtype=np.int64)
        return of_lane[self._lane]

    @cached_property
    def table(self) -> ExecutionsTable:
        """The same table that `trace.tables.executions_table` reads off a trace of the simulation."""
        columns, size = self.columns, len(self)
        started_us, queued_us, created_us = self.started_us, self.queued_us, self.created_us
        slot_wait_us = self.slot_wait_us
        before_us = np.where(started_us >= 0, slot_wait_us, 0) + columns.gate_lock_us
        dispatch_us = np.maximum(started_us - created_us - before_us, 0)
        is_final = np.isin(columns.state, _FINAL)
        source, trigger = self._origins()
        return ExecutionsTable(
            number=np.arange(size),
            name=self._names(),
            flow=_texts(flow.key for flow in self.translation.scenario.flows)[self.flow_index],
            revision=np.ones(size, dtype=np.int64),
            source=source,
            parent=np.full(size, None, dtype=np.object_),
            trigger=trigger,
            created_us=created_us,
            queued_us=queued_us,
            started_us=started_us,
            ended_us=self.ended_us,
            final=np.where(is_final, columns.state, NEVER).astype(np.int8),
            state=columns.state,
            applied=self._applied(),
            queue_at_arrival=columns.queue_at_arrival.astype(np.int64),
            holders_at_arrival=columns.holders_at_arrival.astype(np.int64),
            slot_wait_us=slot_wait_us,
            lock_wait_us=columns.lock_wait_us,
            worker_wait_us=columns.worker_wait_us,
            dispatch_us=np.where(started_us >= 0, dispatch_us, NEVER),
            gate_us=columns.gate_us - 1,
            planned_us=columns.planned_us - 1,
            tasks_run=columns.tasks_run.astype(np.int64),
            forced=np.zeros(size, dtype=np.bool_),
            deleted=np.zeros(size, dtype=np.bool_),
        )

    @property
    def _lane(self) -> npt.NDArray[np.int32]:
        return self.columns.origin & _LANES

    def _applied(self) -> Texts:
        """Return the behavior that turned each away or made it wait."""
        columns = self.columns
        applied = np.full(len(self), None, dtype=np.object_)
        gated = columns.gate_us > 0
        applied[gated & (columns.queued_us > 0)] = "QUEUE"
        turned_away = gated & (columns.queued_us == 0) & (columns.started_us == 0)
        applied[turned_away & (columns.state == STATE_CODES[State.CANCELLED])] = "CANCEL"
        applied[turned_away & (columns.state == STATE_CODES[State.FAILED])] = "FAIL"
        return applied

    def _first_of(self, lane: int) -> Ints:
        """Return the rows of a source's arrivals, without those that repeat one."""
        return np.flatnonzero(self.columns.origin == lane)

    def _names(self) -> Texts:
        scenario = self.translation.scenario
        names = np.full(len(self), None, dtype=np.object_)
        for lane, arrivals in self._sources():
            given = names_by_time(arrivals)
            rows = self._first_of(lane)[: len(given)]
            names[rows] = _texts(given)[: len(rows)]
        short = short_names((flow.namespace, flow.id, flow.tenant) for flow in scenario.flows)
        unnamed = names == None  # noqa: E711 - elementwise
        flows = self.flow_index
        for index, flow in enumerate(scenario.flows):
            rows = np.flatnonzero(unnamed & (flows == index))
            names[rows] = _texts(automatic_name(short[flow.key], number + 1) for number in range(len(rows)))
        return names

    def _sources(self) -> Iterable[tuple[int, Arrivals]]:
        for number, lane in enumerate(self.translation.lanes):
            if lane.arrivals is not None:
                yield number, lane.arrivals

    def _origins(self) -> tuple[Texts, Texts]:
        """Return where each comes from, and which trigger made it."""
        columns, lanes = self.columns, self._lane
        source = _texts([*(map(_label, self.translation.lanes)), None])[lanes]
        trigger = _texts([*(map(_trigger, self.translation.lanes)), None])[lanes]
        renewed: Flags = columns.origin & RENEWED != 0
        for lane, arrivals in self._sources():
            pattern = arrivals.pattern
            if isinstance(pattern, Recorded) and any(pattern.sources):
                rows = self._first_of(lane)
                labels = (label or arrivals.source for label in pattern.sources[: len(rows)])
                source[rows] = _texts(label.partition(":")[0] or None for label in labels)
                for row in np.flatnonzero((lanes == lane) & (columns.origin & RESENT != 0)):
                    source[row] = source[columns.prior[row] - 1]
        source[renewed] = "retry"
        trigger[renewed] = None
        return source, trigger


def _label(lane: Lane) -> str | None:
    return "trigger" if lane.arrivals is None else lane.arrivals.source.partition(":")[0] or None


def _trigger(lane: Lane) -> str | None:
    return None if lane.trigger is None else lane.trigger.id


def _texts(strings: Iterable[str | None]) -> Texts:
    listed = list(strings)
    column = np.empty(len(listed), dtype=np.object_)
    column[:] = listed
    return column
