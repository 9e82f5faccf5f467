"""What is kept of a trial."""

from __future__ import annotations

import pytest

from benchmarks.mutation.fate import Fate
from benchmarks.mutation.figures import (
    SOURCES,
    Results,
    Stratum,
    Survivor,
    package_share,
    read,
    stratum,
    wilson,
)
from benchmarks.mutation.mutant import Mutant


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [(90, 100, 0.8256, 0.9448), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775)],
)
def test_the_interval_is_wilsons(hits, tries, low, high):
    """Values of Newcombe (1998), method 3."""
    assert wilson(hits, tries) == pytest.approx((low, high), abs=5e-5)


def test_one_that_never_ends_is_killed():
    fates = [Fate.KILLED] * 7 + [Fate.TIMEOUT] + [Fate.SURVIVED] * 2

    found = stratum("check", "inside functions", 99, fates)

    assert (found.drawn, found.killed, found.timeouts, found.share) == (10, 7, 1, 0.8)


def test_strata_weigh_as_much_as_they_have_mutants():
    strata = (
        Stratum("check", "inside functions", 900, 100, 90, 0),
        Stratum("check", "outside functions", 100, 100, 50, 0),
        Stratum("protocol", "inside functions", 900, 100, 0, 0),
    )

    share, error = package_share(strata, "check")

    assert share == pytest.approx(0.9 * 0.9 + 0.1 * 0.5)
    assert error == pytest.approx((0.9**2 * 0.09 / 100 + 0.1**2 * 0.25 / 100) ** 0.5)


def test_a_survivor_is_known_by_its_lines():
    mutant = Mutant(
        SOURCES / "check" / "view.py",
        "View.at",
        7,
        ("    if a and (", "      b):"),
        ("    if a or (", "      b):"),
    )

    assert Survivor.of(mutant) == Survivor("check/view.py", "View.at", "if a and ( b):", "if a or ( b):")


def test_what_is_closed_later_does_not_improve_the_share():
    """It was looked at to close it, so it says nothing about those that were not drawn."""
    one, two = Survivor("check/view.py", "f", "a", "b"), Survivor("check/view.py", "f", "a", "c")
    results = Results(1, (Stratum("check", "inside functions", 99, 10, 8, 0),), (one, two))

    left = results.again([two])

    assert left.survivors == (two,)
    assert (left.strata[0].closed, left.strata[0].survived, left.strata[0].share) == (1, 1, 0.8)
    assert left.again([]).strata[0].closed == 2


def test_results_are_read_as_they_were_written(tmp_path):
    results = Results(
        1, (Stratum("check", "outside", 9, 3, 2, 0),), (Survivor("check/view.py", "", "A = 1", "A = 2"),)
    )

    results.write(tmp_path / "mutants.json")

    assert read(tmp_path / "mutants.json") == results
