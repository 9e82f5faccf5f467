"""Every mutant that survives is explained, and nothing else is."""

from __future__ import annotations

from collections import Counter

from benchmarks.mutation.figures import package_share, read
from docs.mutants import place, reasons


def test_every_survivor_is_explained_once():
    explained = Counter(each for reason in reasons() for each in reason.places)

    assert {each for each in map(place, read().survivors) if explained[each] != 1} == set()


def test_every_explanation_is_of_a_survivor():
    survived = set(map(place, read().survivors))

    assert {each for reason in reasons() for each in reason.places} <= survived


def test_nine_of_ten_are_killed():
    """At first sight already, in each package: what was closed since does not count."""
    strata = read().strata

    for package in {each.package for each in strata}:
        assert package_share(strata, package)[0] >= 0.9
