"""What a scenario lets happen from outside: arrivals, actions and fires, each in the order of its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import count, islice, takewhile
from typing import NamedTuple

from flowconc.explore.flight import Ahead
from flowconc.protocol.steps import Message
from flowconc.protocol.tables import Origin
from flowconc.scenario.flow import Trigger, TriggerKind
from flowconc.scenario.model import Arrivals, Scenario
from flowconc.simulation.actions import message_of
from flowconc.simulation.scheduler_dates import fire_times_us, timing_of
from flowconc.simulation.sources import arrival_of, names_by_time, recorded_of, request_of, times_us
from flowconc.simulation.streams import Streams

CueId = tuple[str, int, int]
"""What a cue is known by: `arrival`, `action` or `fire`, which source of these, and which of what it gives, from 0."""


class Cue(NamedTuple):
    """One thing that comes from outside."""

    kind: str
    place: int
    number: int
    message: Message
    actor: str
    timing: tuple[object, ...] = ()  # of a fire: what its trigger must still look like
    sure: bool = True  # of a fire: whether the poll is sure to find something

    @property
    def id(self) -> CueId:
        """What it is known by."""
        return self.kind, self.place, self.number


@dataclass(frozen=True, slots=True)
class Script:
    """All cues of a scenario, source by source. Actions are one source. `flows` are the keys of all its flows."""

    flows: frozenset[str]
    arrivals: tuple[tuple[Cue, ...], ...]
    actions: tuple[Cue, ...]
    fires: tuple[tuple[Cue, ...], ...]

    def begin(self, crashes: int) -> Ahead:
        """Return what lies ahead at the beginning."""
        return Ahead((0,) * len(self.arrivals), 0, (0,) * len(self.fires), crashes)

    def next(self, ahead: Ahead) -> Iterator[tuple[Cue, Ahead]]:
        """Yield what each source gives next, and what then lies ahead."""
        for place, (number, cues) in enumerate(zip(ahead.arrivals, self.arrivals, strict=True)):
            if number < len(cues):
                yield cues[number], ahead._replace(arrivals=_one_more(ahead.arrivals, place))
        if ahead.action < len(self.actions):
            yield self.actions[ahead.action], ahead._replace(action=ahead.action + 1)
        for place, (number, cues) in enumerate(zip(ahead.fires, self.fires, strict=True)):
            if number < len(cues):
                yield cues[number], ahead._replace(fires=_one_more(ahead.fires, place))

    @property
    def cues(self) -> Iterator[Cue]:
        """All cues."""
        for source in (*self.arrivals, self.actions, *self.fires):
            yield from source

    def without(self, left_out: frozenset[CueId]) -> Script:
        """Return the script without the cues of these ids."""
        return Script(
            self.flows,
            tuple(_kept(source, left_out) for source in self.arrivals),
            _kept(self.actions, left_out),
            tuple(_kept(source, left_out) for source in self.fires),
        )


def script_of(scenario: Scenario, executions: int | None = None) -> Script:
    """Return the cues of a scenario: of its arrivals and fires, the first `executions` by their planned times.

    Random arrival processes are drawn from the seed of the run; only the number of their arrivals matters.
    """
    streams = Streams(scenario.run.seed, 0)
    sources = [_arrivals(scenario, place, each, streams) for place, each in enumerate(scenario.arrivals)]
    triggers = [
        _fires(scenario, place, flow, trigger) for place, (flow, trigger) in enumerate(_scheduled(scenario))
    ]
    # at equal times fires come before arrivals, each in the order of the file
    in_time = merge(*triggers, *sources, key=lambda timed: timed[0])
    chosen = [cue for _, cue in islice(in_time, executions)]
    order = sorted(range(len(scenario.actions)), key=lambda place: scenario.actions[place].at_us)
    saved = (action.flow for action in scenario.actions if action.flow is not None)
    return Script(
        flows=frozenset(flow.key for flow in (*scenario.flows, *saved)),
        arrivals=tuple(
            tuple(cue for cue in chosen if cue.kind == "arrival" and cue.place == place)
            for place in range(len(sources))
        ),
        actions=tuple(
            Cue("action", 0, place, message_of(scenario.actions[place]), "operator") for place in order
        ),
        fires=tuple(
            tuple(cue for cue in chosen if cue.kind == "fire" and cue.place == place)
            for place in range(len(triggers))
        ),
    )


def _arrivals(
    scenario: Scenario, place: int, arrivals: Arrivals, streams: Streams
) -> Iterator[tuple[int, Cue]]:
    names = names_by_time(arrivals)
    times = times_us(arrivals.pattern, streams, f"{arrivals.flow}/{arrivals.source}/arrivals/{place}")
    for number, t_us in enumerate(_until(times, scenario.run.until_us)):
        source, duration_us = recorded_of(arrivals, number)
        name = names[number] if number < len(names) else None
        request = request_of(arrivals, Origin(place, number, 0), source, name, duration_us)
        yield t_us, Cue("arrival", place, number, arrival_of(request), f"source:{source}")


def _scheduled(scenario: Scenario) -> list[tuple[str, Trigger]]:
    """Return the triggers that fire by themselves, those that an action brings among them, each timing once."""
    saved = (action.flow for action in scenario.actions if action.flow is not None)
    found = {
        (flow.key, trigger.id, timing_of(trigger)): (flow.key, trigger)
        for flow in (*scenario.flows, *saved)
        for trigger in flow.triggers
        if trigger.kind in (TriggerKind.SCHEDULE, TriggerKind.POLLING) and trigger.finds > 0
    }
    return list(found.values())


def _fires(scenario: Scenario, place: int, flow: str, trigger: Trigger) -> Iterator[tuple[int, Cue]]:
    times = fire_times_us(trigger, scenario.clock_start, 0)
    for number, t_us in zip(count(), _until(times, scenario.run.until_us), strict=False):
        yield (
            t_us,
            Cue(
                "fire",
                place,
                number,
                Message("fire", None, (flow, trigger.id, t_us)),
                "scheduler",
                timing_of(trigger),
                sure=trigger.finds >= 1,
            ),
        )


def _until(times: Iterator[int], until_us: int | None) -> Iterator[int]:
    return times if until_us is None else takewhile(lambda t_us: t_us <= until_us, times)


def _one_more(numbers: tuple[int, ...], place: int) -> tuple[int, ...]:
    return (*numbers[:place], numbers[place] + 1, *numbers[place + 1 :])


def _kept(source: tuple[Cue, ...], left_out: frozenset[CueId]) -> tuple[Cue, ...]:
    return tuple(cue for cue in source if cue.id not in left_out)
