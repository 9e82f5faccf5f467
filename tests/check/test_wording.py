"""How the checks say times, numbers and names."""

from __future__ import annotations

import pytest

from flowconc.check.wording import counted, duration, listing, number


@pytest.mark.parametrize(
    ("t_us", "said"),
    [(0, "0s"), (10_000_000, "10s"), (250_000, "0.25s"), (1, "0.000001s"), (3_600_000_000, "3600s")],
)
def test_times_are_in_seconds(t_us, said):
    assert duration(t_us) == said


@pytest.mark.parametrize(
    ("value", "said"), [(1.0, "1"), (-0.0000001, "0"), (100.0, "100"), (0.1 + 0.2, "0.3")]
)
def test_numbers_have_no_needless_zeros(value, said):
    assert number(value) == said


def test_long_lists_are_cut_and_counted():
    assert listing([], 0) == "nobody"
    assert listing(["a", "b"], 2) == "a, b"
    assert listing((str(n) for n in range(1000)), 1000) == "0, 1, 2, 3, 4, 5, 6, 7 and 992 more"


def test_one_and_many():
    assert [counted(n, "run") for n in (0, 1, 2, 1_600)] == ["0 runs", "1 run", "2 runs", "1,600 runs"]
