"""Judges `expect:`: each claim by itself, in every replication.

What is expected at a time is read when all events of that instant have happened, the rest at the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flowconc.check.verdict import Finding, Moment, Outcome
from flowconc.check.view import Ints, View
from flowconc.check.wording import counted, duration
from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.scenario.conditions import Claim, Comparison, Expectation, Subject
from flowconc.scenario.problems import nearest
from flowconc.trace.trace import Event, Trace

CHECK = "expect"

COMPARED_AT_MOST = 1000
"""Names that a misspelt one is compared with: those of a million executions would take minutes."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What one run showed: `value` to compare (None: never), how to say it, and the event that shows it best."""

    value: float | str | tuple[str, ...] | dict[str, int] | None
    said: str
    seq: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """One claim in one run."""

    holds: bool
    words: str
    seq: int
    flow: str | None


def judge_expectations(expectations: Sequence[Expectation], traces: Sequence[Trace]) -> list[Finding]:
    """Return one finding per claim, in their order. A claim must hold in every one of `traces`."""
    readings: list[list[_Reading]] = [[] for expectation in expectations for _ in expectation.claims]
    for trace in traces:
        row = iter(readings)
        for expectation in expectations:
            view = View(trace, expectation.at_us)
            for reading in _read(expectation, view):
                next(row).append(reading)
    claims = [(expectation, claim) for expectation in expectations for claim in expectation.claims]
    return [
        _finding(expectation, claim, found, traces)
        for (expectation, claim), found in zip(claims, readings, strict=True)
    ]


def _finding(
    expectation: Expectation, claim: Claim, readings: Sequence[_Reading], traces: Sequence[Trace]
) -> Finding:
    failed = [index for index, reading in enumerate(readings) if not reading.holds]
    shown = failed[0] if failed else 0
    reading, trace = readings[shown], traces[shown]
    subject = f"{expectation.subject.value} {expectation.name}"
    when = "" if expectation.at_us is None else f" at {duration(expectation.at_us)}"
    sentence = f"{subject}{when}: {reading.words}"
    if len(readings) > 1:
        runs = counted(len(readings), "run")
        sentence += f" (in {len(failed)} of {runs})" if failed else f" (in {runs})"
    if not failed:
        return Finding(CHECK, Outcome.PASS, sentence, claim.position)
    t_us = expectation.at_us
    if t_us is None:
        t_us = trace.event(reading.seq).t_us if len(trace) else 0
    return Finding(
        CHECK,
        Outcome.FAIL,
        sentence,
        claim.position,
        story=_story(expectation, reading, View(trace, t_us)),
        moment=Moment(trace.header.replication, t_us, reading.seq),
        flow=reading.flow,
    )


def _story(expectation: Expectation, reading: _Reading, view: View) -> tuple[str, ...]:
    lines: tuple[str, ...] = ()
    if expectation.subject is Subject.EXECUTION:
        past = View(view.trace, expectation.at_us).history(expectation.name)
        steps = [f"{event.after} at {duration(event.t_us)}" for event in _states(past)]
        lines = (f"{expectation.name}: {', '.join(steps)}",) if steps else ()
    return lines if reading.flow is None else (*lines, *view.standing(reading.flow))


# --- what a run shows, claim by claim


def _read(expectation: Expectation, view: View) -> list[_Reading]:
    match expectation.subject:
        case Subject.FLOW:
            return _read_flow(expectation, view)
        case Subject.TRIGGER:
            return _read_trigger(expectation, view)
        case Subject.EXECUTION:
            return _read_execution(expectation, view)


def _read_flow(expectation: Expectation, view: View) -> list[_Reading]:
    flow = expectation.name
    if flow not in view.trace.flows:
        return _missing(expectation, "flow", view.trace.flows, view)
    return [_compare(claim, FLOW_CLAIMS[claim.key](view, flow), flow) for claim in expectation.claims]


def _read_trigger(expectation: Expectation, view: View) -> list[_Reading]:
    flow, _, trigger = expectation.name.rpartition(".")
    if flow not in view.trace.flows:
        return _missing(expectation, "flow of the trigger", view.trace.flows, view)
    return [
        _compare(claim, TRIGGER_CLAIMS[claim.key](view, flow, trigger), flow) for claim in expectation.claims
    ]


def _read_execution(expectation: Expectation, view: View) -> list[_Reading]:
    history = view.history(expectation.name)
    if not history:
        return _missing(expectation, "execution", view.trace.names, view)
    flow = history[0].flow
    return [_compare(claim, EXECUTION_CLAIMS[claim.key](view, history), flow) for claim in expectation.claims]


def _missing(expectation: Expectation, what: str, known: Sequence[str], view: View) -> list[_Reading]:
    """Say of every claim that its subject never came into being."""
    meant = nearest(expectation.name, (name for name in known[:COMPARED_AT_MOST] if name != expectation.name))
    hint = f", did you mean {meant!r}?" if meant else ""
    return [
        _Reading(
            False,
            f"no such {what} came into being, {claim.key} must be {claim.written}{hint}",
            view.last_seq,
            None,
        )
        for claim in expectation.claims
    ]


def _compare(claim: Claim, observed: Observed, flow: str | None) -> _Reading:
    words = f"{claim.key} {observed.said}, must be {claim.written}"
    return _Reading(holds(claim.must_be, observed.value), words, observed.seq, flow)


