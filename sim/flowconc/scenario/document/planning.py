"""The entry `plan:` as the file has it."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    MAX_REPLICATIONS,
    Confidence,
    Count,
    FlowName,
    Line,
    OneOrMore,
    Part,
    PositiveTime,
    Time,
)
from flowconc.scenario.document.variation import read_limit_range
from flowconc.scenario.problems import excerpt
from flowconc.scenario.wording import describe

MAX_LIMITS: Final = 1_000
"""Limits that one plan may try."""

MAX_FACTOR: Final = 100.0
MIN_FACTOR: Final = 0.01

FEWEST_REPLICATIONS: Final = 2
"""Runs of which there is a confidence interval."""

DEFAULT_LIMITS: Final = tuple(range(1, 21))

_CONDITION: Final = re.compile(r"\s*(?P<metric>[^\s{}]+\s*(?:\{[^{}]*\})?)\s+(?P<condition>[^{}]+)")


# --- what is tried ------------------------------------------------------------------------------------------


def read_limits(value: object) -> tuple[int, ...]:
    """Return the limits to try, ascending: a number, a range `1..12`, or a list of these."""
    limits: set[int] = set()
    for entry in value if isinstance(value, list) else [value]:
        low, high = read_limit_range(entry)
        if high - low >= MAX_LIMITS or len(limits) + high - low >= MAX_LIMITS:
            raise complaint("these are too many limits", expected=f"at most {MAX_LIMITS:,}")
        limits |= set(range(low, high + 1))
    if not limits:
        raise complaint("the list of limits is empty", expected="such as 1..12 or [1, 2, 4, 8]")
    return tuple(sorted(limits))


def read_factor(value: object) -> float:
    """Return a factor of what the scenario says: 1 is as it says, 1.25 a quarter more."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise complaint(f"{describe(value)} is not a factor", expected="a number such as 1.25")
    if not (math.isfinite(value) and MIN_FACTOR <= value <= MAX_FACTOR):
        raise complaint(f"the factor {value} is out of range", expected=f"{MIN_FACTOR:g} to {MAX_FACTOR:g}")
    return float(value)


_LIMIT_SCHEMA: Final = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "string", "pattern": r"^\s*[0-9]+\s*(\.\.\s*[0-9]+\s*)?$"},
    ]
}
Limits: TypeAlias = Annotated[
    tuple[int, ...],
    PlainValidator(read_limits),
    WithJsonSchema(
        {
            "anyOf": [*_LIMIT_SCHEMA["anyOf"], {"type": "array", "items": _LIMIT_SCHEMA, "minItems": 1}],
            "examples": ["1..12", [1, 2, 4, 8]],
        }
    ),
]
Factor: TypeAlias = Annotated[
    float,
    PlainValidator(read_factor),
    WithJsonSchema({"type": "number", "minimum": MIN_FACTOR, "maximum": MAX_FACTOR}),
]
Factors: TypeAlias = Annotated[list[Factor], Field(min_length=1), OneOrMore()]

_PARAMETERS: Final = WithJsonSchema(
    {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": ["string", "number", "boolean", "null"]},
            "minItems": 1,
        },
    }
)


class PlanVaryDocument(Part):
    """What a plan tries; every combination of it."""

    limit: Limits = Field(
        default=DEFAULT_LIMITS, description="Limits: a range, or a list; default 1..20, and the flow's own"
    )
    behavior: Annotated[list[Literal["QUEUE", "CANCEL", "FAIL"]], Field(min_length=1), OneOrMore()] = Field(
        default=[], description="Behaviors; default the flow's own"
    )
    load: Factors = Field(default=[1.0], description="Factors of the arrivals; default 1")
    duration: Factors = Field(default=[1.0], description="Factors of the durations; default 1")
    parameters: Annotated[dict[str, list[Any]], PlainValidator(lambda value: value), _PARAMETERS] = Field(
        default={},
        description="Parameter -> values, used as ${name}; the first is how it is outside of the plan",
    )


# --- what must be met ---------------------------------------------------------------------------------------


def split_condition(text: str) -> tuple[str, str]:
    """Split `queue_wait{flow=f} p95 < 60s` into the metric and the condition. Raises a complaint."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise complaint(
            f"{excerpt(text)} is not a condition of a metric", expected="for instance 'queue_wait p95 < 60s'"
        )
    return match["metric"], match["condition"]


def read_condition(value: object) -> str:
    """Return a condition of a metric as written; whether the metric has it is looked at later."""
    if not isinstance(value, str):
        raise complaint(f"this is {describe(value)}", expected="for instance 'queue_wait p95 < 60s'")
    split_condition(value)
    return value


Condition: TypeAlias = Annotated[
    Line,
    PlainValidator(read_condition),
    WithJsonSchema(
        {
            "type": "string",
            "examples": ["queue_wait p95 < 60s", "rejected rate < 1%", "slots_in_use max <= 8"],
        }
    ),
]
Conditions: TypeAlias = Annotated[list[Condition], Field(min_length=1), OneOrMore()]


class RecoveryDocument(Part):
    """What the flow has to recover from."""

    outage: PositiveTime | None = Field(
        default=None, description="All executors are down for this long; arrivals wait for them"
    )
    burst: Count | None = Field(default=None, description="So many executions more, at once")
    at: Time | None = Field(
        default=None, description="When it begins; default a quarter of the way through the run"
    )

    @model_validator(mode="after")
    def _one(self) -> RecoveryDocument:
        if (self.outage is None) == (self.burst is None):
            raise complaint("what happens is not said in one way", expected="either `outage` or `burst`")
        return self


class PlanDocument(Part):
    """Which limit is enough: what is tried, what must be met, what must be spared."""

    flow: FlowName | None = Field(
        default=None, description="The flow whose limit is planned; default the only one that has a limit"
    )
    vary: PlanVaryDocument = Field(default=PlanVaryDocument(), description="What is tried")
    goals: Conditions = Field(description="What must be met: METRIC STATISTIC OPERATOR VALUE, one or several")
    protect: Conditions = Field(
        default=[], description="What must not be broken: conditions that set an upper bound to the limit"
    )
    confidence: Confidence | None = Field(
        default=None, description="Of all answers together; default that of `run`"
    )
    replications: int = Field(
        default=10, ge=FEWEST_REPLICATIONS, le=MAX_REPLICATIONS, description="Runs of each option at first"
    )
    max_replications: int = Field(
        default=80,
        ge=FEWEST_REPLICATIONS,
        le=MAX_REPLICATIONS,
        description="The most runs of an option that is not decided",
    )
    sensitivity: bool = Field(
        default=True, description="Try the recommended limit with 10 and 25 % more and less load and duration"
    )
    recovery: Annotated[list[RecoveryDocument], OneOrMore()] = Field(
        default=[], description="Outages and bursts that the recommended limit has to recover from"
    )
