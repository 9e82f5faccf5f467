"""`flowconc check`: flow files and scenario files, read as they would be for a run, and flows linted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path

import click

from flowconc.cli.annotations import FORMATS, Checked
from flowconc.cli.progress import tracked
from flowconc.lint.linter import RULE_IDS, FlowFile, lint
from flowconc.lint.rule import Finding
from flowconc.lint.scopes import Scope
from flowconc.replications import check_backend
from flowconc.scenario.flow import Behavior, Concurrency
from flowconc.scenario.kestra_flow.flow_file import read_flow
from flowconc.scenario.load import SUFFIX, load
from flowconc.scenario.problems import BadInput, Position, Problem, Severity, nearest
from flowconc.scenario.resolve.flow_files import shown_path
from flowconc.scenario.source.text_file import read_text

FOUND = 1
BAD_INPUT = 2

_YAML = (".yaml", ".yml")
_SCENARIO_KEY = re.compile(r"^scenario\s*:", re.MULTILINE)
_FLOW_KEY = re.compile(r"^(id|namespace|tasks)\s*:", re.MULTILINE)
_LIMIT = re.compile(r"(?:(?P<namespace>[^=]+)=)?(?P<limit>[0-9]{1,9})(?::(?P<behavior>\w+))?")


def _read_rules(
    _context: click.Context, _option: click.Parameter, values: Sequence[str]
) -> frozenset[str] | None:
    """Read ids of rules, with commas between them; None if there are none."""
    ids = [name.strip() for value in values for name in value.split(",")]
    for rule_id in ids:
        if rule_id not in RULE_IDS:
            close = nearest(rule_id, RULE_IDS)
            hint = f", did you mean {close!r}?" if close else f", expected one of {', '.join(RULE_IDS)}"
            raise click.BadParameter(f"there is no rule {rule_id!r}{hint}")
    return frozenset(ids) if ids else None


def _read_limits(
    _context: click.Context, _option: click.Parameter, values: Sequence[str]
) -> tuple[Scope, ...]:
    """Read limits that no flow file says: `company=10`, `company.team=5:CANCEL`; for all flows, `50`."""
    return tuple(map(_limit, values))


def _limit(text: str) -> Scope:
    match = _LIMIT.fullmatch(text)
    if match is None or int(match["limit"]) < 1:
        raise click.BadParameter(
            f"{text!r} is no limit, expected NAMESPACE=N, or N alone for all flows, with N at least 1"
        )
    behaviors = [behavior.value for behavior in Behavior]
    behavior = match["behavior"] or Behavior.QUEUE.value
    if behavior not in behaviors:
        raise click.BadParameter(f"{behavior!r} is no behavior, expected one of {', '.join(behaviors)}")
    return Scope(Concurrency(int(match["limit"]), Behavior(behavior)), namespace=match["namespace"])


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--select",
    multiple=True,
    callback=_read_rules,
    metavar="RULE,...",
    help="Check flows by these rules only.",
)
@click.option(
    "--ignore", multiple=True, callback=_read_rules, metavar="RULE,...", help="Leave these rules out."
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    callback=_read_limits,
    metavar="[NAMESPACE=]N[:BEHAVIOR]",
    help="A limit on a namespace, or on all flows, which flow files do not say.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to print what is found; github makes annotations of it.",
)
@click.option(
    "--fail-on",
    type=click.Choice([Severity.WARNING.value, Severity.ERROR.value]),
    default=Severity.WARNING.value,
    show_default=True,
    help="The least finding that makes the exit status 1.",
)
def command(
    paths: tuple[Path, ...],
    select: frozenset[str] | None,
    ignore: frozenset[str] | None,
    limits: tuple[Scope, ...],
    form: str,
    fail_on: str,
) -> int:
    """Check every flow and scenario under each PATH, and run nothing.

    A PATH is a file, a pattern such as 'flows/**/*.yaml', or a directory, which is searched for *.yaml and *.yml
    files that look like flows or scenarios. A flow is accepted exactly if Kestra accepts it. All flows together are
    then looked over for what their concurrency limits will not stand: the reference of lint rules lists what for.

    Exits 0 if all is well, 1 if there are findings, 2 if a file cannot be used.
    """
    files, problems = _files(paths)
    read = _Reading(problems)
    for _ in tracked(map(read.add, files), total=len(files), what="files"):
        pass
    rules = (select or frozenset(RULE_IDS)) - (ignore or frozenset())
    findings = lint(read.flows, rules=rules, limits=limits)
    FORMATS[form](Checked(len(files), read.unusable, read.problems, findings))
    if read.problems_of(Severity.ERROR):
        return BAD_INPUT
    return FOUND if any(_counts(finding, fail_on) for finding in findings) else 0


def _counts(finding: Finding, fail_on: str) -> bool:
    return finding.severity is Severity.ERROR or fail_on == Severity.WARNING.value


@dataclass(slots=True)
class _Reading:
    """Files read one by one: the flows in them, and what there is to say about each file."""

    problems: list[Problem]
    flows: list[FlowFile] = field(default_factory=list)
    unusable: int = 0

    def add(self, file: Path) -> None:
        """Read one file."""
        try:
            self._read(file)
        except BadInput as bad:
            self.problems += bad.problems
            self.unusable += 1

    def _read(self, file: Path) -> None:
        """Read one file. Raises BadInput."""
        text = _text(file)
        if file.name.endswith(SUFFIX) or _SCENARIO_KEY.search(text):
            scenarios = load(file)
            for scenario in scenarios:
                check_backend(scenario)
            self.problems += dict.fromkeys(notice for scenario in scenarios for notice in scenario.notices)
        else:
            flow = read_flow(file, shown_as=shown_path(file))
            self.problems += flow.notices
            self.flows.append(FlowFile(flow, text))

    def problems_of(self, severity: Severity) -> list[Problem]:
        """Return what is as grave as this."""
        return [problem for problem in self.problems if problem.severity is severity]


def _files(paths: Iterable[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the files to check, each once, and a problem for each path that leads to none."""
    files: dict[str, Path] = {}
    problems = []
    for path in paths:
        try:
            for file in _files_of(path):
                files.setdefault(os.path.realpath(file), file)
        except _NoFiles as reason:
            problems.append(Problem(Position(shown_path(path)), str(reason)))
    return list(files.values()), problems


