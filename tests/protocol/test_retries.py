"""How long a retry waits."""

from __future__ import annotations

import pytest

from flowconc.protocol.retries import LONGEST_US, grown_us


def test_a_wait_grows_by_its_factor() -> None:
    assert [grown_us(1_000, 2.0, steps, None) for steps in range(4)] == [1_000, 2_000, 4_000, 8_000]


def test_a_factor_of_one_leaves_it_constant() -> None:
    assert grown_us(1_000, 1.0, 1_000_000, None) == 1_000


def test_a_factor_below_one_shrinks_it() -> None:
    assert grown_us(1_000, 0.5, 3, None) == 125


def test_it_stops_growing_at_its_longest() -> None:
    assert [grown_us(1_000, 2.0, steps, 5_000) for steps in (2, 3, 60)] == [4_000, 5_000, 5_000]


@pytest.mark.parametrize("steps", [1, 1_000, 10**9])
def test_no_growth_is_too_large_to_be_worked_out(steps: int) -> None:
    assert grown_us(1_000, 1e300, steps, None) == LONGEST_US


def test_a_first_wait_of_nothing_stays_nothing() -> None:
    assert grown_us(0, 2.0, 5, None) == 0
