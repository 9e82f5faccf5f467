"""How a scenario varies: what is added to it or changed in it, within bounds that its author writes.

Plain frozen data. What is drawn within the bounds, and what becomes of it, is the business of `flowconc.vary`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowconc.scenario.problems import Position

if TYPE_CHECKING:
    from flowconc.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `low` to `high`, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class VariedArrivals:
    """So many more executions of these flows, each at a time from 0 to `within_us`."""

    flows: tuple[str, ...]
    count: Bounds
    within_us: int
    source: str | None = None


@dataclass(frozen=True, slots=True)
class VariedDuration:
    """How long every run of a task takes."""

    flow: str
    task: str
    length_us: Bounds


@dataclass(frozen=True, slots=True)
class VariedOperations:
    """So many more actions of one verb: on an execution of one of these flows, or on all in a state."""

    verb: str
    flows: tuple[str, ...]
    count: Bounds
    within_us: int


@dataclass(frozen=True, slots=True)
class VariedEdits:
    """So many more revisions of a flow, each with a limit of its own.

    `behaviors` are those to choose from; `removes` lets a revision have no limit at all.
    """

    flow: str
    limit: Bounds
    behaviors: tuple[str, ...]
    removes: bool
    count: Bounds
    within_us: int


@dataclass(frozen=True, slots=True)
class VariedCrashes:
    """So many more crashes of a component, at a time or, of an executor, at one of these steps."""

    component: str
    count: Bounds
    within_us: int
    for_us: Bounds
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vary:
    """The entry `vary:`: the scenario is judged in many variations of it.

    Names of flows are as a document has them. Times are multiples of `step_us`. `examples` variations are tried in at
    most `deadline_us` of real time; `seed` chooses others. `executions` is how many executions each flow has without
    those that are added, as far as that can be told: actions name one of all.

    `data` is the document that the scenario was read from, with its parameters filled in and without `vary` and
    `sometimes`; `read` makes a scenario of a document like it, and raises BadInput.
    """

    position: Position
    examples: int
    step_us: int
    deadline_us: int
    seed: int = 0
    arrivals: tuple[VariedArrivals, ...] = ()
    durations: tuple[VariedDuration, ...] = ()
    operations: tuple[VariedOperations, ...] = ()
    edits: tuple[VariedEdits, ...] = ()
    crashes: tuple[VariedCrashes, ...] = ()
    executions: tuple[tuple[str, int], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    read: Callable[[Mapping[str, Any]], Scenario] | None = field(default=None, compare=False, repr=False)
