"""What a scenario says of a task that its flow file cannot say: how long it takes, when it fails, where it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flowconc.scenario.distributions import Distribution
from flowconc.scenario.flow import Failures
from flowconc.scenario.problems import Position

Decided = tuple[frozenset[str], tuple[tuple[str, str], ...]]
"""Tasks that fail, and branches that are taken: (task, branch)."""


@dataclass(frozen=True, slots=True)
class TaskBehaviour:
    """One entry under `tasks:` of a scenario, for one task of one flow. None: not said."""

    duration: Distribution | None = None
    failures: Failures | None = None
    takes: Mapping[str, float] | None = None  # If, Switch: branch name -> share of the runs (they sum to 1)
    items: int | None = None  # loops: the number of passes
    position: Position | None = None  # of the task's id in the scenario


@dataclass(frozen=True, slots=True)
class Behaviours:
    """What a scenario says of all the tasks of one flow; `default` serves work tasks without a duration.

    `assertions` are ids of service levels, and whether the assertion of each holds. `decide` says what inputs decide
    in the executions of a flow, by its key: which tasks fail, and which branches are taken.
    """

    tasks: Mapping[str, TaskBehaviour] = field(default_factory=dict)
    default: TaskBehaviour = TaskBehaviour()
    assertions: Mapping[str, bool] = field(default_factory=dict)
    decide: Callable[[str, Mapping[str, object]], Decided] | None = None
