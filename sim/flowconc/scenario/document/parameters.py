"""`parametrize:` and `${name}`: one document, several scenarios.

A value that is exactly `${limit}` becomes the parameter's own value, number or text. Inside a longer text the
parameter is put in as text; where the whole was written without quotes it is then read again by the rules of
YAML's core schema, as if it had been written out. Keys are texts. `$${limit}` stands for the text `${limit}`.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from flowconc.scenario.document.validation import Loc, Locate
from flowconc.scenario.problems import Problem, Severity, excerpt, nearest
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.source.yaml_scalars import core_scalar
from flowconc.scenario.wording import describe, one_of

MAX_COMBINATIONS: Final = 1_000

Scalar: TypeAlias = str | int | float | bool | None
Parameters: TypeAlias = Mapping[str, list[Scalar]]
Combination: TypeAlias = tuple[tuple[str, Scalar], ...]

_KEY: Final = "parametrize"
_PLANNED: Final = ("plan", "vary", "parameters")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USE: Final = re.compile(r"\$(?P<escape>\$?)\{\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*\}")


def written(value: Scalar) -> str:
    """Return a parameter's value as it is put into a longer text, and as a test's id shows it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def read_parameters(data: Mapping[str, object], findings: Findings) -> Parameters:
    """Return the parameters of a document, of which there may be none. Errors go to `findings`."""
    return _read(data[_KEY], (_KEY,), findings) if _KEY in data else {}


def read_planned(data: Mapping[str, object], parameters: Parameters, findings: Findings) -> Parameters:
    """Return the parameters that the plan of a document varies; they are none of its `parametrize:`.

    What is no plan at all has none: the reader says what is wrong with it. Errors go to `findings`.
    """
    plan = data.get(_PLANNED[0])
    vary = plan.get(_PLANNED[1]) if isinstance(plan, dict) else None
    if not isinstance(vary, dict) or _PLANNED[2] not in vary:
        return {}
    planned = _read(vary[_PLANNED[2]], _PLANNED, findings)
    for name in planned.keys() & parameters.keys():
        what = f"the parameter `{name}` is under `{_KEY}`, too"
        findings.error((*_PLANNED, name), what, "one of both", key=True)
    return planned


def _read(declared: object, loc: Loc, findings: Findings) -> Parameters:
    if not isinstance(declared, dict):
        findings.error(loc, f"`{loc[-1]}` is {describe(declared)}", "a mapping such as {limit: [1, 2, 5]}")
        return {}
    for name, values in declared.items():
        _check_parameter(name, values, (*loc, name), findings)
    sizes = [len(values) for values in declared.values() if isinstance(values, list)]
    if math.prod(sizes) > MAX_COMBINATIONS:
        findings.error(
            loc, f"there are {math.prod(sizes):,} combinations", f"at most {MAX_COMBINATIONS:,}", key=True
        )
    return declared


def _check_parameter(name: str, values: object, loc: Loc, findings: Findings) -> None:
    if not _NAME.fullmatch(name):
        findings.error(
            loc,
            f"{excerpt(name)} cannot be a parameter",
            "letters, digits and _, not a digit first",
            key=True,
        )
    if not isinstance(values, list) or not values:
        what = "an empty list" if values == [] else describe(values)
        findings.error(loc, f"the parameter `{name}` is {what}", "a list of its values")
        return
    seen: set[str] = set()
    for index, value in enumerate(values):
        if isinstance(value, dict | list):
            findings.error((*loc, index), f"a value of `{name}` is {describe(value)}", "a number or a text")
        elif isinstance(value, float) and not math.isfinite(value):
            findings.error((*loc, index), f"a value of `{name}` is {value}", "a finite number")
        elif written(value) in seen:
            findings.error((*loc, index), f"the value {excerpt(written(value))} is there twice", "each once")
        else:
            seen.add(written(value))


def combinations(parameters: Parameters) -> Iterator[Combination]:
    """Yield every choice of values, in the order written: the first parameter varies slowest."""
    for values in itertools.product(*parameters.values()):
        yield tuple(zip(parameters, values, strict=True))


def without_parameters(data: Mapping[str, object]) -> dict[str, object]:
    """Return a document's data without its `parametrize:`."""
    return {key: value for key, value in data.items() if key != _KEY}


