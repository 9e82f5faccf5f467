"""Durations as Java reads them, held to a table of what it answered; and as our messages show them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.scenario.literals.durations import DurationError, format_us, parse_iso
from flowconc.scenario.literals.quantities import MAX_TIME_US, parse_time

TABLE = (Path(__file__).parent / "data" / "iso_durations.jsonl").read_text(encoding="utf-8").splitlines()
ROWS = [pytest.param(row, id=repr(row["duration"])) for row in map(json.loads, TABLE)]

LONG_MAX = 2**63 - 1


@pytest.mark.parametrize("row", ROWS)
def test_the_engine_says_the_same(row):
    if not row["valid"]:
        with pytest.raises(DurationError):
            parse_iso(row["duration"])
        return

    assert row["nanos"] == parse_iso(row["duration"])


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("PT-0.5S", -500_000_000),  # the sign of the seconds is that of their fraction
        ("-PT-1.5S", 1_500_000_000),
        ("PT5,S", 5_000_000_000),
        ("P1Dt", 86_400_000_000_000),  # Java looks for an upper-case T that nothing follows
        ("P1DT-24H5M", 300_000_000_000),
        ("P100000000000000DT-2400000000000000H", 0),  # every step fits 64 bits of seconds
        ("PT9223372036.854775807S", LONG_MAX),
        ("PT-9223372036.854775808S", -LONG_MAX - 1),
    ],
)
def test_corners_of_java_s_grammar(text, nanos):
    assert nanos == parse_iso(text)


@pytest.mark.parametrize(
    "text",
    [
        "Pt",
        "PT+.5S",
        "P--1D",
        "PT1\N{LATIN SMALL LETTER LONG S}",
        "PT9223372036.854775808S",
        "-PT-9223372036.854775808S",
        "P106751991167301DT-2562047788015215H",  # the days alone are too many
        pytest.param("PT" + "9" * 10_000_000 + "S", id="ten megabytes"),
    ],
)
def test_what_java_refuses_is_an_error(text):
    with pytest.raises(DurationError, match="expected"):
        parse_iso(text)


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "0s"),
        (10, "10us"),
        (1_500, "1.5ms"),
        (250_000, "250ms"),
        (1_500_000, "1.5s"),
        (30_000_000, "30s"),
        (120_000_000, "2m"),
        (5_400_000_000, "1h30m"),
        (86_400_000_005, "1d0.000005s"),
        (-90_000_000, "-1m30s"),
    ],
)
def test_times_are_shown_in_the_units_people_say(us, text):
    assert text == format_us(us)


@given(st.integers(0, MAX_TIME_US))
def test_what_is_shown_reads_back_as_the_same_time(us):
    assert us == parse_time(format_us(us))
