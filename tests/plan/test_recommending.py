"""What follows for the limit from what was decided of each."""

from __future__ import annotations

import pytest

from flowconc.check.verdict import Outcome
from flowconc.plan.options import Case
from flowconc.plan.recommending import borders, recommend
from flowconc.plan.result import Status

FAIL, OPEN, PASS = Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS
OF = {"F": FAIL, "?": OPEN, "P": PASS}


def outcomes(text):
    """Read one letter a limit, from 1: F fails, ? is open, P passes."""
    return lambda limit: OF[text[limit - 1]]


def recommended(goals, protects=None, sure=None):
    limits = range(1, len(goals) + 1)
    return recommend(
        Case(),
        list(limits),
        outcomes(goals),
        None if protects is None else outcomes(protects),
        outcomes(sure or goals),
    )


@pytest.mark.parametrize(
    ("goals", "protects", "status", "limit", "below"),
    [
        ("FFPPP", None, Status.FOUND, 3, (2, FAIL)),
        ("F?PPP", None, Status.FOUND, 3, (2, OPEN)),
        ("PPPPP", None, Status.FOUND, 1, None),
        ("FFFFF", None, Status.NONE, None, (5, FAIL)),
        ("FFFF?", None, Status.UNDECIDED, None, (5, OPEN)),
        ("FFPPP", "PPPFF", Status.FOUND, 3, (2, FAIL)),
        ("FFPPP", "PPFFF", Status.CONFLICT, None, (2, FAIL)),
        ("FFPPP", "FFFFF", Status.CONFLICT, None, (2, FAIL)),
        ("FFPPP", "PP?FF", Status.UNDECIDED, None, (2, FAIL)),
        ("F?PPP", "PPFFF", Status.UNDECIDED, None, (2, OPEN)),
    ],
)
def test_the_smallest_limit_that_meets_the_goals_and_is_allowed(goals, protects, status, limit, below):
    found = recommended(goals, protects)

    assert (found.status, found.limit, found.below) == (status, limit, below)


def test_the_largest_that_is_allowed_is_said_too():
    found = recommended("FFPPP", "PPPFF")

    assert (found.smallest, found.largest, found.above) == (3, 3, (4, FAIL))
    assert recommended("FFPPP").largest is None


def test_a_pass_below_one_that_fails_counts_for_nothing():
    assert recommended("PFPPP").limit == 3


def test_where_larger_limits_are_worse_it_begins_at_the_largest_that_surely_passes():
    found = recommended("FPPPF", sure="F?PPF")

    assert (found.limit, found.below, found.monotone) == (3, (2, OPEN), False)


def test_one_that_only_seems_to_pass_is_not_enough_for_that():
    assert recommended("FPPPF", sure="F???F").status is Status.NONE


@pytest.mark.parametrize(
    ("goals", "protects", "expected"),
    [
        ("F?PP", None, [2]),
        ("??PP", None, [2]),
        ("?FPP", None, []),
        ("F?PP", "PP?F", [2, 3]),
        ("FFFF", "PPPP", []),
    ],
)
def test_the_answer_depends_on_the_limits_at_the_border(goals, protects, expected):
    spares = None if protects is None else outcomes(protects)

    assert list(borders([1, 2, 3, 4], outcomes(goals), spares)) == expected
