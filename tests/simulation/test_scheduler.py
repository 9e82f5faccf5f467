"""When triggers fire."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flowconc.protocol.events import Kind
from flowconc.simulation.simulate import simulate
from tests.flows import act, edit, flow, polling, scene, schedule, times_of, trace_of_run, work

INSTANT = work("w", "0s")


def test_a_schedule_fires_strictly_after_the_start():
    trace = trace_of_run(flow("f", INSTANT, triggers=(schedule(),)), until="2s")

    assert times_of(trace, Kind.FIRE) == [1, 2]


def test_a_schedule_reads_its_own_time_zone():
    daily = schedule(cron="0 0 9 * * *", zone=ZoneInfo("Europe/Paris"))
    trace = trace_of_run(flow("f", INSTANT, triggers=(daily,)), until="24h")

    assert times_of(trace, Kind.FIRE) == [8 * 3600]


def test_the_start_may_lie_between_two_seconds():
    scenario = scene(flow("f", INSTANT, triggers=(schedule(),)), until="2s")
    start = datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)
    trace = simulate(replace(scenario, clock_start=start))

    assert times_of(trace, Kind.FIRE) == [0.75, 1.75]


def test_a_poll_comes_one_interval_after_the_start_and_then_each_interval():
    trace = trace_of_run(flow("f", INSTANT, triggers=(polling("p", "3s"),)), until="9s")

    assert times_of(trace, Kind.FIRE) == [3, 6, 9]


def test_a_poll_that_is_enabled_begins_its_interval_anew():
    trace = trace_of_run(
        flow("f", INSTANT, triggers=(polling("p", "3s"),)),
        act("4s", "disable_trigger", "n.f.p"),
        act("5s", "enable_trigger", "n.f.p"),
        until="12s",
    )

    assert times_of(trace, Kind.FIRE) == [3, 8, 11]


def test_an_enabled_schedule_fires_from_that_instant_on():
    trace = trace_of_run(
        flow("f", INSTANT, triggers=(schedule(disabled=True),)),
        act("3s", "enable_trigger", "n.f.s"),
        until="4s",
    )

    assert times_of(trace, Kind.FIRE) == [3, 4]


def test_a_trigger_that_an_edit_brings_fires_from_then_on():
    trace = trace_of_run(
        flow("f", INSTANT), edit("2500ms", flow("f", INSTANT, triggers=(schedule(),))), until="4s"
    )

    assert times_of(trace, Kind.FIRE) == [3, 4]


def test_many_edits_at_one_instant_make_no_fire_twice():
    with_trigger = flow("f", INSTANT, triggers=(schedule(allow_concurrent=True),))
    trace = trace_of_run(with_trigger, *(edit("2s", with_trigger) for _ in range(5)), until="3s")

    assert times_of(trace, Kind.FIRE) == [1, 2, 3]


def test_a_fire_plans_its_time_and_the_trace_keeps_it():
    trace = trace_of_run(flow("f", INSTANT, triggers=(schedule(),)), until="1s")

    assert [e.before for e in trace.events() if e.kind is Kind.FIRE] == [1_000_000]
