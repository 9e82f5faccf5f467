"""The entries `vary:` and `sometimes:` as the file has them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.expect import ExpectationDocument
from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    MAX_SEED,
    FlowName,
    Line,
    OneOrMore,
    Part,
    PositiveTime,
    Step,
    TextOr,
    Time,
    read_time,
)
from flowconc.scenario.problems import excerpt, nearest
from flowconc.scenario.vocabulary import SOMETIMES
from flowconc.scenario.wording import describe, one_of

MAX_EXAMPLES: Final = 100_000
MAX_VARIED: Final = 1_000
"""Things of one kind that a variation may add: to be understood, an example has to be small."""

MAX_VARIED_LIMIT: Final = 1_000_000

_RANGE: Final = re.compile(r"(?P<low>[^.]+(?:\.[0-9]+[^.]*)*)\.\.(?P<high>.+)")
_COUNT: Final = re.compile(r"[0-9]{1,9}")


class Range(NamedTuple):
    """From `low` to `high`, both included: a count, or microseconds."""

    low: int
    high: int


# --- ranges -------------------------------------------------------------------------------------------------


def _ends(value: object, example: str) -> tuple[str, str]:
    """Return both ends of a range as written; what is no range stands for both."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise complaint(f"this is {describe(value)}", expected=f"a range such as {example}")
    text = str(value).strip()
    match = _RANGE.fullmatch(text)
    return (text, text) if match is None else (match["low"].strip(), match["high"].strip())


def _range(low: int, high: int, value: object) -> Range:
    if low > high:
        raise complaint(f"{excerpt(str(value))} ends before it begins", expected="the smaller number first")
    return Range(low, high)


def _read_count(value: object, most: int, example: str) -> Range:
    ends = []
    for text in _ends(value, example):
        if not _COUNT.fullmatch(text):
            raise complaint(f"{excerpt(str(value))} is not a range of counts", expected=f"such as {example}")
        if int(text) > most:
            raise complaint(f"{excerpt(str(value))} is too many", expected=f"at most {most:,}")
        ends.append(int(text))
    return _range(ends[0], ends[1], value)


def read_count_range(value: object) -> Range:
    """Return how many: `0..20`, or a number alone."""
    return _read_count(value, MAX_VARIED, "0..20")


def read_limit_range(value: object) -> Range:
    """Return limits: `1..4`, or a number alone; from 1."""
    limits = _read_count(value, MAX_VARIED_LIMIT, "1..4")
    if limits.low < 1:
        raise complaint(f"{excerpt(str(value))} allows no limit at all", expected="limits from 1")
    return limits


def read_time_range(value: object) -> Range:
    """Return times in microseconds: `1s..30s`, or a time alone."""
    low, high = (read_time(text) for text in _ends(value, "1s..30s"))
    return _range(low, high, value)


_COUNT_SCHEMA: Final = WithJsonSchema(
    {
        "anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": r"^\s*[0-9]+\s*(\.\.\s*[0-9]+\s*)?$"},
        ],
        "examples": ["0..20", 3],
    }
)
CountRange: TypeAlias = Annotated[Range, PlainValidator(read_count_range), _COUNT_SCHEMA]
LimitRange: TypeAlias = Annotated[Range, PlainValidator(read_limit_range), _COUNT_SCHEMA]
TimeRange: TypeAlias = Annotated[
    Range,
    PlainValidator(read_time_range),
    WithJsonSchema({"type": "string", "pattern": r"^\s*[0-9.P+]", "examples": ["1s..30s", "10s"]}),
]


# --- what varies --------------------------------------------------------------------------------------------

_Flows: TypeAlias = Annotated[list[FlowName], Field(min_length=1), OneOrMore()]


class VariedArrivalsDocument(Part):
    """More executions, beside those under `arrivals`."""

    count: CountRange = Field(description="How many")
    within: Time | None = Field(default=None, description="The last time; default `vary.within`")
    flows: _Flows = Field(default=[], description="Of which flows; default all")
    source: Line | None = Field(default=None, description="A label: ui, api, webhook or any other")


class VariedOperationsDocument(Part):
    """More actions of operators, beside those under `actions`."""

    count: CountRange = Field(description="How many")
    within: Time | None = Field(default=None, description="The last time; default `vary.within`")
    flows: _Flows = Field(default=[], description="On executions of which flows; default all")


def _operations(given: object) -> VariedOperationsDocument:
    return VariedOperationsDocument.model_construct(count=read_count_range(given))


class _CountOr(TextOr):
    """Marks operations of which a count may stand in the place: a range, or a number."""

    def _read(self, value: object, read_part: Any) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            return _operations(value)
        return super()._read(value, read_part)


