"""Scenario files -> scenarios: everything that a `*.flowconc.yaml` says, checked, resolved and frozen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from flowconc.scenario.document.validation import Loc
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Position, Problem, excerpt
from flowconc.scenario.resolve.flow_files import FlowFiles, shown_path
from flowconc.scenario.resolve.scenario import resolve
from flowconc.scenario.source.text_file import read_text
from flowconc.scenario.source.yaml_source import Document, documents

SUFFIX: Final = ".flowconc.yaml"
"""How the name of a scenario file ends."""

_NEVER_PLAIN: Final = frozenset("'\"|>")


def load(path: str | Path, *, semantics: str | None = None) -> tuple[Scenario, ...]:
    """Return every scenario of a file, in the order of its documents and of the combinations of parameters.

    `semantics` is read in place of each scenario's own: its flows are then read as that version of Kestra reads them.
    Raises BadInput with every problem in the file and in the flow files that it names.
    """
    scenarios: list[Scenario] = []
    problems: dict[Problem, None] = {}
    for found in load_apart(path, semantics=semantics):
        if isinstance(found, BadInput):
            problems |= dict.fromkeys(found.problems)
        else:
            scenarios += found
    if problems:
        raise BadInput(problems)
    return tuple(scenarios)


def load_apart(
    path: str | Path, *, semantics: str | None = None
) -> tuple[tuple[Scenario, ...] | BadInput, ...]:
    """Return for each document of a file its scenarios, or what is wrong with it; the rest is as in `load`.

    Raises BadInput for a file that cannot be read at all, or has two scenarios of one name.
    """
    path = Path(path)
    shown = shown_path(path)
    text = read_text(path, shown_as=shown)
    files = FlowFiles(path.parent)
    written = _written(documents(text, shown), shown)
    same = tuple(_same_names(written))
    found: list[tuple[Scenario, ...] | BadInput] = []
    for document in written:
        try:
            found.append(
                resolve(
                    _under(document.data, semantics),
                    document.locate,
                    files,
                    is_plain=_plainness(text, document),
                )
            )
        except BadInput as error:
            found.append(error)
    if same:
        wrong = [problem for each in found if isinstance(each, BadInput) for problem in each.problems]
        raise BadInput(dict.fromkeys((*wrong, *same)))
    return tuple(found)


def _under(data: object, semantics: str | None) -> object:
    """Return a document's data with another semantics; what is no scenario at all stays what it is."""
    if semantics is None or not isinstance(data, dict):
        return data
    return {**data, "semantics": semantics}


def load_many(paths: Iterable[str | Path]) -> tuple[Scenario, ...]:
    """Return every scenario of the files that `find` finds. Raises BadInput with the problems of all of them."""
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for path in find(paths):
        try:
            scenarios += load(path)
        except BadInput as error:
            problems += error.problems
    if problems:
        raise BadInput(problems)
    return tuple(scenarios)


def find(paths: Iterable[str | Path]) -> list[Path]:
    """Return the scenario files among `paths` and below those that are folders: each once, sorted in each folder.

    Links to folders below are not followed, so loops of links are harmless. Raises BadInput for a path that does
    not exist; a file that is named is taken whatever its name.
    """
    found: dict[Path, None] = {}
    problems = []
    for path in map(Path, paths):
        if path.is_dir():
            found |= dict.fromkeys(sorted(_below(path)))
        elif path.is_file():
            found[path] = None
        else:
            problems.append(Problem(Position(shown_path(path)), "there is no such file or folder"))
    if problems:
        raise BadInput(problems)
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for parent, _, files in os.walk(folder, followlinks=False):
        yield from (Path(parent, name) for name in files if name.endswith(SUFFIX))


def _written(found: tuple[Document, ...], shown: str) -> list[Document]:
    """Return the documents that say something; a file of which none does has no scenario."""
    written = [document for document in found if document.data is not None]
    if not written:
        raise BadInput([Problem(Position(shown), "the file has no scenario", "`scenario`, `flows`, ...")])
    return written


def _same_names(written: Iterable[Document]) -> Iterator[Problem]:
    """Yield a problem for each document whose scenario has the name of an earlier one of the file."""
    first: dict[str, int] = {}
    for document in written:
        name = document.data.get("scenario") if isinstance(document.data, dict) else None
        if not isinstance(name, str):
            continue
        position = document.locate(("scenario",))
        line = first.setdefault(name, position.line)
        if line != position.line:
            what = f"the scenario {excerpt(name)} is there twice, first in line {line}"
            yield Problem(position, what, "a name of its own")


def _plainness(text: str, document: Document) -> Callable[[Loc], bool]:
    """Return whether the text at a place of the document is written without quotes."""
    lines = text.splitlines()

    def is_plain(loc: Loc) -> bool:
        position = document.locate(loc)
        return lines[position.line - 1][position.column - 1] not in _NEVER_PLAIN

    return is_plain
