"""`flowconc check`: flow files and scenario files, read as they would be for a run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from flowconc.check.wording import counted
from flowconc.scenario.kestra_flow.flow_file import read_flow
from flowconc.scenario.load import SUFFIX, load
from flowconc.scenario.problems import BadInput, Position, Problem
from flowconc.scenario.resolve.flow_files import shown_path
from flowconc.scenario.source.text_file import read_text

_YAML = (".yaml", ".yml")
_SCENARIO_KEY = re.compile(r"^scenario\s*:", re.MULTILINE)
_FLOW_KEY = re.compile(r"^(id|namespace|tasks)\s*:", re.MULTILINE)


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(paths: tuple[Path, ...]) -> int:
    """Check every flow and scenario under each PATH, and run nothing.

    A directory is searched for *.yaml and *.yml files that look like one or the other. A flow is accepted exactly
    if Kestra accepts it. Exits 0 if every file can be used, 2 if not.
    """
    files, problems = _files(paths)
    for problem in problems:
        click.echo(problem, err=True)
    bad = sum(not _is_usable(file) for file in files)
    click.echo(f"{counted(len(files), 'file')} checked, {bad} not usable")
    return 2 if bad or problems else 0


def _is_usable(file: Path) -> bool:
    """Read one file and say what there is to say about it."""
    try:
        remarks = _read(file)
    except BadInput as bad:
        for problem in bad.problems:
            click.echo(problem, err=True)
        return False
    for remark in remarks:
        click.echo(remark)
    return True


def _read(file: Path) -> Iterable[Problem]:
    """Return the warnings and notices of a usable file. Raises BadInput."""
    if file.name.endswith(SUFFIX) or _SCENARIO_KEY.search(_text(file)):
        return dict.fromkeys(notice for scenario in load(file) for notice in scenario.notices)
    return read_flow(file, shown_as=shown_path(file)).notices


def _files(paths: Iterable[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the files to check, each once, and a problem for each path that leads to none."""
    files: dict[Path, None] = {}
    problems = []
    for path in paths:
        if path.is_dir():
            found = [file for file in sorted(_yaml_below(path)) if _looks_known(file)]
            if not found:
                problems.append(Problem(Position(shown_path(path)), "there is no flow and no scenario below"))
            files |= dict.fromkeys(found)
        elif path.exists():
            files[path] = None
        else:
            problems.append(Problem(Position(shown_path(path)), "there is no such file or folder"))
    return list(files), problems


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
