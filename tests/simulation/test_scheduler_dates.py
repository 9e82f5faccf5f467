"""The dates of triggers, and walking through them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.simulation.scheduler_dates import (
    CronDates,
    Interval,
    Listed,
    Walk,
    dates_of,
    fire_times_us,
    timing_of,
)
from tests.flows import polling, schedule
from tests.traces import us

START = datetime(2026, 3, 28, 23, 59, 59, 250_000, tzinfo=UTC)
"""A quarter past a second, on the evening before the clocks of Paris are put forward."""

CRONS = st.sampled_from(["* * * * * *", "*/7 * * * * *", "0 */20 * * * *", "0 30 2 * * *", "0 0 0 1 * *"])
ZONES = st.sampled_from([None, ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Kolkata")])


def every_second(**keys):
    return CronDates(schedule(**keys), START)


@pytest.mark.parametrize(
    ("after", "first"), [("0s", "750ms"), ("750ms", "1750ms"), ("751ms", "1750ms"), ("1749ms", "1750ms")]
)
def test_a_date_lies_strictly_after_the_time_asked_for(after, first):
    assert every_second().after(us(after)) == us(first)


def test_dates_go_back_before_the_start():
    assert every_second().after(-us("3s")) == -us("2250ms")


@given(CRONS, ZONES, st.lists(st.integers(-(10**12), 10**13), max_size=4))
def test_what_was_asked_before_changes_no_answer(cron, zone, questions):
    """One after the other is quick; out of order is as right."""
    trigger = schedule(cron=cron, zone=zone)
    dates = CronDates(trigger, START)
    for question in questions:
        date = question
        for _ in range(3):
            expected = CronDates(trigger, START).after(date)
            date = dates.after(date)

            assert date == expected


def test_an_expression_that_never_fires_has_no_date():
    assert CronDates(schedule(cron="0 0 0 30 2 *"), START).after(0) is None


def test_polls_come_an_interval_apart():
    assert Interval(us("3s")).after(us("2s")) == us("5s")
    assert isinstance(dates_of(polling("p", "3s"), START), Interval)


def test_listed_times_end():
    listed = Listed([1, 4])

    assert [listed.after(t_us) for t_us in (0, 1, 3, 4)] == [1, 4, 4, None]


def test_a_walk_is_over_behind_its_last_date():
    walk = Walk(Interval(10), 0, last_us=30)

    assert list(walk.pass_by(25)) == [10, 20]
    assert walk.next_us == 30
    assert list(walk.pass_by(1000)) == [30]
    assert walk.next_us is None
    assert not walk.is_endless


def test_a_walk_with_other_dates_goes_on_from_where_it_is():
    walk = Walk(Interval(10), 0)
    walk.change(Listed([5, 10, 12]))

    assert walk.next_us == 10
    assert walk.is_endless


@pytest.mark.parametrize(
    ("trigger", "now", "times"),
    [
        (schedule(), "0s", ["750ms", "1750ms"]),
        (schedule(), "750ms", ["750ms", "1750ms"]),
        (polling("p", "2s"), "750ms", ["2750ms", "4750ms"]),
    ],
)
def test_fires_from_now_on(trigger, now, times):
    assert list(islice(fire_times_us(trigger, START, us(now)), 2)) == [us(time) for time in times]


def test_at_the_very_start_nothing_fires():
    start = START.replace(microsecond=0)

    assert next(fire_times_us(schedule(), start, 0)) == us("1s")


def test_timing_is_what_the_times_depend_on():
    assert timing_of(schedule()) == timing_of(schedule("other", allow_concurrent=True))
    assert timing_of(schedule()) != timing_of(schedule(zone=ZoneInfo("Europe/Paris")))
