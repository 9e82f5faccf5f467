"""What a simulated trace came to, in the form of a recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flowconc.kestra.outcome import Outcome, Run, canonical_like
from flowconc.kestra.recording import Moment
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from flowconc.scenario.model import Component
from flowconc.trace.trace import Event, Trace

STOPPED_WITHIN_US = 50_000
"""A simulated task that is stopped this soon after it began might not have begun."""


def simulated_outcome(trace: Trace, labels: Iterable[str], shift_us: int = 0) -> Outcome:
    """Return what a simulated run came to; times are counted from `shift_us` on.

    `labels` are the names that the script gives; all others are automatic.
    """
    reading = _TraceReading(frozenset(labels), shift_us)
    for event in trace.events():
        reading.take(event)
    return reading.outcome(trace.end_us - shift_us)


class _TraceReading:
    """Follows the events of a trace."""

    def __init__(self, labels: frozenset[str], shift_us: int) -> None:
        self._labels = labels
        self._shift_us = shift_us
        self._names: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self._flows: dict[str, str] = {}
        self._origins: dict[str, str | None] = {}
        self._history: dict[str, list[Moment]] = {}
        self._seen: dict[str, list[Moment]] = {}
        self._tasks: dict[str, list[tuple[str, int]]] = {}
        self._undone: dict[str, Counter[str]] = {}
        self._open: Counter[tuple[str, str]] = Counter()
        """Runs that have begun and not ended, by (execution, task)."""
        self._lost: Counter[tuple[str, str]] = Counter()
        """Those that a worker took with it: what the engine sends again is the same run."""
        self._planned: dict[str, int] = {}
        self._deleted: set[str] = set()
        self._counters: dict[str, list[tuple[int, int]]] = {}
        self._queues: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        self._refused: list[tuple[str, str]] = []

    def take(self, event: Event) -> None:
        match event.kind:
            case Kind.CREATED:
                self._created(event)
            case Kind.STATE:
                self._state(event)
            case Kind.DELETED:
                self._gone(event)
            case Kind.TASK_STARTED:
                self._task_started(event)
            case Kind.TASK_ENDED:
                self._task_ended(event)
            case Kind.COMPONENT_DOWN if event.detail == Component.WORKER.value:
                self._lost, self._open = self._lost | self._open, Counter()
            case Kind.CLAIM | Kind.RELEASE | Kind.COUNTER_SET:
                self._counted(event)
            case Kind.FLOW_SAVED:
                assert event.flow is not None
                self._counters.setdefault(event.flow, [(0, 0)])
            case Kind.FIRE:
                if event.before is not None and event.execution is not None:
                    self._planned[event.execution] = int(event.before) - self._shift_us
            case Kind.ACTION_REFUSED:
                self._refused.append(self._refusal(event))

    def _refusal(self, event: Event) -> tuple[str, str]:
        """Return verb and subject; a deleted or unknown execution is named in the reason alone."""
        verb, *rest = (event.detail or "").split(maxsplit=2)
        named = rest[0].rstrip(":") if rest else event.execution or event.flow or ""
        return verb.replace("_", "-"), self._names.get(named, named)

    def _counted(self, event: Event) -> None:
        """Note the flow's own counter; a claim of a namespace's or tenant's limit has its scope in `detail`."""
        if event.flow is not None and (event.kind is Kind.COUNTER_SET or event.detail is None):
            moment = (event.t_us - self._shift_us, int(event.after or 0))
            self._counters.setdefault(event.flow, []).append(moment)

    def outcome(self, end_us: int) -> Outcome:
        by_sim = {name: sim for sim, name in self._names.items()}
        runs = {
            name: Run(
                name=name,
                flow=self._flows[name],
                history=tuple(self._history[name]),
                seen=tuple(self._seen[name]),
                tasks=tuple(self._tasks[name]),
                undone=dict(self._undone[name]),
                origin=self._origins[name],
                planned_us=self._planned.get(by_sim[name]),
                deleted=name in self._deleted,
            )
            for name in self._names.values()
        }
        return Outcome(
            runs=runs,
            counters={flow: tuple(found) for flow, found in self._counters.items()},
            queues={flow: tuple(found) for flow, found in self._queues.items()},
            refused=tuple(sorted(self._refused)),
            end_us=end_us,
        )

    def _created(self, event: Event) -> None:
        assert event.execution is not None
        assert event.flow is not None
        if event.execution in self._names:  # it comes back after a deletion
            self._enter(event, self._names[event.execution], str(event.after))
            return
        name, origin = event.execution, self._origin(event.detail or "")
        if name not in self._labels:
            like = canonical_like(event.flow, origin)
            self._numbers[like] += 1
            name = f"{like}~{self._numbers[like]}"
        self._names[event.execution] = name
        self._flows[name] = event.flow
        self._origins[name] = origin or None
        self._history[name], self._seen[name], self._tasks[name] = [], [], []
        self._undone[name] = Counter()
        self._enter(event, name, str(event.after))

    def _origin(self, detail: str) -> str:
        kind, _, rest = detail.partition(":")
        if kind == "trigger":
            return detail
        return self._names.get(rest, rest) if kind in {"subflow", "retry", "loop", "replay"} else ""

    def _state(self, event: Event) -> None:
        assert event.execution is not None
        name = self._names[event.execution]
        self._deleted.discard(name)
        history = self._history[name]
        if history and event.before is not None and history[-1][0] != event.before:
            self._overwrite(name, str(event.before))
        if event.after is State.RESTARTED and history == [(State.CREATED, event.t_us - self._shift_us)]:
            history.clear()  # a replay from a task: the engine shows the history of its source instead
            self._seen[name].clear()
        self._enter(event, name, str(event.after))
        if event.before is State.QUEUED:
            self._requeue(event, name, waits=False)
        if event.after is State.QUEUED:
            self._requeue(event, name, waits=True)

    def _requeue(self, event: Event, name: str, *, waits: bool) -> None:
        """Put an execution at the end of its queue, or take it out."""
        queues = self._queues.setdefault(self._flows[name], [(0, ())])
        others = tuple(each for each in queues[-1][1] if each != name)
        queues.append((event.t_us - self._shift_us, (*others, name) if waits else others))

    def _overwrite(self, name: str, state: str) -> None:
        """Forget what came after `state`: an older copy of the execution has been written over it."""
        history = self._history[name]
        place = next((index for index in reversed(range(len(history))) if history[index][0] == state), None)
        if place is None:
            return
        copied_us = history[place][1]
        del history[place + 1 :]
        self._tasks[name] = [(task, t_us) for task, t_us in self._tasks[name] if t_us < copied_us]

    def _task_started(self, event: Event) -> None:
        """Count a run of a task. Later attempts are of the same run, which a replay may have taken over."""
        assert event.execution is not None
        assert event.detail is not None
        key = (self._names[event.execution], event.detail)
        runs = self._tasks[key[0]]
        self._open[key] += 1
        if self._lost[key]:
            self._lost[key] -= 1
        elif event.before == 1 or all(task != event.detail for task, _ in runs):
            runs.append((event.detail, event.t_us - self._shift_us))

    def _task_ended(self, event: Event) -> None:
        """Count a run apart that was stopped as soon as it had begun: the kill might have come first."""
        assert event.execution is not None
        assert event.detail is not None
        name = self._names[event.execution]
        self._open[name, event.detail] -= 1
        if event.after is not State.KILLED:
            return
        begun = [run for run in self._tasks[name] if run[0] == event.detail]
        if begun and event.t_us - self._shift_us - begun[-1][1] < STOPPED_WITHIN_US:
            self._tasks[name].remove(begun[-1])
            self._undone[name][begun[-1][0]] += 1

    def _gone(self, event: Event) -> None:
        assert event.execution is not None
        name = self._names[event.execution]
        self._deleted.add(name)
        if event.before is State.QUEUED:
            self._requeue(event, name, waits=False)

    def _enter(self, event: Event, name: str, state: str) -> None:
        moment = (state, event.t_us - self._shift_us)
        self._history[name].append(moment)
        self._seen[name].append(moment)
