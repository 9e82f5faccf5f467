"""Dates that lie behind: kept, left out, written off (SEMANTICS 5.2 to 5.4)."""

from __future__ import annotations

import pytest

from flowconc.check.view import View
from flowconc.protocol.events import Kind
from flowconc.protocol.versions import VERSIONS
from flowconc.report.series import trigger_fires
from flowconc.scenario.flow import RecoverMissed
from tests.flows import act, edit, flow, last, polling, schedule, times_of, told, work
from tests.simulation.faulty import crash, error
from tests.simulation.faulty import trace_of as trace_with_faults
from tests.simulation.firing import fires, firing, planned
from tests.traces import us

ENGINES = tuple(name for name in VERSIONS if name != "documented")
INSTANT = work("w", "0s")


# --- allowConcurrent switched on


@pytest.mark.parametrize("semantics", ["kestra-2.0.0", "kestra-1.3.31"])
def test_allow_concurrent_after_a_backlog_lets_all_late_fires_come_one_a_look(semantics):
    """BUGS, #14060: the trigger of every 5 s runs for minutes; the switch at 61 s lets the backlog loose."""
    slow = work("w", "10m")
    trace = firing(
        flow("f", slow, triggers=(schedule(cron="*/5 * * * * *"),)),
        edit("61s", flow("f", slow, triggers=(schedule(cron="*/5 * * * * *", allow_concurrent=True),))),
        semantics=semantics,
        until="80s",
    )

    late = times_of(trace, Kind.FIRE)[1:]
    assert planned(trace)[1:4] == [10, 15, 20]
    assert late[:12] == [61 + n for n in range(12)]


def test_where_the_contract_holds_the_switch_lets_nothing_loose():
    slow = work("w", "10m")
    trace = firing(
        flow("f", slow, triggers=(schedule(cron="*/5 * * * * *"),)),
        edit("61s", flow("f", slow, triggers=(schedule(cron="*/5 * * * * *", allow_concurrent=True),))),
        until="80s",
    )

    assert fires(trace) == "5 65 70 75 80"


# --- switched off and on


@pytest.mark.parametrize("semantics", VERSIONS)
def test_an_enabled_trigger_starts_from_now(semantics):
    """SEMANTICS 5.3: what lay behind when it was disabled comes no more."""
    trace = firing(
        flow("f", work("w", "5s"), triggers=(schedule(cron="*/2 * * * * *"),)),
        act("5500ms", "disable_trigger", "n.f.s"),
        act("20500ms", "enable_trigger", "n.f.s"),
        semantics=semantics,
        until="24s",
    )

    assert planned(trace)[:2] == [2, 22]


@pytest.mark.parametrize("semantics", ENGINES)
def test_what_lay_behind_when_a_trigger_is_disabled_is_written_off(semantics):
    trace = firing(
        flow("f", work("w", "1m"), triggers=(schedule(cron="*/2 * * * * *"),)),
        act("9s", "disable_trigger", "n.f.s"),
        semantics=semantics,
        until="20s",
    )

    assert planned(trace) == [2]
    assert planned(trace, Kind.FIRE_SKIPPED) == [4, 6, 8]
    assert times_of(trace, Kind.FIRE_SKIPPED) == [9, 9, 9]


@pytest.mark.parametrize("semantics", ENGINES)
def test_an_edit_that_leaves_the_dates_alone_leaves_the_backlog_alone(semantics):
    slow = flow("f", work("w", "5s"), triggers=(schedule(cron="*/2 * * * * *"),))
    edited = firing(slow, edit("5s", slow), edit("9s", slow), semantics=semantics, until="30s")

    assert fires(edited) == fires(firing(slow, semantics=semantics, until="30s"))


