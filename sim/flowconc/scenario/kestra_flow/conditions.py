"""Conditions of tasks and service levels: the few expressions that depend on nothing but what is known beforehand.

A condition is a text, or a template such as `{{ inputs.day == 1 }}`. It may look at the inputs of the execution, at
how often the task has been tried (`taskrun.attemptsCount`), and at whether the execution does again what another one
did (`execution.id`, `execution.originalId`). Everything else is refused: what cannot be evaluated is never guessed.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowconc.scenario.flow import Failures
from flowconc.scenario.kestra_flow.jackson import is_template, is_truthy
from flowconc.scenario.problems import excerpt

MOST_ATTEMPTS: Final = 50
"""Attempts of one task up to which a condition on their number is looked at."""

LONGEST: Final = 1_000
"""Characters of an expression that is looked at; no condition of a person's is longer."""

DEEPEST: Final = 20
"""How deep parentheses and `not` may be nested."""

_TEMPLATE: Final = re.compile(r"\s*\{\{-?(?P<expression>(?:(?!\{\{|\}\}).)*?)-?\}\}\s*", re.DOTALL)
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>-?[0-9]+(?:\.[0-9]+)?)(?![\w.])|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    r"|(?P<word>[A-Za-z_][\w.-]*)|(?P<sign>==|!=|<=|>=|<|>|\(|\)))"
)
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "equals": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONSTANTS: Final[Mapping[str, object]] = {"true": True, "false": False, "null": None}
_INPUTS: Final = "inputs."
INPUT: Final = re.compile(r"\binputs\.\w")
"""What a template contains that looks at an input."""

ALWAYS: Final = Failures(share=1.0)
NEVER: Final = Failures()


class ConditionError(ValueError):
    """A condition that cannot be evaluated here."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a condition may look at. `attempts` counts those that are over; `original` is False in retries and replays."""

    inputs: Mapping[str, object] = field(default_factory=dict)
    attempts: int = 0
    original: bool = True


NOTHING_KNOWN: Final = Circumstances()
"""No inputs, the first attempt, no retry."""


def literals(inputs: Mapping[str, object]) -> dict[str, object] | None:
    """Return the inputs that a task gives to a subflow; None where a template is among them, which is not evaluated."""
    values = list(inputs.values())
    while values:
        value = values.pop()
        if isinstance(value, str) and is_template(value):
            return None
        values += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return dict(inputs)


def holds(condition: str, circumstances: Circumstances = NOTHING_KNOWN) -> bool:
    """Say whether a condition holds as Kestra sees it: its text is not empty, `false`, `0` or `-0`.

    Raises ConditionError.
    """
    return is_truthy(rendered(condition, circumstances))


def rendered(text: str, circumstances: Circumstances = NOTHING_KNOWN) -> str:
    """Return the text that a text or a lone template stands for. Raises ConditionError."""
    if not is_template(text):
        return text
    match = _TEMPLATE.fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        raise ConditionError(f"the template {excerpt(text)} cannot be evaluated here")
    return _written(_Reader(match["expression"], circumstances).whole())


def first_attempts(condition: str, inputs: Mapping[str, object], *, original: bool = True) -> int | None:
    """Return how many attempts meet a condition, from the first on; None is all of them.

    Raises ConditionError when the condition cannot be evaluated, or holds again after an attempt where it did not.
    """
    held = [holds(condition, Circumstances(inputs, tried, original)) for tried in range(MOST_ATTEMPTS)]
    if all(held):
        return None
    first = held.index(False)
    if any(held[first:]):
        raise ConditionError(f"the condition {excerpt(condition)} holds again after it did not")
    return first


def failures_of(condition: str) -> Failures:
    """Return which runs of a task fail that fails when the condition holds. Raises ConditionError."""
    original, copies = (first_attempts(condition, {}, original=each) for each in (True, False))
    only_original = original != copies
    if only_original and copies != 0:
        raise ConditionError(f"the condition {excerpt(condition)} holds for some copies of an execution")
    if original is None:
        return Failures(share=1.0, only_original=only_original)
    return Failures(attempts=original, only_original=only_original)


def _written(value: object) -> str:
    """Return a value as a template writes it."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


class _Reader:
    """A descent through the grammar: or, and, not, comparison, value."""

    def __init__(self, expression: str, circumstances: Circumstances) -> None:
        self._expression = expression
        self._circumstances = circumstances
        self._tokens = self._split()
        self._depth = 0

    def whole(self) -> object:
        """Return the value of the expression."""
        value = self._either()
        if self._tokens:
            raise self._error()
        return value

    def _split(self) -> list[re.Match[str]]:
        tokens: list[re.Match[str]] = []
        place, text = 0, self._expression.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise self._error()
            tokens.append(match)
            place = match.end()
        return tokens

    def _error(self) -> ConditionError:
        return ConditionError(f"the expression {excerpt(self._expression.strip())} cannot be evaluated here")

    def _take(self, *words: str) -> str | None:
        if self._tokens and (found := self._tokens[0].group(0).strip()) in words:
            del self._tokens[0]
            return found
        return None

    def _either(self) -> object:
        value = self._both()
        while self._take("or"):
            value = _truth(self._both()) or _truth(value)
        return value

    def _both(self) -> object:
        value = self._negation()
        while self._take("and"):
            value = _truth(self._negation()) and _truth(value)
        return value

    def _negation(self) -> object:
        if self._take("not"):
            with_it = self._deeper(self._negation)
            return not _truth(with_it)
        return self._comparison()

    def _comparison(self) -> object:
        left = self._value()
        sign = self._take(*_COMPARISONS)
        if sign is None:
            return left
        right = self._value()
        try:
            return _COMPARISONS[sign](left, right)
        except TypeError:
            raise self._error() from None

    def _value(self) -> object:
        if self._take("("):
            value = self._deeper(self._either)
            if self._take(")") is None:
                raise self._error()
            return value
        if not self._tokens:
            raise self._error()
        token = self._tokens.pop(0)
        if token["number"] is not None:
            return float(token["number"])
        if token["sign"] is not None:
            raise self._error()
        if token["word"] is None:
            return token["single"] if token["single"] is not None else token["double"]
        return self._variable(token["word"])

    def _deeper(self, read: Callable[[], object]) -> object:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error()
        value = read()
        self._depth -= 1
        return value

    def _variable(self, name: str) -> object:
        circumstances = self._circumstances
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name.startswith(_INPUTS):
            return self._input(name.removeprefix(_INPUTS))
        match name:
            case "taskrun.attemptsCount":
                return float(circumstances.attempts)
            case "execution.id":
                return "this one" if circumstances.original else "another one"
            case "execution.originalId":
                return "this one"
        raise ConditionError(f"the variable {excerpt(name)} is not known here")

    def _input(self, name: str) -> object:
        inputs = self._circumstances.inputs
        if name not in inputs:
            raise ConditionError(f"the input {excerpt(name)} is not known here")
        value = inputs[name]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
            return float(value)
        return value


def _truth(value: object) -> bool:
    return is_truthy(_written(value))
