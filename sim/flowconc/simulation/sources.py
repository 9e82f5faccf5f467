"""Sources: the people, clients and services that send executions, and try again when they are turned away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from flowconc.protocol.creation import Request
from flowconc.protocol.retries import grown_us
from flowconc.protocol.steps import Ended, Message
from flowconc.protocol.tables import Origin
from flowconc.scenario.model import (
    Arrivals,
    AtTimes,
    Backoff,
    Burst,
    Every,
    Pattern,
    PoissonProcess,
    Ramp,
    Recorded,
)
from flowconc.simulation.clock import Rank
from flowconc.simulation.installation import Installation
from flowconc.simulation.streams import Streams


class Sources:
    """All sources of a scenario. Each has one arrival ahead of it at a time."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.until_us = installation.scenario.run.until_us
        installation.on(Ended, self._ended)
        seen: dict[str, int] = {}
        self._sources = []
        for place, arrivals in enumerate(installation.scenario.arrivals):
            name = f"{arrivals.flow}/{arrivals.source}/arrivals"
            occurrence = seen[name] = seen.get(name, 0) + 1
            self._sources.append(_Source(self, arrivals, place, f"{name}/{occurrence}"))

    def start(self) -> None:
        """Plan the first arrival of each source."""
        for source in self._sources:
            source.plan()

    def _ended(self, news: Ended, cause: int) -> None:
        birth = self.installation.tables.executions[news.execution].birth
        if birth.origin is not None:
            self._sources[birth.origin.place].ended(news.execution, birth.origin)


class _Source:
    """One entry of `arrivals:`."""

    def __init__(self, sources: Sources, arrivals: Arrivals, place: int, stream: str) -> None:
        self._sources = sources
        self._installation = sources.installation
        self._arrivals = arrivals
        self._place = place
        self._stream = stream
        self._names = names_by_time(arrivals)
        self._numbers = count()
        self._answered: set[Origin] = set()
        self._times_us = times_us(arrivals.pattern, self._installation.streams, stream)

    def plan(self) -> None:
        """Set the clock for the next arrival, if one is left."""
        t_us = next(self._times_us, None)
        if t_us is not None and (self._sources.until_us is None or t_us <= self._sources.until_us):
            self._installation.clock.at(t_us, lambda _: self._arrive(), Rank.ARRIVAL, self._place)

    def _arrive(self) -> None:
        self.plan()
        number = next(self._numbers)
        source, duration_us = recorded_of(self._arrivals, number)
        name = self._names[number] if number < len(self._names) else None
        self._send(source, name, duration_us, number, retries=0)

    def _send(
        self, source: str, name: str | None, duration_us: int | None, number: int, *, retries: int
    ) -> None:
        origin = Origin(self._place, number, retries)
        request = request_of(self._arrivals, origin, source, name, duration_us)
        self._installation.send(arrival_of(request), actor=f"source:{source}")

    def ended(self, execution_number: int, origin: Origin) -> None:
        """Try again after a wait when an execution has ended, for the first time, in a state that calls for it."""
        execution = self._installation.tables.executions[execution_number]
        backoff = self._arrivals.backoff
        if backoff is None or origin in self._answered:
            return
        self._answered.add(origin)
        if execution.state not in backoff.on or origin.retries >= backoff.attempts:
            return
        birth = execution.birth
        wait_us = self._wait_us(backoff, origin)
        if (
            self._sources.until_us is not None
            and self._installation.clock.now_us + wait_us > self._sources.until_us
        ):
            return
        self._installation.clock.after(
            wait_us,
            lambda _: self._send(
                birth.source, None, birth.duration_us, origin.number, retries=origin.retries + 1
            ),
            Rank.ARRIVAL,
            self._place,
        )

    def _wait_us(self, backoff: Backoff, origin: Origin) -> int:
        wait_us: float = grown_us(backoff.initial_us, backoff.factor, origin.retries, backoff.max_us)
        if backoff.jitter:
            share = self._installation.streams.uniform(
                f"{self._stream}/jitter/{origin.retries}", origin.number
            )
            wait_us *= 1 + backoff.jitter * (2 * share - 1)
        return int(wait_us)


def request_of(
    arrivals: Arrivals, origin: Origin, source: str, name: str | None, duration_us: int | None
) -> Request:
    """Return what a source asks for; only one that may try again wants an answer."""
    return Request(
        arrivals.flow,
        source,
        name,
        arrivals.trigger,
        fails=arrivals.fails,
        takes=arrivals.takes,
        duration_us=duration_us,
        origin=None if arrivals.backoff is None else origin,
        schedule_in_us=arrivals.schedule_in_us,
    )


def arrival_of(request: Request) -> Message:
    """Return what a request sets going: an execution, or the event of a realtime trigger."""
    return Message("create" if request.trigger is None else "realtime_event", None, request)


def recorded_of(arrivals: Arrivals, number: int) -> tuple[str, int | None]:
    """Return the label of the `number`-th arrival of an entry, and how long its work takes if a recording says so."""
    pattern = arrivals.pattern
    if not isinstance(pattern, Recorded):
        return arrivals.source, None
    return pattern.sources[number] or arrivals.source, pattern.durations_us[number]


def names_by_time(arrivals: Arrivals) -> tuple[str | None, ...]:
    """Return the names in order of arrival: the times of `at`, with a name each, may be written in any order."""
    names, pattern = arrivals.names, arrivals.pattern
    if not isinstance(pattern, AtTimes):
        return names
    times_us = pattern.times_us
    by_time = sorted(range(len(times_us)), key=times_us.__getitem__)
    return tuple(names[place] if place < len(names) else None for place in by_time)


def times_us(pattern: Pattern, streams: Streams, stream: str) -> Iterator[int]:
    """Yield the arrival times of a pattern, in order, in microseconds from the scenario's start."""
    match pattern:
        case AtTimes(times) | Recorded(times):
            yield from sorted(times)
        case Burst(burst, times):
            for t_us in sorted(times):
                yield from (t_us for _ in range(burst))
        case Every(period_us, start_us, number, until_us):
            for index in count() if number is None else range(number):
                t_us = start_us + index * period_us
                if until_us is not None and t_us > until_us:
                    return
                yield t_us
        case PoissonProcess(rate_per_s, start_us, number, until_us):
            yield from _poisson(rate_per_s, start_us, number, until_us, streams, stream)
        case Ramp(from_per_s, to_per_s, start_us, until_us):
            yield from _ramp(from_per_s, to_per_s, start_us, until_us, streams, stream)


def _poisson(
    rate_per_s: float, start_us: int, number: int | None, until_us: int | None, streams: Streams, stream: str
) -> Iterator[int]:
    """Exponential gaps. Their sum is kept exactly, so that rounding to microseconds does not add up."""
    if rate_per_s <= 0:
        return
    t_us = float(start_us)
    for index in count() if number is None else range(number):
        t_us += streams.exponential(stream, index) * 1e6 / rate_per_s
        if until_us is not None and t_us > until_us:
            return
        yield round(t_us)


def _ramp(
    from_per_s: float, to_per_s: float, start_us: int, until_us: int, streams: Streams, stream: str
) -> Iterator[int]:
    """Thinning: candidates at the highest rate, each kept with the share of it that is due at its time."""
    highest = max(from_per_s, to_per_s)
    for index, t_us in enumerate(_poisson(highest, start_us, None, until_us, streams, stream)):
        progress = (t_us - start_us) / max(1, until_us - start_us)
        due = from_per_s + (to_per_s - from_per_s) * progress
        if streams.uniform(f"{stream}/thinning", index) * highest < due:
            yield t_us
