"""The entries `vary:` and `sometimes:` of a scenario: bounds with their defaults, flows by name, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flowconc.scenario.conditions import Sometimes
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc, Locate
from flowconc.scenario.document.values import keys_of
from flowconc.scenario.document.variation import (
    OPERATIONS,
    VariedCrashesDocument,
    VaryDocument,
    read_time_range,
)
from flowconc.scenario.flow import Concurrency
from flowconc.scenario.literals.durations import format_us
from flowconc.scenario.model import Arrivals, AtTimes, Burst, Component, Recorded
from flowconc.scenario.names import ExecutionNames, UnknownName
from flowconc.scenario.problems import Position, Severity
from flowconc.scenario.resolve.expectations import resolve_expectation
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flows import Flows
from flowconc.scenario.variation import (
    Bounds,
    VariedArrivals,
    VariedCrashes,
    VariedDuration,
    VariedEdits,
    VariedOperations,
    Vary,
)

KEYS: Final = ("vary", "sometimes")
"""What a variation of a scenario does not have."""

CRASH_STEPS: Final = (
    "gate",
    "task_ended",
    "conclude",
    "release",
    "decrement",
    "take",
    "pop",
    "emit",
    "popped",
)
"""Steps at which an executor may crash, unless the scenario names others: those that give, free and hand on slots."""

LONGEST_STEP_US: Final = 1_000_000
STEPS_WITHIN: Final = 5
"""Times that there are at least to choose from."""

MOST_NAMED: Final = 50
"""Executions of a flow that an action may name."""

LEAST_NAMED: Final = 3
"""As many, of a flow whose executions nobody can count before."""


# --- the document that is varied -----------------------------------------------------------------------------


def with_shortest(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document in which every task whose duration varies has its shortest.

    What is malformed stays as it is: the reader says what is wrong with it.
    """
    vary = data.get("vary")
    durations = vary.get("durations") if isinstance(vary, dict) else None
    tasks = data.get("tasks", {})
    if not isinstance(durations, dict) or not isinstance(tasks, dict):
        return data
    for flow, varied in durations.items():
        for task, written in varied.items() if isinstance(varied, dict) else ():
            try:
                shortest_us = read_time_range(written).low
            except ValueError:
                continue
            tasks = with_duration(tasks, flow, task, shortest_us)
    return {**data, "tasks": tasks}


def with_duration(tasks: Mapping[str, Any], flow: str, task: str, length_us: int) -> dict[str, Any]:
    """Return the entry `tasks:` in which a task takes so long, and else behaves as before."""
    name = next((each for each in tasks if _is_same_flow(each, flow)), flow)
    of_flow = tasks.get(name, {})
    if not isinstance(of_flow, dict) or not isinstance(of_flow.get(task, {}), dict):
        return dict(tasks)
    behaviour = {**of_flow.get(task, {}), "duration": format_us(length_us)}
    return {**tasks, name: {**of_flow, task: behaviour}}


def _is_same_flow(name: str, other: str) -> bool:
    """Say whether two names may mean one flow: one of them is the other without its namespace or tenant."""
    longer, shorter = sorted((name, other), key=len, reverse=True)
    return longer == shorter or longer.endswith((f".{shorter}", f"/{shorter}"))


def locate_varied(locate: Locate, data: Mapping[str, Any]) -> Locate:
    """Return `locate` for variations of a document: what was added to it stands where `vary` asks for it."""
    written = {
        key: len(value) if isinstance(value := data.get(key), list) else 0
        for key in ("arrivals", "actions", "faults")
    }
    asked: dict[str, Loc] = {
        "arrivals": ("vary", "arrivals"),
        "actions": ("vary",),
        "faults": ("vary", "crashes"),
    }

    def locate_in_variation(loc: Loc, *, key: bool = False) -> Position:
        match loc:
            case (str() as section, int() as index, *_) if index >= written.get(section, index + 1):
                return locate(asked[section], key=True)
            case ("tasks", *inner) if not _is_written(data, loc) and _is_written(
                data, varied := ("vary", "durations", *inner[:2])
            ):
                return locate(varied, key=True)
            case _:
                return locate(loc, key=key)

    return locate_in_variation


