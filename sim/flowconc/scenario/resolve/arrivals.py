"""The arrivals of a scenario: which flow, in which pattern, under which names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from flowconc.scenario.document.arrivals import ArrivalsDocument, BackoffDocument
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc
from flowconc.scenario.flow import TriggerKind
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
from flowconc.scenario.names import AUTOMATIC, UnknownName, like, listed
from flowconc.scenario.problems import BadInput, Severity, excerpt
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.resolve.flow_files import FROM_HERE
from flowconc.scenario.resolve.flows import Flows
from flowconc.scenario.resolve.inputs import Decisions
from flowconc.scenario.resolve.recordings import read_arrivals


def given_names(data: Mapping[str, Any]) -> list[tuple[str, Loc]]:
    """Return every name that a document gives to an execution and its place, also of entries with errors.

    They stand under `names:` of arrivals and under `as:` of replays.
    """
    arrived: list[tuple[str, Loc]] = [
        (name, ("arrivals", index, "names", place))
        for index, entry in _entries(data, "arrivals")
        if isinstance(entry.get("names"), list)
        for place, name in enumerate(entry["names"])
        if isinstance(name, str)
    ]
    replayed: list[tuple[str, Loc]] = [
        (entry["as"], ("actions", index, "as"))
        for index, entry in _entries(data, "actions")
        if isinstance(entry.get("as"), str)
    ]
    return arrived + replayed


def _entries(data: Mapping[str, Any], section: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the mappings in a list of the document, numbered as they stand there."""
    listed = data.get(section)
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield index, entry


def check_names(names: list[tuple[str, Loc]], findings: Findings) -> None:
    """Refuse names that are given twice, or that look like automatic ones."""
    first: dict[str, Loc] = {}
    for name, loc in names:
        if AUTOMATIC.fullmatch(name):
            findings.error(
                loc, f"{excerpt(name)} looks like an automatic name", "a name that does not end in #N"
            )
        if name in first:
            line = findings.locate(first[name]).line
            findings.error(loc, f"the name {excerpt(name)} is there twice, first in line {line}", "each once")
        first.setdefault(name, loc)


def resolve_arrivals(
    document: ScenarioDocument, flows: Flows, folder: Path, findings: Findings, *, until_known: bool
) -> tuple[Arrivals, ...]:
    """Return the arrivals of a document, in the order of the file; errors go to `findings`.

    `until_known` is False when `run:` could not be read: no source is then said to be unbounded.
    """
    reading = _Reading(document, flows, folder, findings, until_known)
    return tuple(
        arrivals
        for index, entry in enumerate(document.arrivals)
        if (arrivals := reading.entry(entry, ("arrivals", index))) is not None
    )