def escaped(value: Any) -> Any:
    """Return data in which nothing is a parameter any more: filled in, it is `value` again."""
    if isinstance(value, dict):
        return {escaped(key): escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [escaped(inner) for inner in value]
    return _USE.sub(lambda use: f"${use[0]}", value) if isinstance(value, str) else value


class Filling:
    """Puts parameters into a document's data. `is_plain` says whether the text at a place has no quotes.

    `planned` are the parameters that its plan varies.
    """

    def __init__(
        self,
        parameters: Parameters,
        is_plain: Callable[[Loc], bool],
        planned: Parameters = MappingProxyType({}),
    ) -> None:
        self._places: dict[str, Loc] = {name: (_KEY, name) for name in parameters}
        self._places |= {name: (*_PLANNED, name) for name in planned}
        self._known = tuple(self._places)
        self._is_plain = is_plain
        self._used: set[str] = set()

    def fill(self, data: Mapping[str, Any], combination: Combination, findings: Findings) -> dict[str, Any]:
        """Return `data` with the parameters in it replaced; unknown ones go to `findings`.

        Keys are filled in too; `findings` then locates what was filled in where it is written.
        """
        one = _OneFilling(self._known, dict(combination), self._is_plain, findings)
        filled = {key: one.value(inner, (key,)) for key, inner in data.items()}
        self._used |= one.used
        if one.renamed:
            locate = findings.locate
            findings.locate = lambda loc, *, key=False: locate(one.as_written(loc), key=key)
        return filled

    def unused(self, locate: Locate) -> list[Problem]:
        """Return a warning for each parameter that `fill` has not come across."""
        return [
            Problem(
                locate(self._places[name], key=True),
                f"the parameter `{name}` is not used",
                severity=Severity.WARNING,
            )
            for name in self._known
            if name not in self._used
        ]


class _OneFilling:
    """Puts one combination into data."""

    def __init__(
        self,
        known: tuple[str, ...],
        chosen: Mapping[str, Scalar],
        is_plain: Callable[[Loc], bool],
        findings: Findings,
    ) -> None:
        self._known = known
        self._chosen = chosen
        self._is_plain = is_plain
        self._findings = findings
        self.used: set[str] = set()
        self.renamed: dict[Loc, str] = {}
        """Where a key has been filled in, as (places as written ..., filled key) -> the key as written."""

    def value(self, value: object, loc: Loc) -> object:
        """Return the value at `loc` with its parameters replaced."""
        if isinstance(value, dict):
            return self._mapping(value, loc)
        if isinstance(value, list):
            return [self.value(inner, (*loc, index)) for index, inner in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return self._text(value, loc)
        return value

    def as_written(self, loc: Loc) -> Loc:
        """Return the place in the file of a place in the filled data."""
        written_loc: Loc = ()
        for step in loc:
            written_loc = (*written_loc, self.renamed.get((*written_loc, step), step))
        return written_loc

    def _mapping(self, mapping: Mapping[str, object], loc: Loc) -> dict[str, object]:
        filled: dict[str, object] = {}
        for key, inner in mapping.items():
            name = key
            if "${" in key:
                name = _USE.sub(lambda use, at=(*loc, key): self._replacement(use, at), key)  # type: ignore[misc]
                self.renamed[(*loc, name)] = key
                if name in mapping or name in filled:
                    self._findings.error(
                        (*loc, key), f"filled in, the key is {excerpt(name)} a second time", key=True
                    )
            filled[name] = self.value(inner, (*loc, key))
        return filled

    def _text(self, text: str, loc: Loc) -> object:
        whole = _USE.fullmatch(text)
        if whole is not None and not whole["escape"]:
            return self._lookup(whole, loc)
        filled = _USE.sub(lambda use: self._replacement(use, loc), text)
        if not self._is_plain(loc):
            return filled
        try:
            return core_scalar(filled)
        except ValueError as error:
            self._findings.error(loc, f"{excerpt(filled)}: {error}")
            return filled

    def _replacement(self, use: re.Match[str], loc: Loc) -> str:
        return use[0][1:] if use["escape"] else written(self._lookup(use, loc))

    def _lookup(self, use: re.Match[str], loc: Loc) -> Scalar:
        name = use["name"]
        if name in self._chosen:
            self.used.add(name)
            return self._chosen[name]
        literal = f"${use[0]} for the text itself"
        self._findings.error(
            loc,
            f"there is no parameter {excerpt(name)} under `{_KEY}`",
            f"{one_of(self._known)}, or {literal}" if self._known else literal,
            nearest(name, self._known),
        )
        return use[0]
