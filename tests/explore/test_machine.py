"""States and moves: what can happen, and what it leads to."""

from __future__ import annotations

import pytest

from flowconc.explore.exhaustive import exhaust
from flowconc.explore.moves import MoveKind
from flowconc.protocol.states import State
from tests.explore.machines import after, burst, judged, machine_of, possible, row, said, taken
from tests.explore.naive import Naive
from tests.flows import act, edit, flow


def state_of(machine, state, number):
    return row(machine, state, "executions", number).state


class TestOrder:
    """What comes before what."""

    def test_arrivals_of_a_source_come_in_its_order(self):
        machine = machine_of(burst(2))
        state, _ = machine.start()

        assert possible(machine, state) == ["arrival 0"]

    def test_a_message_can_wait_while_others_go_on(self):
        machine = machine_of(burst(2))
        state = taken(machine, "arrival 0", "arrival 1", "gate 1")

        assert state_of(machine, state, 0) is State.CREATED
        assert state_of(machine, state, 1) is State.RUNNING

    def test_actions_may_fall_anywhere(self):
        machine = machine_of(burst(1, act("1s", "kill", "a")))
        first = taken(machine, "action 0", "arrival 0")
        last = taken(machine, "arrival 0", "gate 0", "task_ended 0", "action 0")

        assert "take kill 0" not in possible(machine, first)  # it was refused: there was nobody
        assert possible(machine, last) == []

    def test_a_saved_flow_is_in_force_at_once(self):
        machine = machine_of(burst(1, edit("1s", flow("f", limit=5))))
        state = taken(machine, "action 0")

        assert row(machine, state, "flows", "n.f").concurrency.limit == 5

    def test_nothing_can_happen_when_all_has_ended(self):
        machine = machine_of(burst(1))

        assert possible(machine, taken(machine, "arrival 0", "gate 0", "task_ended 0")) == []


class TestKill:
    """The workers' answer: a run was killed, or had ended before."""

    def test_a_killed_run_gives_no_result(self):
        machine = machine_of(burst(1, act("1s", "kill", "a")))
        state = taken(machine, "arrival 0", "gate 0", "action 0", "take kill 0")
        killed, ended = [move for move in machine.moves(state) if "stopped" in said(move)]

        assert [outcome for _, outcome in killed.work.ended] == [None]
        assert "take task_ended 0" not in possible(machine, after(machine, state, killed))
        assert "take task_ended 0" in possible(machine, after(machine, state, ended))


class TestExecutors:
    """Each has one pass at a time, and others come in between its steps."""

    TWO_STEPS = "kestra-0.22.0"

    def test_a_pass_is_interrupted_between_two_steps(self):
        machine = machine_of(burst(2, semantics=self.TWO_STEPS))
        state = taken(machine, "arrival 0", "arrival 1", "gate 0")

        assert {"go on decide 0", "take gate 1"} <= set(possible(machine, state))

    def test_a_single_executor_finishes_its_pass_first(self):
        machine = machine_of(burst(2, semantics=self.TWO_STEPS), executors=1)
        state = taken(machine, "arrival 0", "arrival 1", "gate 0")

        assert possible(machine, state) == ["go on decide 0"]

    def test_steps_that_follow_come_in_order(self):
        machine = machine_of(burst(1, semantics="kestra-2.0.2"))
        state = taken(machine, "arrival 0", "gate 0", "task_ended 0")

        assert possible(machine, state) == ["go on release 0"]


class TestCrash:
    """An executor dies between two steps of its pass."""

    def test_without_a_crash_to_come_nobody_dies(self):
        machine = machine_of(burst(1, semantics="kestra-2.0.2"))
        state = taken(machine, "arrival 0", "gate 0", "task_ended 0")

        assert not any(move.kind is MoveKind.CRASH for move in machine.moves(state))

    def test_what_was_to_follow_is_lost_and_the_message_comes_again(self):
        machine = machine_of(burst(1, semantics="kestra-2.0.2"), crashes=1)
        state = taken(machine, "arrival 0", "gate 0", "task_ended 0", "crash")

        assert possible(machine, state) == ["take task_ended 0"]

    def test_or_it_is_lost_where_messages_are_not_delivered_again(self):
        machine = machine_of(burst(1, semantics="kestra-1.3.31"), crashes=1)
        state = taken(machine, "arrival 0", "gate 0", "task_ended 0", "crash")

        assert possible(machine, state) == []

    def test_there_a_message_can_be_lost_before_its_first_step_too(self):
        machine = machine_of(burst(1, semantics="kestra-1.3.31"), crashes=1)
        state = taken(machine, "arrival 0", "lose gate 0")

        assert possible(machine, state) == []
        assert state_of(machine, state, 0) is State.CREATED

    def test_a_row_that_a_pop_had_locked_is_unlocked(self):
        machine = machine_of(burst(2, semantics="kestra-1.1.10"), crashes=1)
        begun = taken(
            machine,
            "arrival 0",
            "arrival 1",
            "gate 0",
            "gate 1",
            "task_ended 0",
            "go on decrement",
            "go on select",
        )
        crash = next(move for move in machine.moves(begun) if move.kind is MoveKind.CRASH)

        assert row(machine, begun, "popping", "n.f") == 1
        assert row(machine, after(machine, begun, crash), "popping", "n.f") is None


class TestAgainstNaive:
    """Codes, memory and all: it must come to what plain copies of tables come to."""

    @pytest.mark.parametrize("executors", [1, 2])
    @pytest.mark.parametrize(
        "scenario",
        [
            burst(3),
            burst(3, limit=2, behavior="CANCEL"),
            burst(2, act("1s", "kill", "a")),
            burst(2, edit("1s", flow("f", limit=2))),
            burst(2, semantics="kestra-2.0.2"),
            burst(2, semantics="kestra-1.1.10"),
            burst(2, semantics="kestra-0.22.0"),
        ],
        ids=["queue", "cancel", "kill", "edit", "2.0.2", "1.1.10", "0.22.0"],
    )
    def test_as_many_states_and_the_same_ends(self, scenario, executors):
        naive = Naive(scenario, executors)
        machine = machine_of(unjudged(scenario), executors=executors)
        seen = exhaust(machine, most_states=50_000)

        assert seen.states == len(naive.states)
        assert len(seen.finals) == len(naive.finals)
        assert {counter(dict_of(machine, state)) for state in seen.finals} == {
            counter({(table, key): value for table, key, value in final}) for final in naive.finals
        }


def unjudged(scenario):
    """Return the scenario without the books of the checks in its states."""
    return judged(scenario, "nothing")


def dict_of(machine, state):
    return {
        machine.cells.place(cell): machine.cells.content(cell, code)
        for cell, code in enumerate(state)
        if machine.cells.content(cell, code) is not None
    }


def counter(found):
    """Return the executions and the counters of a state."""
    return frozenset(item for item in found.items() if item[0][0] in ("executions", "counters"))
