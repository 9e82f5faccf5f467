"""A trace as it stood at a moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.check.view import View
from flowconc.protocol.events import Kind
from flowconc.protocol.states import State
from tests.traces import trace_of, us

RUN = trace_of(
    "0s flow f limit=2",
    "0s flow g limit=1",
    "0s admit a of=f",
    "0s admit x of=g",
    "1s admit b of=f",
    "1s queue c of=f",
    "5s deleted b",
    "6s end a KILLED; release a; pop c",
)


def view(at: str) -> View:
    return View(RUN, us(at))


@pytest.mark.parametrize(
    ("at", "running", "queued", "holding", "counter", "unended"),
    [
        ("0s", 1, 0, 1, 1, 1),
        ("1s", 2, 1, 2, 2, 3),
        ("5s", 1, 1, 1, 2, 2),
        ("6s", 1, 0, 1, 2, 1),
        ("99s", 1, 0, 1, 2, 1),
    ],
)
def test_the_levels_of_a_flow(at, running, queued, holding, counter, unended):
    """Executions of other flows do not count, nor do deleted ones; the counter is the engine's."""
    seen = view(at)

    assert (seen.in_state("f", State.RUNNING), seen.in_state("f", State.QUEUED)) == (running, queued)
    assert (len(seen.holding("f")), seen.counter("f"), seen.unended("f")) == (holding, counter, unended)


def test_what_has_ended():
    assert view("5s").ended("f") == {}
    assert view("6s").ended("f") == {"KILLED": 1}


def test_a_flow_nobody_knows_has_nothing():
    seen = view("6s")

    assert (seen.counter("h"), seen.unended("h"), len(seen.holding("h"))) == (0, 0, 0)


def test_a_history_stops_at_the_moment():
    assert [event.kind for event in view("5s").history("c")] == [Kind.CREATED, Kind.GATE, Kind.STATE]
    assert view("0s").history("c") == view("5s").history("nobody") == []


def test_how_a_flow_stood():
    assert view("1s").standing("f") == ("at 1s, f: counter 2", "holding a slot: a, b", "waiting: c")


def test_the_counter_is_the_last_one_that_was_set_or_counted():
    run = trace_of(
        "0s flow f limit=1", "0s admit a", "1s set_counter f 7", "2s end a; release a", "3s set_counter f -2"
    )

    assert [View(run, us(at)).counter("f") for at in ("0s", "1s", "2s", "3s")] == [1, 7, 6, -2]


def test_a_fire_whose_execution_never_came_is_not_late():
    run = trace_of("0s flow f", "0s fire tick a of=f", "1s fire tick b planned=500ms of=f; create b")

    assert View(run).late("f", "tick").tolist() == [2]


def test_slots_of_a_namespace_are_not_the_flows_own():
    run = trace_of(
        "0s flow f",
        "0s create a; claim a scope=namespace:n; state a RUNNING",
        "1s admit b; claim b scope=namespace:n",
    )

    assert (View(run).counter("f"), [run.names[number] for number in View(run).holding("f")]) == (1, ["b"])


def test_in_an_engine_it_is_what_an_execution_does_that_tells_whether_it_holds_a_slot():
    """`b` was popped and never counted; `a` has its slot still while its afterExecution runs."""
    run = trace_of(
        "0s flow f limit=1",
        "0s admit a",
        "0s queue b",
        "1s end a; start a after; state b RUNNING pop",
        "2s finish a SUCCESS after; release a",
        "3s state b PAUSED pause",
    )
    run.header = replace(run.header, semantics="kestra-2.0.0")

    held = [
        [run.names[number] for number in View(run, us(at)).holding("f")] for at in ("0s", "1s", "2s", "3s")
    ]
    assert held == [["a"], ["a", "b"], ["b"], ["b"]]
