"""How the schedulers of Kestra's versions fire: what was recorded of the real engine (OBSERVED 4, 5), phase aside.

A Schedule of every 2 s with an execution of 5.1 s, limit 1. The recordings' names are in brackets.
"""

from __future__ import annotations

import pytest

from flowconc.protocol.events import Kind
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.flow import RecoverMissed
from tests.flows import act, arrive, flow, lives, schedule, told, work
from tests.simulation.firing import fires, firing, planned

NEWEST = ("kestra-2.0.2", "kestra-2.0.0")
ENGINES = tuple(name for name in VERSIONS if name != "documented")
OLDER = tuple(name for name in ENGINES if name not in NEWEST)
CONCURRENT = ("kestra-2.0.0", "kestra-1.3.31")
RECOVERING = ("kestra-1.3.31", "kestra-1.1.0", "kestra-0.24.0")

NAP = work("nap", "5100ms")


def every_two(**keys):
    return schedule("tick", "*/2 * * * * *", **keys)


def run(semantics, *parts, behavior="QUEUE", date_at="1370ms", until="24s", drain=True, **keys):
    """Run the flow; the first date is at 1.37 s, the scheduler looks at each whole second."""
    limited = flow("f", NAP, limit=1, behavior=behavior, triggers=(every_two(**keys),))
    return firing(limited, *parts, semantics=semantics, date_at=date_at, until=until, drain=drain)


# --- one at a time


@pytest.mark.parametrize("semantics", NEWEST)
@pytest.mark.parametrize("behavior", ["QUEUE", "CANCEL", "FAIL"])
def test_on_2_0_a_missed_date_comes_at_the_next_look_after_the_end(semantics, behavior):
    """[04_schedule_queue_default, 04_schedule_cancel_default] No date is dropped, and the limit never reached."""
    trace = run(semantics, behavior=behavior)

    assert fires(trace) == "1.37@2 3.37@8 5.37@14 7.37@20"
    assert {event.detail for event in trace.events() if event.kind is Kind.GATE} == {"admit"}


@pytest.mark.parametrize("semantics", OLDER)
@pytest.mark.parametrize("behavior", ["QUEUE", "CANCEL"])
def test_before_2_0_a_date_must_have_passed_for_a_second(semantics, behavior):
    """[04_schedule_queue_default, 04_schedule_cancel_default] Unblocked dates come 1 to 2 s late."""
    assert fires(run(semantics, behavior=behavior)) == "1.37@3 3.37@9 5.37@15 7.37@21"


@pytest.mark.parametrize("semantics", ENGINES)
def test_all_is_the_default(semantics):
    """Recorded as [04_schedule_missed_all]."""
    assert fires(run(semantics, recover_missed=RecoverMissed.ALL)) == fires(run(semantics))


@pytest.mark.parametrize("semantics", RECOVERING)
def test_none_waits_for_the_next_date_after_the_end(semantics):
    """Recorded as [04_schedule_missed_none]."""
    trace = run(semantics, recover_missed=RecoverMissed.NONE)

    assert fires(trace) == "1.37@3 9.37@11 17.37@19"
    assert planned(trace, Kind.FIRE_SKIPPED) == [3.37, 5.37, 7.37, 11.37, 13.37, 15.37, 19.37, 21.37, 23.37]


@pytest.mark.parametrize("semantics", RECOVERING)
def test_last_jumps_to_the_last_date_before_the_end(semantics):
    """OBSERVED 4: dates 0.97, 6.97, 12.97, 18.97."""
    trace = run(semantics, recover_missed=RecoverMissed.LAST, date_at="970ms")

    assert fires(trace) == "0.97@2 6.97@8 12.97@14 18.97@20"


@pytest.mark.parametrize("recovery", RecoverMissed)
@pytest.mark.parametrize("semantics", [*NEWEST, "kestra-0.21.0"])
def test_2_0_and_0_21_do_not_ask_for_recovery_at_an_end(semantics, recovery):
    """Recorded as [04_schedule_missed_none]."""
    assert fires(run(semantics, recover_missed=recovery)) == fires(run(semantics))


# --- allowConcurrent


@pytest.mark.parametrize("semantics", CONCURRENT)
@pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
def test_with_allow_concurrent_every_date_meets_the_gate(semantics, behavior, state):
    """[04_schedule_cancel_concurrent, 04_schedule_fail_concurrent] Of three executions one runs."""
    trace = run(semantics, behavior=behavior, allow_concurrent=True)

    assert planned(trace)[:11] == [
        1.37,
        3.37,
        5.37,
        7.37,
        9.37,
        11.37,
        13.37,
        15.37,
        17.37,
        19.37,
        21.37,
    ]
    ran = [state not in told for told in lives(trace).values()]
    assert ran[:11] == [True, False, False] * 3 + [True, False]


