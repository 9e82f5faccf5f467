"""The four plots of a run, as SVG text that is the same bytes for the same trace.

Needs matplotlib (the extra `report`). Panels are small multiples on one time axis, one a flow or a trigger.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from flowconc.check.wording import counted, duration
from flowconc.report.series import (
    FlowLevels,
    Steps,
    busiest_flows,
    decimated,
    flow_levels,
    has_limit,
    lock_series,
    one_per_span,
    settled,
    trigger_fires,
    worst_per_span,
)
from flowconc.report.svg import FAILURE, GRID, INK, LIMIT, LINE, MADE, MUTED, SKIPPED, tidy
from flowconc.trace.tables import UNLIMITED
from flowconc.trace.trace import Trace

MOST_PANELS = 6
"""Flows, or triggers, drawn in one plot: those with most executions."""

LEFT, RIGHT = 0.075, 0.855
"""Where the time axis begins and ends, as shares of a plot's width; the page's cursor relies on it."""

_WIDTH_IN = 9.0
_PANEL_IN, _FRAME_IN, _TRIGGER_IN = 1.15, 0.8, 0.42

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "flowconc",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "figure.facecolor": "white",
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.xmargin": 0.0,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.size": 0,
    "lines.linewidth": 1.1,
    "path.simplify": False,
}

_UNITS = (
    (180e6, "s", 1e6),
    (180 * 60e6, "min", 60e6),
    (72 * 3600e6, "h", 3600e6),
    (float("inf"), "d", 86400e6),
)
"""Runs shorter than this many microseconds, the unit of their time axis, and its length in microseconds."""


def queue_depth(trace: Trace, failures_us: Sequence[int] = ()) -> str:
    """Draw how many executions of each flow were QUEUED over time; failed checks at `failures_us` are marked."""

    def draw(axes: Axes, levels: FlowLevels, clock: _Clock) -> None:
        _fill(axes, levels.queued, clock)
        _say_most(axes, levels.queued, "queued")

    return _per_flow(trace, "Queue depth", "queued", draw, failures_us)


def slots_in_use(trace: Trace, failures_us: Sequence[int] = ()) -> str:
    """Draw how many executions of each flow held a slot over time, with the limit as a dashed line."""

    def draw(axes: Axes, levels: FlowLevels, clock: _Clock) -> None:
        _fill(axes, levels.holding, clock)
        if has_limit(levels):
            _limit(axes, levels.limit, clock)
        _say_most(axes, levels.holding, "in use", above=not has_limit(levels))

    return _per_flow(trace, "Slots in use", "slots", draw, failures_us)


def lock_contention(trace: Trace, failures_us: Sequence[int] = ()) -> str:
    """Draw the waits for row locks of the database, and how many waited and held a connection over time."""
    clock = _Clock(trace)
    series = lock_series(trace)
    title = "Database lock contention"
    with mpl.rc_context(_STYLE):
        if series.idle:
            figure, panels = _figure(1, _TRIGGER_IN, clock)
            _nothing(panels[0], "The database took no time: nobody waited for a lock.")
            return _finished(figure, panels, clock, failures_us, title)
        figure, panels = _figure(2, _PANEL_IN, clock)
        waits, holders = panels
        _title(waits, "Waits for row locks, each when it ended")
        waits.set_ylabel("lock wait [ms]")
        waits.set_ylim(0, max(1.0, float(series.wait_us.max(initial=0)) / 1e3 * 1.12))
        t_us, wait_us = worst_per_span(series.granted_us, series.wait_us, clock.end_us)
        waits.vlines(clock.x(t_us), 0, wait_us / 1e3, color=LINE, linewidth=0.9)
        longest = (
            f"{counted(len(series.wait_us), 'wait')},\nlongest {duration(int(series.wait_us.max(initial=0)))}"
        )
        _beside(waits, 0.5, longest, LINE)
        _title(holders, "Executions waiting for a lock, and transactions holding a connection")
        holders.set_ylabel("count")
        most = [int(steps.values.max(initial=0)) for steps in (series.connections, series.waiting)]
        _whole_numbers(holders, max(most))
        _line(holders, series.connections, clock, MUTED)
        _line(holders, series.waiting, clock, LINE)
        _beside(holders, 0.75, f"max {most[0]}\nconnections", MUTED)
        _beside(holders, 0.25, f"max {most[1]}\nwaiting", LINE)
        return _finished(figure, panels, clock, failures_us, title)


def trigger_fires_plot(trace: Trace, failures_us: Sequence[int] = ()) -> str:
    """Draw when each trigger fired: above the line where that made an execution, below where it was skipped."""
    clock = _Clock(trace)
    found = list(trigger_fires(trace))
    with mpl.rc_context(_STYLE):
        rows = found[:MOST_PANELS]
        figure, panels = _figure(max(1, len(rows)), _TRIGGER_IN, clock)
        for axes, fires in zip(panels, rows, strict=False):
            for t_us, low, high, color in (
                (fires.made_us, 0.5, 1.0, MADE),
                (fires.skipped_us, 0.0, 0.5, SKIPPED),
            ):
                axes.vlines(clock.x(one_per_span(t_us, clock.end_us)), low, high, color=color, linewidth=1.1)
            axes.axhline(0.5, color=GRID, linewidth=0.6)
            _beside(axes, 0.75, f"{len(fires.made_us)} made", MADE)
            _beside(axes, 0.25, f"{len(fires.skipped_us)} skipped", SKIPPED)
            _title(axes, f"{fires.flow}: {fires.trigger}")
        for axes in panels:
            _without_scale(axes)
        if not rows:
            panels[0].text(
                0.5, 0.5, "No trigger fired.", color=INK, ha="center", transform=panels[0].transAxes
            )
        _left_out(figure, len(found), "triggers")
        return _finished(figure, panels, clock, failures_us, "Trigger fires")


PLOTS: dict[str, Callable[[Trace, Sequence[int]], str]] = {
    "queue_depth": queue_depth,
    "slots_in_use": slots_in_use,
    "lock_contention": lock_contention,
    "trigger_fires": trigger_fires_plot,
}
"""File name without ending -> what draws it."""


class _Clock:
    """The time axis of a run: microseconds to the unit in which people read its length."""

    def __init__(self, trace: Trace) -> None:
        self.end_us = max(trace.end_us, 1)
        self.warmup_us = trace.header.warmup_us
        _, self.unit, self._unit_us = next(row for row in _UNITS if self.end_us < row[0])

    def x(self, t_us: object) -> np.typing.NDArray[np.float64]:
        """Return times as positions on the axis."""
        return np.asarray(t_us, dtype=np.float64) / self._unit_us

    @property
    def end(self) -> float:
        """The run's end on the axis."""
        return self.end_us / self._unit_us


