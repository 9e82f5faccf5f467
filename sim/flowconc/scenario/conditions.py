"""What must hold: expectations, which are exact, and thresholds, which are decided statistically.

Plain frozen data. `flowconc.check` judges runs by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flowconc.scenario.problems import Position


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number with an operator: `< <= > >= ==`. Times are in microseconds."""

    operator: str
    value: float

    def holds(self, observed: float) -> bool:
        """Say whether `observed` compares as it must."""
        return {
            "<": observed < self.value,
            "<=": observed <= self.value,
            ">": observed > self.value,
            ">=": observed >= self.value,
            "==": observed == self.value,
        }[self.operator]


class Subject(Enum):
    """What an expectation speaks of."""

    FLOW = "flow"
    EXECUTION = "execution"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Claim:
    """One key of an expectation, for instance `queued: 1`.

    `must_be` is a Comparison for numbers and times, a tuple of states for `states`, a mapping of final state to
    Comparison (as pairs) for `ended`, a name for `parent`.
    """

    key: str
    must_be: Comparison | tuple[str, ...] | tuple[tuple[str, Comparison], ...] | str
    written: str  # as in the file, for messages
    position: Position


@dataclass(frozen=True, slots=True)
class Expectation:
    """One entry of `expect:`. `at_us` is None for what must hold at the end of the run."""

    subject: Subject
    name: str  # flow key, execution name, or "namespace.flow.trigger"
    claims: tuple[Claim, ...]
    position: Position
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Sometimes:
    """One entry of `sometimes:`: one run of the batch has to meet it.

    A condition is a name of `vocabulary.SOMETIMES`, or an expectation that holds at some instant.
    """

    condition: str | Expectation
    written: str  # as in the file, for messages
    position: Position


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition of `thresholds:`, for instance `queue_wait{flow=X}: p95 < 30s`.

    `must_be.value` is in the metric's unit: seconds for times, a share for shares, a count for levels.
    """

    metric: str
    statistic: str
    must_be: Comparison
    written: str
    position: Position
    selectors: tuple[tuple[str, str], ...] = ()
    warn_only: bool = False
