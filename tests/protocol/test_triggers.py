"""Which fires make executions: locks, stopAfter, polls, events of realtime triggers (SEMANTICS A5, 5)."""

from __future__ import annotations

import pytest

from flowconc.protocol.creation import Request
from flowconc.protocol.events import Kind
from flowconc.protocol.steps import Evaluated
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.flow import Trigger, TriggerKind
from tests.flows import (
    NOWHERE,
    arrive,
    edit,
    flow,
    key_of,
    lives,
    polling,
    schedule,
    times_of,
    told,
    trace_of_run,
    work,
)
from tests.protocol.by_hand import Hand

ENGINES = tuple(name for name in VERSIONS if name != "documented")


def realtime(trigger_id: str = "r", **keys) -> Trigger:
    return Trigger(trigger_id, "test.RealtimeTrigger", TriggerKind.REALTIME, NOWHERE, **keys)


def events(when: str, **keys):
    """Return events of the realtime trigger `r`."""
    return arrive("f", when, source="trigger:r", trigger="r", **keys)


def test_a_locked_trigger_skips_its_fires_until_its_execution_has_ended():
    """The end at 3.5 s unlocks; the fires of 2 and 3 s are lost, not late."""
    trace = trace_of_run(flow("f", work("w", "2500ms"), triggers=(schedule(),)), until="5s")

    assert times_of(trace, Kind.FIRE) == [1, 4]
    assert times_of(trace, Kind.FIRE_SKIPPED) == [2, 3, 5]


def test_an_end_at_the_instant_of_a_fire_unlocks_in_time():
    trace = trace_of_run(flow("f", work("w", "1s"), triggers=(schedule(),)), until="3s")

    assert times_of(trace, Kind.FIRE) == [1, 2, 3]


def test_a_skipped_fire_names_the_execution_that_holds_the_lock_and_makes_none():
    trace = trace_of_run(flow("f", work("w", "9s"), triggers=(schedule(),)), until="2s")

    assert told(trace, Kind.FIRE_SKIPPED) == [(2, "FIRE_SKIPPED", "f#1", "s")]
    assert trace.names == ("f#1",)


def test_a_queued_execution_keeps_its_trigger_locked():
    trace = trace_of_run(
        flow("f", work("w", "5s"), limit=1, triggers=(schedule(),)), arrive("f", "0s", names="a"), until="7s"
    )

    assert times_of(trace, Kind.FIRE) == [1]
    assert lives(trace)["f#1"] == "CREATED:1 QUEUED:1 RUNNING:5 SUCCESS:10"


@pytest.mark.parametrize("behavior", ["CANCEL", "FAIL"])
def test_a_rejected_execution_unlocks_its_trigger_at_once(behavior):
    trace = trace_of_run(
        flow("f", limit=1, behavior=behavior, triggers=(schedule(),)), arrive("f"), until="3s"
    )

    assert times_of(trace, Kind.FIRE) == [1, 2, 3]
    assert times_of(trace, Kind.TRIGGER_UNLOCKED) == [1, 2, 3]


def test_after_execution_keeps_the_trigger_locked():
    trace = trace_of_run(
        flow("f", work("w", "500ms"), after_execution=(work("x", "2s"),), triggers=(schedule(),)), until="4s"
    )

    assert times_of(trace, Kind.FIRE) == [1, 4]


def test_an_execution_started_otherwise_does_not_lock_the_trigger():
    trace = trace_of_run(flow("f", work("w", "10s"), triggers=(schedule(),)), arrive("f", "0s"), until="1s")

    assert times_of(trace, Kind.FIRE) == [1]


def test_with_allow_concurrent_every_fire_meets_the_gate():
    trace = trace_of_run(flow("f", limit=2, triggers=(schedule(allow_concurrent=True),)), until="4s")

    assert times_of(trace, Kind.FIRE) == [1, 2, 3, 4]
    assert [e.detail for e in trace.events() if e.kind is Kind.GATE] == ["admit", "admit", "queue", "queue"]
    assert told(trace, Kind.TRIGGER_LOCKED) == []


def test_zero_length_tasks_never_keep_a_trigger_of_one_second_locked():
    trace = trace_of_run(flow("f", work("w", "0s"), limit=1, triggers=(schedule(),)), until="100s")

    assert len(times_of(trace, Kind.FIRE)) == 100
    assert told(trace, Kind.FIRE_SKIPPED) == []


def test_stop_after_disables_the_trigger_for_good():
    trace = trace_of_run(
        flow("f", work("w", "0s", fails=[2]), triggers=(schedule(stop_after=frozenset({"FAILED"})),)),
        until="9s",
    )

    assert times_of(trace, Kind.FIRE) == [1, 2]
    assert times_of(trace, Kind.TRIGGER_DISABLED) == [2]


def test_a_poll_fires_only_when_it_finds_something():
    trace = trace_of_run(
        flow("f", work("w", "0s"), triggers=(polling("p", "1s", finds=0.25),)), until="2000s"
    )

    assert abs(len(times_of(trace, Kind.FIRE)) / 2000 - 0.25) < 0.03


def test_what_polls_find_goes_on_over_edits():
    """An edit does not deal the same luck out again."""
    sparse = flow("f", work("w", "0s"), triggers=(polling("p", "1s", finds=0.3),))
    edits = [edit(f"{at}s", sparse) for at in range(10, 100, 10)]

    assert times_of(trace_of_run(sparse, *edits, until="100s"), Kind.FIRE) == times_of(
        trace_of_run(sparse, until="100s"), Kind.FIRE
    )


