"""An ASCII timeline of one flow around a moment: who ran and who waited, for a terminal.

f, 0s to 20s
a    ##########
b    ..........##########
               ^ 10s
# running   . queued
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low

import numpy as np

from flowconc.check.view import View
from flowconc.check.wording import duration
from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.trace import STATE_CODES, Event, Trace

ROWS_AT_MOST = 12
COLUMNS_AT_MOST = 100
NAME_AT_MOST = 24
NEARBY_EVENTS = 200
"""Events around the moment whose executions fill rows that holders and waiters leave."""

PHASES_SHOWN = 12
"""How much longer than a typical phase at the moment the timeline is: what is shorter is still seen."""

GLYPHS = {
    State.CREATED: "c",
    State.QUEUED: ".",
    State.RUNNING: "#",
    State.PAUSED: "=",
    State.BREAKPOINT: "=",
    State.RETRYING: "=",
    State.RESTARTED: "r",
    State.KILLING: "k",
}
AFTER_EXECUTION = "+"
END_GLYPHS = {State.KILLED: "K"}
REJECTED, DELETED = "x", "D"

LEGEND = {
    "#": "running",
    ".": "queued",
    "=": "paused or retrying",
    AFTER_EXECUTION: "afterExecution, still on its slot",
    "c": "created",
    "r": "restarted",
    "k": "killing",
    "K": "killed",
    REJECTED: "turned away",
    DELETED: "deleted",
}


@dataclass(frozen=True, slots=True)
class Phase:
    """What an execution did from `start_us` to `end_us`, as a glyph; equal times are an instant."""

    start_us: int
    end_us: int
    glyph: str


def timeline(trace: Trace, *, flow: str, t_us: int, width: int = 72) -> list[str]:
    """Return the lines of a timeline of `flow` around `t_us`, `width` columns of time, at most 100 in all.

    The executions that hold a slot at that moment come first, then those that wait, then others nearby. A flow
    without executions has no lines.
    """
    rows = {trace.names[number]: _phases(trace, number) for number in _concerned(trace, flow, t_us)}
    if not rows:
        return []
    margin = min(max(map(len, rows)), NAME_AT_MOST) + 2
    width = min(width, COLUMNS_AT_MOST - margin)
    start_us, end_us = _window([phase for phases in rows.values() for phase in phases], t_us, width)
    scale = _Scale(start_us, end_us, width)
    bars = {name: scale.bar(phases) for name, phases in rows.items()}
    used = set("".join(bars.values()))
    return [
        f"{_fitted(flow, COLUMNS_AT_MOST // 2)}, {duration(start_us)} to {duration(end_us)}",
        *(f"{_fitted(name, NAME_AT_MOST):{margin}}{bar}".rstrip() for name, bar in bars.items()),
        scale.marker(t_us, margin),
        *_legend([f"{glyph} {meaning}" for glyph, meaning in LEGEND.items() if glyph in used]),
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of several runs side by side: what it is called, the run, and the execution's name in it."""

    label: str
    trace: Trace
    execution: str | None  # None: the run has none such, and the line is empty


def side_by_side(lines: Sequence[Line], *, t_us: int, width: int = 72) -> list[str]:
    """Return a timeline of executions of several runs on one scale, around `t_us`; at most 100 columns in all."""
    over_us = max(
        (line.trace.end_us for line in lines), default=0
    )  # what has not ended goes on as long as the others
    phases = [
        [] if line.execution is None else _phases(line.trace, line.trace.names.index(line.execution), over_us)
        for line in lines
    ]
    if not any(phases):
        return []
    margin = max(len(line.label) for line in lines) + 2
    width = min(width, COLUMNS_AT_MOST - margin)
    start_us, end_us = _window([phase for each in phases for phase in each], t_us, width)
    scale = _Scale(start_us, end_us, width)
    bars = [scale.bar(each) for each in phases]
    used = set("".join(bars))
    return [
        f"{duration(start_us)} to {duration(end_us)}",
        *(f"{line.label:{margin}}{bar}".rstrip() for line, bar in zip(lines, bars, strict=True)),
        scale.marker(t_us, margin),
        *_legend([f"{glyph} {meaning}" for glyph, meaning in LEGEND.items() if glyph in used]),
    ]


def _concerned(trace: Trace, flow: str, t_us: int) -> list[int]:
    """Return the numbers of the executions to show: holders, waiters, then those that something happened to nearby."""
    view = View(trace, t_us)
    holders = view.holding(flow).tolist()
    waiters = np.flatnonzero(view.states(flow) == STATE_CODES[State.QUEUED]).tolist()
    return list(dict.fromkeys([*holders, *waiters, *_nearby(trace, flow, t_us)]))[:ROWS_AT_MOST]


