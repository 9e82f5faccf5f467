"""Times, rates and shares: what is read, and what each refusal tells the author."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.scenario.literals.quantities import (
    MAX_TIME_US,
    QuantityError,
    parse_rate,
    parse_share,
    parse_time,
)

SECOND_US = 1_000_000


@pytest.mark.parametrize(
    ("value", "us"),
    [
        ("30s", 30 * SECOND_US),
        ("1.5s", 1_500_000),
        ("250ms", 250_000),
        ("10us", 10),
        ("2m", 120 * SECOND_US),
        ("1h30m", 5_400 * SECOND_US),
        ("1d", 86_400 * SECOND_US),
        ("1d2h3m4.5s", 93_784_500_000),
        ("PT90S", 90 * SECOND_US),
        ("-PT-5M", 300 * SECOND_US),
        ("0", 0),
        (0, 0),
        (0.0, 0),
        ("36525d", MAX_TIME_US),
    ],
)
def test_times(value, us):
    assert us == parse_time(value)


@pytest.mark.parametrize(
    ("value", "part_of_the_message"),
    [
        (30, "30 has no unit, expected a time such as 30s"),
        ("1.5", "did you mean '1.5s'?"),
        ("10 min", "did you mean '10m'?"),
        ("5 seconds", "did you mean '5s'?"),
        ("1h 30m", "did you mean '1h30m'?"),
        ("30m1h", "is not a time"),
        ("1:30", "is not a time"),
        ("", "is not a time"),
        ("-5s", "is negative"),
        ("PT-5M", "is negative"),
        (-3, "is negative"),
        ("P1M", "expected ISO-8601"),
        ("0.5us", "finer than a microsecond"),
        pytest.param("1." + "0" * 40 + "1s", "finer than a microsecond", id="forty zeros"),
        ("36525d1us", "at most 100 years"),
        pytest.param("9" * 90 + "s", "at most 100 years", id="ninety digits"),
        ("1e999999999s", "is not a time"),
        pytest.param("9" * 10_000_000, "too long a text", id="ten megabytes"),
        pytest.param(10**5_000, "out of any range", id="five thousand digits"),
        (math.inf, "is not a time"),
        (math.nan, "is not a time"),
        (True, "true or false stands here"),
        (None, "nothing stands here"),
        ([1], "list stands here"),
    ],
)
def test_a_refused_time_says_why(value, part_of_the_message):
    with pytest.raises(QuantityError) as caught:
        parse_time(value)

    assert part_of_the_message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "per_s"),
    [
        ("30/min", 0.5),
        ("30 / min", 0.5),
        ("4/s", 4.0),
        ("4/sec", 4.0),
        ("36/h", 0.01),
        ("36/hour", 0.01),
        ("864/day", 0.01),
        ("0/min", 0.0),
        ("1.5/s", 1.5),
    ],
)
def test_rates(value, per_s):
    assert per_s == parse_rate(value)


@pytest.mark.parametrize(
    ("value", "part_of_the_message"),
    [
        (30, "30 has no unit, expected a rate such as 30/min"),
        ("30/mn", "did you mean '30/min'?"),
        ("30/month", "'month' is not a unit of time"),
        ("-3/s", "is not a rate"),
        ("1e9/s", "is not a rate"),
        ("9999999/s", "at most 1000000/s"),
        pytest.param("9" * 10_000_000 + "/s", "too long a text", id="ten megabytes"),
    ],
)
def test_a_refused_rate_says_why(value, part_of_the_message):
    with pytest.raises(QuantityError) as caught:
        parse_rate(value)

    assert part_of_the_message in str(caught.value)


@pytest.mark.parametrize(("value", "share"), [("2%", 0.02), ("0.5 %", 0.005), ("0%", 0.0), ("100%", 1.0)])
def test_shares(value, share):
    assert share == parse_share(value)


@pytest.mark.parametrize(
    ("value", "part_of_the_message"),
    [
        (0.02, "0.02 has no percent sign, expected a share from 0% to 100%, such as 2%, did you mean '2%'?"),
        ("50", "did you mean '50%'?"),
        ("101%", "more than everything"),
        ("-2%", "is not a share"),
        ("two percent", "is not a share"),
    ],
)
def test_a_refused_share_says_why(value, part_of_the_message):
    with pytest.raises(QuantityError) as caught:
        parse_share(value)

    assert part_of_the_message in str(caught.value)


@given(st.integers(0, 10_000), st.sampled_from(["d", "h", "m", "s", "ms", "us"]))
def test_a_time_is_as_many_units_as_it_says(count, unit):
    assert count * parse_time(f"1{unit}") == parse_time(f"{count}{unit}")


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans()))
def test_whatever_is_written_is_read_or_refused_in_words(value):
    for parse in (parse_time, parse_rate, parse_share):
        with contextlib.suppress(QuantityError):
            assert parse(value) >= 0
