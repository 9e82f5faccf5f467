"""What came out of a trial, as it is kept in docs/mutants.json: the figures, and every mutant that survived."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
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
    """The mutants of a package, inside its functions or outside of them: how many there are, and how those drawn ended."""

    package: str
    where: str
    mutants: int
    drawn: int
    killed: int
    timeouts: int

    @property
    def share(self) -> float:
        """The share killed of those drawn; one that never ends is killed by its time limit."""
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
    survivors: tuple[Survivor, ...] = field(default=())

    def write(self, path: Path = RESULTS) -> None:
        """Keep the results."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path = RESULTS) -> Results:
    """Read the results that are kept."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Results(
        kept["seed"],
        tuple(Stratum(**each) for each in kept["strata"]),
        tuple(Survivor(**each) for each in kept["survivors"]),
    )


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