class _Reading:
    """What all entries are read with."""

    def __init__(
        self, document: ScenarioDocument, flows: Flows, folder: Path, findings: Findings, until_known: bool
    ) -> None:
        self._until_us = document.run.until
        self._until_known = until_known
        self._flows = flows
        self._folder = folder
        self._findings = findings
        self._said = _said_of_tasks(document, flows)

    def entry(self, entry: ArrivalsDocument, loc: Loc) -> Arrivals | None:
        """Return one entry, or None when the findings say what is wrong with it."""
        pattern = self._pattern(entry, loc)
        self._check_counts(entry, pattern, loc)
        try:
            flow = self._flows.names.flow(entry.flow)
        except UnknownName as error:
            self._findings.unknown((*loc, "flow"), error)
            return None
        if flow is None or pattern is None:
            return None
        self._check_tasks(entry, flow, loc)
        if entry.trigger is not None:
            self._check_events(entry, flow, loc)
        decisions = Decisions(self._flows.sources[flow], self._said.get(flow, frozenset()), entry.inputs)
        return Arrivals(
            flow=flow,
            pattern=pattern,
            position=self._findings.locate(loc),
            source=entry.source if entry.trigger is None else f"trigger:{entry.trigger}",
            names=tuple(entry.names),
            fails=frozenset(entry.fails) | decisions.fails,
            backoff=None if entry.backoff is None else _backoff(entry.backoff),
            schedule_in_us=entry.schedule_in,
            inputs=tuple(entry.inputs.items()),
            takes=tuple(decisions.takes.items()),
            trigger=entry.trigger,
        )

    def _pattern(self, entry: ArrivalsDocument, loc: Loc) -> Pattern | None:
        until_us = self._until_us if entry.until is None else entry.until
        if until_us is not None and entry.pattern != "replay" and entry.start > until_us:
            self._findings.error((*loc, "start"), "this starts after it ends", "a start before `until`")
        match entry.pattern:
            case "at":
                return AtTimes(self._possible(entry.at or [], loc))
            case "burst":
                return Burst(entry.burst or 0, self._possible([0] if entry.at is None else entry.at, loc))
            case "every":
                self._check_bounded(entry, loc)
                return Every(entry.every or 0, entry.start, entry.count, until_us)
            case "poisson":
                self._check_bounded(entry, loc)
                return PoissonProcess(entry.poisson or 0.0, entry.start, entry.count, until_us)
            case "ramp":
                return self._ramp(entry, until_us, loc)
            case _:
                return self._recorded(entry.replay or "", loc)

    def _ramp(self, entry: ArrivalsDocument, until_us: int | None, loc: Loc) -> Ramp | None:
        assert entry.ramp is not None
        if until_us is None:
            self._check_bounded(entry, loc)
            return None
        if entry.start == until_us:
            self._findings.error(loc, "the ramp ends where it starts", "a start before `until`")
        return Ramp(entry.ramp.from_, entry.ramp.to, entry.start, until_us)

    def _recorded(self, name: str, loc: Loc) -> Recorded | None:
        path = self._folder / name
        if not path.is_file():
            self._findings.error(
                (*loc, "replay"),
                f"there is no file {excerpt(name)}",
                FROM_HERE,
            )
            return None
        try:
            recorded = read_arrivals(path)
        except BadInput as error:
            self._findings.adopt(error)
            return None
        late = sum(self._until_us is not None and t_us > self._until_us for t_us in recorded.times_us)
        if late:
            what = f"{late:,} of {len(recorded.times_us):,} arrivals are after `run.until` and never happen"
            self._findings.remark(Severity.WARNING, (*loc, "replay"), what)
        return recorded

    def _possible(self, times_us: list[int], loc: Loc) -> tuple[int, ...]:
        """Return the times; those after the end of the run are pointed out."""
        if self._until_us is not None and max(times_us) > self._until_us:
            self._findings.remark(
                Severity.WARNING, (*loc, "at"), "some of these are after `run.until` and never happen"
            )
        return tuple(times_us)

    def _check_bounded(self, entry: ArrivalsDocument, loc: Loc) -> None:
        if entry.count is None and entry.until is None and self._until_us is None and self._until_known:
            end = "`until`" if entry.pattern == "ramp" else "`count` or `until`"
            self._findings.error(
                loc, f"these arrivals at {excerpt(entry.flow)} never end", f"{end} here, or `run.until`"
            )

    def _check_counts(self, entry: ArrivalsDocument, pattern: Pattern | None, loc: Loc) -> None:
        """Refuse more names than there are arrivals."""
        most = _most(pattern)
        if most is not None and len(entry.names) > most:
            self._findings.error(
                (*loc, "names"),
                f"there are {len(entry.names):,} names for {most:,} arrivals",
                "at most as many",
            )

    def _check_tasks(self, entry: ArrivalsDocument, flow: str, loc: Loc) -> None:
        known = self._flows.tasks(flow)
        for index, task in enumerate(entry.fails):
            if task not in known:
                self._findings.error(
                    (*loc, "fails", index),
                    f"the flow {flow} has no task {excerpt(task)}",
                    listed(known),
                    like(task, known),
                )

    def _check_events(self, entry: ArrivalsDocument, flow: str, loc: Loc) -> None:
        """Refuse events of a trigger that is not there, or that nobody tells of events."""
        assert entry.trigger is not None
        kinds = {each.id: each.kind for source in self._flows.sources[flow] for each in source.triggers}
        place = (*loc, "trigger")
        if entry.trigger not in kinds:
            what = f"the flow {flow} has no trigger {excerpt(entry.trigger)}"
            self._findings.error(place, what, listed(kinds), like(entry.trigger, kinds))
        elif kinds[entry.trigger] is not TriggerKind.REALTIME:
            kind = kinds[entry.trigger].value
            expected = "executions without `trigger`" if kind == _WEBHOOK else "a realtime trigger"
            self._findings.error(place, f"{excerpt(entry.trigger)} is a {kind} trigger", expected)


_WEBHOOK: Final = TriggerKind.WEBHOOK.value


def _said_of_tasks(document: ScenarioDocument, flows: Flows) -> dict[str, frozenset[str]]:
    """Return the tasks of which the scenario says when they fail or where they go, by flow."""
    found: dict[str, frozenset[str]] = {}
    for flow, tasks in document.tasks.by_flow.items():
        try:
            key = flows.names.flow(flow)
        except UnknownName:
            continue  # that is said where the flow is named
        if key is not None:
            said = {
                task for task, given in tasks.items() if given.fails is not None or given.takes is not None
            }
            found[key] = found.get(key, frozenset()) | said
    return found


def _most(pattern: Pattern | None) -> int | None:
    """Return how many arrivals there are at most, when the scenario alone says it."""
    match pattern:
        case AtTimes(times_us) | Recorded(times_us):
            return len(times_us)
        case Burst(count, times_us):
            return count * len(times_us)
        case Every(count=count) | PoissonProcess(count=count):
            return count
        case _:
            return None


def _backoff(given: BackoffDocument) -> Backoff:
    return Backoff(
        on=frozenset(given.on),
        initial_us=given.initial,
        factor=given.factor,
        max_us=given.max,
        jitter=given.jitter,
        attempts=given.attempts,
    )
