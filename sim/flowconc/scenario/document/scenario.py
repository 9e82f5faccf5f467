"""The scenario file, version 1, as pydantic models: what it may say, and what each key means.

These models are the edge of the program: they turn plain data into typed values and refuse what cannot be read.
What refers to something else in the file (flows, executions, times against each other) is `resolve`'s business.
The JSON Schema is made from them (`schema`), so every field has a description.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.actions import ActionDocument, FlowEntry
from flowconc.scenario.document.arrivals import ArrivalsDocument
from flowconc.scenario.document.expect import ExpectationDocument
from flowconc.scenario.document.exploration import ExploreDocument
from flowconc.scenario.document.faults import FaultDocument
from flowconc.scenario.document.limits import ScopeLimitDocument
from flowconc.scenario.document.planning import PlanDocument
from flowconc.scenario.document.platform import (
    ClockDocument,
    PlatformDocument,
    PlatformEntry,
    RunDocument,
)
from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    MAX_PASSES,
    Duration,
    FailingRuns,
    Identifier,
    Line,
    OneOrMore,
    Part,
    Share,
    TextOr,
    Time,
    read_share,
)
from flowconc.scenario.document.variation import SometimesEntry, VaryDocument
from flowconc.scenario.names import UnknownName
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.semantics import resolve_semantics
from flowconc.scenario.vocabulary import INVARIANTS, SEMANTICS
from flowconc.scenario.wording import describe, one_of

SHARES_SUM_TO_1_WITHIN: Final = 1e-6


# --- tasks and triggers -------------------------------------------------------------------------------------


def read_branches(value: object) -> dict[str, float]:
    """Return how often a task takes each of its branches; a branch alone is always taken."""
    if isinstance(value, str):
        return {value: 1.0}
    if not isinstance(value, dict) or not all(isinstance(branch, str) for branch in value):
        raise complaint(
            f"{describe(value)} says no branch", expected="a branch, or shares such as {then: 70%, else: 30%}"
        )
    shares = {branch: read_share(share) for branch, share in value.items()}
    if abs(sum(shares.values()) - 1) > SHARES_SUM_TO_1_WITHIN:
        raise complaint(f"the shares add up to {sum(shares.values()):.4%}", expected="100%")
    return shares


Branches: TypeAlias = Annotated[
    dict[str, float],
    PlainValidator(read_branches),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "string", "pattern": "%\\s*$"}},
            ]
        }
    ),
]


class TaskDocument(Part):
    """What the flow file cannot say of a task."""

    duration: Duration | None = Field(default=None, description="How long a run of the task takes")
    fails: FailingRuns | None = Field(default=None, description="Which runs of the task fail")
    takes: Branches | None = Field(
        default=None, description="If, Switch: the branch that is taken, or the share of each"
    )
    items: int | None = Field(default=None, ge=0, le=MAX_PASSES, description="Loops: the number of passes")


class TasksDocument(Part):
    """Flow (id, or namespace.id) -> task id -> behaviour; `default` serves work tasks without a duration."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, dict[str, TaskDocument]]

    default: TaskDocument | None = Field(default=None, description="For every task without a duration")

    @property
    def by_flow(self) -> dict[str, dict[str, TaskDocument]]:
        """Return the behaviours by the flow's name as written, then by task id."""
        return self.__pydantic_extra__


class TriggerDocument(Part):
    """What the flow file cannot say of a polling trigger."""

    finds: Share = Field(description="The share of polls that find something")


# --- what must hold -----------------------------------------------------------------------------------------


class ThresholdDocument(Part):
    """One condition of a metric."""

    expr: Line = Field(description="For instance: p95 < 30s")
    severity: Literal["fail", "warn"] = Field(default="fail", description="Whether a breach fails the test")


ThresholdEntry: TypeAlias = Annotated[
    ThresholdDocument,
    TextOr(
        ThresholdDocument, lambda text: ThresholdDocument.model_construct(expr=text), examples=["p95 < 30s"]
    ),
]


def read_invariant(value: object) -> str:
    """Return the id of an invariant."""
    if isinstance(value, str) and value in INVARIANTS:
        return value
    suggestion = nearest(value, INVARIANTS) if isinstance(value, str) else None
    raise complaint(
        f"{describe(value)} is not an invariant", expected=one_of(INVARIANTS), suggestion=suggestion
    )


InvariantIds: TypeAlias = Annotated[
    list[Annotated[str, PlainValidator(read_invariant), WithJsonSchema({"enum": list(INVARIANTS)})]],
    Field(min_length=1),
    OneOrMore(),
]


