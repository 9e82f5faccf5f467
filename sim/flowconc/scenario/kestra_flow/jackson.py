"""How Kestra reads the values of a flow file: what Jackson and SnakeYAML make of a scalar, lax as they are.

Kestra parses a flow into plain data first, by YAML 1.1, and converts that to typed properties after; so `010` is
8 wherever it stands, `1.5` becomes 1 where an integer is due, and a quoted "3" becomes a number there too. Each
function below takes plain data and gives what the engine makes of it, with a remark where that is an accident.
They raise Mismatch where the engine refuses. None is a property that is not set.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Generic, TypeVar

from flowconc.scenario.literals.durations import DurationError, parse_iso
from flowconc.scenario.problems import excerpt
from flowconc.scenario.source.yaml_scalars import LONGEST_NUMBER, ScalarRules, shortened
from flowconc.scenario.wording import describe, one_of

T = TypeVar("T")

# --- YAML 1.1, as SnakeYAML and Jackson's parser have it ----------------------------------------------------

_WORDS: Final[dict[str, object]] = {
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_INTEGER: Final = re.compile(
    r"[-+]?(?:0b(?P<binary>[01_]+)|0x(?P<hex>[0-9a-fA-F_]+)|0(?P<octal>[0-7_]+)|(?P<decimal>0|[1-9][0-9_]*))"
)
_FLOAT: Final = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
)
_MALFORMED: Final = re.compile(
    r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
)
_BASES: Final = {"binary": 2, "hex": 16, "octal": 8, "decimal": 10}
_NUMBER_STARTS: Final = frozenset("0123456789+-.")


def kestra_scalar(text: str) -> object:
    """Return a plain scalar's value as Kestra reads it (`on` is true, `010` is 8, nothing is an empty text).

    Raises ValueError for the numbers that Kestra refuses: `.inf`, `.nan`, more than 1,000 characters.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[:1] not in _NUMBER_STARTS:
        return text
    integer = _INTEGER.fullmatch(text)
    if integer is None and _FLOAT.fullmatch(text) is None:
        if _MALFORMED.fullmatch(text):
            raise ValueError(f"Kestra does not take {excerpt(text)} for a number")
        return text
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text):,} characters is beyond any range")
    if integer is None:
        return float(text.replace("_", "").removesuffix(".") or "0")
    base = integer.lastgroup or "decimal"
    digits = integer[base].replace("_", "")
    if not digits:
        return text
    return int(digits, _BASES[base]) * (-1 if text.startswith("-") else 1)


def _octal_remark(text: str) -> str | None:
    if text[:1] in {"0", "+", "-"} and (match := _INTEGER.fullmatch(text)) is not None and match["octal"]:
        value = kestra_scalar(text)
        if text.lstrip("+-0_") != str(value).lstrip("-0"):
            return f"Kestra reads {shortened(text)} as octal: {value}"
    return None


KESTRA: Final = ScalarRules(kestra_scalar, remark=_octal_remark, lenient=True)
"""Flow files: YAML 1.1, lenient."""

# --- from plain data to typed properties --------------------------------------------------------------------


