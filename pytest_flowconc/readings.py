"""A scenario file as the semantics that were asked for read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowconc.scenario.load import load, load_apart
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput


@dataclass(frozen=True, slots=True)
class Run:
    """One test: a scenario's place in its file, the scenario, the semantics in place of its own.

    `refused` says why that semantics cannot read it; `scenario` is then as its own semantics reads it.
    """

    index: int
    scenario: Scenario
    semantics: str | None = None
    refused: BadInput | None = None


def runs_of(path: Path, asked: tuple[str, ...]) -> Iterator[Run]:
    """Yield the tests of a file, in its order: each scenario under each of the semantics `asked` for.

    Raises BadInput when the file cannot be used as it is.
    """
    own = load(path)
    if not asked:
        yield from (Run(index, scenario) for index, scenario in enumerate(own))
        return
    found = [reading(path, semantics) for semantics in asked]
    for index, scenario in enumerate(own):
        for semantics, read in zip(asked, found, strict=True):
            seen = read[index]
            if isinstance(seen, BadInput):
                yield Run(index, scenario, semantics, seen)
            else:
                yield Run(index, seen, semantics)


def reading(path: Path, semantics: str | None) -> list[Scenario | BadInput]:
    """Return what a semantics makes of each scenario of a file, in its order; None is each scenario's own.

    A document that the semantics cannot read counts as often as it has scenarios. Raises BadInput.
    """
    if semantics is None:
        return list(load(path))
    sizes = [len(found) for found in load_apart(path) if not isinstance(found, BadInput)]
    read: list[Scenario | BadInput] = []
    for found, size in zip(load_apart(path, semantics=semantics), sizes, strict=True):
        read += [found] * size if isinstance(found, BadInput) else found
    return read
