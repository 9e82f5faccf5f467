"""Collects what is found wrong while a document is read, so that its author hears of everything at once."""

from __future__ import annotations

from flowconc.scenario.document.validation import MOST_PROBLEMS, Loc, Locate
from flowconc.scenario.names import UnknownName
from flowconc.scenario.problems import BadInput, Problem, Severity


class Findings:
    """The problems of one document, in the order in which they were found.

    What adds a problem raises BadInput when there are more than MOST_PROBLEMS.
    """

    def __init__(self, locate: Locate) -> None:
        self.locate = locate
        self.problems: list[Problem] = []

    def error(
        self,
        loc: Loc,
        what: str,
        expected: str | None = None,
        suggestion: str | None = None,
        *,
        key: bool = False,
    ) -> None:
        """Add an error at `loc`, or at its key."""
        self._add(Problem(self.locate(loc, key=key), what, expected, suggestion))

    def remark(self, severity: Severity, loc: Loc, what: str, *, key: bool = False) -> None:
        """Add a warning or a notice at `loc`, or at its key."""
        self._add(Problem(self.locate(loc, key=key), what, severity=severity))

    def unknown(self, loc: Loc, error: UnknownName, *, key: bool = False) -> None:
        """Add the error of a name at `loc` that means nothing, or too much."""
        self.error(loc, error.what, error.expected, error.suggestion, key=key)

    def adopt(self, error: BadInput) -> None:
        """Add the problems of an error that was raised."""
        self.problems.extend(error.problems)

    def _add(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) > MOST_PROBLEMS:
            last = Problem(problem.position, "there may be more: too much is wrong to go on")
            raise BadInput([*self.problems, last])
