"""Crowds: many executions that are sent alike and that nobody touches one by one.

In a burst or a stream it is a race which of them waits, is turned away, overtakes. So when no order searched comes to
exactly what was recorded, a crowd is compared in kind: how many of its executions went through which states, and how
many ran at once at most. Each number of the recording must lie within those of the outcomes searched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from flowconc.kestra.comparison import Comparison
from flowconc.kestra.outcome import Outcome, Run
from flowconc.kestra.script import Script

SMALLEST: Final = 20
"""Executions sent by one operation that make a crowd."""

_PEAK: Final = "at once"


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest and the largest number of one kind in the outcomes seen, and the recorded one."""

    kind: str
    recorded: int
    smallest: int
    largest: int

    @property
    def holds(self) -> bool:
        """Say whether the recorded number lies between the others."""
        return self.smallest <= self.recorded <= self.largest


class Kinds:
    """The numbers of each kind that outcomes had."""

    def __init__(self, crowds: Sequence[frozenset[str]]) -> None:
        self._crowds = crowds
        self._seen: list[Counter[str]] = []

    def add(self, outcome: Outcome) -> None:
        """Count what an outcome has of each kind."""
        if self._crowds:
            self._seen.append(self._count(outcome))

    def ranges(self, recorded: Outcome) -> tuple[Range, ...]:
        """Return the range of each kind that the recording or any outcome has; none without a crowd."""
        if not self._seen:
            return ()
        own = self._count(recorded)
        kinds = sorted(own.keys() | {kind for seen in self._seen for kind in seen})
        return tuple(
            Range(
                kind,
                own[kind],
                min(seen[kind] for seen in self._seen),
                max(seen[kind] for seen in self._seen),
            )
            for kind in kinds
        )

    def covers(self, comparison: Comparison) -> bool:
        """Say whether all differences are of members of crowds, or of what they leave behind."""
        members = frozenset().union(*self._crowds)
        return all(
            difference.what in {"the counter", "the queue"}
            or set(difference.subject.split(" and ")) <= members
            for difference in comparison.differences
        )

    def _count(self, outcome: Outcome) -> Counter[str]:
        found: Counter[str] = Counter()
        for crowd in self._crowds:
            runs = [outcome.runs[name] for name in sorted(crowd) if name in outcome.runs]
            found.update(" ".join(state for state, _ in run.history) for run in runs)
            found[_PEAK] = max(found[_PEAK], _peak(runs))
        return found


def crowds_of(script: Script) -> tuple[frozenset[str], ...]:
    """Return the crowds of a script: the labels of each, without those that an operation is done to."""
    touched = {operation.execution for operation in script.operations}
    by_place: dict[object, set[str]] = {}
    for operation in script.operations:
        if operation.verb == "trigger" and operation.label is not None and operation.label not in touched:
            by_place.setdefault(operation.position, set()).add(operation.label)
    return tuple(frozenset(labels) for labels in by_place.values() if len(labels) >= SMALLEST)


def _peak(runs: Iterable[Run]) -> int:
    """Return how many ran at once at most; one that ends makes room for one that starts at the same time."""
    changes: list[tuple[int, int]] = []
    for run in runs:
        for (state, begin_us), (_, end_us) in pairwise((*run.seen, ("", 2**62))):
            if state == "RUNNING":
                changes += [(begin_us, 1), (end_us, -1)]
    most = running = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most


def told(ranges: Sequence[Range]) -> Mapping[str, str]:
    """Say each range in words: `190 (188 to 192)`."""
    return {each.kind: f"{each.recorded} ({each.smallest} to {each.largest})" for each in ranges}
