"""Backfills: a Schedule fires for the dates of a window, one after the other (SEMANTICS 5.4)."""

from __future__ import annotations

import pytest

from flowconc.protocol.events import Kind
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.flow import RecoverMissed
from flowconc.trace.tables import NEVER, executions_table
from tests.flows import act, edit, flow, polling, schedule, times_of, told, work
from tests.simulation.faulty import crash
from tests.simulation.faulty import trace_of as trace_with_faults
from tests.simulation.firing import backfill, fires, firing, planned
from tests.traces import us

NEWEST = "kestra-2.0.0"
EVERY_TEN = schedule(cron="*/10 * * * * *")


# --- the window


@pytest.mark.parametrize("semantics", VERSIONS)
def test_every_date_of_the_window_fires_bounds_included(semantics):
    trace = firing(
        flow("f", work("w", "500ms"), triggers=(EVERY_TEN,)),
        backfill("1s", "-30s", "0s"),
        semantics=semantics,
        until="9s",
    )

    assert planned(trace) == [-30, -20, -10, 0]
    assert {event.after for event in trace.events() if event.kind is Kind.FIRE} == {1}


def test_the_contract_takes_them_one_after_the_other_as_the_trigger_is_unlocked():
    trace = firing(
        flow("f", work("w", "2s"), triggers=(EVERY_TEN,)), backfill("1s", "-30s", "0s"), until="20s"
    )

    assert fires(trace) == "-30@1b1 -20@3b1 -10@5b1 0@7b1 10 20"


def test_the_engine_takes_one_a_look():
    trace = firing(
        flow("f", work("w", "2500ms"), triggers=(EVERY_TEN,)),
        backfill("1200ms", "-30s", "0s"),
        semantics=NEWEST,
        until="20s",
    )

    assert fires(trace) == "-30@2b1 -20@5b1 -10@8b1 0@11b1 10@14 20"


def test_with_allow_concurrent_the_contract_takes_all_at_once_and_the_limit_counts():
    trace = firing(
        flow("f", limit=2, triggers=(schedule(cron="*/10 * * * * *", allow_concurrent=True),)),
        backfill("1s", "-30s", "0s"),
        until="9s",
    )

    assert fires(trace) == "-30@1b1 -20@1b1 -10@1b1 0@1b1"
    assert [e.detail for e in trace.events() if e.kind is Kind.GATE] == ["admit", "admit", "queue", "queue"]


def test_with_allow_concurrent_the_engine_takes_one_a_look():
    trace = firing(
        flow("f", limit=2, triggers=(schedule(cron="*/10 * * * * *", allow_concurrent=True),)),
        backfill("1s", "-30s", "0s"),
        semantics=NEWEST,
        until="9s",
    )

    assert fires(trace) == "-30@1b1 -20@2b1 -10@3b1 0@4b1"


def test_a_window_without_a_date_is_over_at_once():
    trace = firing(
        flow("f", work("w", "0s"), triggers=(EVERY_TEN,)),
        backfill("1s", "-9s", "-1s"),
        backfill("2s", "-10s", "-1s"),
        until="9s",
    )

    assert fires(trace) == "-10@2b2"


def test_it_begins_when_the_trigger_is_unlocked():
    trace = firing(
        flow("f", work("w", "6s"), triggers=(schedule(cron="*/10 * * * * *"),)),
        backfill("12s", "-20s", "-20s"),
        until="20s",
    )

    assert fires(trace) == "10 -20@16b1"
    assert planned(trace, Kind.FIRE_SKIPPED) == [20]


# --- the regular dates meanwhile


def test_under_the_contract_regular_dates_that_find_the_trigger_locked_are_skipped():
    trace = firing(
        flow("f", work("w", "2s"), triggers=(schedule(),)), backfill("1s", "-2s", "0s"), until="9s"
    )

    assert fires(trace) == "-2@1b1 -1@3b1 0@5b1 7 9"
    assert planned(trace, Kind.FIRE_SKIPPED) == [1, 2, 3, 4, 5, 6, 8]


def test_the_engine_goes_on_with_the_regular_date_that_it_had_before():
    trace = firing(
        flow("f", work("w", "500ms"), triggers=(schedule(),)),
        backfill("2s", "-2s", "0s"),
        semantics=NEWEST,
        until="7s",
    )

    assert fires(trace) == "1 -2@2b1 -1@3b1 0@4b1 2@5 3@6 4@7"


def test_late_maximum_delay_is_not_for_backfills():
    hourly = schedule(cron="0 0 * * * *", late_maximum_us=us("1m"))
    trace = firing(
        flow("f", work("w", "1s"), triggers=(hourly,)),
        backfill("1s", "-3h", "-1h"),
        semantics=NEWEST,
        until="9s",
    )

    assert len(planned(trace)) == 3


