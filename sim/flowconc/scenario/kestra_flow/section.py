"""A mapping of a flow file, read property by property; what is wrong is collected, not raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from flowconc.scenario.kestra_flow.dialect import DOCUMENTED, Dialect, dotted
from flowconc.scenario.kestra_flow.jackson import (
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
from flowconc.scenario.problems import BadInput, Position, Problem, Severity, excerpt, nearest
from flowconc.scenario.resolve.findings import Findings
from flowconc.scenario.semantics import Version
from flowconc.scenario.source.yaml_builder import MOST_ERRORS, MOST_WARNINGS
from flowconc.scenario.source.yaml_document import Loc
from flowconc.scenario.wording import describe, one_of

T = TypeVar("T")

SHORTEST_DURATION_NS: Final = 1_000_000
"""What Kestra still takes for positive."""
LONGEST_DURATION_NS: Final = 3650 * 86_400 * 1_000_000_000
"""What Kestra allows for retries and service levels: P3650D."""


class Section:
    """A mapping at `loc`. Its reading methods return None for a property that is not set, or is wrong."""

    def __init__(
        self, data: dict[str, Any], loc: Loc, findings: Findings, dialect: Dialect = DOCUMENTED
    ) -> None:
        self.data = data
        self.loc = loc
        self.findings = findings
        self.dialect = dialect

    # Where things are, and what to say of them

    @property
    def position(self) -> Position:
        """Where the mapping begins."""
        return self.findings.locate(self.loc)

    def error(self, key: str, what: str, expected: str | None = None, suggestion: str | None = None) -> None:
        """Report an error of a property, at its value, or at the mapping when it is not there."""
        self.error_at((*self.loc, key), what, expected, suggestion)

    def error_at(
        self,
        loc: Loc,
        what: str,
        expected: str | None = None,
        suggestion: str | None = None,
        *,
        key: bool = False,
    ) -> None:
        """Report an error at `loc`, or at its key. Raises BadInput when there are more than anybody reads."""
        self.problem(self.findings.locate(loc, key=key), what, expected, suggestion)

    def problem(
        self, position: Position, what: str, expected: str | None = None, suggestion: str | None = None
    ) -> None:
        """Report an error at a position. Raises BadInput when there are more than anybody reads."""
        problems = self.findings.problems
        problems.append(Problem(position, what, expected, suggestion))
        if len(problems) >= MOST_ERRORS:
            errors = [problem for problem in problems if problem.severity is Severity.ERROR]
            if len(errors) >= MOST_ERRORS:
                raise BadInput(errors)

    def warn(self, key: str, what: str) -> None:
        """Report what the engine accepts by accident."""
        self.remark_at(Severity.WARNING, (*self.loc, key), what)

    def notice(self, key: str, what: str) -> None:
        """Report what is accepted, but not simulated."""
        self.remark_at(Severity.NOTICE, (*self.loc, key), what)

    def remark_at(self, severity: Severity, loc: Loc, what: str) -> None:
        """Report a warning or a notice at `loc`, unless there are already more than anybody reads.

        However many there are, they make no error.
        """
        if len(self.findings.problems) < MOST_WARNINGS:
            problem = Problem(self.findings.locate(loc), what, severity=severity)
            self.findings.problems.append(problem)

    def missing(self, key: str, owner: str) -> None:
        """Report that a property is missing."""
        self.error_at(self.loc, f"{owner} has no `{key}`", f"`{key}`")

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
            self.error_at((*self.loc, key), what, expected, suggestion, key=True)

    def check_ages(self, since: Mapping[str, Version]) -> None:
        """Report the properties that came only after the version whose language this is."""
        for key in self.data:
            if key in since and self.dialect.lacks(since[key]):
                what = f"{self.dialect} has no `{key}`: it is there since {dotted(since[key])}"
                self.error_at((*self.loc, key), what, key=True)

    def require(self, keys: Sequence[str], owner: str) -> None:
        """Report those of `keys` that are not set."""
        for key in keys:
            if not self.has(key):
                self.missing(key, owner)

    # Typed properties

    def text(self, key: str) -> str | None:
        """Read a text."""
        return self._read(key, to_text)

    def integer(self, key: str, *, minimum: int | None = None, filled: bool = False) -> int | None:
        """Read a whole number of at least `minimum`. `filled`: an empty text is an error."""
        number = self._read(key, to_integer, filled=filled)
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

    def duration_us(
        self, key: str, *, positive: bool = False, filled: bool = False, longest_ns: int | None = None
    ) -> int | None:
        """Read a duration, in microseconds. `positive`: of a millisecond or more, as Kestra has it.

        `filled`: an empty text is an error.
        """
        duration_ns = self._read(key, to_duration_ns, filled=filled)
        if duration_ns is None:
            return None
        if positive and duration_ns < SHORTEST_DURATION_NS:
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

    def _read(self, key: str, coerce: Callable[[object], Read[T]], *, filled: bool = False) -> T | None:
        return self._coerced((*self.loc, key), key, self.data.get(key), coerce, filled=filled)

    def _coerced(
        self, loc: Loc, name: str, value: object, coerce: Callable[[object], Read[T]], *, filled: bool = False
    ) -> T | None:
        try:
            read = coerce(value)
        except Mismatch as mismatch:
            suggestion = nearest(value, mismatch.names) if isinstance(value, str) else None
            self.error_at(loc, f"`{name}` is {mismatch.what}", mismatch.expected, suggestion)
            return None
        if filled and value is not None and read.value is None:
            self.error_at(loc, f"`{name}` is empty", "a value")
        elif read.remark is not None:
            self.remark_at(Severity.WARNING, loc, read.remark)
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
        return Section(value, (*self.loc, key), self.findings, self.dialect)

    def items(self, key: str) -> list[Any]:
        """Read a list of anything."""
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.error(key, f"`{key}` is {describe(value)}", "a list")
            return []
        return value

    def sections(self, key: str, what: str, *, refused: bool = False) -> list[Section]:
        """Read a list of mappings; `what` names one.

        Items that are no mappings Kestra drops by accident, which is a warning, unless they are `refused`.
        """
        found = []
        for index, item in enumerate(self.items(key)):
            loc = (*self.loc, key, index)
            if isinstance(item, dict):
                found.append(Section(item, loc, self.findings, self.dialect))
            elif refused:
                self.error_at(loc, f"this {what} is {describe(item)}", "a mapping")
            else:
                self.remark_at(Severity.WARNING, loc, f"this {what} is {describe(item)}; Kestra ignores it")
        return found

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
