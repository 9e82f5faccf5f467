"""`platform:`, `run:` and `clock:` as the file has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias

from pydantic import Field, model_validator

from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    MAX_CONNECTIONS,
    MAX_EVENTS,
    MAX_EXECUTORS,
    MAX_REPLICATIONS,
    MAX_SEED,
    MAX_THREADS,
    Confidence,
    Date,
    Part,
    TextOr,
    Time,
)
from flowconc.scenario.problems import excerpt, nearest


class DatabaseDocument(Part):
    """What the database costs (SEMANTICS A6)."""

    connections: int = Field(default=10, ge=1, le=MAX_CONNECTIONS, description="Size of the connection pool")
    statement: Time = Field(
        default=0, description="Time of one statement, during which its row locks are held"
    )
    per_waiting: Time = Field(
        default=0, description="Added to a transaction for each execution that waits for a slot"
    )


class LatencyDocument(Part):
    """Times between the components."""

    arrival: Time = Field(default=0, description="From a source to the executor")
    dispatch: Time = Field(default=0, description="From the executor to a worker")
    result: Time = Field(default=0, description="From a worker back to the executor")


class PlatformDocument(Part):
    """The installation that the flows run on."""

    executors: int | None = Field(
        default=None, ge=1, le=MAX_EXECUTORS, description="Executors; default: no bound"
    )
    worker_threads: int | None = Field(
        default=None, ge=1, le=MAX_THREADS, description="Tasks that run at a time; default: no bound"
    )
    database: DatabaseDocument = Field(default=DatabaseDocument(), description="Costs of the database")
    latency: LatencyDocument = Field(default=LatencyDocument(), description="Times between the components")


DEFAULT_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
KNOWN_PLATFORMS: Final = ("ideal", "kestra-jdbc")


def read_platform(name: str) -> PlatformDocument:
    """Return the installation of that name."""
    if name == "ideal":
        return PlatformDocument()
    if name in KNOWN_PLATFORMS:
        raise complaint(f"the platform {name} is not supported yet", expected="ideal, or a mapping")
    raise complaint(
        f"there is no platform {excerpt(name)}",
        expected="ideal, or a mapping",
        suggestion=nearest(name, KNOWN_PLATFORMS),
    )


PlatformEntry: TypeAlias = Annotated[
    PlatformDocument, TextOr(PlatformDocument, read_platform, enum=["ideal"])
]


class ClockDocument(Part):
    """The calendar of the run."""

    start: Date = Field(default=DEFAULT_START, description="The date of t = 0, for cron")


class RunDocument(Part):
    """How long, how often, how surely."""

    until: Time | None = Field(default=None, description="The last time for arrivals, fires and actions")
    drain: bool = Field(default=True, description="Go on until nothing can happen any more")
    warmup: Time = Field(default=0, description="What happens before this time is left out of the metrics")
    seed: int = Field(default=1, ge=0, le=MAX_SEED, description="Seed of the random numbers")
    replications: int = Field(
        default=1, ge=1, le=MAX_REPLICATIONS, description="Runs, each with its own draws"
    )
    max_replications: int = Field(
        default=64,
        ge=1,
        le=MAX_REPLICATIONS,
        description="The most runs that an undecided threshold may take",
    )
    confidence: Confidence = Field(default=0.95, description="Confidence of the thresholds' verdicts")
    max_events: int = Field(
        default=5_000_000,
        ge=1,
        le=MAX_EVENTS,
        description="The most events of one run, before it is given up",
    )

    @model_validator(mode="after")
    def _consistent(self) -> RunDocument:
        if self.until is not None and self.warmup and self.warmup >= self.until:
            raise complaint("the warm-up takes the whole run", expected="less than `until`", key="warmup")
        return self
