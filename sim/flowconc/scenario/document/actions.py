"""The entries of `actions:` as the file has them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowconc.scenario.document.faults import ComponentName, check_crash
from flowconc.scenario.document.limits import ScopeDocument
from flowconc.scenario.document.validation import complaint
from flowconc.scenario.document.values import (
    Count,
    Date,
    ExecutionName,
    FlowName,
    JavaInteger,
    Line,
    OneOrMore,
    Part,
    PositiveShare,
    PositiveTime,
    State,
    Step,
    TextOr,
    Time,
    TriggerName,
    keys_of,
    read_line,
)
from flowconc.scenario.model import Verb
from flowconc.scenario.wording import describe, one_of

CRASH: Final = "crash"
"""The action that is a fault: it is done to a component, not through the engine's interface."""

VERBS: Final = (*(verb.value for verb in Verb), CRASH)
"""The keys that say what an action does."""

_COMPANIONS: Final = {
    "edit": ("concurrency", "flow"),
    "edit_limit": ("concurrency",),
    "purge": ("unended",),
    "unqueue": ("to",),
    "change_status": ("to",),
    "replay": ("from", "as"),
    "set_counter": ("running",),
    "backfill": ("start", "end"),
    CRASH: ("after", "before", "nth", "rate", "for"),
}
"""The keys that go with one verb or another."""

_EDITS: Final = frozenset({"edit", "edit_limit"})
_NEEDED: Final = {
    "edit_limit": {"concurrency": "the whole new limit, or null for none"},
    "change_status": {"to": "the state that is set"},
    "set_counter": {"running": "the number that is set"},
    "backfill": {"start": "the first planned time", "end": "the last planned time"},
}
"""The keys without which a verb says too little."""


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
    """What an operator does, or what goes down: one verb, at one time."""

    at: Time | None = Field(default=None, description="When; a crash may say where instead")
    kill: Target | None = Field(default=None, description="Kill an execution, or a selection of them")
    delete: Target | None = Field(default=None, description="Delete an execution, or a selection of them")
    purge: Target | None = Field(default=None, description="Purge an execution, or a selection of them")
    unended: bool = Field(
        default=False, description="With `purge`: executions that have not ended are taken too"
    )
    force_run: Target | None = Field(default=None, description="Run an execution past the limit")
    pause: Target | None = Field(default=None, description="Pause a running execution")
    resume: Target | None = Field(default=None, description="Resume a paused execution")
    restart: Target | None = Field(default=None, description="Restart a failed execution")
    unqueue: Target | None = Field(default=None, description="Take an execution out of the queue")
    change_status: Target | None = Field(default=None, description="Change the state of an ended execution")
    to: State | None = Field(
        default=None,
        description="With `unqueue`: RUNNING (default), CANCELLED or FAILED; with `change_status`: the state",
    )
    replay: Target | None = Field(default=None, description="Run an execution again, as a new one")
    from_: Line | None = Field(
        default=None, alias="from", description="With `replay`: the task to start from; default the first"
    )
    as_: ExecutionName | None = Field(
        default=None, alias="as", description="With `replay`: the name of the new execution"
    )
    edit: FlowName | None = Field(default=None, description="Save a new revision of a flow")
    edit_limit: ScopeDocument | None = Field(
        default=None, description="Change the limit of a namespace or a tenant"
    )
    concurrency: dict[str, Any] | None = Field(
        default=None, description="With `edit` and `edit_limit`: the whole new block; null removes it"
    )
    flow: dict[str, Any] | None = Field(
        default=None, description="With `edit`: other top-level keys of the flow, replaced"
    )
    delete_flow: FlowName | None = Field(default=None, description="Delete a flow")
    create_flow: FlowEntry | None = Field(
        default=None, description="Save a flow: the id of a deleted one, a path, or the flow itself"
    )
    set_counter: FlowName | None = Field(default=None, description="Set the engine's count of slots in use")
    running: JavaInteger | None = Field(
        default=None, description="With `set_counter`: the number it is set to"
    )
    disable_trigger: TriggerName | None = Field(default=None, description="Disable a trigger")
    enable_trigger: TriggerName | None = Field(default=None, description="Enable a trigger")
    backfill: TriggerName | None = Field(
        default=None, description="Make up for the planned times of a Schedule between two dates"
    )
    start: Date | None = Field(default=None, description="With `backfill`: the first planned time")
    end: Date | None = Field(default=None, description="With `backfill`: the last planned time")
    crash: ComponentName | None = Field(
        default=None, description="A component goes down: executor, worker or scheduler"
    )
    for_: PositiveTime | None = Field(
        default=None, alias="for", description="With `crash`: how long it stays down; default for ever"
    )
    after: Step | None = Field(default=None, description="With `crash`: the step that it falls behind")
    before: Step | None = Field(default=None, description="With `crash`: the step that it falls ahead of")
    nth: Count | None = Field(
        default=None, description="With `crash` at a step: which one, from 1; default the first"
    )
    rate: PositiveShare | None = Field(
        default=None, description="With `crash` at a step: the share of them, at random"
    )
    refused: bool = Field(default=False, description="The engine says no, and that is what is expected")

    @model_validator(mode="before")
    @classmethod
    def _one_verb(cls, data: object) -> object:
        if isinstance(data, dict) and data.keys() <= keys_of(cls):
            _check_verbs(data)
        return data  # an unknown key may be a verb misspelt: its own problem says so

    @model_validator(mode="after")
    def _timed(self) -> ActionDocument:
        if self.at is None and self.crash is None:
            raise complaint("`at` is missing")
        return self

    @cached_property
    def word(self) -> str:
        """Return the key that says what the action does: one of VERBS."""
        return next(word for word in VERBS if getattr(self, word) is not None)

    @property
    def verb(self) -> Verb:
        """Return what an operator does. A crash is nobody's doing: there this raises ValueError."""
        return Verb(self.word)

    @property
    def target(self) -> str | SelectionDocument | ScopeDocument | dict[str, Any]:
        """Return what the action is done to."""
        target: str | SelectionDocument | ScopeDocument | dict[str, Any] = getattr(self, self.word)
        return target