@pytest.mark.parametrize("semantics", ENGINES)
def test_an_edit_of_the_dates_starts_from_now(semantics):
    trace = firing(
        flow("f", work("w", "10s"), triggers=(schedule(cron="*/2 * * * * *"),)),
        edit("9500ms", flow("f", work("w", "1s"), triggers=(schedule(cron="*/10 * * * * *"),))),
        semantics=semantics,
        until="31s",
    )

    assert planned(trace) == [2, 10, 20, 30]
    assert planned(trace, Kind.FIRE_SKIPPED) == [4, 6, 8]


def test_a_final_state_in_stop_after_writes_off_what_lies_behind():
    trace = firing(
        flow("f", work("w", "5s"), triggers=(schedule(stop_after=frozenset({"SUCCESS"})),)),
        semantics="kestra-2.0.0",
        until="30s",
    )

    assert fires(trace) == "1"
    assert planned(trace, Kind.FIRE_SKIPPED) == [2, 3, 4, 5]
    assert last(trace).t_us == us("6s")


# --- lateMaximumDelay


def test_the_engine_leaves_late_dates_out_when_it_looks_for_the_next_one():
    """SEMANTICS 5.4. The date of 2 s was found when that of 1 s fired, and is kept though its turn comes late."""
    trace = firing(
        flow("f", work("w", "9s"), triggers=(schedule(late_maximum_us=us("3s")),)),
        semantics="kestra-2.0.0",
        until="30s",
    )

    assert fires(trace) == "1 2@10 7@19 16@28"
    assert planned(trace, Kind.FIRE_SKIPPED)[:4] == [3, 4, 5, 6]


def test_under_the_contract_a_date_that_is_too_late_at_its_turn_is_left_out():
    trace = trace_with_faults(
        flow("f", work("w", "3s"), triggers=(schedule(late_maximum_us=us("3s")),)),
        crash("scheduler", at="500ms", for_="5s"),
        until="7s",
    )

    # back at 5.5 s: 3, 4 and 5 s are not too late; at 8.5 s, when the trigger is free again, they are
    assert fires(trace) == "3@5.5"
    assert planned(trace, Kind.FIRE_SKIPPED) == [1, 2, 6, 7, 4, 5]


# --- the scheduler down


@pytest.mark.parametrize("semantics", ENGINES)
@pytest.mark.parametrize(
    ("recovery", "made"), [("ALL", [2, 4, 6, 8, 10]), ("LAST", [2, 10, 12]), ("NONE", [2, 12])]
)
def test_every_version_recovers_when_the_scheduler_is_back(semantics, recovery, made):
    """SEMANTICS 5.3. It is down from 3.5 s to 10.5 s; executions take no time, one fires a second."""
    trace = trace_with_faults(
        flow(
            "f", INSTANT, triggers=(schedule(cron="*/2 * * * * *", recover_missed=RecoverMissed(recovery)),)
        ),
        crash("scheduler", at="3500ms", for_="7s"),
        semantics=semantics,
        until="14s",
    )

    assert planned(trace)[: len(made)] == made


def test_a_look_while_the_scheduler_is_down_is_left_out():
    trace = trace_with_faults(
        flow("f", INSTANT, triggers=(schedule(),)),
        crash("scheduler", at="2s", for_="2s"),
        semantics="kestra-2.0.0",
        until="7s",
    )

    assert fires(trace) == "1 2@4 3@5 4@6 5@7"


def test_an_error_in_a_fire_leaves_the_date_for_the_next_look():
    """1.3 does not deliver again; but the date is in the trigger's row, which was rolled back."""
    trace = trace_with_faults(
        flow("f", INSTANT, triggers=(schedule(cron="*/5 * * * * *"),)),
        error("fire", nth=1),
        semantics="kestra-1.3.31",
        until="15s",
    )

    assert fires(trace) == "5@7 10@11"
    assert len(times_of(trace, Kind.STEP_FAILED)) == 1


# --- what is planned and never comes


