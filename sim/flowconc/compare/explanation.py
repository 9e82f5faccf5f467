"""Which rules explain where two semantics part: found by trying, not by guessing.

The scenario is run under mixtures of both semantics. From all the rules of the second, more and more are given back
the answer of the first, as long as the runs still part in the same way. What is left is a set of rules each of which
is needed for the parting. There may be other such sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from flowconc.compare.parting import Difference, part
from flowconc.compare.rules import Differing, differing
from flowconc.compare.story import Story, story_of
from flowconc.protocol.semantics import Semantics, semantics_of
from flowconc.scenario.model import Scenario
from flowconc.simulation.simulate import simulate

MOST_EVENTS = 20_000
"""Events of the longer run above which rules are not tried: there would be dozens of runs."""

_TOGETHER = frozenset({"ending", "claims", "emission"})
"""Rules that only make sense together: which steps follow an end, whose end frees a slot, how the popped one starts."""

_ROOM = 4
"""How many times longer than the given runs one under a mixture may get, before it counts as another outcome."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The rules that make two semantics part as they first do. Empty: it is not the rules, but the steps of a fault."""

    rules: tuple[Differing, ...]


def explain(
    scenario: Scenario,
    second: str,
    first_story: Story,
    difference: Difference,
    *,
    seed: int | None,
    within_us: int,
    events: int,
    counters: bool,
    known: Iterable[Explanation] = (),
) -> Explanation | None:
    """Say which rules make `scenario`, under its own semantics and under `second`, part in `difference`.

    `events` is the length of the longer run. None when that is too long to try. `known` are explanations of the same
    difference from other semantics, which are tried first.
    """
    if events > MOST_EVENTS:
        return None
    rules = differing(scenario.semantics, second)
    bounded = replace(scenario, run=replace(scenario.run, max_events=_ROOM * events + 1_000))

    def parts_so(chosen: list[Differing]) -> bool:
        try:
            trace = simulate(bounded, seed=seed, semantics=_mixture(scenario.semantics, second, chosen))
        except (AssertionError, KeyError, ValueError):  # rules that no version has together
            return False
        found = part(first_story, story_of(trace), within_us=within_us, counters=counters).first
        return found is not None and _same(found, difference)

    for explanation in known:
        if set(explanation.rules) <= set(rules) and parts_so(list(explanation.rules)):
            return explanation
    return Explanation(tuple(_smallest(list(rules), parts_so)))


def _smallest(rules: list[Differing], is_enough: Callable[[list[Differing]], bool]) -> list[Differing]:
    """Return a part of the rules that is enough, and none of which can be left out.

    Large parts are left out first, so that a few dozen rules take a dozen runs.
    """
    size = len(rules) // 2
    while size > 1:
        rules = _without(rules, [rules[at : at + size] for at in range(0, len(rules), size)], is_enough)
        size = min(size, len(rules)) // 2
    rules = _without(rules, [[rule for rule in rules if rule.rule.name in _TOGETHER]], is_enough)
    while True:
        fewer = _without(rules, [[rule] for rule in rules], is_enough)
        if len(fewer) == len(rules):
            return rules
        rules = fewer


def _without(
    rules: list[Differing], parts: list[list[Differing]], is_enough: Callable[[list[Differing]], bool]
) -> list[Differing]:
    """Leave out each of the parts without which the rest is still enough."""
    for part_of in parts:
        fewer = [rule for rule in rules if rule not in part_of]
        if len(fewer) < len(rules) and is_enough(fewer):
            rules = fewer
    return rules


def _same(found: Difference, wanted: Difference) -> bool:
    return (found.what, found.key, found.flow, found.t_us, found.second) == (
        wanted.what,
        wanted.key,
        wanted.flow,
        wanted.t_us,
        wanted.second,
    )


def _mixture(first: str, second: str, chosen: list[Differing]) -> Semantics:
    """Return the first semantics with the chosen rules, and all steps, of the second."""
    one, other = semantics_of(first), semantics_of(second)
    answers = {each.rule.name: getattr(other.rules, each.rule.name) for each in chosen}
    return Semantics(f"{first} with rules of {second}", replace(one.rules, **answers), other.steps)
