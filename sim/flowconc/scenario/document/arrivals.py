"""The entries of `arrivals:` as the file has them."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    MAX_ATTEMPTS,
    MAX_COUNT,
    MAX_FACTOR,
    Count,
    ExecutionName,
    FlowName,
    Line,
    Part,
    PositiveRate,
    PositiveTime,
    Rate,
    Share,
    Time,
    Times,
    keys_of,
)
from flowconc.scenario.wording import one_of

PATTERNS: Final[dict[str, frozenset[str]]] = {
    "at": frozenset(),
    "every": frozenset({"start", "count", "until"}),
    "poisson": frozenset({"start", "count", "until"}),
    "burst": frozenset({"at"}),
    "ramp": frozenset({"start", "until"}),
    "replay": frozenset(),
}
"""The keys that say when executions arrive, each with those that go with it."""

_OF_EXECUTIONS: Final = ("source", "names", "fails", "inputs", "schedule_in", "backoff")
_TIMING: Final = frozenset(PATTERNS) | {"start", "count", "until"}


class BackoffDocument(Part):
    """Trying again at the source after a rejection."""

    on: list[Literal["CANCELLED", "FAILED"]] = Field(
        default=["CANCELLED", "FAILED"], min_length=1, description="Final states that are tried again"
    )
    initial: PositiveTime = Field(default=1_000_000, description="Wait before the first retry; default 1s")
    factor: float = Field(
        default=2.0, ge=1, le=MAX_FACTOR, strict=False, description="Growth of the wait from retry to retry"
    )
    max: PositiveTime | None = Field(default=None, description="The longest wait")
    jitter: Share = Field(default=0.0, description="Each wait varies evenly by this share")
    attempts: int = Field(default=5, ge=1, le=MAX_ATTEMPTS, description="The most retries of one arrival")

    @field_validator("factor", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if isinstance(value, str | bool):
            raise complaint("`factor` is not a number", expected="for instance 2")
        return value


class RampDocument(Part):
    """A rate that goes in a straight line from one value to another."""

    from_: Rate = Field(alias="from", description="The rate at the start")
    to: Rate = Field(description="The rate at `until`")

    @model_validator(mode="after")
    def _arrives(self) -> RampDocument:
        if self.from_ == self.to == 0:
            raise complaint("from zero to zero nothing ever arrives", expected="a rate above zero")
        return self


class ArrivalsDocument(Part):
    """Executions of one flow from one source."""

    flow: FlowName = Field(description="The flow that is started")
    trigger: Line | None = Field(
        default=None,
        description="The realtime trigger of the flow whose events these are: each makes it fire",
    )
    source: Line = Field(default="api", description="A label: ui, api, webhook or any other")
    at: Times | None = Field(default=None, description="One arrival at each of these times")
    every: PositiveTime | None = Field(default=None, description="Arrivals at this distance in time")
    poisson: PositiveRate | None = Field(default=None, description="Arrivals at random, at this rate")
    burst: Count | None = Field(default=None, description="So many arrivals at once, at `at` (default 0s)")
    ramp: RampDocument | None = Field(default=None, description="Arrivals at random, at a rate that changes")
    replay: Line | None = Field(
        default=None, description="A CSV file with the columns at_s[, duration_s][, source]"
    )
    start: Time = Field(default=0, description="When `every`, `poisson` or `ramp` begins; default 0s")
    count: Count | None = Field(default=None, description="How many arrivals, at most")
    until: Time | None = Field(default=None, description="The last time, included; default `run.until`")
    names: list[ExecutionName] = Field(
        default=[], max_length=MAX_COUNT, description="Names of the first executions, in order"
    )
    fails: list[Line] = Field(default=[], description="Ids of tasks that fail in these executions")
    schedule_in: PositiveTime | None = Field(
        default=None, description="The executions are scheduled for this long after they are sent"
    )
    inputs: dict[str, Any] = Field(
        default={}, description="Inputs of the executions, for conditions such as {{ inputs.x }}"
    )
    backoff: BackoffDocument | None = Field(default=None, description="Retries at the source")

    @model_validator(mode="before")
    @classmethod
    def _one_pattern(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        if data.keys() <= keys_of(cls):
            _check_timing(data)
            _check_events(data)
        return data  # an unknown key may be a pattern misspelt: its own problem says so

    @property
    def pattern(self) -> str:
        """Return which of PATTERNS this entry has."""
        chosen = [name for name in PATTERNS if getattr(self, name) is not None]
        return "burst" if "burst" in chosen else chosen[0]


def _check_timing(data: dict[str, object]) -> None:
    """Refuse an entry that says its times in no way, in two ways, or with keys that do not go together."""
    chosen = [name for name in PATTERNS if name in data]
    if not chosen:
        raise complaint("nothing says when the executions arrive", expected=one_of(PATTERNS))
    empty = next((name for name in chosen if data[name] is None), None)
    if empty is not None:
        raise complaint(f"`{empty}` is empty", expected="when the executions arrive", key=empty)
    pattern = "burst" if set(chosen) == {"at", "burst"} else chosen[0]
    for name in data:
        if name not in _TIMING or name == pattern or name in PATTERNS[pattern]:
            continue
        if name in PATTERNS:
            raise complaint(
                f"`{pattern}` and `{name}` both say when executions arrive", expected="one", key=name
            )
        raise complaint(f"`{name}` does not go with `{pattern}`", expected=_companions(pattern), key=name)


def _check_events(data: dict[str, object]) -> None:
    """Refuse keys of people's and clients' executions where the entry is about the events of a trigger."""
    for name in _OF_EXECUTIONS if data.get("trigger") is not None else ():
        if name in data:
            raise complaint(
                f"`{name}` does not go with `trigger`: the trigger makes the executions",
                expected=f"no `{name}`",
                key=name,
            )


def _companions(pattern: str) -> str:
    allowed = sorted(PATTERNS[pattern])
    return f"with it {one_of(allowed)}" if allowed else "the times alone"
