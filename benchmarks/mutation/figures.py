"""What came out of a trial, as it is kept in docs/mutants.json: the figures, and every mutant that survived."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from math import sqrt
from pathlib import Path

from benchmarks.mutation.fate import Fate
from benchmarks.mutation.mutant import ROOT, Mutant

RESULTS = ROOT / "docs" / "mutants.json"
SOURCES = ROOT / "sim" / "flowconc"

_Z = 1.959963984540054
"""The standard normal quantile of a 95 % interval."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed: where it is, the line as it is and as it would be."""

    file: str
    function: str
    was: str
    becomes: str

    @classmethod
    def of(cls, mutant: Mutant) -> Survivor:
        """Return a mutant as it is kept: without its line number, which changes more often than it does."""
        file = str(mutant.path.relative_to(SOURCES))
        was, becomes = (" ".join(line.strip() for line in lines) for lines in (mutant.was, mutant.becomes))
        return cls(file, mutant.function or "", was, becomes)


@dataclass(frozen=True)
class Stratum:
    """The mutants of a package, inside its functions or outside of them: how many there are, and how those drawn ended.

    `timeouts` never end, and are killed by that. `closed` survived when they were drawn, and do not any more.
    """

    package: str
    where: str
    mutants: int
    drawn: int
    killed: int
    timeouts: int
    closed: int = 0

    @property
    def survived(self) -> int:
        """How many survive now."""
        return self.drawn - self.killed - self.timeouts - self.closed

    @property
    def share(self) -> float:
        """The share killed of those drawn, at first sight: what was closed since has been looked at to close it."""
        return (self.killed + self.timeouts) / self.drawn

    @property
    def interval(self) -> tuple[float, float]:
        """The share's 95 % confidence interval (Wilson)."""
        return wilson(self.killed + self.timeouts, self.drawn)


@dataclass(frozen=True)
class Results:
    """Everything that is kept of a trial."""

    seed: int
    strata: tuple[Stratum, ...]
    survivors: tuple[Survivor, ...]

    def again(self, survivors: Iterable[Survivor]) -> Results:
        """Return the results with the survivors that are left of theirs."""
        left = tuple(survivors)
        where = Counter(map(_place, left))
        strata = (
            replace(each, closed=each.closed + each.survived - where[each.package, each.where])
            for each in self.strata
        )
        return replace(self, strata=tuple(strata), survivors=left)

    def write(self, path: Path = RESULTS) -> None:
        """Keep the results."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _place(survivor: Survivor) -> tuple[str, str]:
    where = "inside functions" if survivor.function else "outside functions"
    return survivor.file.partition("/")[0], where


def read(path: Path = RESULTS) -> Results:
    """Read the results that are kept."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Results(
        kept["seed"],
        tuple(Stratum(**each) for each in kept["strata"]),
        tuple(Survivor(**each) for each in kept["survivors"]),
    )


def package_share(strata: Iterable[Stratum], package: str) -> tuple[float, float]:
    """Return the share of all mutants of a package that are killed at first sight, and its standard error.

    Each stratum weighs as much as it has mutants, whatever was drawn from it.
    """
    own = [each for each in strata if each.package == package]
    total = sum(each.mutants for each in own)
    share = sum(each.mutants / total * each.share for each in own)
    variance = sum((each.mutants / total) ** 2 * each.share * (1 - each.share) / each.drawn for each in own)
    return share, sqrt(variance)


def stratum(package: str, where: str, mutants: int, fates: Iterable[Fate]) -> Stratum:
    """Count how the mutants of a stratum ended."""
    ended = Counter(fates)
    return Stratum(package, where, mutants, ended.total(), ended[Fate.KILLED], ended[Fate.TIMEOUT])


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share."""
    share = hits / tries
    middle = share + _Z**2 / (2 * tries)
    half = _Z * sqrt(share * (1 - share) / tries + _Z**2 / (4 * tries**2))
    return tuple((middle + sign * half) / (1 + _Z**2 / tries) for sign in (-1, 1))  # type: ignore[return-value]
