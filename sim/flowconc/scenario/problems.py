"""What is wrong with an input file, where, and what was expected instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum


class Severity(Enum):
    """How much a problem matters: an error stops the file, the others are said and the run goes on."""

    ERROR = "error"
    WARNING = "warning"  # accepted, as Kestra accepts it by accident
    NOTICE = "notice"  # accepted, but not simulated


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file. Lines and columns count from 1, as editors do."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to tell the author of a file."""

    position: Position
    what: str
    expected: str | None = None
    suggestion: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def sentence(self) -> str:
        """What is wrong, what was expected, and what may have been meant."""
        parts = [self.what]
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.suggestion is not None:
            parts.append(f"did you mean {self.suggestion!r}?")
        return ", ".join(parts)

    def __str__(self) -> str:
        label = "" if self.severity is Severity.ERROR else f"{self.severity.value}: "
        return f"{self.position}: {label}{self.sentence}"


class BadInput(Exception):  # noqa: N818 - it says what it is
    """A file that cannot be used. Carries every problem found in it, in order of position."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.position))
        super().__init__("\n".join(str(problem) for problem in self.problems))


LONGEST_WORD = 100
"""Characters of a word for which a similar one is looked for: comparing takes time and memory by length."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, or None when none is close."""
    if len(word) > LONGEST_WORD:
        return None
    candidates = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return candidates[matches[0]] if matches else None


def excerpt(text: str, *, longest: int = 60) -> str:
    """Return `text` quoted for a message: on one line, and not too long."""
    return repr(text if len(text) <= longest else f"{text[: longest - 1]}…")