def _check_verbs(data: Mapping[str, Any]) -> None:
    """Refuse an action without a verb, with two, or with keys that do not go with it."""
    chosen = [name for name in data if name in VERBS]
    if not chosen:
        raise complaint("nothing says what the action does", expected=one_of(VERBS))
    verb = chosen[0]
    if len(chosen) > 1:
        raise complaint(
            f"`{verb}` and `{chosen[1]}` are two actions", expected="one for each entry", key=chosen[1]
        )
    if data[verb] is None:
        raise complaint(f"`{verb}` is empty", expected="what it is done to", key=verb)
    companions = _COMPANIONS.get(verb, ())
    for name in data:
        owners = [f"`{owner}`" for owner, keys in _COMPANIONS.items() if name in keys]
        if owners and name not in companions:
            raise complaint(f"`{name}` does not go with `{verb}`", expected=one_of(owners), key=name)
        if owners and data[name] is None and verb not in _EDITS:
            raise complaint(f"`{name}` is empty", key=name)
    for name, what in _NEEDED.get(verb, {}).items():
        if name not in data:
            raise complaint(f"`{verb}` has no `{name}`", expected=what)
    if verb == "edit" and not data.keys() & set(companions):
        raise complaint("`edit` changes nothing", expected="`concurrency`, `flow` or both beside it")
    if verb == "replay" and "as" in data and isinstance(data["replay"], dict):
        raise complaint("`as` names one execution, and this replays several", expected="no `as`", key="as")
    if verb == CRASH:
        check_crash(data)
        if "refused" in data:
            raise complaint("nobody refuses a crash", expected="no `refused`", key="refused")