def _is_written(data: Any, loc: Loc) -> bool:
    for step in loc:
        if not isinstance(data, Mapping) or step not in data:
            return False
        data = data[step]
    return True


# --- vary ----------------------------------------------------------------------------------------------------


def resolve_vary(
    document: ScenarioDocument,
    flows: Flows,
    arrivals: tuple[Arrivals, ...],
    data: Mapping[str, Any],
    findings: Findings,
) -> Vary | None:
    """Return how a scenario varies, still without `read`; errors go to `findings`.

    `data` is the whole document, `with_shortest` durations.
    """
    if document.vary is None:
        return None
    return _Reading(document, document.vary, flows, arrivals, findings).vary(data)


class _Reading:
    """What all parts are read with."""

    def __init__(
        self,
        document: ScenarioDocument,
        given: VaryDocument,
        flows: Flows,
        arrivals: tuple[Arrivals, ...],
        findings: Findings,
    ) -> None:
        self._document = document
        self._given = given
        self._flows = {flows.names.short[flow.key]: flow for flow in flows.initial}
        self._names = flows.names
        self._written = arrivals
        self._findings = findings
        self._withins_us: list[int] = []
        self._complete = not any(each.severity is Severity.ERROR for each in findings.problems)

    def vary(self, data: Mapping[str, Any]) -> Vary:
        given = self._given
        arrivals = tuple(self._arrivals())
        operations = tuple(self._operations())
        edits = tuple(self._edits())
        crashes = () if given.crashes is None else tuple(self._crashes(given.crashes))
        durations = tuple(self._durations())
        return Vary(
            position=self._findings.locate(("vary",), key=True),
            examples=given.examples,
            step_us=given.step or self._step_us(durations),
            deadline_us=given.deadline,
            seed=given.seed,
            arrivals=arrivals,
            durations=durations,
            operations=operations,
            edits=edits,
            crashes=crashes,
            executions=tuple((flow, self._executions(flow)) for flow in self._flows),
            data={key: value for key, value in data.items() if key not in KEYS},
        )

    def _arrivals(self) -> Iterator[VariedArrivals]:
        for index, given in enumerate(self._given.arrivals):
            loc: Loc = ("vary", "arrivals", index)
            if self._findings.locate(loc) == self._findings.locate(loc[:-1]):
                loc = loc[:-1]  # an entry that stands alone
            yield VariedArrivals(
                self._chosen(given.flows, (*loc, "flows")),
                Bounds(*given.count),
                self._within_us(given.within, loc),
                given.source,
            )

    def _operations(self) -> Iterator[VariedOperations]:
        for name, verb in OPERATIONS.items():
            given = getattr(self._given, name)
            if given is not None:
                yield VariedOperations(
                    verb,
                    self._chosen(given.flows, ("vary", name, "flows")),
                    Bounds(*given.count),
                    self._within_us(given.within, ("vary", name)),
                )

    def _edits(self) -> Iterator[VariedEdits]:
        for name, given in self._given.edits.items():
            loc = ("vary", "edits", name)
            for flow in self._flow(name, loc, key=True):
                yield VariedEdits(
                    flow,
                    Bounds(*given.limit),
                    tuple(given.behavior) or (_behavior(self._flows[flow].concurrency),),
                    given.remove,
                    Bounds(*given.count),
                    self._within_us(given.within, loc),
                )

    def _crashes(self, given: VariedCrashesDocument) -> Iterator[VariedCrashes]:
        within_us = self._within_us(given.within, ("vary", "crashes"), self._document.heal_at)
        for component in Component:
            count = getattr(given, component.value)
            if count is not None:
                steps = CRASH_STEPS if given.steps is None else tuple(given.steps)
                at_steps = steps if component is Component.EXECUTOR else ()
                yield VariedCrashes(component.value, Bounds(*count), within_us, Bounds(*given.for_), at_steps)

    def _durations(self) -> Iterator[VariedDuration]:
        for name, tasks in self._given.durations.items():
            for flow in self._flow(name, ("vary", "durations", name), key=True):
                for task, length in tasks.items():
                    yield VariedDuration(flow, task, Bounds(*length))

    def _chosen(self, names: Iterable[str], loc: Loc) -> tuple[str, ...]:
        """Return the flows of these names, each once; without any, all flows."""
        chosen = [flow for index, name in enumerate(names) for flow in self._flow(name, (*loc, index))]
        return tuple(dict.fromkeys(chosen)) or tuple(self._flows)

    def _flow(self, name: str, loc: Loc, *, key: bool = False) -> Iterator[str]:
        """Yield the short name of the flow called `name`, if there is one at the start."""
        try:
            full = self._names.flow(name)
        except UnknownName as error:
            self._findings.unknown(loc, error, key=key)
            return
        short = None if full is None else self._names.short[full]
        if short in self._flows:
            yield short
        elif full is not None and self._complete:
            self._findings.error(loc, f"the flow {full} is not there from the start", key=key)

    def _within_us(self, given: int | None, loc: Loc, heal_at_us: int | None = None) -> int:
        """Return the last time of what is added. Crashes come before the healing."""
        until_us = self._document.run.until
        within_us = given if given is not None else self._given.within
        if within_us is None:
            within_us = heal_at_us if until_us is None else min(until_us, heal_at_us or until_us)
        elif until_us is not None and within_us > until_us:
            self._findings.error(loc, "`within` is after `run.until`: what comes then would never happen")
        elif heal_at_us is not None and within_us > heal_at_us:
            self._findings.error(loc, "`within` is after `heal_at`: what comes then would never happen")
        if within_us is None:
            self._findings.error(loc, "nothing says until when", "`within`, for instance 30s", key=True)
            return 0
        if heal_at_us is not None and within_us >= heal_at_us:
            within_us = max(heal_at_us - 1, 0)
        self._withins_us.append(within_us)
        return within_us

    def _step_us(self, durations: Iterable[VariedDuration]) -> int:
        """Return a distance of times: a power of ten, so small that there are enough to choose from."""
        spans_us = [*self._withins_us, *(each.length_us.high - each.length_us.low for each in durations)]
        shortest_us = min((span for span in spans_us if span), default=LONGEST_STEP_US * STEPS_WITHIN)
        step_us = LONGEST_STEP_US
        while step_us > 1 and step_us * STEPS_WITHIN > shortest_us:
            step_us //= 10
        return step_us

    def _executions(self, flow: str) -> int:
        """Return how many executions a flow has without what is added, as far as that can be told."""
        key = self._flows[flow].key
        written = [_size(each) for each in self._written if each.flow == key]
        countable = all(written) and not self._flows[flow].triggers
        return min(max(sum(written), 0 if countable else LEAST_NAMED), MOST_NAMED)