@pytest.mark.parametrize(("semantics", "running_since"), [("kestra-2.0.0", 22.4), ("kestra-1.3.31", 18.3)])
def test_with_allow_concurrent_a_queue_grows_without_bound(semantics, running_since):
    """OBSERVED 4: of 11 executions most are queued in the end, in the order of their dates."""
    trace = run(semantics, allow_concurrent=True, until="23s", drain=False)
    started = [e.t_us / 1e6 for e in trace.events() if e.kind is Kind.STATE and e.after == "RUNNING"]

    assert len(planned(trace)) == 11
    assert started[-1] == running_since
    assert trace.event(len(trace) - 2).queued == 11 - len(started)


@pytest.mark.parametrize("semantics", [name for name in ENGINES if not VERSIONS[name].has_allow_concurrent])
def test_versions_without_allow_concurrent_lock_all_the_same(semantics):
    assert fires(run(semantics, allow_concurrent=True)) == fires(run(semantics))


# --- beside others


@pytest.mark.parametrize("semantics", [*NEWEST, "kestra-1.3.31"])
def test_a_schedule_and_callers_share_one_line_in_order_of_queueing(semantics):
    """[05a_two_sources] While its execution is QUEUED or RUNNING the schedule does not fire."""
    trace = firing(
        flow(
            "f",
            work("nap", "2600ms"),
            limit=1,
            triggers=(schedule("tick", "*/4 * * * * *"),),
        ),
        arrive("f", "1s 2s 6s 11s", names="a1 a2 a3 a4"),
        semantics=semantics,
        date_at="2140ms",
        until="24s",
    )

    started = [
        event.execution for event in trace.events() if event.kind is Kind.STATE and event.after == "RUNNING"
    ]
    assert planned(trace)[:5] == [2.14, 6.14, 10.14, 14.14, 18.14]
    assert started[:8] == ["a1", "a2", "f#1", "a3", "f#2", "a4", "f#3", "f#4"]


@pytest.mark.parametrize("semantics", ENGINES)
def test_after_a_delete_of_its_running_execution_a_schedule_is_locked_for_good(semantics):
    """[05c_schedule_delete] A counter put right changes nothing about that."""
    trace = run(semantics, act("5s", "delete", "f#1"), act("14s", "set_counter", "n.f", running=0))

    assert len(planned(trace)) == 1
    assert told(trace, Kind.TRIGGER_UNLOCKED) == []


@pytest.mark.parametrize("semantics", ENGINES)
def test_after_a_kill_the_next_date_comes_at_the_next_look(semantics):
    """Recorded as [05d_schedule_kill]."""
    trace = run(semantics, act("4500ms", "kill", "f#1"), until="10s")

    # the first execution ends at 4.5 s; the date of 3.37 s has passed for a second at 4.37 s
    assert fires(trace).split()[1] == "3.37@5"


# --- the look


def test_a_date_on_the_look_is_in_time_on_2_0():
    assert fires(run("kestra-2.0.0", date_at="0s", until="13s")) == "2 4@8"


def test_an_end_at_the_instant_of_a_look_is_in_time_for_it():
    trace = firing(flow("f", work("w", "1s"), triggers=(schedule(),)), semantics="kestra-2.0.0", until="3s")

    assert fires(trace) == "1 2 3"


def test_at_each_look_a_trigger_fires_once():
    """Executions of no length never lock it for long, yet the backlog goes down by one a second."""
    trace = firing(
        flow("f", work("w", "0s"), triggers=(schedule(),)),
        act("1s", "disable_trigger", "n.f.s"),
        act("1s", "enable_trigger", "n.f.s"),
        semantics="kestra-2.0.0",
        until="4s",
    )

    assert fires(trace) == "2 3 4"


def test_fires_at_one_look_come_in_the_order_of_their_dates():
    late = schedule("a", "*/2 * * * * *")
    early = schedule("b", "1/2 * * * * *")
    trace = firing(
        flow("f", work("w", "0s"), triggers=(late, early)),
        semantics="kestra-1.3.31",
        date_at="500ms",
        until="5s",
    )

    assert fires(trace, "a") == "0.5@2 2.5@4"
    assert fires(trace, "b") == "1.5@3 3.5@5"