@pytest.mark.parametrize("semantics", ENGINES)
def test_what_still_lies_behind_at_the_end_is_written_off(semantics):
    trace = firing(
        flow("f", work("w", "1h"), triggers=(schedule(),)), semantics=semantics, until="10s", drain=False
    )

    assert len(planned(trace)) == 1
    assert planned(trace, Kind.FIRE_SKIPPED) == list(range(2, 11))
    assert set(times_of(trace, Kind.FIRE_SKIPPED)) == {10}


@pytest.mark.parametrize("drain", [True, False])
def test_nothing_is_written_off_twice_or_beyond_the_end(drain):
    trace = firing(
        flow("f", work("w", "4s"), triggers=(schedule(recover_missed=RecoverMissed.NONE),)),
        semantics="kestra-1.3.31",
        until="8s",
        drain=drain,
    )

    assert planned(trace) == [1, 7]
    assert sorted(planned(trace) + planned(trace, Kind.FIRE_SKIPPED)) == list(range(1, 9))


def test_a_long_backlog_is_written_off_in_steps():
    """So that a run reaches its last event within the backlog, and not with all of it in memory."""
    trace = firing(
        flow("f", work("w", "2h"), triggers=(schedule(),)),
        semantics="kestra-2.0.0",
        until="1h",
        max_events=1500,
    )

    assert last(trace).detail == "max_events"
    assert len(trace) < 2600


def test_skips_are_written_down_though_the_scheduler_falls_before_that():
    trace = trace_with_faults(
        flow("f", work("w", "5s"), triggers=(schedule(recover_missed=RecoverMissed.NONE),)),
        crash("scheduler", before="skip_fires", nth=1, for_="500ms"),
        semantics="kestra-1.3.31",
        until="9s",
    )

    assert sorted(planned(trace) + planned(trace, Kind.FIRE_SKIPPED)) == list(range(1, 10))


@pytest.mark.parametrize(
    ("semantics", "late"), [("documented", 0), ("kestra-2.0.0", 4), ("kestra-1.3.31", 5)]
)
def test_late_and_skipped_count_right_in_every_semantics(semantics, late):
    trace = firing(
        flow("f", work("w", "5s"), triggers=(schedule(cron="*/2 * * * * *"),)),
        semantics=semantics,
        until="24s",
    )
    view = View(trace)
    fired = len(view.fires("n.f", "s", Kind.FIRE))

    assert len(view.late("n.f", "s")) == late
    assert fired + len(view.fires("n.f", "s", Kind.FIRE_SKIPPED)) == 12


def test_a_plot_shows_skipped_fires_at_their_dates():
    trace = firing(
        flow("f", work("w", "1h"), triggers=(schedule(),)), semantics="kestra-2.0.0", until="4s", drain=False
    )
    (shown,) = trigger_fires(trace)

    assert shown.skipped_us.tolist() == [us("2s"), us("3s"), us("4s")]


# --- polls


def test_a_locked_poll_is_not_made_up_for():
    """SEMANTICS 5.5: next = now + interval; while its execution runs it does not look."""
    trace = firing(
        flow("f", work("w", "7s"), triggers=(polling("p", "3s"),)), semantics="kestra-2.0.0", until="30s"
    )

    assert times_of(trace, Kind.FIRE) == [3, 10, 17, 24]
    assert planned(trace) == [3, 6, 13, 20]
    assert told(trace, Kind.FIRE_SKIPPED) == []


def test_a_poll_that_finds_nothing_is_free_at_once():
    trace = firing(
        flow("f", work("w", "500ms"), triggers=(polling("p", "2s", finds=0.5),)),
        semantics="kestra-2.0.0",
        until="40s",
    )

    at = times_of(trace, Kind.FIRE)
    assert 0 < len(at) < 20
    assert all(t % 2 == 0 for t in at)


def test_a_poll_with_allow_concurrent_goes_on_beside_its_execution():
    trace = firing(
        flow("f", work("w", "7s"), triggers=(polling("p", "3s", allow_concurrent=True),)),
        semantics="kestra-2.0.0",
        until="12s",
    )

    assert times_of(trace, Kind.FIRE) == [3, 6, 9, 12]
