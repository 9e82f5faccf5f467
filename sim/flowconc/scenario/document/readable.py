"""Reads a document's data as the model, and goes on without the parts that are wrong.

A file's author hears of all errors at once, also of those that show only when names are looked up. So what
pydantic refuses is left out, entry by entry, and the rest is read on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import Loc, Locate, problems_of
from flowconc.scenario.literals.distribution_text import ReadValues
from flowconc.scenario.problems import Position, Problem

_PLACEHOLDERS: Final[Mapping[str, object]] = {"scenario": "?", "flows": []}
"""What stands for a required key that is missing or wrong while the rest is read."""

_WHOLE: Final = frozenset({"vary", "plan"})
"""Keys whose parts say nothing alone: what has an error in it is left out whole."""


@dataclass(frozen=True)
class Readable:
    """The part of a document that can be read, and what is wrong with the rest."""

    document: ScenarioDocument
    data: Mapping[str, Any]  # what `document` was read from
    locate: Locate  # for places in `data`
    problems: tuple[Problem, ...]
    damaged: frozenset[str]  # top-level keys of which something was left out


def read_readable(data: Mapping[str, Any], locate: Locate, read_values: ReadValues) -> Readable:
    """Return what can be read of a document's data."""
    problems: list[Problem] = []
    damaged: set[str] = set()
    while True:
        try:
            document = ScenarioDocument.model_validate(data, context={"read_values": read_values})
        except ValidationError as error:
            problems += problems_of(error, ScenarioDocument, locate)
            wrong = {_part(details) for details in error.errors(include_url=False)}
            damaged |= {str(part[0]) for part in wrong}
            data, locate = _without(data, wrong, locate)
        else:
            return Readable(document, data, locate, tuple(problems), frozenset(damaged))


def _part(details: ErrorDetails) -> Loc:
    """Return the part to leave out for an error: a top-level key, or what is directly under one."""
    loc = details["loc"]
    if loc and loc[-1] == "[key]":
        loc = loc[:-1]
    if not loc:
        loc = (details["ctx"]["key"],)  # only complaints about one of its keys concern the whole document
    return loc[:1] if loc[0] in _WHOLE else loc[:2]


def _without(data: Mapping[str, Any], wrong: set[Loc], locate: Locate) -> tuple[dict[str, Any], Locate]:
    """Return the data without the wrong parts, and `locate` for what is left of it."""
    rest = dict(data)
    kept: dict[str, list[int]] = {}
    inside: dict[str, set[str | int]] = {}
    for part in wrong:
        inside.setdefault(str(part[0]), set()).update(part[1:])
    for section, inner in inside.items():
        value = data.get(section)
        if (section,) in wrong or not isinstance(value, dict | list):
            rest.pop(section, None)
        elif isinstance(value, list):
            kept[section] = [index for index in range(len(value)) if index not in inner]
            rest[section] = [value[index] for index in kept[section]]
        else:
            rest[section] = {key: each for key, each in value.items() if key not in inner}
    for key, placeholder in _PLACEHOLDERS.items():
        rest.setdefault(key, placeholder)

    def locate_rest(loc: Loc, *, key: bool = False) -> Position:
        match loc:
            case (str() as section, int() as index, *deeper) if section in kept:
                return locate((section, kept[section][index], *deeper), key=key)
            case _:
                return locate(loc, key=key)

    return rest, locate_rest
