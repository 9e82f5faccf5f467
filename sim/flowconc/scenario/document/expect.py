"""The entries of `expect:` as the file has them."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.conditions import Subject
from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    ExecutionName,
    FinalState,
    FlowName,
    Part,
    State,
    Time,
    TriggerName,
    Written,
)
from flowconc.scenario.literals.comparisons import Unit, parse_comparison
from flowconc.scenario.wording import describe, one_of

LEVELS: Final = ("running", "queued", "paused", "holding", "counter")

CLAIMS: Final[dict[str, tuple[str, ...]]] = {
    "flow": (*LEVELS, "ended", "unended"),
    "execution": ("states", "started_at", "ended_at", "waited", "tasks_run", "parent", "state"),
    "trigger": ("fired", "skipped", "late"),
}
"""What can be expected of each subject."""

MOMENTARY: Final = frozenset({*LEVELS, "unended", "state"})
"""What can be expected at a moment; the rest is about the whole run."""


def _read_count(value: object) -> Written:
    return _read_comparison(value, "count")


def _read_time(value: object) -> Written:
    return _read_comparison(value, "time")


def _read_comparison(value: object, unit: Unit) -> Written:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise complaint(f"this is {describe(value)}", expected="a number or a comparison such as '>= 1'")
    return Written(parse_comparison(value, unit=unit), str(value))


NumberOf: TypeAlias = Annotated[
    Written,
    PlainValidator(_read_count),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*(<=?|>=?|==)?\s*[0-9]"},
            ],
            "examples": [2, ">= 1"],
        }
    ),
]
TimeOf: TypeAlias = Annotated[
    Written, PlainValidator(_read_time), WithJsonSchema({"type": "string", "examples": ["10s", "> 1m"]})
]


class ExpectationDocument(Part):
    """What must hold of one flow, execution or trigger: at a moment (`at`), or at the end of the run."""

    at: Time | None = Field(default=None, description="When; without it: at the end of the run")
    flow: FlowName | None = Field(default=None, description="The flow this is about")
    execution: ExecutionName | None = Field(default=None, description="The execution this is about")
    trigger: TriggerName | None = Field(default=None, description="The trigger this is about")

    running: NumberOf | None = Field(default=None, description="Executions in state RUNNING")
    queued: NumberOf | None = Field(default=None, description="Executions in state QUEUED")
    paused: NumberOf | None = Field(default=None, description="Executions in state PAUSED")
    holding: NumberOf | None = Field(default=None, description="Executions that hold a slot")
    counter: NumberOf | None = Field(default=None, description="The engine's own count of slots in use")
    ended: dict[FinalState, NumberOf] | None = Field(default=None, description="How many ended in each state")
    unended: NumberOf | None = Field(default=None, description="Executions that have not ended")

    states: list[State] | None = Field(default=None, min_length=1, description="The whole history of states")
    state: State | None = Field(default=None, description="The state at that time")
    started_at: TimeOf | None = Field(default=None, description="When it was first RUNNING")
    ended_at: TimeOf | None = Field(default=None, description="When it ended")
    waited: TimeOf | None = Field(default=None, description="Time spent QUEUED")
    tasks_run: NumberOf | None = Field(default=None, description="Runs that started of tasks that do work")
    parent: ExecutionName | None = Field(default=None, description="The execution that started it")

    fired: NumberOf | None = Field(default=None, description="Fires of the trigger that made an execution")
    skipped: NumberOf | None = Field(default=None, description="Fires that made no execution")
    late: NumberOf | None = Field(default=None, description="Executions made after their planned time")

    @model_validator(mode="before")
    @classmethod
    def _one_subject(cls, data: object) -> object:
        if isinstance(data, dict) and data.keys() <= cls.model_fields.keys():
            _check_claims(data)
        return data

    @cached_property
    def subject(self) -> Subject:
        """Return what this speaks of."""
        return next(subject for subject in Subject if getattr(self, subject.value) is not None)

    @property
    def name(self) -> str:
        """Return the name of what this speaks of, as written."""
        name: str = getattr(self, self.subject.value)
        return name


def _check_claims(data: dict[str, object]) -> None:
    """Refuse an entry about nothing or about two things, and claims that do not suit what it is about."""
    subjects = [name for name in data if name in CLAIMS]
    if not subjects:
        raise complaint("nothing says what this is about", expected=one_of(CLAIMS))
    if len(subjects) > 1:
        raise complaint(
            f"`{subjects[0]}` and `{subjects[1]}` are two subjects",
            expected="one for each entry",
            key=subjects[1],
        )
    subject = subjects[0]
    claims = [name for name in data if name not in (subject, "at")]
    if not claims:
        raise complaint(f"nothing is expected of the {subject}", expected=one_of(CLAIMS[subject]))
    for name in (subject, *claims):
        if data[name] is None:
            raise complaint(f"`{name}` is empty", key=name)
    for name in claims:
        if name not in CLAIMS[subject]:
            owner = next(owner for owner, keys in CLAIMS.items() if name in keys)
            raise complaint(
                f"`{name}` is about {owner}s",
                expected=f"of the {subject}: {one_of(CLAIMS[subject])}",
                key=name,
            )
        if "at" in data and name not in MOMENTARY:
            raise complaint(f"`{name}` is about the whole run", expected="no `at` in the entry", key=name)