def _behavior(concurrency: Concurrency | None) -> str:
    return "QUEUE" if concurrency is None else concurrency.behavior.value


def _size(arrivals: Arrivals) -> int:
    """Return how many executions an entry starts, at most; 0 if its times alone decide."""
    match arrivals.pattern:
        case AtTimes(times_us) | Recorded(times_us=times_us):
            return len(times_us)
        case Burst(count, times_us):
            return count * len(times_us)
        case pattern:
            return getattr(pattern, "count", None) or 0


# --- sometimes -----------------------------------------------------------------------------------------------


def resolve_sometimes(
    document: ScenarioDocument,
    data: Mapping[str, Any],
    flows: Flows,
    executions: ExecutionNames,
    findings: Findings,
) -> tuple[Sometimes, ...]:
    """Return the conditions of a document; `data` is what it was read from, for the order of the keys."""
    conditions = []
    for index, entry in enumerate(document.sometimes):
        loc: Loc = ("sometimes", index)
        if isinstance(entry, str):
            conditions.append(Sometimes(entry, entry, findings.locate(loc)))
            continue
        written = data["sometimes"][index]
        expectation = resolve_expectation(entry, written, loc, flows.names, executions, findings)
        if expectation is not None:
            said = ", ".join(
                f"{key}: {value}" for key, value in written.items() if key in keys_of(type(entry))
            )
            conditions.append(Sometimes(expectation, f"{{{said}}}", expectation.position))
    return tuple(conditions)