class _NoFiles(Exception):  # noqa: N818 - it says what it is
    """A path that leads to no file; the text says why."""


def _files_of(path: Path) -> list[Path]:
    """Return the files that a path means. Raises _NoFiles."""
    if path.is_dir():
        found = [file for file in sorted(_yaml_below(path)) if _looks_known(file)]
        if not found:
            raise _NoFiles("there is no flow and no scenario below")
        return found
    if path.exists():
        return [path]
    if not has_magic(str(path)):
        raise _NoFiles("there is no such file or folder")
    found = sorted(_matches(path))
    if not found:
        raise _NoFiles("no file matches this pattern")
    return found


def _matches(pattern: Path) -> Iterator[Path]:
    """Yield the files that a pattern matches, for shells that leave that to the program. Raises _NoFiles."""
    fixed = next(number for number, part in enumerate(pattern.parts) if has_magic(part))
    start, rest = Path(*pattern.parts[:fixed]), Path(*pattern.parts[fixed:])
    try:
        yield from (file for file in start.glob(str(rest)) if file.is_file())
    except ValueError as error:
        raise _NoFiles(f"this is not a pattern ({error})") from None


def _yaml_below(folder: Path) -> Iterator[Path]:
    """Yield the YAML files below a folder; hidden folders and links to folders are left alone."""
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if name.endswith(_YAML))


def _looks_known(file: Path) -> bool:
    """Say whether a file found in a directory is meant for us: other tools write YAML, too."""
    if file.name.endswith(SUFFIX):
        return True
    text = _text(file)
    return bool(_SCENARIO_KEY.search(text)) or len(set(_FLOW_KEY.findall(text))) >= 2


def _text(file: Path) -> str:
    """Return the text of a file, nothing if it cannot be read: whoever reads it next says why."""
    try:
        return read_text(file)
    except BadInput:
        return ""
