"""One scenario under several semantics: run, judged, and held against the first of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flowconc.compare.explanation import Explanation, explain
from flowconc.compare.parting import Parting, counts_alike, part, slack_us
from flowconc.compare.story import Story, story_of
from flowconc.protocol.semantics import semantics_of
from flowconc.runner import Result, run_scenario
from flowconc.scenario.load import load_apart
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Position, Problem, nearest
from flowconc.scenario.resolve.flow_files import shown_path


@dataclass(frozen=True, slots=True)
class Side:
    """A scenario under one semantics: judged, or refused because that version cannot read it."""

    semantics: str
    result: Result | None = None
    story: Story | None = None
    refused: BadInput | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """The first side against one other. `explanation` is None where nothing parts, or it cannot be told."""

    second: Side
    parting: Parting
    explanation: Explanation | None = None
    within_us: int = 0

    @property
    def agrees(self) -> bool:
        """Say whether the two come to the same."""
        return self.second.refused is None and self.parting.agrees


@dataclass(frozen=True, slots=True)
class Comparison:
    """One scenario under all the semantics asked for. `first` is what the others are held against."""

    id: str
    first: Side
    pairs: tuple[Pair, ...]

    @property
    def sides(self) -> tuple[Side, ...]:
        """Every side, in the order asked for."""
        return (self.first, *(pair.second for pair in self.pairs))

    @property
    def agrees(self) -> bool:
        """Say whether every semantics comes to the same."""
        return self.first.refused is None and all(pair.agrees for pair in self.pairs)


def compare(
    path: str | Path,
    semantics: Sequence[str],
    *,
    test: str | None = None,
    seed: int | None = None,
    within_us: int | None = None,
    explained: bool = True,
) -> tuple[Comparison, ...]:
    """Run each scenario of a file (or the one that `test` names) under each semantics, and compare.

    `semantics` are full names; the first is what the others are held against. `within_us` is how far apart the same
    moments may be; None allows what the clocks of two semantics differ by. One run of each is compared: a scenario that
    varies, or is explored in other orders, is taken as it is written. Raises BadInput when a scenario can be
    read under none of them, or `test` names none.
    """
    loaded = {name: load_apart(path, semantics=name) for name in semantics}
    comparisons = []
    for documents in zip(*loaded.values(), strict=True):
        comparisons += _of_document(
            dict(zip(loaded, documents, strict=True)), test, seed, within_us, explained
        )
    if test is not None and not comparisons:
        raise BadInput([_no_such_test(path, loaded.values(), test)])
    return tuple(comparisons)


def _of_document(
    readings: dict[str, tuple[Scenario, ...] | BadInput],
    test: str | None,
    seed: int | None,
    within_us: int | None,
    explained: bool,
) -> list[Comparison]:
    """Compare the scenarios of one document, one for each set of its parameters."""
    read = [found for found in readings.values() if not isinstance(found, BadInput)]
    if not read:
        raise next(found for found in readings.values() if isinstance(found, BadInput))
    comparisons = []
    for index, scenario in enumerate(read[0]):
        if test not in (None, scenario.id, scenario.name):
            continue
        sides = [_side(name, found, index, seed) for name, found in readings.items()]
        base = next((side for side in sides if side.result is not None), sides[0])
        pairs: list[Pair] = []
        for side in sides:
            if side is not base:
                pairs.append(_pair(base, side, seed, within_us, pairs if explained else None))
        comparisons.append(Comparison(scenario.id, base, tuple(pairs)))
    return comparisons


def _side(name: str, found: tuple[Scenario, ...] | BadInput, index: int, seed: int | None) -> Side:
    if isinstance(found, BadInput):
        return Side(name, refused=found)
    result = run_scenario(replace(found[index], vary=None, explore=None, backend=None), seed=seed)
    return Side(name, result, story_of(result.trace))


def _pair(
    first: Side, second: Side, seed: int | None, within_us: int | None, before: Sequence[Pair] | None
) -> Pair:
    """Compare two sides. `before` are the pairs compared already; None leaves differences without an explanation."""
    if first.story is None or second.story is None:
        return Pair(second, Parting(()))
    rules = [semantics_of(side.semantics).rules for side in (first, second)]
    within_us = slack_us(*rules) if within_us is None else within_us
    counters = counts_alike(*rules)
    parting = part(first.story, second.story, within_us=within_us, counters=counters)
    if parting.first is None or before is None:
        return Pair(second, parting, None, within_us)
    assert first.result is not None
    assert second.result is not None
    explanation = explain(
        first.result.scenario,
        second.semantics,
        first.story,
        parting.first,
        seed=seed,
        within_us=within_us,
        events=max(len(first.result.trace), len(second.result.trace)),
        counters=counters,
        known=[pair.explanation for pair in before if pair.explanation is not None],
    )
    return Pair(second, parting, explanation, within_us)


def _no_such_test(
    path: str | Path, loaded: Iterable[tuple[tuple[Scenario, ...] | BadInput, ...]], test: str
) -> Problem:
    known = dict.fromkeys(
        scenario.id
        for documents in loaded
        for found in documents
        if not isinstance(found, BadInput)
        for scenario in found
    )
    shown = shown_path(Path(path))
    return Problem(
        Position(shown), f"there is no scenario {test!r}", ", ".join(known), nearest(test, list(known))
    )
