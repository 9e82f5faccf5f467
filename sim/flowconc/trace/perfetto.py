"""The trace as Chrome trace JSON, which https://ui.perfetto.dev and chrome://tracing open.

Each flow is a process. Its threads are lanes: `slot N` for executions that hold a slot, with the states they pass
through inside; `queue N` for QUEUED ones; `no slot N` for those that run without one (forced). Arrows lead from the
holder that gave a slot back to the execution that it let in. Lock waits are a process of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TextIO

import numpy as np

from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.trace.intervals import Intervals, holds, release_behind, stays
from flowconc.trace.lanes import lanes
from flowconc.trace.tables import UNLIMITED, slots_table
from flowconc.trace.trace import STATE_CODES, STATES, Trace

Json = dict[str, object]

_DATABASE = 1  # process of the lock waits; flows follow
_SLOTS, _QUEUE, _FREE = 1, 100_001, 200_001  # first thread of each family of lanes
_FAMILIES = ((_SLOTS, "slot"), (_QUEUE, "queue"), (_FREE, "no slot"))


def write_perfetto(trace: Trace, stream: TextIO) -> None:
    """Write `trace` to a text stream; times are microseconds from the scenario's start."""
    stream.write('{"displayTimeUnit":"ms","traceEvents":[\n')
    separator = ""
    for event in _events(trace):
        stream.write(separator + json.dumps(event, separators=(",", ":")))
        separator = ",\n"
    stream.write("\n]}\n")


def _events(trace: Trace) -> Iterator[Json]:
    held = holds(trace)
    slot_lane = _lanes_by_flow(trace, held)
    for code, flow in enumerate(trace.flows):
        yield _named("process_name", _process(code), 0, flow)
    yield from _held(trace, held, slot_lane)
    yield from _unheld(trace, held)
    yield from _arrows(trace, held, slot_lane)
    yield from _counters(trace)
    yield from _lock_waits(trace)


def _held(trace: Trace, held: Intervals, lane: list[int]) -> Iterator[Json]:
    """Yield each hold as a slice with its execution's name, and the states within it as slices inside."""
    yield from _lane_names(held, lane, _SLOTS)
    hold_of = _hold_lookup(held)
    for row in range(len(held)):
        name = trace.names[held.execution[row]]
        yield _slice(name, "hold", held, row, _SLOTS + lane[row])
    stay = stays(trace)
    for row in np.flatnonzero(stay.end_us > stay.start_us).tolist():
        for hold in hold_of.get(int(stay.execution[row]), ()):
            start = max(stay.start_us[row], held.start_us[hold])
            end = min(stay.end_us[row], held.end_us[hold])
            if start < end:
                yield _slice(
                    STATES[stay.state[row]],
                    "state",
                    stay,
                    row,
                    _SLOTS + lane[hold],
                    start=int(start),
                    end=int(end),
                )


def _unheld(trace: Trace, held: Intervals) -> Iterator[Json]:
    """Yield what executions do without a slot: wait in the queue, or run although they have none."""
    stay = stays(trace)
    claimed = np.isin(stay.execution, held.execution)
    lasting = stay.end_us > stay.start_us
    final = np.isin(stay.state, [STATE_CODES[state] for state in FINAL])
    queued = stay.state == STATE_CODES[State.QUEUED]
    for chosen, family in ((queued & lasting, _QUEUE), (~claimed & ~final & ~queued & lasting, _FREE)):
        part = stay.where(chosen)
        lane = _lanes_by_flow(trace, part)
        yield from _lane_names(part, lane, family)
        for row in range(len(part)):
            name = f"{trace.names[part.execution[row]]} {STATES[part.state[row]]}"
            yield _slice(name, "state", part, row, family + lane[row])


def _arrows(trace: Trace, held: Intervals, lane: list[int]) -> Iterator[Json]:
    """Yield an arrow from each holder that gave its slot back to the execution which that let in."""
    released_by = {int(last): row for row, last in enumerate(held.last.tolist())}
    for row in range(len(held)):
        giver = released_by.get(release_behind(trace, int(held.first[row])))
        if giver is None:
            continue
        arrow: Json = {"name": "lets in", "cat": "slot", "id": int(held.first[row])}
        at_us = int(held.start_us[row])
        pid = _process(int(held.flow[row]))
        yield arrow | {"ph": "s", "pid": pid, "tid": _SLOTS + lane[giver], "ts": int(held.end_us[giver])}
        yield arrow | {"ph": "f", "bp": "e", "pid": pid, "tid": _SLOTS + lane[row], "ts": at_us}


