"""Laws that hold in every run exactly, in integers: Little's law, work conservation, agreement with the limiter."""

from __future__ import annotations

from itertools import pairwise

from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.trace.trace import Event, Trace
from tests.properties.limiter import Limiter

ADMITTED = {"admit": "RUNNING", "queue": "QUEUED", "cancel": "CANCELLED", "fail": "FAILED"}


def events_of(trace: Trace, flow: str) -> list[Event]:
    return [event for event in trace.events() if event.flow == flow]


def disagreement(trace: Trace, flow: str) -> str | None:
    """Tell the limiter what the flow's executions did, in order; return where it says otherwise than the trace.

    It is told of arrivals at the gate, of ends, kills, forced runs, deletions and saves. It must say who is
    admitted, and after each event have started and kept waiting exactly whom the trace has.
    """
    limiter, started, line = Limiter(), [], []
    events = events_of(trace, flow)
    for event, following in pairwise([*events, None]):
        name = event.execution
        match event.kind:
            case Kind.FLOW_SAVED:
                limiter.save(event.after, event.detail or "QUEUE")
            case Kind.GATE:
                said = limiter.arrive(name)
                if said != ADMITTED[event.detail]:
                    return f"{event}: the limiter says {said}"
            case Kind.RELEASE:
                limiter.leave(name)
            case Kind.FORCED:
                limiter.force(name)
            case Kind.DELETED:
                limiter.delete(name)
        if event.kind is Kind.STATE and event.after is State.KILLING:
            limiter.give_up(name)
        _follow(event, started, line)
        settled = following is None or following.t_us > event.t_us or following.kind is Kind.GATE
        if settled and (started, line) != (limiter.started, limiter.line):
            return f"after {event}: started {started}, waiting {line}; the limiter: {vars(limiter)}"
    return None


def _follow(event: Event, started: list[str], line: list[str]) -> None:
    """Keep the list of starts and the line by the states that the trace shows."""
    if (
        event.kind is Kind.STATE
        and event.after is State.RUNNING
        and event.detail in ("gate", "pop", "force_run")
    ):
        started.append(event.execution)
    if event.kind is Kind.STATE and event.after is State.QUEUED:
        line.append(event.execution)
    elif event.kind in (Kind.STATE, Kind.DELETED) and event.before is State.QUEUED:
        line.remove(event.execution)


def queue_area_us(trace: Trace, flow: str) -> int:
    """Return the area under the queue depth that the trace counts, in execution-microseconds."""
    return _area([(event.t_us, event.queued) for event in events_of(trace, flow)], trace.end_us)


def waits_us(trace: Trace, flow: str) -> int:
    """Return the sum of the times that executions spent in QUEUED."""
    since: dict[str, int] = {}
    total = 0
    for event in events_of(trace, flow):
        if event.kind is Kind.STATE and event.after is State.QUEUED:
            since[event.execution] = event.t_us
        elif event.kind in (Kind.STATE, Kind.DELETED) and event.before is State.QUEUED:
            total += event.t_us - since.pop(event.execution)
    return total + sum(trace.end_us - t_us for t_us in since.values())


def slots_area_us(trace: Trace, flow: str) -> int:
    """Return the area under the counter of slots in use, in slot-microseconds."""
    counts = [(0, 0)]
    counts += [(e.t_us, e.after) for e in events_of(trace, flow) if e.kind in (Kind.CLAIM, Kind.RELEASE)]
    return _area(counts, trace.end_us)


def holding_times_us(trace: Trace, flow: str) -> int:
    """Return the sum of the times from claim to release; a slot that is never released is held to the end."""
    total = 0
    for event in events_of(trace, flow):
        if event.kind is Kind.CLAIM:
            total += trace.end_us - event.t_us
        elif event.kind is Kind.RELEASE:
            total -= trace.end_us - event.t_us
    return total


def idle_moment(trace: Trace, flow: str) -> Event | None:
    """Return the last event of an instant at which somebody waited though a slot was free, or None."""
    limit, counter = None, 0
    events = events_of(trace, flow)
    for event, following in pairwise([*events, None]):
        if event.kind is Kind.FLOW_SAVED:
            limit = event.after
        elif event.kind in (Kind.CLAIM, Kind.RELEASE):
            counter = event.after
        over = following is None or following.t_us > event.t_us
        if over and event.queued and (limit is None or counter < limit):
            return event
    return None


def _area(levels: list[tuple[int, int]], end_us: int) -> int:
    ends = [t_us for t_us, _ in levels[1:]] + [end_us]
    return sum(level * (end - t_us) for (t_us, level), end in zip(levels, ends, strict=True))
