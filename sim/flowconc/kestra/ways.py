"""How long single messages of the engine were on their way, where a recording shows it: to the gate, to a kill's end, to a run.

Which of two messages comes first decides races, and no rule says it (see `facts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Final

from flowconc.kestra.recorded import is_automatic
from flowconc.kestra.recording import RecordedExecution, Recording, Sighting, sighted_in_order
from flowconc.kestra.release import COMMANDS_SINCE
from flowconc.scenario.distributions import Listed
from flowconc.scenario.vocabulary import FINAL_STATES

SEEN_WITHIN_US: Final = 3_000_000
"""A way that seems longer is none: something else came between."""

OUTRUN_US: Final = 1_000_000
"""How much later than the end of its execution a kill comes to a worker that came too late."""

Ways = tuple[tuple[tuple[str, str], Listed], ...]
"""By step of the protocol and flow, in order of creation of the flow's executions; in microseconds."""


def ways_of(recording: Recording, order: Mapping[str, Sequence[str]], worker_us: int) -> Ways:
    """Return the ways that a recording shows. `order` has the executions of each flow in order of creation."""
    gates = {name: way_us for name, each in recording.executions.items() if (way_us := gate_way_us(each))}
    kills = dict(_kill_ways_us(recording))
    own = [kills[name] for name in kills if recording.release < COMMANDS_SINCE]
    usual_us = {
        "gate": usual_gate_us(recording),
        "stopped": round(median(own)) if own else worker_us,
        "popped": 0,
        "kill": 0,
        "sla_kill": 0,
    }
    known = {
        "gate": gates,
        "stopped": kills,
        "popped": dict(_pop_ways_us(recording)),
        "kill": dict(_cascade_ways_us(recording)),
        "sla_kill": dict(_sla_ways_us(recording)),
    }
    return tuple(
        ((step, flow), Listed(tuple(map(known[step].get, names)), usual_us[step]))
        for step in known
        for flow, names in order.items()
        if any(name in known[step] for name in names)
    )


def gate_way_us(execution: RecordedExecution) -> int | None:
    """Return how long after its creation the gate looked at an execution that the engine itself created, if it is seen.

    Of two that are created together, which of them comes to the gate first depends on that alone.
    """
    if not is_automatic(execution.name) or execution.kind is not None or len(execution.history) < 2:
        return None
    way_us = execution.history[1][1] - execution.history[0][1]
    return way_us if 0 <= way_us <= SEEN_WITHIN_US else None


def usual_gate_us(recording: Recording) -> int:
    """Return how long after their creation the gate usually looks at executions that the engine itself creates."""
    ways = [way_us for each in recording.executions.values() if (way_us := gate_way_us(each)) is not None]
    return round(median(ways)) if ways else 0


def _kill_ways_us(recording: Recording) -> Iterator[tuple[str, int]]:
    """Say how long executions were KILLING.

    Before 2.0 that is between two passes of the engine; since then until a worker answers, and longer where the
    execution ended by itself first.
    """
    ends = FINAL_STATES if recording.release >= COMMANDS_SINCE else frozenset({"KILLED"})
    by_execution: dict[str, list[Sighting]] = {}
    for sighting in sighted_in_order(recording):
        by_execution.setdefault(sighting.execution, []).append(sighting)
    for name, found in by_execution.items():
        begun = next((place for place, each in enumerate(found) if each.state == "KILLING"), None)
        if begun is None:
            continue
        rest = found[begun + 1 :] if recording.release >= COMMANDS_SINCE else found[begun + 1 : begun + 2]
        end = next((each for each in rest if each.state in ends), None)
        if end is not None:
            late_us = 0 if end.state == "KILLED" else OUTRUN_US
            yield name, max(0, end.t_us - found[begun].t_us) + late_us


def _cascade_ways_us(recording: Recording) -> Iterator[tuple[str, int]]:
    """Say how long after their parents executions were killed to which nobody did that by name."""
    named = {sent.execution for sent in recording.operations if sent.verb == "kill"}
    killing_us: dict[str, int] = {}
    for each in recording.sightings:
        if each.state == "KILLING":
            killing_us.setdefault(each.execution, each.t_us)
    for name, t_us in killing_us.items():
        execution = recording.executions.get(name)
        parent = None if execution is None else execution.parent or execution.triggered_by
        if name not in named and parent in killing_us and 0 <= t_us - killing_us[parent] <= SEEN_WITHIN_US:
            yield name, t_us - killing_us[parent]


def _pop_ways_us(recording: Recording) -> Iterator[tuple[str, int]]:
    """Say how long executions were on their way from the queue to which something was done meanwhile: their copy overwrote it."""
    for name, overwritten in _overwritten(recording):
        execution = recording.executions[name]
        popped_us = next((t_us for state, t_us in execution.history if state == "RUNNING"), None)
        if popped_us is None or not execution.tasks:
            continue
        ran_us = execution.tasks[0].history[0][1]
        if any(popped_us <= each.t_us <= ran_us for each in overwritten):
            yield name, ran_us - popped_us


def _sla_ways_us(recording: Recording) -> Iterator[tuple[str, int]]:
    """Say how long after the end by an SLA, which was overwritten, the kill that goes with it ended an execution again."""
    for name, overwritten in _overwritten(recording):
        state, end_us = recording.executions[name].history[-1]
        before = [each.t_us for each in overwritten if each.state == state in {"FAILED", "CANCELLED"}]
        if before:
            yield name, end_us - before[-1]


def _overwritten(recording: Recording) -> Iterator[tuple[str, list[Sighting]]]:
    """Yield what polls saw of executions that an older copy was written over, and is not in their history any more."""
    for name in recording.rewritten:
        execution = recording.executions.get(name)
        if execution is not None and execution.history:
            yield (
                name,
                [
                    each
                    for each in recording.sightings
                    if each.execution == name and (each.state, each.t_us) not in execution.history
                ],
            )