def _per_flow(
    trace: Trace,
    title: str,
    unit: str,
    draw: Callable[[Axes, FlowLevels, _Clock], None],
    failures_us: Sequence[int],
) -> str:
    """Draw one panel a flow."""
    clock = _Clock(trace)
    flows = busiest_flows(trace)
    with mpl.rc_context(_STYLE):
        figure, panels = _figure(max(1, min(len(flows), MOST_PANELS)), _PANEL_IN, clock)
        for axes, flow in zip(panels, flows, strict=False):
            draw(axes, flow_levels(trace, flow), clock)
            axes.set_ylabel(unit)
            _title(axes, f"{flow}: {title.lower()}")
        _left_out(figure, len(flows), "flows")
        return _finished(figure, panels, clock, failures_us, title)


# --- the parts of a panel -----------------------------------------------------------------------------------


def _figure(panels: int, panel_in: float, clock: _Clock) -> tuple[Figure, list[Axes]]:
    height_in = _FRAME_IN + panels * panel_in + (panels - 1) * 0.4
    figure = Figure(figsize=(_WIDTH_IN, height_in))
    FigureCanvasSVG(figure)
    grid = figure.subplots(panels, 1, sharex=True, squeeze=False)
    figure.subplots_adjust(
        left=LEFT,
        right=RIGHT,
        top=1 - 0.36 / height_in,
        bottom=0.44 / height_in,
        hspace=0.4 / panel_in,
    )
    axes = list(grid[:, 0])
    for panel in axes:
        panel.set_xlim(0, clock.end)
        panel.tick_params(labelsize=8)
    axes[-1].set_xlabel(f"time since the start [{clock.unit}]")
    return figure, axes


