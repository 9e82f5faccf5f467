"""What the inputs of an arrival or a subflow decide: which Fail tasks fail in its executions, and which branches they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from flowconc.scenario.behaviour import Decided
from flowconc.scenario.flow import TaskKind
from flowconc.scenario.kestra_flow.conditions import (
    Circumstances,
    ConditionError,
    first_attempts,
    holds,
    rendered,
)
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.kestra_flow.jackson import is_template
from flowconc.scenario.kestra_flow.task_source import TaskSource

_TRUE: Final = frozenset({"true", "True", "TRUE"})
_BOOLEANS: Final = frozenset({"BOOL", "BOOLEAN"})
_IF: Final = ".If"
_THEN: Final = "then"
_DEFAULTS: Final = "defaults"


class Decisions:
    """What inputs decide in the executions of a flow. `fails` are task ids, `takes` go from task id to branch.

    Of a task that several revisions have, the first decides; a task of which the scenario itself says how it behaves
    is none of these.
    """

    def __init__(
        self, revisions: Iterable[FlowSource], said: frozenset[str], inputs: Mapping[str, object]
    ) -> None:
        self.fails: set[str] = set()
        self.takes: dict[str, str] = {}
        seen = set(said)
        for source in revisions:
            known = {**default_inputs(source), **inputs}
            for task in source.walk():
                if task.condition is not None and task.task.id not in seen:
                    self._decide(task, task.condition, known)
                seen.add(task.task.id)

    @property
    def both(self) -> Decided:
        """What is decided, in a form that does not change any more."""
        return frozenset(self.fails), tuple(self.takes.items())

    def _decide(self, task: TaskSource, condition: str, inputs: Mapping[str, object]) -> None:
        """Evaluate a condition; one that needs more than the inputs decides nothing, as its notice says."""
        try:
            if task.task.kind is not TaskKind.CHOICE:
                if first_attempts(condition, inputs) is None:
                    self.fails.add(task.task.id)
            else:
                self.takes[task.task.id] = _branch(task, condition, Circumstances(inputs))
        except ConditionError:
            return


def _branch(task: TaskSource, condition: str, circumstances: Circumstances) -> str:
    """Return the branch that an If or a Switch takes. Raises ConditionError."""
    names = [name for name, _ in task.branches]
    if task.task.type.endswith(_IF):
        return _THEN if holds(condition, circumstances) else names[1]
    value = rendered(condition, circumstances)
    return value if value in names else _DEFAULTS


def default_inputs(source: FlowSource) -> dict[str, object]:
    """Return the inputs that have a value when nobody gives one, as far as the file alone says it."""
    inputs = source.data.get("inputs")
    return {
        str(each["id"]): _typed(each.get("type"), each["defaults"])
        for each in (inputs if isinstance(inputs, list) else ())
        if isinstance(each, dict)
        and "id" in each
        and each.get("defaults") is not None
        and not (isinstance(each["defaults"], str) and is_template(each["defaults"]))
    }


def _typed(kind: object, value: object) -> object:
    """Return a default as its input has it: Kestra turns text into a boolean where one is due."""
    if kind in _BOOLEANS and isinstance(value, str):
        return value in _TRUE
    return value
