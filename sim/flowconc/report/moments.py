"""The state of every flow at every moment, as compact data for the page's Concurrency tab.

A *change* is what one instant made of one execution: its state, and whether it holds a slot. Long runs are cut to a
window of changes, so that a page stays small; the window says what of the run it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL
from flowconc.report.series import busiest_flows, settled_columns
from flowconc.trace.intervals import Flags, Ints, first_of_run
from flowconc.trace.tables import ExecutionsTable, executions_table, slots_table
from flowconc.trace.trace import STATE_CODES, STATES, Trace

MOST_FLOWS = 12
"""Flows whose Concurrency tab the page shows: those with most executions."""

FEWEST_CHANGES = 200
"""Changes that every trace may have on the page, however many traces there are."""

GONE = -1
"""The code of an execution that ended, or was deleted, and holds nothing."""

_HOLDING = 100
"""Added to a state's code when the execution holds a slot."""

_FINAL_CODES = [STATE_CODES[state] for state in FINAL]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a run that the page can show, from `start_us` to `end_us`; `left_out` changes are outside."""

    start_us: int
    end_us: int
    left_out: int


def state_changes(trace: Trace) -> int:
    """Return about how many changes a whole trace has."""
    return int(np.count_nonzero(trace.records["kind"] == Kind.STATE))


def shares(wanted: Sequence[int], total: int) -> list[int]:
    """Divide `total` among those who want parts of it: what the modest leave goes to the others in equal shares."""
    given = [0] * len(wanted)
    left = total
    for place, index in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[index] = max(min(wanted[index], left // (len(wanted) - place)), FEWEST_CHANGES)
        left = max(left - given[index], 0)
    return given


def moments(trace: Trace, budget: int, focus_us: int) -> tuple[dict[str, Any], Window]:
    """Return at most about `budget` changes around `focus_us`, ready for JSON, and the window that they span.

    Keys: `states` (names by code), `start_us`, `end_us`; `flows`, each with `key`, `levels` (rows of t_us, limit,
    counter less holders) and parallel columns of the changes: `dt` (us since the change before), `who` (index into
    `names`, as the difference to the change before), `code` (state, plus 100 for a holder; -1: gone); `names` (a
    number n is `prefix` and n) and `sources` (index into `labels`) of the executions that occur. What executions
    did before the window is among the changes when they are not gone at its beginning.
    """
    table = executions_table(trace)
    flows = busiest_flows(trace)[:MOST_FLOWS]
    changes = _changes(trace)
    shown = np.isin(changes.flow, [trace.flows.index(flow) for flow in flows])
    changes = changes.where(shown)
    first, last = _span(changes.t_us, budget, focus_us)
    start_us = int(changes.t_us[first]) if first > 0 else 0
    end_us = int(changes.t_us[last - 1]) if last < len(changes.t_us) else trace.end_us
    data = {
        "states": [state.value for state in STATES],
        "start_us": start_us,
        "end_us": end_us,
        "flows": [_flow(trace, table, flow, changes, first, last, end_us) for flow in flows],
    }
    return data, Window(start_us, end_us, len(changes.t_us) - (last - first))


@dataclass(frozen=True, slots=True)
class _Changes:
    """Columns of shape (n,), in order of time."""

    t_us: Ints
    execution: Ints
    flow: Ints
    code: Ints

    def where(self, chosen: Flags | Ints) -> _Changes:
        return _Changes(self.t_us[chosen], self.execution[chosen], self.flow[chosen], self.code[chosen])


def _changes(trace: Trace) -> _Changes:
    """Return what each instant made of each execution that it touched."""
    records = trace.records
    kinds = records["kind"]
    moved = np.isin(kinds, (Kind.CREATED, Kind.STATE))
    touching = moved | np.isin(kinds, (Kind.CLAIM, Kind.RELEASE, Kind.DELETED))
    rows = np.flatnonzero(touching & (records["execution"] >= 0))
    rows = rows[np.argsort(records["execution"][rows], kind="stable")]
    execution = records["execution"][rows].astype(np.int64)
    kind = kinds[rows]
    state = _latest(np.where(moved[rows], records["after"][rows], -1), moved[rows] | (kind == Kind.DELETED))
    claim = kind == Kind.CLAIM
    held = _latest(claim.astype(np.int64), claim | np.isin(kind, (Kind.RELEASE, Kind.CREATED, Kind.DELETED)))
    over = (np.isin(state, _FINAL_CODES) | (state < 0)) & (held == 0)
    code = np.where(over, GONE, state + _HOLDING * held)
    t_us = records["t_us"][rows]
    last_of_instant = np.append((t_us[1:] != t_us[:-1]) | (execution[1:] != execution[:-1]), True)[
        : len(rows)
    ]
    keep = np.flatnonzero(last_of_instant)
    changed = first_of_run(execution[keep]) | first_of_run(code[keep])
    keep = keep[changed & ~(first_of_run(execution[keep]) & (code[keep] == GONE))]
    keep = keep[np.argsort(rows[keep])]
    return _Changes(t_us[keep], execution[keep], records["flow"][rows[keep]].astype(np.int64), code[keep])


def _latest(values: Ints, said: Flags) -> Ints:
    """Carry each value that is `said` forward. Every execution's rows begin with one, its CREATED."""
    latest = np.maximum.accumulate(np.where(said, np.arange(len(values)), 0))
    carried: Ints = values[latest]
    return carried


