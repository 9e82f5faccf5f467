"""The end of an execution: who is told."""

from __future__ import annotations

from dataclasses import replace

from flowconc.protocol.events import Kind
from flowconc.scenario.model import Backoff
from tests.flows import (
    arrive,
    call,
    edit,
    flow,
    lives,
    schedule,
    times_of,
    told,
    trace_of_run,
    work,
)


def test_release_and_pop_come_before_the_trigger_is_unlocked():
    trace = trace_of_run(
        flow("f", work("w", "500ms"), limit=1, triggers=(schedule(),)), arrive("f", "1s"), until="1s"
    )

    kinds = (Kind.RELEASE, Kind.CLAIM, Kind.TRIGGER_UNLOCKED)
    assert [(at, kind, name) for at, kind, name, _ in told(trace, *kinds)] == [
        (1, "CLAIM", "f#1"),
        (1.5, "RELEASE", "f#1"),
        (1.5, "CLAIM", "f#2"),
        (1.5, "TRIGGER_UNLOCKED", "f#1"),
        (2, "RELEASE", "f#2"),
    ]


def test_a_parent_goes_on_after_the_childs_slot_is_free():
    trace = trace_of_run(
        flow("p", call("s", "c"), work("w", "1s")),
        flow("c", work("w", "1s"), limit=1),
        arrive("p", names="a"),
    )

    kinds = (Kind.RELEASE, Kind.TASK_STARTED)
    assert [(kind, name) for _, kind, name, _ in told(trace, *kinds)] == [
        ("TASK_STARTED", "c#1"),
        ("RELEASE", "c#1"),
        ("TASK_STARTED", "a"),
        ("RELEASE", "a"),
    ]


def test_a_source_hears_of_each_of_its_executions_once():
    """Two are turned away and come again after a second, once each."""
    backoff = Backoff(frozenset({"CANCELLED"}), 1_000_000, attempts=1)
    trace = trace_of_run(
        flow("f", work("w", "10s"), limit=1, behavior="CANCEL"), arrive("f", "0s 0s 0s", backoff=backoff)
    )

    assert [at for at, *_ in told(trace, Kind.CREATED)] == [0, 0, 0, 1, 1]


def test_an_end_that_runs_the_next_one_to_its_end_concludes_both():
    """The second is of a revision whose only task, a call that nobody waits for, takes no time."""
    every_minute = schedule(cron="0 * * * * *")
    before = flow("f", work("w", "10s"), limit=1, triggers=(every_minute,))
    trace = trace_of_run(
        flow("g"),
        before,
        edit("61s", replace(before, tasks=(call("c", "g", wait=False),))),
        arrive("f", "62s", names="b"),
        until="62s",
    )

    assert lives(trace)["b"] == "CREATED:62 QUEUED:62 RUNNING:70 SUCCESS:70"
    assert times_of(trace, Kind.TRIGGER_UNLOCKED) == [70]
    assert times_of(trace, Kind.RELEASE)[:2] == [70, 70]
