"""All known bugs against all invariants: what catches each, and which versions have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from flowconc.zoo.registry import Bug
from flowconc.zoo.trial import Trial, try_out

SYMPTOMS = frozenset({"counter_matches_holders", "display_matches_engine"})
"""Invariants that anything wrong with slots breaks sooner or later: they do not tell one bug from another."""


class Shows(Enum):
    """Whether a version has a bug, to judge by the scenario that shows it."""

    YES = "shows it"  # it breaks an invariant that the faulty semantics breaks
    OTHERWISE = "another outcome"  # it breaks none of those, but what is expected does not come about
    NO = "does not"
    ABSENT = "cannot have it"  # the version has not what the scenario uses


@dataclass(frozen=True, slots=True)
class Examined:
    """One bug: its scenario under each faulty and each fixed semantics, and under versions."""

    bug: Bug
    faulty: tuple[Trial, ...]
    fixed: tuple[Trial, ...]
    versions: tuple[Trial, ...] = ()

    @property
    def caught(self) -> bool:
        """Say whether an invariant breaks under each faulty semantics."""
        return all(trial.broken for trial in self.faulty)

    @property
    def clean(self) -> bool:
        """Say whether everything holds under each fixed semantics."""
        return all(trial.passed for trial in self.fixed)

    def shows(self, trial: Trial) -> Shows:
        """Say what a version's trial means."""
        if trial.unusable is not None:
            return Shows.ABSENT
        if any(not trial.broken.keys().isdisjoint(_telling(faulty)) for faulty in self.faulty):
            return Shows.YES
        return Shows.OTHERWISE if trial.failures and self.bug.remedy is None else Shows.NO


def examine(bug: Bug, versions: Iterable[str] = ()) -> Examined:
    """Run the scenario of a bug under every semantics that its entry names, and under versions."""
    return Examined(
        bug,
        tuple(try_out(bug.path, name) for name in bug.faulty),
        tuple(try_out(bug.path, name, last=True) for name in bug.fixed),
        tuple(try_out(bug.path, name) for name in versions),
    )


def examine_all(bugs: Sequence[Bug], versions: Sequence[str] = ()) -> Iterator[Examined]:
    """Examine bugs one after the other."""
    return (examine(bug, versions) for bug in bugs)


def _telling(faulty: Trial) -> frozenset[str]:
    """Return the invariants by which a bug is told: those that break with it, symptoms only where there is nothing else."""
    return frozenset(faulty.broken) - SYMPTOMS or frozenset(faulty.broken)


def complaints(examined: Iterable[Examined]) -> Iterator[str]:
    """Yield a sentence for each bug that is not caught, and for each fixed semantics that is not clean."""
    for each in examined:
        for trial in each.faulty:
            if trial.unusable is not None:
                yield f"{each.bug.id} cannot be run under {trial.semantics}: {trial.unusable}"
            elif not trial.broken:
                yield f"{each.bug.id} is not caught under {trial.semantics}: no invariant breaks"
        for trial in each.fixed:
            for why in _wrong(trial):
                yield f"{each.bug.id} is not clean under {trial.semantics}: {why}"


def _wrong(trial: Trial) -> Iterator[str]:
    if trial.unusable is not None:
        yield trial.unusable
    for invariant, sentence in trial.broken.items():
        yield f"{invariant}: {sentence}"
    yield from trial.failures