def holds(must_be: object, value: object) -> bool:
    """Say whether an observed value is what a claim says it must be."""
    if isinstance(must_be, Comparison):
        return isinstance(value, int | float) and must_be.holds(value)
    if isinstance(value, dict) and isinstance(must_be, tuple):
        bins = dict.fromkeys(value, Comparison("==", 0)) | dict(
            must_be
        )  # states that are not named must not occur
        return all(comparison.holds(value.get(state, 0)) for state, comparison in bins.items())
    return must_be == value


# --- flows


def _number(read: Callable[[View, str], int]) -> Callable[[View, str], Observed]:
    def observe(view: View, flow: str) -> Observed:
        value = read(view, flow)
        return Observed(value, str(value), view.last_seq)

    return observe


def _ended(view: View, flow: str) -> Observed:
    counts = view.ended(flow)
    said = ", ".join(f"{state}: {count}" for state, count in counts.items())
    return Observed(counts, f"{{{said}}}", view.last_seq)


FLOW_CLAIMS: dict[str, Callable[[View, str], Observed]] = {
    "running": _number(lambda view, flow: view.in_state(flow, State.RUNNING)),
    "queued": _number(lambda view, flow: view.in_state(flow, State.QUEUED)),
    "paused": _number(lambda view, flow: view.in_state(flow, State.PAUSED)),
    "holding": _number(lambda view, flow: len(view.holding(flow))),
    "counter": _number(View.counter),
    "ended": _ended,
    "unended": _number(View.unended),
}


# --- executions


def _states(history: Sequence[Event]) -> list[Event]:
    """Return the events that put the execution into a state."""
    return [event for event in history if event.kind in (Kind.CREATED, Kind.STATE)]


def _time(event: Event | None, history: Sequence[Event]) -> Observed:
    if event is None:
        return Observed(None, "never", history[-1].seq)
    return Observed(event.t_us, duration(event.t_us), event.seq)


def _started_at(view: View, history: Sequence[Event]) -> Observed:
    return _time(next((event for event in _states(history) if event.after is State.RUNNING), None), history)


def _ended_at(view: View, history: Sequence[Event]) -> Observed:
    last = _states(history)[-1]
    return _time(last if last.after in FINAL else None, history)


def _waited(view: View, history: Sequence[Event]) -> Observed:
    """Add up the times in QUEUED; one that is not over lasts until now."""
    steps = [event for event in history if event.kind in (Kind.CREATED, Kind.STATE, Kind.DELETED)]
    left_us = [*(event.t_us for event in steps[1:]), view.at_us]
    waits = [(step, left) for step, left in zip(steps, left_us, strict=True) if step.after is State.QUEUED]
    total_us = sum(left - step.t_us for step, left in waits)
    seq = waits[-1][0].seq if waits else history[-1].seq
    return Observed(total_us, duration(total_us), seq)


def _history(view: View, history: Sequence[Event]) -> Observed:
    steps = _states(history)
    states = tuple(str(event.after) for event in steps)
    return Observed(states, f"[{', '.join(states)}]", steps[-1].seq)


def _state(view: View, history: Sequence[Event]) -> Observed:
    gone = next((event for event in history if event.kind is Kind.DELETED), None)
    if gone is not None:
        return Observed(None, "deleted", gone.seq)
    last = _states(history)[-1]
    return Observed(str(last.after), str(last.after), last.seq)


def _tasks_run(view: View, history: Sequence[Event]) -> Observed:
    """Count the first attempts: further ones belong to the same run."""
    runs = [event for event in history if event.kind is Kind.TASK_STARTED and event.before in (None, 1)]
    return Observed(len(runs), str(len(runs)), history[-1].seq)


_MADE_BY_ANOTHER = frozenset({"subflow", "loop", "retry", "replay"})
"""Sources that name the execution because of which another one was made."""


def _parent(view: View, history: Sequence[Event]) -> Observed:
    created = next(event for event in history if event.kind is Kind.CREATED)
    kind, _, name = (created.detail or "").partition(":")
    parent = name if kind in _MADE_BY_ANOTHER else None
    return Observed(parent, parent or "none", created.seq)


EXECUTION_CLAIMS: dict[str, Callable[[View, Sequence[Event]], Observed]] = {
    "states": _history,
    "state": _state,
    "started_at": _started_at,
    "ended_at": _ended_at,
    "waited": _waited,
    "tasks_run": _tasks_run,
    "parent": _parent,
}


# --- triggers


def _count(select: Callable[[View, str, str], Ints]) -> Callable[[View, str, str], Observed]:
    def observe(view: View, flow: str, trigger: str) -> Observed:
        fires = select(view, flow, trigger)
        return Observed(len(fires), str(len(fires)), int(fires[-1]) if len(fires) else view.last_seq)

    return observe


TRIGGER_CLAIMS: dict[str, Callable[[View, str, str], Observed]] = {
    "fired": _count(lambda view, flow, trigger: view.fires(flow, trigger, Kind.FIRE)),
    "skipped": _count(lambda view, flow, trigger: view.fires(flow, trigger, Kind.FIRE_SKIPPED)),
    "late": _count(View.late),
}