# --- realtime triggers


def test_an_event_fires_its_trigger_and_locks_it():
    """A5: the contract makes no difference between triggers that the scheduler keeps."""
    trace = trace_of_run(
        flow("f", work("w", "3s"), triggers=(realtime(),)), events("1s 2s 5s", names="a b c")
    )

    assert lives(trace) == {"a": "CREATED:1 RUNNING:1 SUCCESS:4", "c": "CREATED:5 RUNNING:5 SUCCESS:8"}
    assert told(trace, Kind.FIRE, Kind.FIRE_SKIPPED) == [
        (1, "FIRE", "a", "r"),
        (2, "FIRE_SKIPPED", "a", "r"),
        (5, "FIRE", "c", "r"),
    ]


def test_an_event_plans_nothing():
    trace = trace_of_run(flow("f", triggers=(realtime(),)), events("1s 2s"))

    assert {e.before for e in trace.events() if e.kind in (Kind.FIRE, Kind.FIRE_SKIPPED)} == {None}


@pytest.mark.parametrize("semantics", ENGINES)
def test_in_the_engine_each_event_makes_an_execution(semantics):
    """SEMANTICS 5.5: the consumer that listens is the lock, and no end unlocks it."""
    trace = trace_of_run(
        flow("f", work("w", "3s"), triggers=(realtime(),)), events("1s 2s 5s"), semantics=semantics
    )

    assert times_of(trace, Kind.FIRE) == [1, 2, 5]
    assert told(trace, Kind.TRIGGER_LOCKED, Kind.TRIGGER_UNLOCKED, Kind.FIRE_SKIPPED) == []


def test_with_allow_concurrent_events_meet_the_gate():
    trace = trace_of_run(
        flow("f", limit=1, behavior="CANCEL", triggers=(realtime(allow_concurrent=True),)), events("1s 2s")
    )

    assert lives(trace)["f#2"] == "CREATED:2 CANCELLED:2"


@pytest.mark.parametrize(
    ("saved", "why"),
    [
        (flow("f", triggers=(realtime(disabled=True),)), "trigger disabled"),
        (flow("f"), "trigger not found"),
        (flow("f", triggers=(realtime(),), disabled=True), "flow disabled"),
    ],
)
def test_nobody_listens_to_events_of_a_trigger_that_is_off(saved, why):
    trace = trace_of_run(flow("f", triggers=(realtime(),)), edit("1s", saved), events("2s"))

    assert told(trace, Kind.ARRIVAL_REFUSED) == [(2, "ARRIVAL_REFUSED", None, why)]
    assert trace.names == ()


def test_the_execution_of_an_event_does_what_the_arrival_says():
    trace = trace_of_run(
        flow("f", work("w", "1s"), triggers=(realtime(),)), events("1s", fails=frozenset({"w"}))
    )

    assert lives(trace)["f#1"] == "CREATED:1 RUNNING:1 FAILED:2"
    assert [e.detail for e in trace.events() if e.kind is Kind.CREATED] == ["trigger:r"]


# --- allowConcurrent, by version


@pytest.mark.parametrize("semantics", VERSIONS)
def test_allow_concurrent_counts_where_there_is_one(semantics):
    trace = trace_of_run(
        flow("f", work("w", "1h"), triggers=(schedule(allow_concurrent=True),)),
        semantics=semantics,
        until="9s",
        drain=False,
    )

    assert (len(times_of(trace, Kind.FIRE)) > 1) is VERSIONS[semantics].has_allow_concurrent


# --- one step at a time


def fired(hand, *, made_up=False):
    """Let the trigger `s` fire for the date 1 s; return what is written down, and whether the date is done."""
    result = hand.do("fire", None, ("n.f", "s", 1_000_000, None, made_up), 1_000_000)
    (told,) = (order for order in result.orders if isinstance(order, Evaluated))
    return [(report[0], report[3], report[4]) for report in result.reports], told.done


def locked():
    """Return a flow whose trigger has fired, and whose execution has not ended; its second revision."""
    hand = Hand(flow("f", triggers=(schedule(), realtime())))
    hand.do("save_flow", None, (key_of("f"), flow("f", triggers=(schedule(), realtime()))))
    for _ in range(2):
        hand.do("realtime_event", None, Request(key_of("f"), "trigger:r", trigger="r"))
    hand.do("fire", None, ("n.f", "s", 0, None, False))
    return hand


def test_a_fire_of_a_locked_trigger_is_over_unless_it_is_made_up_for():
    assert fired(locked()) == ([(Kind.FIRE_SKIPPED, 2, 1_000_000)], True)
    assert fired(locked(), made_up=True) == ([], False)


def test_what_is_skipped_is_told_with_the_revision():
    """Of a date before its time is over, and of an event, which has none."""
    hand = locked()

    (skipped,) = hand.do("skip_fires", None, ("n.f", "s", (7,))).reports
    assert (skipped[0], skipped[3], skipped[4], skipped[6]) == (Kind.FIRE_SKIPPED, 2, 7, "s")

    (event,) = hand.do("realtime_event", None, Request(key_of("f"), "trigger:r", trigger="r")).reports
    assert (event[0], event[3], event[4], event[6]) == (Kind.FIRE_SKIPPED, 2, None, "r")
