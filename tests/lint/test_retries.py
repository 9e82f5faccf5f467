"""How long the waits of a retry take together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.lint.retries import waits_us
from flowconc.scenario.flow import Retry


@given(
    st.integers(1, 1_000),
    st.floats(1.0, 4.0),
    st.integers(1, 1_000_000),
    st.integers(1, 30),
)
def test_exponential_waits_add_up(interval_us: int, factor: float, longest_us: int, attempts: int) -> None:
    longest_us += interval_us
    expected = sum(min(interval_us * factor**number, longest_us) for number in range(attempts - 1))

    retry = Retry(interval_us, factor, longest_us, max_attempts=attempts)

    assert waits_us(retry) == pytest.approx(expected, rel=1e-6, abs=longest_us * 1e-6 + 1)


@pytest.mark.parametrize(
    ("retry", "expected_us"),
    [
        (Retry(10), None),
        (Retry(10, max_attempts=1), 0),
        (Retry(10, max_attempts=4), 30),
        (Retry(10, max_duration_us=100), 100),
        (Retry(10, max_attempts=4, max_duration_us=20), 20),
        (Retry(10, random=True, max_interval_us=100, max_attempts=3), 20),
        (Retry(10, 0.5, 100, max_attempts=5), 10),
        (Retry(1_000, 1.0000001, 3_600_000_000, max_attempts=2**31 - 1), pytest.approx(7.6e18, rel=0.1)),
    ],
)
def test_at_once_however_many_attempts(retry: Retry, expected_us: int | None) -> None:
    assert waits_us(retry) == expected_us
