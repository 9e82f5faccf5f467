"""YAML with positions, read so that hostile input ends in a sentence.

PyYAML's parser gives events, from which plain data is built without recursion, so that depth and size are bounded
before anything can overflow. What a plain scalar means, and what becomes of duplicate keys, aliases and tags,
differs between scenario files and Kestra's flow files: see `ScalarRules`.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.source.text_file import read_text
from flowconc.scenario.source.yaml_builder import DEFAULT_LIMITS, Builder, Limits
from flowconc.scenario.source.yaml_document import Document, Loc
from flowconc.scenario.source.yaml_scalars import CORE, ScalarRules, shortened

__all__ = ["CORE", "Document", "Limits", "Loc", "ScalarRules", "documents", "read_text"]

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it."""


def documents(
    text: str, path: str, *, scalars: ScalarRules = CORE, limits: Limits = DEFAULT_LIMITS
) -> tuple[Document, ...]:
    """Return the documents in `text`; `path` is the file's name in messages. Text without content has none.

    Raises BadInput: with a syntax error, or with all errors of other kinds up to the first that makes going on
    pointless (a limit of `limits` exceeded).
    """
    builder = Builder(path, scalars, limits)
    if scalars.lenient and "\t" in text:
        builder.lines_with_tabs = {
            number: line for number, line in enumerate(text.splitlines()) if "\t" in line
        }
    try:
        loader = _LOADER(text)
        while (event := loader.get_event()) is not None:
            builder.take(event)
    except yaml.YAMLError as error:
        raise BadInput([*builder.errors, _syntax_problem(error, text, path)]) from None
    if builder.errors:
        raise BadInput(builder.errors)
    return tuple(builder.documents)


# --- syntax errors --------------------------------------------------------------------------------------------

_UNQUOTED_PARAMETER: Final = re.compile(r"\$\{[^}\n]*\}")


def _syntax_problem(error: yaml.YAMLError, text: str, path: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(Position(path), f"this is not YAML ({shortened(str(error))})")
    position = Position(path, mark.line + 1, mark.column + 1)
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if line[: mark.column + 1].strip(" ").startswith("\t"):
        return Problem(position, "a tab cannot indent YAML", "spaces")
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    reason = " ".join(str(part) for part in parts if part)
    parameter = _UNQUOTED_PARAMETER.search(line)
    suggestion = f'"{parameter[0]}"' if parameter and "{" in line[: parameter.start()] else None
    return Problem(position, f"this is not YAML ({reason})", suggestion=suggestion)