class InvariantsDocument(Part):
    """Which invariants judge the run."""

    except_: InvariantIds = Field(default=[], alias="except", description="These may break")
    only: InvariantIds = Field(default=[], description="Only these judge")
    must_break: InvariantIds = Field(default=[], description="These must break")

    @model_validator(mode="after")
    def _consistent(self) -> InvariantsDocument:
        if self.only and self.except_:
            raise complaint("`only` and `except` exclude each other", expected="one of them", key="except")
        twice = sorted(set(self.except_) & set(self.must_break))
        if twice:
            raise complaint(f"{twice[0]} may break and must break", expected="one of them", key="must_break")
        return self


def read_invariants(word: str) -> InvariantsDocument:
    """Return what the word `all` stands for."""
    if word == "all":
        return InvariantsDocument()
    raise complaint(
        f"`invariants` is the text {excerpt(word)}",
        expected="all, {except: [...]}, {only: [...]} or {must_break: [...]}",
        suggestion=nearest(word, ["all"]),
    )


InvariantsEntry: TypeAlias = Annotated[
    InvariantsDocument, TextOr(InvariantsDocument, read_invariants, enum=["all"])
]


# --- the whole ----------------------------------------------------------------------------------------------


def read_semantics(value: object) -> str:
    """Return the full name of a semantics; a version alone, which may be a number, lacks its first word."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise complaint(f"{describe(value)} is not a semantics", expected=one_of(SEMANTICS))
    try:
        return resolve_semantics(str(value))
    except UnknownName as error:
        raise complaint(error.what, expected=error.expected, suggestion=error.suggestion) from None


Semantics: TypeAlias = Annotated[
    str,
    PlainValidator(read_semantics),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(documented|kestra-[0-9.]+)(\+\w+)?$", "examples": list(SEMANTICS)}
    ),
]


_PARAMETRIZE: Final = WithJsonSchema(  # `parameters` reads it, before anything else is read
    {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": {
            "type": "array",
            "items": {"type": ["string", "number", "boolean", "null"]},
            "minItems": 1,
        },
    }
)


class ScenarioDocument(Part):
    """A scenario: what arrives at Kestra flows, what operators do, what must hold."""

    scenario: Line = Field(description="The name of the scenario, on one line: the test's name")
    description: str = Field(default="", description="Free text")
    semantics: Semantics = Field(default="documented", description="Which rules of Kestra apply")
    flows: list[FlowEntry] = Field(
        description="Kestra flow files (paths and globs, relative to this file), or flows inline",
        json_schema_extra={"minItems": 1},
    )
    tasks: TasksDocument = Field(
        default=TasksDocument.model_validate({}), description="What flow files cannot say of tasks"
    )
    triggers: dict[str, dict[str, TriggerDocument]] = Field(
        default={}, description="Flow -> polling trigger -> how often it finds something"
    )
    sla: dict[str, dict[str, bool]] = Field(
        default={}, description="Flow -> id of an EXECUTION_ASSERTION in its `sla` -> whether it holds"
    )
    limits: list[ScopeLimitDocument] = Field(
        default=[], description="Limits on all flows of a namespace, or of a tenant"
    )
    arrivals: list[ArrivalsDocument] = Field(default=[], description="What people, clients and events start")
    actions: list[ActionDocument] = Field(default=[], description="What operators do, and what goes down")
    faults: list[FaultDocument] = Field(default=[], description="What goes wrong")
    heal_at: Time | None = Field(
        default=None, description="From then on nothing goes wrong, and what was down is up again"
    )
    clock: ClockDocument = Field(default=ClockDocument(), description="The calendar of the run")
    platform: PlatformEntry = Field(default=PlatformDocument(), description="The installation")
    run: RunDocument = Field(default=RunDocument(), description="How long, how often, how surely")
    backend: Literal["simulation", "compiled", "auto"] | None = Field(
        default=None,
        description="What computes the replications after the first, and the runs of a plan: simulation, compiled or auto",
    )
    expect: list[ExpectationDocument] = Field(default=[], description="What must hold, exactly")
    thresholds: dict[str, Annotated[list[ThresholdEntry], Field(min_length=1), OneOrMore()]] = Field(
        default={}, description="Metric -> conditions, decided statistically"
    )
    invariants: InvariantsEntry = Field(default=InvariantsDocument(), description="Which invariants judge")
    vary: VaryDocument | None = Field(
        default=None, description="Within which bounds the scenario varies; it is judged in many variations"
    )
    sometimes: list[SometimesEntry] = Field(
        default=[], description="Conditions that one run of the batch has to meet, or it tries too little"
    )
    explore: ExploreDocument | None = Field(
        default=None, description="In which orders of its events the invariants are judged"
    )
    plan: PlanDocument | None = Field(
        default=None, description="Which limit is enough: what is tried, and what must be met"
    )
    parametrize: Annotated[dict[str, list[Any]], PlainValidator(lambda value: value), _PARAMETRIZE] = Field(
        default={}, description="Parameter -> values; every combination is a test, used as ${name}"
    )
    marks: list[Identifier] = Field(default=[], description="pytest marks")
