"""The entries of `limits:` as the file has them."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import Line, Part
from flowconc.scenario.flow import Behavior
from flowconc.scenario.problems import nearest
from flowconc.scenario.wording import describe, one_of

BEHAVIORS: Final = tuple(behavior.value for behavior in Behavior)
LARGEST: Final = 2**31 - 1


def read_behavior(value: object) -> str:
    """Return the name of a behavior."""
    if isinstance(value, str) and value in BEHAVIORS:
        return value
    suggestion = nearest(value, BEHAVIORS) if isinstance(value, str) else None
    raise complaint(f"{describe(value)} is not a behavior", expected=one_of(BEHAVIORS), suggestion=suggestion)


BehaviorName: TypeAlias = Annotated[
    str, PlainValidator(read_behavior), WithJsonSchema({"enum": list(BEHAVIORS)})
]


class ScopeDocument(Part):
    """A namespace, with those below it, or a tenant."""

    namespace: Line | None = Field(default=None, description="The namespace; those below it belong to it")
    tenant: Line | None = Field(default=None, description="The tenant; flows that name none are of `main`")

    @model_validator(mode="after")
    def _of_one_thing(self) -> ScopeDocument:
        if self.namespace is None and self.tenant is None:
            raise complaint("nothing says what is limited", expected="`namespace` or `tenant`")
        if self.namespace is not None and self.tenant is not None:
            raise complaint("`namespace` and `tenant` are two scopes", expected="one", key="tenant")
        return self


class ConcurrencyDocument(Part):
    """A limit, and what becomes of those that are over it."""

    limit: int = Field(ge=1, le=LARGEST, description="How many executions may hold a slot at a time")
    behavior: BehaviorName = Field(
        default="QUEUE", description="What becomes of an execution that finds every slot taken"
    )


class ScopeLimitDocument(ConcurrencyDocument, ScopeDocument):
    """A limit on all flows of a namespace, those below it included, or on all flows of a tenant."""
