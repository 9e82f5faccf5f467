"""What a run came to, for comparing: the life of every execution, the counters, what operators were refused.

Two semantics may make different executions: one makes a skipped fire up, say. So executions are matched by what they
are: one with a name of its own by that, one that a schedule made by the date it was due, any other by where it came
from and its place among its like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowconc.check.wording import duration
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.scenario.names import AUTOMATIC
from flowconc.trace.trace import Event, Trace

Moment = tuple[State, int]
"""A state and when it was entered, in microseconds."""

_OF_COUNTERS = frozenset({Kind.CLAIM, Kind.RELEASE, Kind.COUNTER_SET})
_MADE_BY = frozenset({"subflow", "loop", "retry", "replay"})


@dataclass(frozen=True, slots=True)
class Life:
    """One execution. `key` is what it is matched by, `name` what the run calls it.

    `states` are all that it was ever in, in order. `tasks` are the runs of its tasks that started.
    """

    key: str
    name: str
    flow: str
    states: tuple[Moment, ...]
    tasks: Mapping[str, int]
    deleted_us: int | None = None

    @property
    def path(self) -> tuple[State, ...]:
        """The states without their times."""
        return tuple(state for state, _ in self.states)


@dataclass(frozen=True, slots=True)
class Story:
    """A run. `lives` are in order of creation, by key.

    `counters` goes from each flow that ever has a limit to its counter's steps, as the end of each instant left them:
    when, and to what.
    `refused` are the actions that the engine refused, each with the time, in microseconds.
    """

    lives: Mapping[str, Life]
    counters: Mapping[str, tuple[tuple[int, int], ...]]
    refused: tuple[tuple[int, str], ...]
    end_us: int

    def starts(self) -> tuple[str, ...]:
        """Return the keys of executions in the order in which they first ran."""
        first = [
            (next(t_us for state, t_us in life.states if state is State.RUNNING), order, key)
            for order, (key, life) in enumerate(self.lives.items())
            if State.RUNNING in life.path
        ]
        return tuple(key for _, _, key in sorted(first))


def story_of(trace: Trace) -> Story:
    """Read the story of a run from its trace."""
    reading = _Reading(trace)
    for event in trace.events():
        reading.take(event)
    return reading.story(trace.end_us)


@dataclass(slots=True)
class _Writing:
    """A life while it is read."""

    key: str
    flow: str
    states: list[Moment] = field(default_factory=list)
    tasks: Counter[str] = field(default_factory=Counter)
    deleted_us: int | None = None


class _Reading:
    """Follows the events of a trace."""

    def __init__(self, trace: Trace) -> None:
        self._planned = _planned(trace)
        self._lives: dict[str, _Writing] = {}
        self._like: Counter[str] = Counter()
        self._counters: dict[str, dict[int, int]] = {}
        self._refused: list[tuple[int, str]] = []
        self._limited: set[str] = set()

    def take(self, event: Event) -> None:
        name = event.execution
        if event.kind in _OF_COUNTERS:
            self._count(event)
        elif event.kind is Kind.FLOW_SAVED and event.after is not None:
            self._limited.add(event.flow or "")
        elif event.kind is Kind.ACTION_REFUSED:
            self._refused.append((event.t_us, event.detail or event.flow or ""))
        elif name is None:
            return
        elif event.kind is Kind.CREATED:
            self._created(event, name)
        elif event.kind is Kind.STATE:
            assert isinstance(event.after, State)
            life = self._lives[name]
            life.states.append((event.after, event.t_us))
            life.deleted_us = None  # a pop may bring a deleted one back
        elif event.kind is Kind.DELETED:
            self._lives[name].deleted_us = event.t_us
        elif event.kind is Kind.TASK_STARTED and event.before in (None, 1):
            self._lives[name].tasks[event.detail or ""] += 1

    def story(self, end_us: int) -> Story:
        lives = (
            Life(each.key, name, each.flow, tuple(each.states), dict(each.tasks), each.deleted_us)
            for name, each in self._lives.items()
        )
        counters = {
            flow: tuple(steps.items()) for flow, steps in self._counters.items() if flow in self._limited
        }
        return Story({life.key: life for life in lives}, counters, tuple(self._refused), end_us)

    def _created(self, event: Event, name: str) -> None:
        assert event.flow is not None
        if name not in self._lives:
            self._lives[name] = _Writing(self._key(event, name), event.flow)
        self._lives[name].states.append((State.CREATED, event.t_us))

    def _key(self, event: Event, name: str) -> str:
        if AUTOMATIC.fullmatch(name) is None:
            return name
        made_by, _, rest = (event.detail or "").partition(":")
        planned_us = self._planned.get(name)
        if planned_us is not None:
            key = f"{event.flow}.{rest} of {duration(planned_us)}"
        elif made_by in _MADE_BY and rest in self._lives:
            key = f"{event.flow} ({made_by} of {self._lives[rest].key})"
        elif made_by == "trigger":
            key = f"{event.flow} (trigger {rest})"
        else:
            key = f"{event.flow} ({made_by})"
        self._like[key] += 1
        number = self._like[key]
        return key if number == 1 and planned_us is not None else f"{key} {number}"

    def _count(self, event: Event) -> None:
        """Keep the counter's last value of an instant; a namespace's or a tenant's is named in the detail."""
        if event.flow is None or not isinstance(event.after, int):
            return
        if event.kind is not Kind.COUNTER_SET and event.detail is not None:
            return
        self._counters.setdefault(event.flow, {})[event.t_us] = event.after


def _planned(trace: Trace) -> dict[str, int]:
    """Return when the fires that made executions were due, in microseconds, by the name of the execution."""
    fires = (event for event in trace.events() if event.kind is Kind.FIRE)
    return {
        event.execution: event.before
        for event in fires
        if event.execution is not None and isinstance(event.before, int) and event.after is None
    }
