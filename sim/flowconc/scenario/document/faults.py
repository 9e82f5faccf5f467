"""The entries of `faults:` as the file has them, and what they share with a `crash` among the actions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    Count,
    Part,
    PositiveShare,
    PositiveTime,
    Step,
    Time,
    keys_of,
    read_step,
)
from flowconc.scenario.model import Component, FaultKind
from flowconc.scenario.problems import nearest
from flowconc.scenario.vocabulary import STEPS
from flowconc.scenario.wording import describe, one_of

ANY: Final = "any"
"""Where a fault may fall at every step."""

KINDS: Final = tuple(kind.value for kind in FaultKind)
"""The keys that say what goes wrong."""

COMPONENTS: Final = tuple(component.value for component in Component)

PLACES: Final = ("after", "before")
"""The keys that say where a crash falls."""

_HOW_OFTEN: Final = ("nth", "rate")
_WITHOUT_TIME: Final = frozenset({"error", "duplicate", "lose"})


def read_component(value: object) -> str:
    """Return the name of what goes down."""
    if isinstance(value, str) and value in COMPONENTS:
        return value
    suggestion = nearest(value, COMPONENTS) if isinstance(value, str) else None
    raise complaint(
        f"{describe(value)} is nothing that can go down", expected=one_of(COMPONENTS), suggestion=suggestion
    )


def read_place(value: object) -> str:
    """Return the name of a step, or `any`."""
    return ANY if value == ANY else read_step(value)


ComponentName: TypeAlias = Annotated[
    str, PlainValidator(read_component), WithJsonSchema({"enum": list(COMPONENTS)})
]
Place: TypeAlias = Annotated[
    str, PlainValidator(read_place), WithJsonSchema({"type": "string", "examples": [*STEPS, ANY]})
]


class FaultDocument(Part):
    """What goes wrong: one kind of fault, at a time or at a step of the protocol."""

    crash: ComponentName | None = Field(
        default=None, description="A component goes down: executor, worker or scheduler"
    )
    error: Place | None = Field(
        default=None, description="The database fails a step's transaction, which is rolled back"
    )
    duplicate: Place | None = Field(default=None, description="The message for a step is delivered twice")
    delay: Place | None = Field(default=None, description="The message for a step is held up, and overtaken")
    lose: Place | None = Field(default=None, description="The message for a step is lost")
    at: Time | None = Field(default=None, description="When a crash falls; with a step: from then on")
    after: Step | None = Field(default=None, description="With `crash`: the step that it falls behind")
    before: Step | None = Field(default=None, description="With `crash`: the step that it falls ahead of")
    nth: Count | None = Field(default=None, description="Which step of that name, from 1; default the first")
    rate: PositiveShare | None = Field(default=None, description="The share of the steps, at random")
    for_: PositiveTime | None = Field(
        default=None, alias="for", description="How long a component stays down, or a message is held up"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_fault(cls, data: object) -> object:
        if isinstance(data, dict) and data.keys() <= keys_of(cls):
            _check_fault(data)
        return data

    @cached_property
    def kind(self) -> FaultKind:
        """Return what goes wrong."""
        return next(kind for kind in FaultKind if getattr(self, kind.value) is not None)


def _check_fault(data: Mapping[str, Any]) -> None:
    """Refuse an entry without a fault or with two, and keys that do not go with it."""
    chosen = [name for name in data if name in KINDS]
    if not chosen:
        raise complaint("nothing says what goes wrong", expected=one_of(KINDS))
    kind = chosen[0]
    if len(chosen) > 1:
        raise complaint(
            f"`{kind}` and `{chosen[1]}` are two faults", expected="one for each entry", key=chosen[1]
        )
    for name, value in data.items():
        if value is None:
            raise complaint(f"`{name}` is empty", key=name)
        if (name in PLACES and kind != "crash") or (name == "for" and kind in _WITHOUT_TIME):
            raise complaint(f"`{name}` does not go with `{kind}`", key=name)
    if kind == "delay" and "for" not in data:
        raise complaint("nothing says for how long", expected="`for`, for instance 100ms")
    if kind == "crash":
        check_crash(data)
    if "nth" in data and "rate" in data:
        raise complaint("`nth` and `rate` both say how often", expected="one", key="rate")


def check_crash(data: Mapping[str, Any]) -> None:
    """Refuse a crash that falls nowhere, at two places, or at a number of a step that is not named."""
    places = [name for name in data if name in PLACES]
    if not places and "at" not in data:
        raise complaint(
            "nothing says when the crash falls", expected="`at`, or `after` or `before` with a step"
        )
    if len(places) > 1:
        raise complaint("`after` and `before` are two places", expected="one", key=places[1])
    for name in _HOW_OFTEN if not places else ():
        if name in data:
            raise complaint(f"`{name}` counts a step", expected="`after` or `before` beside it", key=name)
