"""How a limit is planned: what is tried, what must be met, what must be spared.

Plain frozen data. What is made of it is the business of `flowconc.plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowconc.scenario.conditions import Threshold
from flowconc.scenario.flow import Behavior
from flowconc.scenario.problems import Position

if TYPE_CHECKING:
    from flowconc.scenario.model import Scenario

Values = tuple[tuple[str, object], ...]
"""Parameters and a value for each."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What a flow has to recover from: executors that are down for `outage_us`, or `burst` executions at once.

    It begins at `at_us`; None is a quarter of the way from the warm-up to the end of the run.
    """

    outage_us: int | None = None
    burst: int | None = None
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """The scenario with other values of the parameters that the plan varies."""

    values: Values
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Plan:
    """The entry `plan:`.

    Every combination of `limits`, `behaviors`, `loads` and `durations` of the flow with the key `flow` is tried, in
    the scenario itself and in its `variants`. `loads` and `durations` are factors of what the scenario says. No
    `behaviors`: the flow's own. `goals` must be met, `protects` must not be broken. Between `replications` and
    `max_replications` runs of each combination decide that at `confidence`, for all of them together.
    """

    position: Position
    flow: str
    goals: tuple[Threshold, ...]
    limits: tuple[int, ...] = ()
    behaviors: tuple[Behavior, ...] = ()
    loads: tuple[float, ...] = (1.0,)
    durations: tuple[float, ...] = (1.0,)
    protects: tuple[Threshold, ...] = ()
    confidence: float = 0.95
    replications: int = 10
    max_replications: int = 80
    sensitivity: bool = True
    recovery: tuple[Disturbance, ...] = ()
    finds_warmup: bool = True  # the scenario does not say `run.warmup`
    values: Values = ()  # of the parameters that vary, in the scenario itself
    variants: tuple[Variant, ...] = ()