def _nearby(trace: Trace, flow: str, t_us: int) -> list[int]:
    if flow not in trace.flows:
        return []
    records = trace.records
    life = np.isin(records["kind"], (Kind.CREATED, Kind.STATE, Kind.DELETED))
    rows = np.flatnonzero(life & (records["flow"] == trace.flows.index(flow)))
    closest = np.argsort(np.abs(records["t_us"][rows] - t_us), kind="stable")[:NEARBY_EVENTS]
    numbers: list[int] = records["execution"][rows[closest]].tolist()
    return [number for number in numbers if number >= 0]


def _phases(trace: Trace, number: int, over_us: int | None = None) -> list[Phase]:
    """Return what an execution did, phase by phase. The last lasts until `over_us` (None: the trace's end)."""
    over_us = trace.end_us if over_us is None else over_us
    events = [trace.event(seq) for seq in np.flatnonzero(trace.records["execution"] == number).tolist()]
    return [phase for index in range(len(events)) for phase in _phases_from(events, index, over_us)]


def _phases_from(events: Sequence[Event], index: int, end_us: int) -> Iterator[Phase]:
    """Yield the phases that begin with the event at `index`."""
    event, later = events[index], events[index + 1 :]
    if event.kind is Kind.DELETED:
        yield Phase(event.t_us, event.t_us, DELETED)
    if event.kind not in (Kind.CREATED, Kind.STATE):
        return
    left_us = _first(later, (Kind.STATE, Kind.DELETED), end_us)
    if event.after in FINAL:
        released_us = _first(later, (Kind.RELEASE,), event.t_us)
        if event.t_us < released_us <= left_us:  # a later one is of another life
            yield Phase(event.t_us, released_us, AFTER_EXECUTION)
        turned_away = event.before in (State.CREATED, State.RESTARTED)
        yield Phase(
            event.t_us, event.t_us, REJECTED if turned_away else END_GLYPHS.get(State(event.after), "")
        )
    elif isinstance(event.after, State):
        yield Phase(event.t_us, left_us, GLYPHS[event.after])


def _first(events: Sequence[Event], kinds: tuple[Kind, ...], otherwise_us: int) -> int:
    return next((event.t_us for event in events if event.kind in kinds), otherwise_us)


def _window(phases: Sequence[Phase], t_us: int, width: int) -> tuple[int, int]:
    """Choose the time to show: all of it, or as much around `t_us` as lets a typical phase be seen."""
    first_us = min(t_us, *(phase.start_us for phase in phases))
    last_us = max(t_us, *(phase.end_us for phase in phases))
    now = [phase.end_us - phase.start_us for phase in phases if phase.start_us <= t_us < phase.end_us]
    span_us = last_us - first_us
    if now:
        span_us = min(span_us, PHASES_SHOWN * median_low(now))
    span_us = max(span_us, width)
    start_us = max(first_us, min(t_us - span_us // 2, last_us - span_us))
    return start_us, start_us + span_us


@dataclass(frozen=True, slots=True)
class _Scale:
    """Puts times into columns."""

    start_us: int
    end_us: int
    width: int

    def column(self, t_us: int) -> int:
        return (t_us - self.start_us) * self.width // (self.end_us - self.start_us)

    def bar(self, phases: Sequence[Phase]) -> str:
        """Draw phases in order; what took time has a column at least, an instant has one where nothing else is."""
        cells = [" "] * self.width
        instants = [
            phase for phase in phases if phase.start_us == phase.end_us and phase.glyph not in ("", "c", "r")
        ]
        for phase in phases:
            if phase.start_us < phase.end_us and phase.glyph:
                first = self.column(phase.start_us)
                last = max(first + 1, self.column(phase.end_us))
                for column in range(max(first, 0), min(last, self.width)):
                    cells[column] = phase.glyph
        for phase in instants:
            column = min(self.column(phase.start_us), self.width - 1)
            if self.start_us <= phase.start_us <= self.end_us and (
                phase.glyph.isupper() or cells[column] == " "
            ):
                cells[column] = phase.glyph
        return "".join(cells)

    def marker(self, t_us: int, margin: int) -> str:
        """Point at a time from below; its figure goes to the side that has room."""
        column = margin + min(max(self.column(t_us), 0), self.width - 1)
        said = duration(t_us)
        if column + len(said) + 2 <= COLUMNS_AT_MOST:
            return f"{' ' * column}^ {said}"
        return f"{said} ^".rjust(column + 1)


def _legend(entries: Sequence[str]) -> list[str]:
    """Join the entries of the legend, on two lines when one is too short."""
    line = "   ".join(entries)
    if len(line) <= COLUMNS_AT_MOST:
        return [line]
    half = (len(entries) + 1) // 2
    return ["   ".join(entries[:half]), "   ".join(entries[half:])]


def _fitted(name: str, length: int) -> str:
    """Make a name fit: ASCII, and no longer than `length`."""
    name = name.encode("ascii", "replace").decode("ascii")
    return name if len(name) <= length else f"{name[: length - 1]}~"
