"""How `flowconc check` prints what it found: for people, for programs, for GitHub Actions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import click

from flowconc import __version__
from flowconc.check.wording import counted
from flowconc.cli.words import styled
from flowconc.lint.rule import Finding
from flowconc.scenario.problems import Problem, Severity

SCHEMA_VERSION: Final = 1

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: problems of files on their own, findings of rules over all flows."""

    files: int
    unusable: int
    problems: Sequence[Problem]
    findings: Sequence[Finding]

    def summary(self) -> str:
        """Return the closing line."""
        parts = [f"{counted(self.files, 'file')} checked", f"{self.unusable} not usable"]
        return ", ".join(parts + ([counted(len(self.findings), "finding")] if self.findings else []))

    def errors(self) -> list[Problem]:
        """Return why files cannot be used."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]

    def in_order(self) -> list[Problem | Finding]:
        """Return all that is no such error, in order of position."""
        remarks = [problem for problem in self.problems if problem.severity is not Severity.ERROR]
        return sorted([*remarks, *self.findings], key=lambda said: said.position)


def say_text(checked: Checked) -> None:
    """Print a line for each thing found, and a second one that says what to do; errors of files to stderr."""
    for problem in checked.errors():
        click.echo(problem, err=True)
    for said in checked.in_order():
        if isinstance(said, Problem):
            click.echo(said)
            continue
        label = styled(f"{said.severity.value}:", fg=_COLOURS[said.severity], bold=True)
        click.echo(f"{said.position}: {label} {said.what} [{said.rule}]")
        click.echo(f"  help: {said.suggestion}")
    click.echo(checked.summary())


def say_json(checked: Checked) -> None:
    """Print one document: `schema_version` first, then problems and findings, each in order of position."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "flowconc_version": __version__,
        "files": checked.files,
        "not_usable": checked.unusable,
        "problems": [
            {
                **_place(problem),
                "severity": problem.severity.value,
                "message": problem.what,
                "expected": problem.expected,
                "suggestion": problem.suggestion,
            }
            for problem in sorted(checked.problems, key=lambda problem: problem.position)
        ],
        "findings": [
            {
                **_place(finding),
                "severity": finding.severity.value,
                "rule": finding.rule,
                "message": finding.what,
                "suggestion": finding.suggestion,
            }
            for finding in checked.findings
        ],
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _place(said: Problem | Finding) -> dict[str, str | int]:
    return {"path": said.position.path, "line": said.position.line, "column": said.position.column}


def say_github(checked: Checked) -> None:
    """Print GitHub's workflow commands, which become annotations of the files in a pull request."""
    for line in _workflow_commands((*checked.errors(), *checked.in_order())):
        click.echo(line)
    click.echo(checked.summary())


def _workflow_commands(said: Iterable[Problem | Finding]) -> Iterator[str]:
    for each in said:
        if isinstance(each, Problem):
            title, message = "flowconc", each.sentence
        else:
            title, message = f"flowconc: {each.rule}", f"{each.what}\nhelp: {each.suggestion}"
        properties = {
            "file": each.position.path,
            "line": str(each.position.line),
            "col": str(each.position.column),
            "title": title,
        }
        written = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
        yield f"::{each.severity.value} {written}::{_escaped(message)}"


def _escaped(text: str, also: str = "") -> str:
    """Return `text` as a workflow command takes it: what would end it is written as %XX, as in an address."""
    for character in f"%\r\n{also}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


FORMATS: Final[Mapping[str, Callable[[Checked], None]]] = MappingProxyType(
    {"text": say_text, "json": say_json, "github": say_github}
)
"""What `--format` can be."""
