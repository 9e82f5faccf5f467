"""`platform:`, `run:` and `clock:` as the file has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

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
    PositiveTime,
    TextOr,
    Time,
)
from flowconc.scenario.model import WorkerRestart
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.wording import describe, one_of


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


RESTARTS: Final = tuple(restart.value for restart in WorkerRestart)


def read_restart(value: object) -> str:
    """Return the name of a restart strategy."""
    if isinstance(value, str) and value in RESTARTS:
        return value
    suggestion = nearest(value.upper(), RESTARTS) if isinstance(value, str) else None
    raise complaint(
        f"{describe(value)} is no restart strategy", expected=one_of(RESTARTS), suggestion=suggestion
    )


Restart: TypeAlias = Annotated[str, PlainValidator(read_restart), WithJsonSchema({"enum": list(RESTARTS)})]


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
    workers: int = Field(
        default=1, ge=1, le=MAX_EXECUTORS, description="Workers, among which the threads are divided"
    )
    worker_timeout: Time = Field(
        default=45_000_000, description="How long a worker is silent before it counts as gone"
    )
    worker_grace: Time = Field(
        default=300_000_000, description="How long after that its jobs are sent to another worker"
    )
    worker_restart: Restart = Field(
        default="AFTER_TERMINATION_GRACE_PERIOD",
        description="When the jobs of a worker that is gone are sent again: "
        "AFTER_TERMINATION_GRACE_PERIOD, IMMEDIATELY or NEVER",
    )
    work_outlives_worker: bool = Field(
        default=False, description="What a task started elsewhere, say in a pod, goes on without its worker"
    )

    @model_validator(mode="after")
    def _enough_threads(self) -> PlatformDocument:
        if self.worker_threads is not None and self.worker_threads < self.workers:
            raise complaint(
                f"{self.workers} workers cannot share {self.worker_threads} threads",
                expected="at least one thread for each worker",
                key="workers",
            )
        return self


DEFAULT_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
KESTRA_JDBC: Final = {
    "executors": 4,
    "worker_threads": 16,
    "database": {"connections": 10, "statement": "2ms"},
    "latency": {"arrival": "25ms", "dispatch": "34ms", "result": "46ms"},
}
"""A small standalone server of version 2.0.0 as it was measured (`flowconc.kestra.latencies`): medians of one machine.

A gate of four statements takes 8 ms there. Threads are eight a core, on two cores (SEMANTICS 6.1).
"""

KNOWN_PLATFORMS: Final = ("ideal", "kestra-jdbc")


def read_platform(name: str) -> PlatformDocument:
    """Return the installation of that name."""
    if name == "ideal":
        return PlatformDocument()
    if name == "kestra-jdbc":
        return PlatformDocument.model_validate(KESTRA_JDBC)
    raise complaint(
        f"there is no platform {excerpt(name)}",
        expected="ideal, kestra-jdbc, or a mapping",
        suggestion=nearest(name, KNOWN_PLATFORMS),
    )


PlatformEntry: TypeAlias = Annotated[
    PlatformDocument, TextOr(PlatformDocument, read_platform, enum=list(KNOWN_PLATFORMS))
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
    heal_within: PositiveTime = Field(
        default=3_600_000_000,
        description="After `heal_at`, who has not ended within this time is stuck",
    )

    @model_validator(mode="after")
    def _consistent(self) -> RunDocument:
        if self.until is not None and self.warmup and self.warmup >= self.until:
            raise complaint("the warm-up takes the whole run", expected="less than `until`", key="warmup")
        return self
