"""Cron, held to the real engine: two tables of what its own classes answered, and the laws behind them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from flowconc.scenario.literals.cron import CronError, format_fire, parse

DATA = Path(__file__).parent / "data"
ROWS = [
    pytest.param(row, id=f"{row['cron']!r} {row['timezone']} {row['from']}")
    for name in ("cron.jsonl", "cron_extra.jsonl")
    for row in map(json.loads, (DATA / name).read_text(encoding="utf-8").splitlines())
]


def fires(
    expression: str, start: str, timezone: str = "UTC", *, count: int = 5, with_seconds: bool = False
) -> list[str]:
    after = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(timezone))
    return [
        format_fire(fire) for fire in islice(parse(expression, with_seconds=with_seconds).fires(after), count)
    ]


@pytest.mark.parametrize("row", ROWS)
def test_the_engine_says_the_same(row):
    """Validity and every fire, offset included; fewer fires where the engine finds no more."""
    if not row["valid"]:
        with pytest.raises(CronError):
            parse(row["cron"], with_seconds=row["with_seconds"])
        return

    seen = fires(
        row["cron"], row["from"], row["timezone"], count=row["count"], with_seconds=row["with_seconds"]
    )

    assert row["fires"] == seen


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("* 24 * * *", "hour: 24 is out of range, expected a number from 0 to 23"),
        (
            "* * * MAI *",
            "month: 'MAI' is not a number, expected a number from 1 to 12, or a name from JAN to DEC",
        ),
        ("*/0 * * * *", "minute: '0' is not a step, expected a number from 1 to 59"),
        ("50-10 * * * *", "minute: the range '50-10' runs backwards, expected the lower value first"),
        ("0 0 ? * 1", "day of month: Kestra's cron does not know `?`, in '?', expected `*`"),
        ("5, * * * *", "minute: '5,' ends with a comma, expected a further value"),
    ],
)
def test_an_error_names_the_field_what_is_wrong_and_what_was_expected(expression, message):
    with pytest.raises(CronError) as caught:
        parse(expression)

    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("expression", "with_seconds", "hint"),
    [
        ("0 0 9 * * *", False, "needs `withSeconds: true`"),
        ("0 9 * * *", True, "the first field is the second"),
        ("@DAILY", False, "did you mean '@daily'?"),
        ("", False, "the expression is empty"),
    ],
)
def test_a_wrong_number_of_fields_says_what_may_have_been_meant(expression, with_seconds, hint):
    with pytest.raises(CronError) as caught:
        parse(expression, with_seconds=with_seconds)

    assert hint in str(caught.value)


@pytest.mark.parametrize(
    "expression", ["*/2/ * * * *", "1-5- * * * *", "1-5/2/3 * * * *", "0 0 5L * *", "0 0 L,15 * *"]
)
def test_what_the_engine_accepts_by_accident_is_a_warning(expression):
    assert len(parse(expression).warnings) == 1


@pytest.mark.parametrize(
    "expression", ["*/5 * * * *", "0 9 * * MON-FRI", "0 0 L * *", "0 0 L-3 * *", "@daily"]
)
def test_what_the_engine_means_to_accept_is_no_warning(expression):
    assert parse(expression).warnings == ()


def test_day_of_month_and_day_of_week_are_a_union():
    expected = [
        "2026-02-06T00:00Z",
        "2026-02-13T00:00Z",
        "2026-02-20T00:00Z",
        "2026-02-27T00:00Z",
        "2026-03-06T00:00Z",
    ]

    assert expected == fires("0 0 13 * FRI", "2026-02-01")


def test_a_daily_fire_in_a_spring_gap_is_skipped_not_moved():
    expected = ["2026-03-28T02:30+01:00", "2026-03-30T02:30+02:00"]

    assert expected == fires("30 2 * * *", "2026-03-28", "Europe/Paris", count=2)


def test_what_fires_twice_an_hour_fires_in_both_of_the_equal_hours():
    expected = [
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:30+02:00",
        "2026-10-25T02:00+01:00",
        "2026-10-25T02:30+01:00",
        "2026-10-25T03:00+01:00",
    ]

    assert expected == fires("*/30 * * * *", "2026-10-25T01:30", "Europe/Paris")


def test_what_fires_once_a_day_fires_in_the_first_of_the_equal_hours():
    expected = ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]

    assert expected == fires("30 2 * * *", "2026-10-25", "Europe/Paris", count=2)


def test_an_impossible_date_never_fires():
    assert fires("0 0 30 2 *", "2026-01-01") == []


def test_the_fires_end_with_the_calendar():
    assert fires("0 0 1 1 *", "9998-06-01") == ["9999-01-01T00:00Z"]


def test_fires_keep_the_zone_and_mark_the_second_of_two_equal_times():
    zone = ZoneInfo("Europe/Paris")

    first, second = islice(parse("30 * * * *").fires(datetime(2026, 10, 25, 2, 0, tzinfo=zone)), 2)

    assert (zone, 0) == (first.tzinfo, first.fold)
    assert (zone, 1) == (second.tzinfo, second.fold)


def test_a_fraction_of_a_second_does_not_hide_the_next_second():
    after = datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)

    assert format_fire(next(parse("* * * * * *", with_seconds=True).fires(after))) == "2026-01-01T00:00:01Z"


def test_a_date_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        next(parse("* * * * *").fires(datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the point


def test_every_second_of_a_day_that_loses_an_hour():
    start = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Paris"))

    seen = list(islice(parse("* * * * * *", with_seconds=True).fires(start), 23 * 3600))

    assert start.astimezone(UTC) + timedelta(hours=23) == seen[-1].astimezone(UTC)
    assert len(set(seen)) == 23 * 3600


def test_hostile_expressions_end_at_once():
    for text in ("9" * 10_000_000, "|" * 9_999, "1-" * 4_000, "*/" * 4_000):
        with pytest.raises(CronError):
            parse(text)


def test_alternatives_that_are_the_same_count_once():
    assert len(parse("0|" * 2_000 + "0 * * * *").alternatives) == 1


def test_where_the_engine_walks_in_circles_the_fires_end():
    """From 00:01 back to 23:01: the start of an hour can lie behind the moment the walk has come to."""
    assert fires("54 */2 * * 0", "2009-10-30T23:01:31", "America/St_Johns") == []
    assert fires("*/30 0 * * 0", "2009-10-31T06:20:18", "America/St_Johns") == ["2009-11-01T00:00-02:30"]


def element(low: int, high: int) -> st.SearchStrategy[str]:
    """Return the forms that every cron understands alike."""
    value = st.integers(low, high)
    bounds = st.lists(value, min_size=2, max_size=2, unique=True).map(sorted)  # cronsim reads 1-1/2 as 1-59/2
    ranges = bounds.map("{0[0]}-{0[1]}".format)
    steps = st.builds("{}/{}".format, st.one_of(st.just("*"), ranges), st.integers(1, high))
    return st.one_of(st.just("*"), value.map(str), ranges, steps)


def listed(low: int, high: int) -> st.SearchStrategy[str]:
    return st.lists(element(low, high), min_size=1, max_size=3).map(",".join)


instants = st.integers(0, 35 * 365 * 86_400).map(
    lambda elapsed_s: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=elapsed_s)
)


@given(
    st.tuples(listed(0, 59), listed(0, 23), listed(1, 28), listed(1, 12)).map(" ".join),
    instants,
)
def test_where_no_clock_is_changed_cronsim_agrees(times, start):
    expression = f"{times} *"

    assert list(islice(CronSim(expression, start), 10)) == list(islice(parse(expression).fires(start), 10))


@given(
    st.tuples(listed(0, 59), listed(0, 23), st.just("*"), st.just("*"), listed(0, 6)).map(" ".join),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"]),
    instants,
)
def test_fires_are_strictly_increasing_instants_after_the_start(expression, timezone, start):
    start = start.astimezone(ZoneInfo(timezone))

    seen = [
        start.astimezone(UTC),
        *(fire.astimezone(UTC) for fire in islice(parse(expression).fires(start), 20)),
    ]

    assert seen == sorted(set(seen))
