"""What a rule is, and what it finds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flowconc.lint.repository import Repository
from flowconc.scenario.problems import Position, Severity


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a rule finds: where, why it matters, and what to do instead."""

    position: Position
    what: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark, and the rule that made it. Its texts are one line each."""

    rule: str
    severity: Severity
    position: Position
    what: str
    suggestion: str


Check = Callable[[Repository], Iterable[Remark]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for. `finds` says what in a few words, `explanation` why it matters.

    `check` is None for what is found in the comments that silence other rules.
    """

    id: str
    severity: Severity
    finds: str
    explanation: str
    check: Check | None = None

    def findings(self, repository: Repository) -> Iterable[Finding]:
        """Give what the rule finds among these flows."""
        return map(self.finding, self.check(repository) if self.check is not None else ())

    def finding(self, remark: Remark) -> Finding:
        """Return a remark as this rule's."""
        return Finding(self.id, self.severity, remark.position, remark.what, remark.suggestion)


def rule(rule_id: str, severity: Severity) -> Callable[[Check], Rule]:
    """Make a rule of a function. Its docstring is the rule's documentation: `Find ...`, and why."""

    def make(check: Check) -> Rule:
        finds, _, explanation = inspect.cleandoc(check.__doc__ or "").partition("\n\n")
        return Rule(rule_id, severity, finds.removeprefix("Find ").rstrip("."), explanation, check)

    return make
