"""From a script to the scenario that is simulated, with the facts taken from a recording.

Flows are read by the reader of flow files. What it does not evaluate and a script depends on is added here: the
conditions of Fail tasks, and SLA assertions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from flowconc.kestra.crash import Crash
from flowconc.kestra.crowds import crowds_of
from flowconc.kestra.facts import HANDLING_US, LOOP_US, Facts
from flowconc.kestra.lengths import TaskKey
from flowconc.kestra.recorded import Parts
from flowconc.kestra.release import Release
from flowconc.kestra.script import FlowText, Operation, Script
from flowconc.scenario.behaviour import Behaviours, Decided, TaskBehaviour
from flowconc.scenario.distributions import Constant, Distribution, Listed
from flowconc.scenario.flow import Flow, TaskKind
from flowconc.scenario.kestra_flow.build import build_flow
from flowconc.scenario.kestra_flow.conditions import INPUT
from flowconc.scenario.kestra_flow.dialect import Dialect
from flowconc.scenario.kestra_flow.flow_file import FlowSource, parse_flow
from flowconc.scenario.kestra_flow.task_source import TaskSource
from flowconc.scenario.model import (
    Action,
    Arrivals,
    AtTimes,
    Component,
    Fault,
    FaultKind,
    Invariants,
    Latency,
    Platform,
    RunSettings,
    Scenario,
    Selection,
    Verb,
    WorkerRestart,
)
from flowconc.scenario.problems import BadInput, Position, Problem, excerpt, nearest
from flowconc.scenario.resolve.inputs import Decisions
from flowconc.scenario.wording import one_of

WORKED: Final = frozenset({TaskKind.WORK, TaskKind.INSTANT, TaskKind.FAIL})
"""Kinds of tasks that workers run."""

BEYOND_US: Final = 3_000_000
"""Time simulated beyond the end of a recording, for what came a little later here than there."""

_FAIL_TYPE: Final = "execution.Fail"
_VERBS: Final[Mapping[str, Verb]] = {
    "kill": Verb.KILL,
    "pause": Verb.PAUSE,
    "resume": Verb.RESUME,
    "restart": Verb.RESTART,
    "replay": Verb.REPLAY,
    "force-run": Verb.FORCE_RUN,
    "unqueue": Verb.UNQUEUE,
    "change-status": Verb.CHANGE_STATUS,
    "delete": Verb.DELETE,
}


@dataclass(frozen=True, slots=True)
class Staged:
    """A script ready to be simulated. Times in the scenario are `shift_us` later than in the script.

    `labels` are the names that the script gives; `crowds` those that are sent alike, in large numbers. `ends_us` is when
    each execution of a flow last changed, by the recording, in order of creation.
    """

    scenario: Scenario
    labels: frozenset[str]
    parts: Parts
    shift_us: int
    crowds: tuple[frozenset[str], ...] = ()
    ends_us: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def nominal_durations(script: Script) -> dict[TaskKey, int]:
    """Return how long each task that workers run takes by its flow file, 0 where that says nothing."""
    found: dict[TaskKey, int] = {}
    for text in _texts(script):
        source = _parse(text, script.release)
        for task in source.walk():
            if task.task.kind in WORKED:
                found.setdefault((source.key, task.task.id), _nominal_us(task))
    return found


def _nominal_us(task: TaskSource) -> int:
    duration = task.task.duration
    return duration.value_us if isinstance(duration, Constant) else 0


def stage(
    script: Script,
    semantics: str,
    *,
    started: datetime | None = None,
    end_us: int | None = None,
    facts: Facts | None = None,
    crash: Crash | None = None,
) -> Staged:
    """Make the scenario of a script. Without facts, everything comes when the script says, at no cost.

    `started` is the date of the start, for schedules; `end_us` when the recording ended. Raises BadInput.
    """
    facts = Facts() if facts is None else facts
    shift_us = _shift_us(script, facts)
    stager = _Stager(script, facts, shift_us)
    stager.check_flows()
    if stager.problems:
        raise BadInput(stager.problems)
    until_us = (script.until_us if end_us is None else end_us) + BEYOND_US + shift_us
    date = datetime(2026, 1, 1, tzinfo=UTC) if started is None else started
    scenario = Scenario(
        name=script.title or "a script",
        flows=tuple(stager.flow(text) for text in script.flows),
        position=script.position,
        semantics=semantics,
        arrivals=tuple(stager.arrivals()),
        actions=tuple(stager.actions()),
        clock_start=date - timedelta(microseconds=shift_us),
        platform=_platform(facts, crash),
        faults=_faults(script, crash, shift_us),
        run=RunSettings(until_us=until_us, drain=False),
        invariants=Invariants(),
    )
    return Staged(
        scenario=scenario,
        labels=frozenset(operation.label for operation in script.operations if operation.label is not None),
        parts=Parts(stager.triggers, stager.worked),
        shift_us=shift_us,
        crowds=crowds_of(script),
        ends_us=facts.ends_us,
    )


def _platform(facts: Facts, crash: Crash | None) -> Platform:
    latency = Latency(arrival_us=facts.gate_us, dispatch_us=facts.worker_us, ways=facts.ways)
    platform = Platform(latency=latency)
    if crash is None:
        return platform
    if crash.resent_us is None:
        return replace(platform, worker_restart=WorkerRestart.NEVER)
    return replace(platform, worker_timeout_us=crash.resent_us, worker_restart=WorkerRestart.IMMEDIATELY)


def _faults(script: Script, crash: Crash | None, shift_us: int) -> tuple[Fault, ...]:
    """Take all components down for as long as the engine was not there."""
    if crash is None:
        return ()
    return tuple(
        Fault(
            FaultKind.CRASH,
            script.position,
            component,
            at_us=crash.died_us + shift_us,
            for_us=crash.back_us - crash.died_us,
        )
        for component in (Component.EXECUTOR, Component.WORKER, Component.SCHEDULER)
    )


def _shift_us(script: Script, facts: Facts) -> int:
    """Return how long before the script's start the simulation begins, so that its loops come round as recorded.

    It begins at the last round before the first operation, and before the first date of a schedule: then no earlier
    one is fired.
    """
    first_us = min(
        (operation.at_us for operation in script.operations if operation.verb != "note"), default=None
    )
    if facts.phase_us is None:
        return max(0, -(first_us or 0))
    latest_us = min((t_us for t_us in (first_us, facts.first_date_us) if t_us is not None), default=LOOP_US)
    rounds = (latest_us - 1 - facts.phase_us) // LOOP_US
    return -(facts.phase_us + rounds * LOOP_US)


def _texts(script: Script) -> Iterator[FlowText]:
    yield from script.flows
    yield from (operation.source for operation in script.operations if operation.source is not None)


def _parse(text: FlowText, release: Release) -> FlowSource:
    """Read a flow in the language of the version for which the script was read."""
    return parse_flow(text.data, text.locate, dialect=Dialect(release.numbers))


class _Stager:
    """Builds the parts of the scenario; what is wrong is collected."""

    def __init__(self, script: Script, facts: Facts, shift_us: int) -> None:
        self._script = script
        self._facts = facts
        self._shift_us = shift_us
        self._counts: dict[tuple[str, str], int] = {}
        self._saved: set[str] = set()
        self._sources: dict[str, list[FlowSource]] = {}
        self.worked: dict[str, frozenset[str]] = {}
        self.triggers: dict[str, frozenset[str]] = {}
        self.problems: list[Problem] = []
        parsed = [(text, _parse(text, script.release)) for text in _texts(script)]
        for _, source in parsed:
            self._sources.setdefault(source.key, []).append(source)
        self._flows = {id(text): self._build(source) for text, source in parsed}

    def flow(self, text: FlowText) -> Flow:
        return self._flows[id(text)]

    # --- flows ----------------------------------------------------------------------------------------------

    def _build(self, source: FlowSource) -> Flow:
        behaviours = {
            task.task.id: self._behaviour(source, task) for task in source.walk() if task.task.kind in WORKED
        }
        self._check_conditions(source)
        built, _ = build_flow(source, Behaviours(behaviours, decide=self._decided))
        worked = frozenset(task.task.id for task in source.walk() if task.task.kind in WORKED)
        self.worked[source.key] = self.worked.get(source.key, frozenset()) | worked
        triggers = frozenset(trigger.id for trigger in source.triggers)
        self.triggers[source.key] = self.triggers.get(source.key, frozenset()) | triggers
        return _enabled(built)

    def _decided(self, flow: str, inputs: Mapping[str, object]) -> Decided:
        """Say what the inputs of a subflow decide."""
        return Decisions(self._sources.get(flow, ()), frozenset(), inputs).both

    def _behaviour(self, source: FlowSource, task: TaskSource) -> TaskBehaviour:
        """Say how long a task takes."""
        own, facts = task.task, self._facts
        lengths, key = facts.lengths, (source.key, own.id)
        usual_us = max(0, lengths.or_usual_us(key, _nominal_us(task)) - facts.worker_us)
        known_us = tuple(
            None if length is None else max(0, length - facts.worker_us)
            for length in lengths.of_runs_us.get(key, ())
        )
        duration: Distribution | None = None
        if own.timeout_us is not None:  # what it takes is up to the timeout
            duration = own.duration
        elif any(known_us) or usual_us or own.kind is TaskKind.WORK:
            duration = Listed(known_us, usual_us)
        return TaskBehaviour(duration=duration, failures=own.failures, position=own.position)

    def _check_conditions(self, source: FlowSource) -> None:
        """Refuse what the reader of flow files leaves open: a condition that is not known must decide nothing."""
        for task in source.walk():
            if task.condition is not None and INPUT.search(task.condition) is None:
                what = f"the condition {excerpt(task.condition)} cannot be evaluated here"
                self.problems.append(Problem(task.task.position, what))

    def check_flows(self) -> None:
        """Refuse operations on flows that the script never has."""
        for operation in self._script.operations:
            flow = operation.flow
            if flow is not None and flow not in self._sources:
                what = f"the script has no flow {excerpt(flow)}"
                suggestion = nearest(flow, self._sources)
                expected = None if suggestion else one_of(self._sources)
                self.problems.append(Problem(operation.position, what, expected, suggestion))

    # --- operations -----------------------------------------------------------------------------------------

    def arrivals(self) -> Iterator[Arrivals]:
        for operation in self._script.operations:
            if operation.verb == "trigger":
                yield self._arrival(operation)

    def _arrival(self, operation: Operation) -> Arrivals:
        assert operation.flow is not None
        at_us = max(0, self._handled_us(operation, operation.label) - self._facts.gate_us)
        created_us = self._facts.created_us.get(operation.label or "")
        if created_us is not None and self._has_sla(operation.flow):
            at_us = created_us + self._shift_us  # its time runs from there, not from the gate
        decided = Decisions(self._sources.get(operation.flow, ()), frozenset(), operation.inputs)
        scheduled_us = operation.schedule_in_us
        return Arrivals(
            flow=operation.flow,
            pattern=AtTimes((at_us,)),
            position=operation.position,
            names=() if operation.label is None else (operation.label,),
            fails=frozenset(decided.fails),
            takes=tuple(decided.takes.items()),
            schedule_in_us=None
            if scheduled_us is None
            else operation.at_us + self._shift_us + scheduled_us - at_us,
            inputs=tuple(operation.inputs.items()),
        )

    def _has_sla(self, flow: str) -> bool:
        return any(each.key == flow and each.sla for each in self._flows.values())

    def actions(self) -> Iterator[Action]:
        self._saved = {flow.key for flow in map(self.flow, self._script.flows)}
        for operation in self._script.operations:
            yield from self._actions(operation)

    def _actions(self, operation: Operation) -> Iterator[Action]:
        verb, place = operation.verb, operation.position
        if verb in {"trigger", "note"}:
            return
        at_us = self._handled_us(operation, operation.execution)
        if verb in _VERBS:
            assert operation.execution is not None
            yield Action(
                at_us,
                _VERBS[verb],
                self._name(operation.execution),
                place,
                to=operation.state or ("RUNNING" if verb == "unqueue" else None),
                from_task=operation.task if verb == "replay" else None,
                as_name=operation.label,
            )
        elif verb == "kill-all":
            yield from self._kill_all(operation, at_us)
        else:
            yield from self._on_flow(operation, at_us, place)

    def _kill_all(self, operation: Operation, at_us: int) -> Iterator[Action]:
        """Kill all that have not ended: one after the other where the recording shows when, else all at once."""
        number = self._counts[operation.verb, ""] - 1
        if number < len(self._facts.killed_us):
            for name, t_us in self._facts.killed_us[number]:
                yield Action(t_us + self._shift_us, Verb.KILL, self._name(name), operation.position)
            return
        every = dict.fromkeys(flow.key for flow in self._flows.values())
        for flow in [operation.flow] if operation.flow else every:
            yield Action(at_us, Verb.KILL, Selection(flow), operation.position)

    def _on_flow(self, operation: Operation, at_us: int, place: Position) -> Iterator[Action]:
        """Say what is done to a flow, its counter, its triggers or its executions."""
        flow = operation.flow or ""
        match operation.verb:
            case "purge":
                states = frozenset(operation.states)
                yield Action(at_us, Verb.PURGE, Selection(flow, states), place, unended=operation.unended)
            case "set-counter":
                yield Action(at_us, Verb.SET_COUNTER, flow, place, running=operation.running)
            case "save-flow":
                assert operation.source is not None
                saved = self.flow(operation.source)
                verb = Verb.EDIT if saved.key in self._saved else Verb.CREATE_FLOW
                self._saved.add(saved.key)
                yield Action(at_us, verb, saved.key, place, flow=saved)
            case "delete-flow":
                self._saved.discard(flow)
                yield Action(at_us, Verb.DELETE_FLOW, flow, place)
            case "disable-trigger" | "enable-trigger":
                verb = Verb(operation.verb.replace("-", "_"))
                yield Action(at_us, verb, f"{flow}.{operation.trigger}", place)

    def _name(self, execution: str) -> str:
        """Return what an execution is called in a simulation; without a label it is `FLOW~N` in a script."""
        flow, tilde, number = execution.rpartition("~")
        return f"{flow}#{number}" if tilde else execution

    def _handled_us(self, operation: Operation, execution: str | None) -> int:
        """Return when an operation takes effect, in the scenario's time."""
        key = (operation.verb, execution or "")
        number = self._counts[key] = self._counts.get(key, 0) + 1
        known_us = self._facts.handled_us.get((*key, number))
        delay_us = HANDLING_US if self._facts.handled_us else 0
        return self._shift_us + (operation.at_us + delay_us if known_us is None else known_us)


def _enabled(flow: Flow) -> Flow:
    """Return a flow that takes executions though it is disabled: only the API turns them away, and scripts go round it."""
    if not flow.disabled:
        return flow
    return replace(
        flow, disabled=False, triggers=tuple(replace(trigger, disabled=True) for trigger in flow.triggers)
    )