class Mismatch(Exception):  # noqa: N818 - it says what it is
    """A value that the engine refuses: what it is, what was expected, and the `names` it could be."""

    def __init__(self, what: str, expected: str, names: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.names = names


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What the engine makes of a value; `remark` says so where it does by accident."""

    value: T | None
    remark: str | None = None


INT_RANGE: Final = range(-(2**31), 2**31)
_INTEGER_TEXT: Final = re.compile(r"[-+]?[0-9]+")
_DECIMAL_TEXT: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_DOUBLE_TEXT: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_TRIMMED: Final = "".join(map(chr, range(0x21)))  # what Java's String.trim takes off: all up to the space
_UNSET: Final = "Kestra reads an empty text here as nothing"


def to_integer(value: object) -> Read[int]:
    """Read a Java Integer: fractions are cut off, text is read as a decimal number."""
    expected = "a whole number"
    match value:
        case None:
            return Read(None)
        case bool() | list() | dict():
            raise Mismatch(describe(value), expected)
        case int():
            return Read(_in_range(value))
        case float():
            if not math.isfinite(value):
                raise Mismatch("a number beyond the range of an integer", expected)
            whole = _in_range(int(value))
            return Read(whole, None if whole == value else f"Kestra reads {value} as {whole}")
    text = str(value).strip(_TRIMMED)
    if text in {"", "null"}:
        return Read(None, _UNSET)
    if not _INTEGER_TEXT.fullmatch(text) or len(text) > LONGEST_NUMBER:
        raise Mismatch(describe(value), expected)
    number = _in_range(int(text))
    return Read(number, f"this is text; Kestra reads it as the number {number}")


def _in_range(number: int) -> int:
    if number not in INT_RANGE:
        raise Mismatch("a number beyond the range of an integer", f"at most {INT_RANGE.stop - 1:,}")
    return number


def to_double(value: object) -> Read[float]:
    """Read a Java Double."""
    match value:
        case None:
            return Read(None)
        case bool() | list() | dict():
            raise Mismatch(describe(value), "a number")
        case int() | float():
            return Read(float(value))
    text = str(value).strip(_TRIMMED)
    if text in {"", "null"}:
        return Read(None, _UNSET)
    if not _DOUBLE_TEXT.fullmatch(text):
        raise Mismatch(describe(value), "a number")
    return Read(float(text), f"this is text; Kestra reads it as the number {text}")


def to_boolean(value: object) -> Read[bool]:
    """Read a Java Boolean: integers other than 0 are true, and so is the text "true" in three spellings."""
    match value:
        case None:
            return Read(None)
        case bool():
            return Read(value)
        case int():
            return Read(value != 0, f"Kestra reads {value} as {'true' if value else 'false'}")
        case str():
            text = value.strip(_TRIMMED)
            if text in {"", "null"}:
                return Read(None, _UNSET)
            if text in {"true", "True", "TRUE", "false", "False", "FALSE"}:
                return Read(text.lower() == "true", f"this is text; Kestra reads it as {text.lower()}")
    raise Mismatch(describe(value), "true or false")


def to_text(value: object) -> Read[str]:
    """Read a Java String: numbers and booleans become text."""
    match value:
        case None:
            return Read(None)
        case str():
            return Read(value)
        case bool():
            text = "true" if value else "false"
            return Read(text, f"Kestra reads this as the text {text!r}")
        case int():
            return Read(str(value))
        case float():
            text = java_double(value)
            return Read(text, f"Kestra reads this number as the text {text!r}")
    raise Mismatch(describe(value), "a text")


def to_property(value: object) -> str | None:
    """Read what Kestra keeps as text until the task runs, a template or not. It takes anything."""
    if isinstance(value, list | dict):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return to_text(value).value


def to_choice(value: object, names: Sequence[str]) -> Read[str]:
    """Read a Java enum: one of `names`, in this case, or its number from 0."""
    expected = one_of(names)
    match value:
        case None:
            return Read(None)
        case bool() | float() | list() | dict():
            raise Mismatch(describe(value), expected)
        case int():
            if not 0 <= value < len(names):
                raise Mismatch(describe(value), expected)
            return Read(names[value], f"Kestra reads {value} as {names[value]}")
    text = str(value).strip(_TRIMMED)
    if text in names:
        return Read(text)
    if text in map(str, range(len(names))):
        return Read(names[int(text)], f"Kestra reads {text!r} as {names[int(text)]}")
    raise Mismatch(describe(value), expected, names)


def to_duration_ns(value: object) -> Read[int]:
    """Read a Java Duration, in nanoseconds: ISO-8601, or a number of seconds."""
    expected = "an ISO-8601 duration such as PT5M"
    match value:
        case None:
            return Read(None)
        case bool() | list() | dict():
            raise Mismatch(describe(value), expected)
        case int() | float():
            return Read(_seconds(Decimal(repr(value)), expected), f"Kestra reads this as {value} seconds")
    text = str(value).strip(_TRIMMED)
    if not text:
        return Read(None, _UNSET)
    if _DECIMAL_TEXT.fullmatch(text):
        return Read(_seconds(Decimal(text), expected), f"Kestra reads this as {shortened(text)} seconds")
    try:
        return Read(parse_iso(text))
    except DurationError:
        raise Mismatch(describe(value), expected) from None


def _seconds(seconds: Decimal, expected: str) -> int:
    if not seconds.is_finite() or abs(seconds) >= 2**63:
        raise Mismatch("a number of seconds beyond any range", expected)
    return int(seconds * 1_000_000_000)


def java_double(number: float) -> str:
    """Return a number as Java's Double.toString writes it."""
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number)
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)  # it is finite
    head, tail = digits[0], "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{head}.{tail}E{exponent + len(digits) - 1}"


def is_template(text: str) -> bool:
    """Say whether Kestra evaluates the text when it runs (Pebble's `{{ }}` and `{% %}`)."""
    return "{{" in text or "{%" in text


def is_truthy(text: str) -> bool:
    """Say whether a rendered condition holds: anything but nothing, `false`, `0` and `-0` does."""
    return text.strip() not in {"", "false", "0", "-0"}
