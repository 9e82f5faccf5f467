"""The entries of `actions:` as the file has them."""

from __future__ import annotations

from collections.abc import Set
from functools import cached_property
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    FlowName,
    OneOrMore,
    Part,
    State,
    TextOr,
    Time,
    TriggerName,
    read_line,
)
from flowconc.scenario.model import Verb
from flowconc.scenario.wording import describe, one_of

VERBS: Final = tuple(verb.value for verb in Verb)
"""The keys that say what an action does."""

LATER: Final = ("replay", "unqueue", "change_status", "set_counter", "backfill", "crash")
"""Verbs of the format that are refused for now."""


class SelectionDocument(Part):
    """All executions of a flow that are in one of some states, for an action in bulk."""

    flow: FlowName = Field(description="The flow whose executions are meant")
    state: Annotated[list[State], Field(min_length=1), OneOrMore()] = Field(
        default=[], description="A state or several; default all"
    )


Target: TypeAlias = Annotated[
    str | SelectionDocument,
    TextOr(SelectionDocument, read_line, description="An execution: a name given under `names`, or FLOW#N"),
]


def read_flow_entry(value: object) -> str | dict[str, Any]:
    """Return a flow given by path (or id) or as a mapping."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        return read_line(value)
    raise complaint(f"{describe(value)} is not a flow", expected="a path or the flow itself as a mapping")


FlowEntry: TypeAlias = Annotated[
    str | dict[str, Any], PlainValidator(read_flow_entry), WithJsonSchema({"type": ["string", "object"]})
]


class ActionDocument(Part):
    """What an operator does: one verb, at one time."""

    at: Time = Field(description="When")
    kill: Target | None = Field(default=None, description="Kill an execution, or a selection of them")
    delete: Target | None = Field(default=None, description="Delete an execution, or a selection of them")
    purge: Target | None = Field(default=None, description="Purge an execution, or a selection of them")
    force_run: Target | None = Field(default=None, description="Run an execution past the limit")
    pause: Target | None = Field(default=None, description="Pause a running execution")
    resume: Target | None = Field(default=None, description="Resume a paused execution")
    restart: Target | None = Field(default=None, description="Restart a failed execution")
    edit: FlowName | None = Field(default=None, description="Save a new revision of a flow")
    concurrency: dict[str, Any] | None = Field(
        default=None, description="With `edit`: the whole new block; null removes it"
    )
    flow: dict[str, Any] | None = Field(
        default=None, description="With `edit`: other top-level keys of the flow, replaced"
    )
    delete_flow: FlowName | None = Field(default=None, description="Delete a flow")
    create_flow: FlowEntry | None = Field(
        default=None, description="Save a flow: the id of a deleted one, a path, or the flow itself"
    )
    disable_trigger: TriggerName | None = Field(default=None, description="Disable a trigger")
    enable_trigger: TriggerName | None = Field(default=None, description="Enable a trigger")
    refused: bool = Field(default=False, description="The engine says no, and that is what is expected")

    @model_validator(mode="before")
    @classmethod
    def _one_verb(cls, data: object) -> object:
        if isinstance(data, dict):
            _check_verbs(data, cls.model_fields.keys())
        return data

    @cached_property
    def verb(self) -> Verb:
        """Return what the action does."""
        return next(verb for verb in Verb if getattr(self, verb.value) is not None)

    @property
    def target(self) -> str | SelectionDocument | dict[str, Any]:
        """Return what the action is done to."""
        target: str | SelectionDocument | dict[str, Any] = getattr(self, self.verb.value)
        return target


def _check_verbs(data: dict[str, object], known: Set[str]) -> None:
    """Refuse an action without a verb, with two, with one of later versions, or with another verb's keys."""
    for name in LATER:
        if name in data:
            raise complaint(f"the action `{name}` is not supported yet", expected=one_of(VERBS), key=name)
    if not data.keys() <= known:
        return  # an unknown key may be a verb misspelt: its own problem says so
    chosen = [name for name in data if name in VERBS]
    if not chosen:
        raise complaint("nothing says what the action does", expected=one_of(VERBS))
    if len(chosen) > 1:
        raise complaint(
            f"`{chosen[0]}` and `{chosen[1]}` are two actions", expected="one for each entry", key=chosen[1]
        )
    if data[chosen[0]] is None:
        raise complaint(f"`{chosen[0]}` is empty", expected="what it is done to", key=chosen[0])
    changes = [name for name in data if name in ("concurrency", "flow")]
    if chosen[0] == "edit" and not changes:
        raise complaint("`edit` changes nothing", expected="`concurrency`, `flow` or both beside it")
    if chosen[0] != "edit" and changes:
        raise complaint(f"`{changes[0]}` does not go with `{chosen[0]}`", expected="`edit`", key=changes[0])
