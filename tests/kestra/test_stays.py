"""Stays: when an execution came to the gate, and how long it held a slot."""

from __future__ import annotations

import pytest

from flowconc.kestra.stays import Unknown, most_at_once, stays
from tests.kestra.exports import MIDNIGHT_US, execution, read

S = 1_000_000


@pytest.fixture
def found(tmp_path):
    def found(*executions):
        return stays(read(tmp_path, *executions))

    return found


def arrived(stay):
    return (stay.at_us - MIDNIGHT_US) / S


def held(stay):
    return None if stay.held_us is None else stay.held_us / S


def history(text):
    """Read `C1 R2 ok5`: states in short, and seconds since midnight."""
    short = {
        "C": "CREATED", "Q": "QUEUED", "R": "RUNNING", "P": "PAUSED", "rs": "RESTARTED", "ry": "RETRYING",
        "RD": "RETRIED", "k": "KILLING", "K": "KILLED", "ok": "SUCCESS", "W": "WARNING", "F": "FAILED", "X": "CANCELLED",
    }  # fmt: skip
    words = (word.partition(next(letter for letter in word if letter.isdigit())) for word in text.split())
    return [(short[state], float(first + rest)) for state, first, rest in words]


@pytest.mark.parametrize(
    ("states", "length"),
    [
        ("C1 R2 ok5", 3),
        ("C1 Q1 R4 ok5", 1),
        ("C1 R2 P3 rs6 R7 ok9", 7),
        ("C1 R2 P3 Q6 R7 ok9", 6),
        ("C1 R2 F3 ry3 R6 F7 ry7 R9 ok9.5", 7.5),
        ("C1 R2 F3 RD3", 1),
        ("C1 R2 k4 K4.5", 2.5),
        ("C1 R2 k4 ok4.5", 2.5),
        ("C1 R2 P3 k4 K5", 3),
        ("C1 R2 W4", 2),
    ],
)
def test_a_slot_is_held_from_running_to_the_end_but_not_in_the_queue(found, states, length):
    (stay,) = found(execution("a", *history(states)))

    assert (arrived(stay), held(stay), stay.unknown) == (1, length, None)


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ("C1 X1", Unknown.REJECTED),
        ("C1 F1", Unknown.REJECTED),
        ("C1 Q1 k3 K4", Unknown.KILLED),
        ("C1", Unknown.WAITING),
        ("C1 Q1", Unknown.WAITING),
        ("C1 R2", Unknown.RUNNING),
        ("C1 R2 P3", Unknown.RUNNING),
        ("C1 R2 P3 Q4", Unknown.RUNNING),
        ("C1 Q3 R2 ok4", Unknown.DISORDER),
    ],
)
def test_where_it_is_not_known_there_is_a_reason(found, states, why):
    (stay,) = found(execution("a", *history(states)))

    assert (arrived(stay), stay.held_us, stay.unknown) == (1, None, why)


def test_a_restart_after_the_end_comes_to_the_gate_once_more(found):
    first, second = found(execution("a", *history("C1 R2 F3 rs10 Q11 R15 ok17"), trigger="a.Trigger"))

    assert [(arrived(each), held(each), each.source) for each in (first, second)] == [
        (1, 1, "polling"),
        (10, 2, "restart"),
    ]


def test_a_replay_from_a_task_has_the_history_of_its_source_before_its_own(found):
    original = execution("a", *history("C1 R2 F3"))
    replay = execution("b", *history("C1 R2 F3 rs10 R11 F12"), originalId="a")
    again = execution("c", *history("C1 R2 F3 rs10 R11 F12 rs20 R20 ok25"), originalId="a")

    assert [(arrived(each), held(each), each.source) for each in found(again, replay, original)] == [
        (1, 1, "api"),
        (10, 1, "replay"),
        (20, 5, "replay"),
    ]


def test_a_replay_from_the_start_has_only_its_own(found):
    original = execution("a", *history("C1 R2 ok3"))
    replay = execution("b", *history("C5 Q5 R6 ok7"), originalId="a")

    assert [(arrived(each), each.source) for each in found(original, replay)] == [(1, "api"), (5, "replay")]


def test_two_that_did_the_same_at_the_same_time_are_two(found):
    assert len(found(execution("a", *history("C1 X1")), execution("b", *history("C1 X1")))) == 2


def test_one_that_was_scheduled_for_later_comes_to_the_gate_when_it_is_due(found):
    due, early, late = (
        execution(name, *history(states), scheduleDate=f"2026-11-16T00:00:{due}Z")
        for name, states, due in (("a", "C1 Q20 R25 ok30", "20"), ("b", "C2 R3 ok4", "30"), ("c", "C6 R6 ok7", "05"))
    )  # fmt: skip

    assert sorted((arrived(each), each.waited_us / S) for each in found(due, early, late)) == [
        (3, 0),
        (6, 0),
        (20, 5),
    ]


def test_at_once_are_those_that_hold_a_slot(found):
    assert most_at_once(found(*(execution(name, *history(states)) for name, states in
        (("a", "C1 R1 ok5"), ("b", "C1 Q1 R5 ok9"), ("c", "C2 R2 P3 rs8 R8 ok8"), ("d", "C2 X2"))))) == 2  # fmt: skip


def test_one_that_still_runs_holds_its_slot_to_the_last(found):
    assert most_at_once(found(execution("a", *history("C1 R1")), execution("b", *history("C8 R9 ok10")))) == 2


def test_tasks_of_after_execution_hold_the_slot_still(found):
    runs = [
        {"taskId": name, "state": execution("", *history(states))["state"]}
        for name, states in (("work", "C2 R2 ok5"), ("after", "C5 R5 ok8"))
    ]
    first = execution("a", *history("C1 R2 ok5"), taskRunList=runs)
    restarted = execution("b", *history("C1 R2 F3 rs4 R4 ok5"), taskRunList=runs)

    assert [(arrived(each), held(each)) for each in found(first)] == [(1, 6)]
    assert [(arrived(each), held(each)) for each in found(restarted)] == [(1, 1), (4, 4)]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_of_one_instant_who_had_a_slot_first_was_first_at_the_gate(found, order):
    """Whatever the order of the export: the search of Kestra gives the latest first."""
    at_once = [
        execution("first", *history("C1 R1 ok1")),
        execution("second", *history("C1 R1 ok5")),
        execution("third", *history("C1 Q1 R5 ok6"), trigger="io.kestra.plugin.core.debug.Early"),
        execution("away", *history("C1 X1")),
    ]

    assert [held(stay) for stay in found(*(at_once[place] for place in order))] == [0, 4, 1, None]