@pytest.mark.parametrize("semantics", VERSIONS)
def test_recovery_is_not_for_backfills(semantics):
    never = schedule(cron="*/10 * * * * *", recover_missed=RecoverMissed.NONE)
    trace = firing(
        flow("f", work("w", "1s"), triggers=(never,)),
        backfill("1s", "-20s", "-10s"),
        semantics=semantics,
        until="9s",
    )

    assert planned(trace) == [-20, -10]


# --- a second one


def test_the_contract_refuses_a_second_one_while_the_first_is_under_way():
    trace = firing(
        flow("f", work("w", "5s"), triggers=(EVERY_TEN,)),
        backfill("1s", "-30s", "0s"),
        backfill("2s", "-60s", "0s"),
        backfill("30s", "-60s", "-60s"),
        until="36s",
    )

    assert [detail for *_, detail in told(trace, Kind.ACTION_REFUSED)] == [
        "backfill s: a backfill is under way"
    ]
    assert fires(trace) == "-30@1b1 -20@6b1 -10@11b1 0@16b1 -60@30b2"


def test_the_engine_forgets_where_to_go_on_after_a_second_one():
    """BUGS, #19013: every slot since the first one's cursor comes again, one a second, unlabelled."""
    trace = firing(
        flow("f", work("w", "0s"), triggers=(EVERY_TEN,)),
        backfill("1s", "-60s", "0s"),
        backfill("3s", "-20s", "-10s"),
        semantics=NEWEST,
        until="12s",
    )

    # -40 s was to be the next of the first backfill; it is no backfill any more
    assert fires(trace) == "-60@1b1 -50@2b1 -20@3b2 -10@4b2 -40@5 -30@6 -20@7 -10@8 0@9 10"


# --- what stops it


@pytest.mark.parametrize("semantics", VERSIONS)
def test_a_disabled_trigger_leaves_its_backfill(semantics):
    trace = firing(
        flow("f", work("w", "100ms"), triggers=(EVERY_TEN,)),
        backfill("1s", "-9m", "0s"),
        act("3500ms", "disable_trigger", "n.f.s"),
        act("5s", "enable_trigger", "n.f.s"),
        backfill("6s", "-20s", "-20s"),
        semantics=semantics,
        until="9s",
    )

    assert planned(trace)[-1] == -20
    assert [e.after for e in trace.events() if e.kind is Kind.FIRE][-1] == 2
    assert told(trace, Kind.ACTION_REFUSED) == []


def test_an_edit_of_the_dates_goes_on_from_where_it_is():
    trace = firing(
        flow("f", work("w", "1s"), triggers=(EVERY_TEN,)),
        backfill("1s", "-40s", "0s"),
        edit("2500ms", flow("f", work("w", "1s"), triggers=(schedule(cron="*/5 * * * * *"),))),
        until="4s",
    )

    assert fires(trace) == "-40@1b1 -30@2b1 -20@3b1 -15@4b1"


def test_what_is_left_of_it_at_the_end_is_not_skipped():
    """Nobody counts on it yet: it would go on."""
    trace = firing(
        flow("f", work("w", "10s"), triggers=(EVERY_TEN,)), backfill("1s", "-50m", "0s"), until="5s"
    )

    assert told(trace, Kind.FIRE_SKIPPED) == []


# --- what cannot be filled


@pytest.mark.parametrize(
    ("triggers", "why"),
    [
        ((), "the trigger does not exist"),
        ((polling("s", "1m"),), "only a Schedule has dates"),
        ((schedule(disabled=True),), "the trigger is disabled"),
    ],
)
def test_a_backfill_of_anything_else_is_refused(triggers, why):
    trace = firing(flow("f", triggers=triggers), backfill("1s", "-9s", "0s"), until="5s")

    assert told(trace, Kind.ACTION_REFUSED) == [(1, "ACTION_REFUSED", None, f"backfill s: {why}")]


def test_the_trace_says_which_window():
    trace = firing(flow("f", work("w", "0s"), triggers=(EVERY_TEN,)), backfill("1s", "-9s", "2s"), until="5s")

    said = [(e.t_us, e.before, e.after, e.detail) for e in trace.events() if e.kind is Kind.BACKFILL]
    assert said == [(us("1s"), -us("9s"), us("2s"), "s")]
    assert times_of(trace, Kind.ACTION_APPLIED) == [1]


def test_its_executions_count_as_no_delay_of_the_scheduler():
    trace = firing(
        flow("f", work("w", "0s"), triggers=(EVERY_TEN,)), backfill("1s", "-20s", "-20s"), until="12s"
    )
    planned_us = executions_table(trace).planned_us

    assert planned_us.tolist() == [NEVER, us("10s")]


def test_that_it_is_through_is_not_forgotten_in_a_crash():
    """It is saved with the last of its fires: a third one is taken, though the scheduler fell in between."""
    trace = trace_with_faults(
        flow("f", work("w", "0s"), triggers=(EVERY_TEN,)),
        crash("scheduler", before="backfill_over", nth=1, for_="1s"),
        backfill("1s", "-20s", "-20s"),
        backfill("5s", "-30s", "-30s"),
        until="6s",
    )

    assert fires(trace) == "-20@1b1 -30@5b2"