def _counters(trace: Trace) -> Iterator[Json]:
    """Yield the levels of each flow where they change, once an instant."""
    for code, flow in enumerate(trace.flows):
        table = slots_table(trace, flow)
        shown: dict[str, Json] = {}
        for row in np.flatnonzero(np.append(table.t_us, -1)[1:] != table.t_us).tolist():
            slots: Json = {"holding": int(table.holding[row])}
            if table.limit[row] != UNLIMITED:
                slots["limit"] = int(table.limit[row])
            levels: dict[str, Json] = {
                "running": {"running": int(table.running[row])},
                "queued": {"queued": int(table.queued[row])},
            }
            for name, values in (levels | {"slots": slots}).items():
                if shown.get(name) != values:
                    yield {
                        "ph": "C",
                        "pid": _process(code),
                        "ts": int(table.t_us[row]),
                        "name": name,
                        "args": values,
                    }
                    shown[name] = values


def _lock_waits(trace: Trace) -> Iterator[Json]:
    """Yield each wait for a row lock, which its event reports when it is over."""
    waits = trace.records[trace.records["kind"] == Kind.LOCK_WAIT]
    if not len(waits):
        return
    start_us = np.maximum(waits["t_us"] - waits["before"], 0)
    order = np.argsort(start_us, kind="stable")
    spans = list(zip(start_us[order].tolist(), waits["t_us"][order].tolist(), strict=True))
    lane = list(lanes(spans))
    yield _named("process_name", _DATABASE, 0, "database")
    for number in range(max(lane) + 1):
        yield _named("thread_name", _DATABASE, number + 1, f"lock wait {number + 1}")
    for record, (start, end), number in zip(waits[order], spans, lane, strict=True):
        row = trace.details[record["detail"]] if record["detail"] >= 0 else "lock"
        who = trace.names[record["execution"]] if record["execution"] >= 0 else None
        yield {
            "ph": "X",
            "name": row,
            "cat": "lock wait",
            "pid": _DATABASE,
            "tid": number + 1,
            "ts": start,
            "dur": end - start,
            "args": {"execution": who},
        }


# --- lanes and slices ---------------------------------------------------------------------------------------


def _process(flow: int) -> int:
    return _DATABASE + 1 + flow


def _lanes_by_flow(trace: Trace, intervals: Intervals) -> list[int]:
    """Return the lane of each interval within its flow."""
    found = [0] * len(intervals)
    for code in range(len(trace.flows)):
        rows = np.flatnonzero(intervals.flow == code)
        spans = zip(intervals.start_us[rows].tolist(), intervals.end_us[rows].tolist(), strict=True)
        for row, lane in zip(rows.tolist(), lanes(spans), strict=True):
            found[row] = lane
    return found


def _lane_names(intervals: Intervals, lane: Iterable[int], family: int) -> Iterator[Json]:
    word = dict(_FAMILIES)[family]
    for flow, number in sorted(set(zip(intervals.flow.tolist(), lane, strict=True))):
        yield _named("thread_name", _process(flow), family + number, f"{word} {number + 1}")
        sort: Json = {"ph": "M", "name": "thread_sort_index", "pid": _process(flow), "tid": family + number}
        yield sort | {"args": {"sort_index": family + number}}


def _hold_lookup(held: Intervals) -> dict[int, list[int]]:
    """Return the rows of each execution's holds."""
    rows: dict[int, list[int]] = {}
    for row, execution in enumerate(held.execution.tolist()):
        rows.setdefault(execution, []).append(row)
    return rows


def _named(what: str, pid: int, tid: int, name: str) -> Json:
    return {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}}


def _slice(
    name: str,
    category: str,
    intervals: Intervals,
    row: int,
    tid: int,
    *,
    start: int | None = None,
    end: int | None = None,
) -> Json:
    start = int(intervals.start_us[row]) if start is None else start
    end = int(intervals.end_us[row]) if end is None else end
    return {
        "ph": "X",
        "name": name,
        "cat": category,
        "pid": _process(int(intervals.flow[row])),
        "tid": tid,
        "ts": start,
        "dur": end - start,
        "args": {"seq": int(intervals.first[row])},
    }
