"""A mapping of a flow file, read property by property; what is wrong is collected, not raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from flowconc.scenario.findings import Findings
from flowconc.scenario.jackson import (
    Mismatch,
    Read,
    is_template,
    to_boolean,
    to_choice,
    to_double,
    to_duration_ns,
    to_integer,
    to_property,
    to_text,
)
from flowconc.scenario.problems import Position, Severity, excerpt, nearest
from flowconc.scenario.wording import describe, one_of
from flowconc.scenario.yaml_source import Loc

T = TypeVar("T")

LONGEST_DURATION_NS: Final = 3650 * 86_400 * 1_000_000_000
"""What Kestra allows for a retry: P3650D."""


class Section:
    """A mapping at `loc`. Its reading methods return None for a property that is not set, or is wrong."""

    def __init__(self, data: dict[str, Any], loc: Loc, findings: Findings) -> None:
        self.data = data
        self.loc = loc
        self.findings = findings

    # Where things are, and what to say of them

    @property
    def position(self) -> Position:
        """Where the mapping begins."""
        return self.findings.locate(self.loc)

    def error(self, key: str, what: str, expected: str | None = None, suggestion: str | None = None) -> None:
        """Report an error of a property, at its value, or at the mapping when it is not there."""
        self.findings.error((*self.loc, key), what, expected, suggestion)

    def warn(self, key: str, what: str) -> None:
        """Report what the engine accepts by accident."""
        self.findings.remark(Severity.WARNING, (*self.loc, key), what)

    def notice(self, key: str, what: str) -> None:
        """Report what is accepted, but not simulated."""
        self.findings.remark(Severity.NOTICE, (*self.loc, key), what)

    def missing(self, key: str, owner: str) -> None:
        """Report that a property is missing."""
        self.findings.error(self.loc, f"{owner} has no `{key}`", f"`{key}`")

    # Keys

    def has(self, key: str) -> bool:
        """Say whether the property is set; null is not."""
        return self.data.get(key) is not None

    def check_keys(self, known: frozenset[str], owner: str, dropped: dict[str, str] | None = None) -> None:
        """Report the keys that are not among `known`. `dropped` has a hint for those that older versions had."""
        for key in self.data:
            if key in known:
                continue
            hint = (dropped or {}).get(key)
            suggestion = nearest(key, known) if hint is None else None
            expected = hint if suggestion is None else None
            if suggestion is None and hint is None:
                expected = one_of(sorted(known))
            what = f"{owner} has no property {excerpt(key)}"
            self.findings.error((*self.loc, key), what, expected, suggestion, key=True)

    def require(self, keys: Sequence[str], owner: str) -> None:
        """Report those of `keys` that are not set."""
        for key in keys:
            if not self.has(key):
                self.missing(key, owner)

    # Typed properties

    def text(self, key: str) -> str | None:
        """Read a text."""
        return self._read(key, to_text)

    def integer(self, key: str, *, minimum: int | None = None) -> int | None:
        """Read a whole number of at least `minimum`."""
        number = self._read(key, to_integer)
        if number is not None and minimum is not None and number < minimum:
            self.error(key, f"`{key}` is {number}", f"at least {minimum}")
            return None
        return number

    def double(self, key: str) -> float | None:
        """Read a number."""
        return self._read(key, to_double)

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Read a boolean."""
        value = self._read(key, to_boolean)
        return default if value is None else value

    def choice(self, key: str, names: Sequence[str]) -> str | None:
        """Read one of `names`."""
        return self._read(key, lambda value: to_choice(value, names))

    def duration_us(self, key: str, *, positive: bool = False, longest_ns: int | None = None) -> int | None:
        """Read a duration, in microseconds."""
        duration_ns = self._read(key, to_duration_ns)
        if duration_ns is None:
            return None
        if positive and duration_ns <= 0:
            self.error(key, f"`{key}` is not positive", "a positive duration")
            return None
        if longest_ns is not None and duration_ns > longest_ns:
            self.error(key, f"`{key}` is too long", "at most P3650D")
            return None
        return duration_ns // 1_000

    def property_text(self, key: str) -> str | None:
        """Read what stays text until it runs; see `is_template`."""
        return to_property(self.data.get(key))

    def property_duration_us(self, key: str, instead: str) -> int | None:
        """Read a duration that may be a template, in microseconds. A notice says what happens `instead`."""
        text = self.property_text(key)
        if text is None:
            return None
        if is_template(text):
            self.notice(key, f"`{key}` is a template, which is not evaluated: {instead}")
            return None
        try:
            duration_ns = to_duration_ns(text).value
        except Mismatch as mismatch:
            self.warn(
                key,
                f"`{key}` is {mismatch.what}, no duration: Kestra accepts the flow, then cannot run it; {instead}",
            )
            return None
        return None if duration_ns is None else max(0, duration_ns // 1_000)

    def property_integer(self, key: str, instead: str) -> int | None:
        """Read a whole number that may be a template. A notice says what happens `instead`."""
        text = self.property_text(key)
        if text is None:
            return None
        try:
            return to_integer(text).value
        except Mismatch:
            self.notice(key, f"`{key}` is no number here: {instead}")
            return None

    def _read(self, key: str, coerce: Callable[[object], Read[T]]) -> T | None:
        return self._coerced((*self.loc, key), key, self.data.get(key), coerce)

    def _coerced(self, loc: Loc, name: str, value: object, coerce: Callable[[object], Read[T]]) -> T | None:
        try:
            read = coerce(value)
        except Mismatch as mismatch:
            suggestion = nearest(value, mismatch.names) if isinstance(value, str) else None
            self.findings.error(loc, f"`{name}` is {mismatch.what}", mismatch.expected, suggestion)
            return None
        if read.remark is not None:
            self.findings.remark(Severity.WARNING, loc, read.remark)
        return read.value

    # What is inside

    def section(self, key: str) -> Section | None:
        """Read a mapping."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.error(key, f"`{key}` is {describe(value)}", "a mapping")
            return None
        return Section(value, (*self.loc, key), self.findings)

    def items(self, key: str) -> list[Any]:
        """Read a list of anything."""
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.error(key, f"`{key}` is {describe(value)}", "a list")
            return []
        return value

    def sections(self, key: str, what: str) -> Iterator[Section]:
        """Read a list of mappings. Kestra drops items that are none by accident: a warning; `what` names an item."""
        for index, item in enumerate(self.items(key)):
            loc = (*self.loc, key, index)
            if isinstance(item, dict):
                yield Section(item, loc, self.findings)
            else:
                self.findings.remark(
                    Severity.WARNING, loc, f"{describe(item)} is no {what}; Kestra ignores it"
                )

    def choices(self, key: str, names: Sequence[str]) -> frozenset[str]:
        """Read a list of some of `names`."""
        return self._all(key, lambda value: to_choice(value, names))

    def texts(self, key: str) -> frozenset[str]:
        """Read a list of texts."""
        return self._all(key, to_text)

    def _all(self, key: str, coerce: Callable[[object], Read[T]]) -> frozenset[T]:
        values = (
            self._coerced((*self.loc, key, index), key, item, coerce)
            for index, item in enumerate(self.items(key))
        )
        return frozenset(value for value in values if value is not None)