def _finished(
    figure: Figure, panels: Iterable[Axes], clock: _Clock, failures_us: Sequence[int], title: str
) -> str:
    for axes in panels:
        if clock.warmup_us:
            axes.axvspan(
                0, min(float(clock.x(clock.warmup_us)), clock.end), color=GRID, alpha=0.5, linewidth=0
            )
        for t_us in failures_us:
            axes.axvline(float(clock.x(t_us)), color=FAILURE, linewidth=0.9, linestyle=(0, (1, 1.5)))
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names in scripts that the measuring font does not have
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return tidy(stream.getvalue().decode(), title)


def _fill(axes: Axes, steps: Steps, clock: _Clock) -> None:
    """Draw a level as a line over a light area."""
    if not len(steps):
        return
    thin = decimated(steps, clock.end_us)
    x = np.append(clock.x(thin.t_us), clock.end)
    values = np.append(thin.values, thin.values[-1])
    axes.fill_between(x, values, step="post", color=LINE, alpha=0.14, linewidth=0)
    axes.step(x, values, where="post", color=LINE, linewidth=_width(thin, steps), solid_joinstyle="miter")
    _whole_numbers(axes, int(steps.values.max()))


def _line(axes: Axes, steps: Steps, clock: _Clock, color: str) -> None:
    if not len(steps):
        return
    thin = decimated(steps, clock.end_us)
    x = np.append(clock.x(thin.t_us), clock.end)
    width = _width(thin, steps)
    axes.step(x, np.append(thin.values, thin.values[-1]), where="post", color=color, linewidth=width)


def _width(drawn: Steps, steps: Steps) -> float:
    """Return a finer line for a curve so dense that it had to be cut down."""
    return 1.1 if len(drawn) == len(steps) else 0.5


def _limit(axes: Axes, limit: Steps, clock: _Clock) -> None:
    """Draw the limit where there is one, and name its last value at the right."""
    steps = settled(limit)
    x = np.append(clock.x(steps.t_us), clock.end)
    values = np.append(steps.values, steps.values[-1]).astype(np.float64)
    values[values == UNLIMITED] = np.nan
    axes.step(x, values, where="post", color=LIMIT, linestyle=(0, (4, 2)), linewidth=1.0)
    top = float(np.nanmax(values))
    if top > axes.get_ylim()[1] / 1.12:
        _whole_numbers(axes, int(top))
    if not np.isnan(values[-1]):
        _label(axes, values[-1], f"limit {int(values[-1])}", LIMIT)


def _say_most(axes: Axes, steps: Steps, what: str, *, above: bool = True) -> None:
    """Say the highest level beside the panel."""
    most = int(steps.values.max()) if len(steps) else 0
    _beside(axes, 0.5 if above else 0.25, f"max {most}\n{what}", LINE)


def _label(axes: Axes, y: float, text: str, color: str) -> None:
    axes.annotate(
        text,
        (1.0, y),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=color,
        annotation_clip=False,
    )


def _beside(axes: Axes, height: float, text: str, color: str) -> None:
    """Write to the right of a panel, at a share of its height."""
    axes.text(1.015, height, text, color=color, transform=axes.transAxes, va="center", fontsize=8)


def _nothing(axes: Axes, sentence: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.text(0.5, 0.5, sentence, color=INK, ha="center", va="center", transform=axes.transAxes)
    _without_scale(axes)


def _without_scale(axes: Axes) -> None:
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _title(axes: Axes, text: str) -> None:
    """Put a name from the user's files above a panel, as it is: no formula, however many dollars are in it."""
    shown = text if len(text) <= 90 else text[:89] + "…"
    axes.set_title(shown, loc="left", fontsize=9, parse_math=False, pad=4)


def _whole_numbers(axes: Axes, top: int) -> None:
    axes.set_ylim(0, max(top, 1) * 1.12)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def _left_out(figure: Figure, count: int, what: str) -> None:
    if count > MOST_PANELS:
        text = f"{count - MOST_PANELS} more {what} are not drawn"
        figure.text(RIGHT, 0.01, text, ha="right", va="bottom", fontsize=8, color=MUTED)
