"""From pydantic's errors to problems that the author of a file understands: one formatter per kind of error."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Final, Protocol, TypeAlias, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from flowconc.scenario.problems import Position, Problem, excerpt, nearest
from flowconc.scenario.wording import describe, one_of

MOST_PROBLEMS: Final = 200
"""Problems of one document that are told; one of another kind altogether has thousands."""

Loc: TypeAlias = tuple[str | int, ...]
"""A path into a document: keys and indices (from 0), from the top down."""


class Locate(Protocol):
    """Where a path into a document stands in its file: the value, or its key."""

    def __call__(self, loc: Loc, *, key: bool = False) -> Position:
        """Return the position of the value at `loc`, or of its nearest ancestor that the file has."""
        ...


def complaint(
    what: str, *, expected: str | None = None, suggestion: str | None = None, key: str | None = None
) -> PydanticCustomError:
    """Return an error for a pydantic validator to raise; `key` says which key of the mapping it is about."""
    context = {"what": what, "expected": expected, "suggestion": suggestion, "key": key}
    return PydanticCustomError("complaint", "{what}", {k: v for k, v in context.items() if v is not None})


def unknown_key(name: object, known: typing.Iterable[str], position: Position) -> Problem:
    """Return the problem of a key that does not exist."""
    words = sorted(known)
    shown = excerpt(name) if isinstance(name, str) else describe(name)
    return Problem(position, f"unknown key {shown}", one_of(words), nearest(str(name), words))


def problems_of(error: ValidationError, model: type[BaseModel], locate: Locate) -> list[Problem]:
    """Return one problem per error that pydantic found while it read a document as `model`, up to MOST_PROBLEMS."""
    every = error.errors(include_url=False)
    problems = [_problem(details, model, locate) for details in every[:MOST_PROBLEMS]]
    if len(every) > MOST_PROBLEMS:
        more = f"there are {len(every) - MOST_PROBLEMS:,} more problems like these"
        problems.append(Problem(problems[-1].position, more))
    return problems


def _problem(details: ErrorDetails, model: type[BaseModel], locate: Locate) -> Problem:
    loc = details["loc"]
    if loc and loc[-1] == "[key]":  # pydantic's mark for an error in a key of a mapping
        context = details.get("ctx", {})
        position = locate(loc[:-1], key=True)
        return Problem(position, context["what"], context.get("expected"), context.get("suggestion"))
    if loc and isinstance(loc[-1], int) and locate(loc) == locate(loc[:-1]):
        loc = loc[:-1]  # a value that stands alone where a list may stand
    formatter = _FORMATTERS.get(details["type"], _other)
    return formatter(details, loc, model, locate)


# --- one formatter per kind ---------------------------------------------------------------------------------

_Formatter: TypeAlias = Callable[[ErrorDetails, Loc, type[BaseModel], Locate], Problem]


def _extra(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
    owner = _model_at(model, loc[:-1])
    known = () if owner is None else (field.alias or name for name, field in owner.model_fields.items())
    return unknown_key(loc[-1], known, locate(loc, key=True))


def _invalid_key(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
    return Problem(locate(loc, key=True), f"the key is {describe(details['input'])}", "a text")


def _missing(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
    return Problem(locate(loc[:-1]), f"{_named(loc[-1:])} is missing")


def _wrong_type(expected: str) -> _Formatter:
    def formatter(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
        return Problem(locate(loc), f"{_named(loc)} is {describe(details['input'])}", expected)

    return formatter


def _bound(words: str, name: str) -> _Formatter:
    def formatter(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
        limit = details["ctx"][name]
        return Problem(locate(loc), f"{_named(loc)} is {_number(details['input'])}", f"{words} {limit:,.15g}")

    return formatter


def _choice(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
    given = details["input"]
    allowed = [word.strip("' ") for word in details["ctx"]["expected"].replace(" or ", ", ").split(",")]
    suggestion = nearest(given, allowed) if isinstance(given, str) else None
    return Problem(locate(loc), f"{_named(loc)} is {describe(given)}", one_of(allowed), suggestion)


def _size(words: str, name: str) -> _Formatter:
    def formatter(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
        limit: int = details["ctx"][name]
        given = details["input"]
        size = "empty" if not given else f"{len(given):,} long"
        return Problem(locate(loc), f"{_named(loc)} is {size}", f"{words} {limit:,}")

    return formatter


def _value(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
    return Problem(locate(loc), f"{_named(loc)}: {details['ctx']['error']}")


def _complaint(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
    context = details["ctx"]
    key: str | None = context.get("key")
    position = locate(loc) if key is None else locate((*loc, key), key=True)
    return Problem(position, context["what"], context.get("expected"), context.get("suggestion"))


def _other(details: ErrorDetails, loc: Loc, model: type[BaseModel], locate: Locate) -> Problem:
    return Problem(locate(loc), f"{_named(loc)}: {details['msg']}")


_FORMATTERS: dict[str, _Formatter] = {
    "extra_forbidden": _extra,
    "invalid_key": _invalid_key,
    "missing": _missing,
    "string_type": _wrong_type("a text"),
    "int_type": _wrong_type("a whole number"),
    "int_from_float": _wrong_type("a whole number"),
    "float_type": _wrong_type("a number"),
    "finite_number": _wrong_type("a finite number"),
    "bool_type": _wrong_type("true or false"),
    "list_type": _wrong_type("a list"),
    "dict_type": _wrong_type("a mapping"),
    "model_type": _wrong_type("a mapping"),
    "model_attributes_type": _wrong_type("a mapping"),
    "greater_than_equal": _bound("at least", "ge"),
    "greater_than": _bound("more than", "gt"),
    "less_than_equal": _bound("at most", "le"),
    "less_than": _bound("less than", "lt"),
    "literal_error": _choice,
    "enum": _choice,
    "too_short": _size("a length of at least", "min_length"),
    "too_long": _size("a length of at most", "max_length"),
    "string_too_short": _size("a length of at least", "min_length"),
    "string_too_long": _size("a length of at most", "max_length"),
    "value_error": _value,
    "complaint": _complaint,
}


# --- what the formatters share ------------------------------------------------------------------------------


def _named(loc: Loc) -> str:
    """Name the place at `loc` by its last key: `` `count` ``, or ``entry 2 of `at` `` inside a list."""
    match loc:
        case ():
            return "the document"
        case (*_, str() as owner, int() as index):
            return f"entry {index + 1} of `{owner}`"
        case (*_, int() as index):
            return f"entry {index + 1}"
        case (*_, last):
            return f"`{last}`"
    raise AssertionError(loc)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**20 else describe(value)


def _model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """Return the model that reads the mapping at `loc`, or None when no model does."""
    annotation: Any = model
    for step in loc:
        annotation = _inside(annotation, step)
    found = _bare(annotation)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _inside(annotation: Any, step: str | int) -> Any:
    """Return the annotation of what stands at `step` in a value of `annotation`."""
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        for name, field in bare.model_fields.items():
            if step == (field.alias or name):
                return field.annotation
        extra = typing.get_type_hints(bare, include_extras=True).get("__pydantic_extra__")
        return get_args(extra)[1] if extra is not None else None
    if get_origin(bare) is list:
        return get_args(bare)[0]
    if get_origin(bare) is dict:
        return get_args(bare)[1]
    return None


def _bare(annotation: Any) -> Any:
    """Return `annotation` without `Annotated[...]`, `| None` and `str |`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (types.UnionType, typing.Union):
            annotation = _structure(get_args(annotation))
        else:
            return annotation


def _structure(alternatives: tuple[Any, ...]) -> Any:
    """Return the one of a union's alternatives that has parts: the format has no union of two that have."""
    plain = (types.NoneType, str)
    return next((part for part in alternatives if part not in plain), alternatives[0])
