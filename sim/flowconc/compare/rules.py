"""The rules of the known semantics as tables: every answer of every version, and where two of them differ.

Answers that are no plain yes or no are long. In a table over all versions each rule gives its answers letters, in
the order in which the versions first give them, and says what the letters mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase
from types import MappingProxyType
from typing import Final

from flowconc.protocol.fault import Fault
from flowconc.protocol.faults import FAULTS
from flowconc.protocol.rules import QUESTIONS, Question, answer
from flowconc.protocol.semantics import semantics_of
from flowconc.protocol.versions import VERSIONS

DOCUMENTED: Final = "documented"

ABOUT: Final = MappingProxyType(
    {
        DOCUMENTED: "what Kestra's documentation says: the contract, and the default",
        "kestra-2.0.2": "a kill during a retry's wait ends the execution (#19683)",
        "kestra-2.0.0": "claims are stamped, a popped execution is sent on its way after the commit",
        "kestra-1.3.31": "scheduled executions pass the gate; triggers have allowConcurrent",
        "kestra-1.2": "a slot is freed and handed on in one transaction (#13786)",
        "kestra-1.1.10": "a pop looks at the limit (#13573)",
        "kestra-1.1.0": "one counter row per flow (#11873); restarts of FAILED executions pass the gate",
        "kestra-0.24.0": "rows of admitted executions are counted (#10296); popped ones have none",
        "kestra-0.22.0": "executions are counted, without a lock",
        "kestra-0.21.0": "as 0.22, and a date that comes after the end runs an execution again",
    }
)
"""What is new or particular in each semantics, in one line."""

_YES_OR_NO: Final = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Differing:
    """A rule that two semantics answer differently."""

    rule: Question
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule over all versions. `marks` has a word or a letter for each, `letters` what the letters mean."""

    rule: Question
    marks: tuple[str, ...]
    letters: tuple[tuple[str, str], ...]

    def departs(self, column: int) -> bool:
        """Say whether the version in a column answers differently from the first."""
        return self.marks[column] != self.marks[0]


def differing(first: str, second: str) -> tuple[Differing, ...]:
    """Return the rules in which two semantics, by their full names, differ; in the order of the rules."""
    one, other = semantics_of(first).rules, semantics_of(second).rules
    return tuple(
        Differing(rule, answer(one, rule.name), answer(other, rule.name))
        for rule in QUESTIONS
        if getattr(one, rule.name) != getattr(other, rule.name)
    )


def differing_steps(first: str, second: str) -> tuple[str, ...]:
    """Return the steps of the protocol that two semantics do differently; only fault models change any."""
    one, other = semantics_of(first).steps, semantics_of(second).steps
    return tuple(name for name in sorted(one.keys() | other.keys()) if one.get(name) is not other.get(name))


def versions_table(versions: Iterable[str] = VERSIONS) -> tuple[Row, ...]:
    """Return every rule with the answer of each version."""
    rules = [VERSIONS[name] for name in versions]
    return tuple(_row(rule, [answer(each, rule.name) for each in rules]) for rule in QUESTIONS)


def faults() -> tuple[Fault, ...]:
    """Return the fault models, in their order."""
    return tuple(FAULTS.values())


def short(semantics: str) -> str:
    """Return what a version is called in the head of a column: `2.0.0`."""
    return semantics.removeprefix("kestra-")


def _row(rule: Question, answers: list[str]) -> Row:
    if all(each in _YES_OR_NO for each in answers):
        return Row(rule, tuple(answers), ())
    letters = dict(zip(dict.fromkeys(answers), ascii_lowercase, strict=False))
    marks = tuple(letters[each] for each in answers)
    return Row(rule, marks, tuple((letter, each) for each, letter in letters.items()))