def _span(t_us: Ints, budget: int, focus_us: int) -> tuple[int, int]:
    """Return the first and the last (excluded) row of at most `budget` changes around a moment, at whole instants."""
    if len(t_us) <= budget:
        return 0, len(t_us)
    focus = int(np.searchsorted(t_us, focus_us, side="right"))
    first = min(max(focus - budget // 2, 0), len(t_us) - budget)
    first = int(np.searchsorted(t_us, t_us[first]))
    last = int(np.searchsorted(t_us, t_us[first + budget - 1], side="right"))
    return first, last


def _flow(
    trace: Trace, table: ExecutionsTable, flow: str, changes: _Changes, first: int, last: int, end_us: int
) -> dict[str, Any]:
    """Return one flow's part of the window, what stood at its beginning included."""
    own = np.flatnonzero(changes.flow == trace.flows.index(flow))
    shown = np.concatenate((_before(changes, own[own < first]), own[(own >= first) & (own < last)]))
    who, index = np.unique(changes.execution[shown], return_inverse=True)
    labels = sorted({source or "" for source in table.source[who].tolist()})
    prefix = f"{flow.rpartition('.')[2]}#"
    return {
        "key": flow,
        "levels": _levels(trace, flow, end_us),
        "dt": np.diff(changes.t_us[shown], prepend=0).tolist(),
        "who": np.diff(index, prepend=0).tolist(),
        "code": changes.code[shown].tolist(),
        "prefix": prefix,
        "names": [_short_name(name, prefix) for name in table.name[who].tolist()],
        "labels": labels,
        "sources": [labels.index(source or "") for source in table.source[who].tolist()],
    }


def _before(changes: _Changes, rows: Ints) -> Ints:
    """Return those of `rows` whose execution is not gone after the last of them, so that its past is known."""
    code = dict(zip(changes.execution[rows].tolist(), changes.code[rows].tolist(), strict=True))
    present = [execution for execution, last in code.items() if last != GONE]
    return rows[np.isin(changes.execution[rows], present)]


def _short_name(name: str, prefix: str) -> str | int:
    """Return the number of a name such as `flow#12`, or the name itself."""
    number = name.removeprefix(prefix)
    return (
        int(number)
        if name.startswith(prefix) and number.isascii() and number.isdigit() and number[0] != "0"
        else name
    )


def _levels(trace: Trace, flow: str, end_us: int) -> list[list[int]]:
    """Return when limit and drift (counter less holders) changed, and to what."""
    slots = slots_table(trace, flow)
    columns = settled_columns(slots.t_us, slots.limit, slots.counter - slots.holding)
    return [
        list(row) for row in zip(*(column.tolist() for column in columns), strict=True) if row[0] <= end_us
    ]
