"""One variation of a scenario: what is drawn within the bounds of `vary:`, and the document that it makes.

It is plain frozen data, in a canonical order: two variations that say the same are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowconc.scenario.literals.durations import format_us
from flowconc.scenario.resolve.variation import with_duration
from flowconc.scenario.variation import VariedArrivals, VariedDuration, Vary


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """One more execution. `entry` is that of `vary.arrivals` (from 0) which asks for it."""

    at_us: int
    entry: int
    flow: str


@dataclass(frozen=True, slots=True, order=True)
class Operation:
    """One more action: on the execution `flow#number`, or on all of the flow in `state`, which is "" then."""

    at_us: int
    verb: str
    flow: str
    number: int
    state: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """One more revision of a flow. The limit 0 is none."""

    at_us: int
    flow: str
    limit: int
    behavior: str


@dataclass(frozen=True, slots=True, order=True)
class Crash:
    """One more crash: at a time, or at the `nth` step of the name `step` from then on."""

    at_us: int
    component: str
    for_us: int
    step: str = ""
    before: bool = False
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Variation:
    """What a scenario has more, and how long its tasks take (in the order of `Vary.durations`)."""

    arrivals: tuple[Arrival, ...] = ()
    operations: tuple[Operation, ...] = ()
    edits: tuple[Edit, ...] = ()
    crashes: tuple[Crash, ...] = ()
    lengths_us: tuple[int, ...] = ()

    @property
    def added_actions(self) -> int:
        """How many actions it adds, behind those of the scenario."""
        return len(self.operations) + len(self.edits)


SIMPLEST: Final = Variation()
"""Nothing is added."""


def varied_document(
    vary: Vary, variation: Variation, *, refused: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """Return the document of a variation. `refused` are the added actions (from 0) that the engine refuses."""
    document = dict(vary.data)
    for varied, length_us in zip(vary.durations, variation.lengths_us, strict=True):
        document["tasks"] = _with_length(document.get("tasks", {}), varied, length_us)
    actions = [*map(_operation, variation.operations), *map(_edit, variation.edits)]
    for place in refused:
        actions[place]["refused"] = True
    _add(document, "arrivals", _arrivals(vary.arrivals, variation.arrivals))
    _add(document, "actions", actions)
    _add(document, "faults", [_crash(crash) for crash in variation.crashes])
    return document


def _add(document: dict[str, Any], section: str, entries: list[dict[str, Any]]) -> None:
    if entries:
        document[section] = [*document.get(section, ()), *entries]


def _with_length(tasks: Mapping[str, Any], varied: VariedDuration, length_us: int) -> dict[str, Any]:
    return with_duration(tasks, varied.flow, varied.task, length_us)


def _arrivals(entries: tuple[VariedArrivals, ...], arrivals: tuple[Arrival, ...]) -> list[dict[str, Any]]:
    """Return an entry for each flow and source, with all their times."""
    times: dict[tuple[int, str], list[str]] = {}
    for arrival in sorted(arrivals, key=lambda each: (each.entry, each.flow, each.at_us)):
        times.setdefault((arrival.entry, arrival.flow), []).append(format_us(arrival.at_us))
    written = []
    for (entry, flow), at in times.items():
        source = entries[entry].source
        said = {} if source is None else {"source": source}
        written.append({"flow": flow, **said, "at": at[0] if len(at) == 1 else at})
    return written


def _operation(operation: Operation) -> dict[str, Any]:
    target: Any = f"{operation.flow}#{operation.number}"
    if operation.state:
        target = {"flow": operation.flow, "state": operation.state}
    return {"at": format_us(operation.at_us), operation.verb: target}


def _edit(edit: Edit) -> dict[str, Any]:
    concurrency = {"limit": edit.limit, "behavior": edit.behavior} if edit.limit else None
    return {"at": format_us(edit.at_us), "edit": edit.flow, "concurrency": concurrency}


def _crash(crash: Crash) -> dict[str, Any]:
    written: dict[str, Any] = {"crash": crash.component}
    if crash.at_us or not crash.step:
        written["at"] = format_us(crash.at_us)
    if crash.step:
        written["before" if crash.before else "after"] = crash.step
        written["nth"] = crash.nth
    return {**written, "for": format_us(crash.for_us)}