Operations: TypeAlias = Annotated[
    VariedOperationsDocument,
    _CountOr(VariedOperationsDocument, _operations, pattern=r"^\s*[0-9]", examples=["0..3"]),
]


class VariedEditsDocument(Part):
    """New revisions of a flow, with other limits."""

    limit: LimitRange = Field(description="The limits to choose from")
    behavior: Annotated[list[Literal["QUEUE", "CANCEL", "FAIL"]], Field(min_length=1), OneOrMore()] = Field(
        default=[], description="The behaviors to choose from; default the flow's own"
    )
    remove: bool = Field(default=False, description="A revision may also have no limit")
    count: CountRange = Field(default=Range(0, 1), description="How many revisions; default 0..1")
    within: Time | None = Field(default=None, description="The last time; default `vary.within`")


class VariedCrashesDocument(Part):
    """Crashes, beside those under `faults` and `actions`."""

    executor: CountRange | None = Field(default=None, description="How many crashes of an executor")
    worker: CountRange | None = Field(default=None, description="How many crashes of a worker")
    scheduler: CountRange | None = Field(default=None, description="How many crashes of the scheduler")
    within: Time | None = Field(default=None, description="The last time; default `vary.within`")
    for_: TimeRange = Field(
        default=Range(1_000_000, 10_000_000),
        alias="for",
        description="How long it stays down; default 1s..10s",
    )
    steps: list[Step] | None = Field(
        default=None,
        description="Steps before or after which an executor may also crash; default those of gate, end and pop",
    )

    @model_validator(mode="after")
    def _something(self) -> VariedCrashesDocument:
        if self.executor is None and self.worker is None and self.scheduler is None:
            raise complaint("nothing says what crashes", expected=one_of(["executor", "worker", "scheduler"]))
        if self.for_.low == 0:
            raise complaint("a crash of 0s is none", expected="for instance 1s..10s", key="for")
        return self


OPERATIONS: Final = {"kills": "kill", "deletes": "delete", "force_runs": "force_run", "restarts": "restart"}
"""Keys of `vary` that add actions, and the verb of each."""

VARIED: Final = ("arrivals", "durations", *OPERATIONS, "edits", "crashes")
"""Keys of `vary` that say what varies."""


class VaryDocument(Part):
    """The scenario is judged in many variations of it; of one that fails, the smallest is shown."""

    examples: int = Field(default=100, ge=1, le=MAX_EXAMPLES, description="How many variations are tried")
    arrivals: Annotated[list[VariedArrivalsDocument], Field(min_length=1), OneOrMore()] = Field(
        default=[], description="More executions"
    )
    durations: dict[str, dict[str, TimeRange]] = Field(
        default={}, description="Flow -> task -> how long its runs take"
    )
    kills: Operations | None = Field(default=None, description="Kills")
    deletes: Operations | None = Field(default=None, description="Deletions")
    force_runs: Operations | None = Field(default=None, description="Runs past the limit")
    restarts: Operations | None = Field(default=None, description="Restarts of failed executions")
    edits: dict[str, VariedEditsDocument] = Field(
        default={}, description="Flow -> revisions with other limits"
    )
    crashes: VariedCrashesDocument | None = Field(default=None, description="Crashes")
    within: Time | None = Field(
        default=None, description="The last time of what is added; default `run.until`"
    )
    step: PositiveTime | None = Field(
        default=None, description="Times are multiples of this; default 1s, or less where `within` is short"
    )
    seed: int = Field(default=0, ge=0, le=MAX_SEED, description="Another seed, other variations")
    deadline: PositiveTime = Field(
        default=120_000_000, description="The most real time that all variations may take; default 2m"
    )

    @model_validator(mode="after")
    def _something(self) -> VaryDocument:
        if not any(getattr(self, name) for name in VARIED):
            raise complaint("nothing says what varies", expected=one_of(VARIED))
        return self


# --- what must be met sometimes -----------------------------------------------------------------------------


def read_condition(value: object) -> str:
    """Return the name of a condition; spaces may stand for its underscores."""
    name = str(value).strip().replace(" ", "_").replace("-", "_")
    if name in SOMETIMES:
        return name
    suggestion = nearest(name, SOMETIMES)
    expected = "an expectation such as {flow: f, queued: '>= 2'}, or " + one_of(SOMETIMES)
    raise complaint(
        f"there is no condition {excerpt(str(value))}",
        expected=expected if suggestion is None else None,
        suggestion=suggestion,
    )


SometimesEntry: TypeAlias = Annotated[
    str | ExpectationDocument, TextOr(ExpectationDocument, read_condition, enum=list(SOMETIMES))
]
