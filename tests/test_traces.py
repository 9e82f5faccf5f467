"""The helper that the other tests of traces and checks rest on."""

from __future__ import annotations

import pytest

from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from tests.traces import trace_of, us


@pytest.mark.parametrize(
    ("text", "expected"), [("7us", 7), ("250ms", 250_000), ("1.5s", 1_500_000), ("2m", 120_000_000)]
)
def test_times(text, expected):
    assert us(text) == expected


def test_a_story_is_told_as_the_protocol_does():
    """Counts, counters, limits and revisions follow from what came before."""
    trace = trace_of(
        "0s flow f limit=1", "0s admit a ui", "1s queue b", "2s end a; release a; pop b", "3s kill b"
    )

    told = [
        (event.kind, event.execution, event.before, event.after, event.running, event.queued)
        for event in trace.events()
    ]

    assert told == [
        (Kind.FLOW_SAVED, None, None, 1, 0, 0),
        (Kind.CREATED, "a", None, State.CREATED, 0, 0),
        (Kind.GATE, "a", 0, 1, 0, 0),
        (Kind.CLAIM, "a", 0, 1, 0, 0),
        (Kind.STATE, "a", State.CREATED, State.RUNNING, 1, 0),
        (Kind.TASK_STARTED, "a", 1, 0, 1, 0),
        (Kind.CREATED, "b", None, State.CREATED, 1, 0),
        (Kind.GATE, "b", 1, 1, 1, 0),
        (Kind.STATE, "b", State.CREATED, State.QUEUED, 1, 1),
        (Kind.TASK_ENDED, "a", None, State.SUCCESS, 1, 1),
        (Kind.STATE, "a", State.RUNNING, State.SUCCESS, 0, 1),
        (Kind.RELEASE, "a", 1, 0, 0, 1),
        (Kind.CLAIM, "b", 0, 1, 0, 1),
        (Kind.STATE, "b", State.QUEUED, State.RUNNING, 1, 0),
        (Kind.TASK_STARTED, "b", 1, 0, 1, 0),
        (Kind.ACTION_APPLIED, "b", None, None, 1, 0),
        (Kind.STATE, "b", State.RUNNING, State.KILLING, 0, 0),
        (Kind.TASK_ENDED, "b", None, State.KILLED, 0, 0),
        (Kind.STATE, "b", State.KILLING, State.KILLED, 0, 0),
        (Kind.RUN_ENDED, None, None, None, None, None),
    ]


def test_an_event_can_say_what_is_not_so():
    trace = trace_of(
        "0s flow f limit=1",
        "0s create a; gate a admit before=5 running=9 actor=ghost; claim a after=7",
        "1s release a",
    )

    gate, claim, release = (trace.event(seq) for seq in (2, 3, 4))

    assert (gate.before, gate.running, gate.actor) == (5, 9, "ghost")
    assert (claim.before, claim.after) == (0, 7)
    assert (release.before, release.after) == (7, 6)


def test_the_end_is_told_once():
    assert [event.detail for event in trace_of("0s flow f", "5s over until").events()][1:] == ["until"]
