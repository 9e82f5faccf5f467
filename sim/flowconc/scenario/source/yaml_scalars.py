"""What plain (unquoted) scalars of YAML mean: the rules of scenario files, and the form that all such rules have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ScalarRules:
    """How a kind of file reads YAML. `lenient` is Kestra's way: what it lets pass becomes a warning.

    Lenient: of duplicate keys the last one wins, `*alias` is the text "alias", `<<` is a key like any other,
    tags that YAML does not define are ignored. Strict: duplicate keys and unknown tags are errors, aliases and
    merge keys are followed.
    """

    resolve: Callable[[str], object]  # a plain scalar's value; raises ValueError with a sentence
    remark: Callable[[str], str | None] = lambda _text: None  # what may surprise in that value
    lenient: bool = False


_CORE_WORDS: Final[dict[str, object]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_CORE_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_CORE_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMBER_STARTS: Final = frozenset("0123456789+-.")
LONGEST_NUMBER: Final = 1000
"""Characters of a number; Jackson draws the same line."""
_LARGEST_INTEGER: Final = 2**63 - 1


def core_scalar(text: str) -> object:
    """Return a plain scalar's value by YAML 1.2's core schema (`on`, `1:30` are text, `017` is 17, `0o17` is 15).

    Raises ValueError for a number beyond 64 bits.
    """
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    integer = _CORE_INTEGER.fullmatch(text)
    if integer is None and _CORE_FLOAT.fullmatch(text) is None:
        return text
    number: int | float
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text):,} characters is beyond any range")
    if integer is not None:
        number = int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
        in_range = -_LARGEST_INTEGER <= number <= _LARGEST_INTEGER
    else:
        number = float(text)
        in_range = abs(number) != float("inf")
    if not in_range:
        raise ValueError(f"the number {shortened(text)} is beyond the range of 64 bits")
    return number


CORE: Final = ScalarRules(core_scalar)
"""Scenario files: YAML 1.2's core schema, strict."""


def shortened(text: str) -> str:
    """Return `text` as a message can show it."""
    return text if len(text) <= 60 else f"{text[:57]}..."
