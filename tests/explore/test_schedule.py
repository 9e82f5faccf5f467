"""Playing a schedule: its trace, its executors, its choices."""

from __future__ import annotations

from flowconc.explore.model import Model
from flowconc.explore.schedule import INSTANT_US, ordered, play
from flowconc.explore.scope import Scope
from flowconc.protocol.events import Kind
from tests.explore.machines import after, burst, said


def played(scenario, *steps, crashes=0):
    """Play the moves that fit these texts."""
    model = Model.of(scenario)
    machine = model.machine(Scope(None, 2, crashes))
    moves = []
    state, _ = machine.start()
    for step in steps:
        moves.append(next(move for move in machine.moves(state) if step in said(move)))
        state = after(machine, state, moves[-1])
    return play(machine, moves, model.header)


def test_the_trace_has_what_the_steps_reported():
    trace = played(burst(1), "arrival 0", "gate 0", "task_ended 0").trace

    assert [event.kind.name for event in trace.events()] == [
        "FLOW_SAVED",
        "CREATED",
        "GATE",
        "CLAIM",
        "STATE",
        "TASK_STARTED",
        "TASK_ENDED",
        "STATE",
        "RELEASE",
        "RUN_ENDED",
    ]
    assert trace.names == ("a",)


def test_each_event_has_its_cause():
    events = list(played(burst(1), "arrival 0", "gate 0", "task_ended 0").trace.events())
    causes = {event.kind: event.cause_seq for event in events}

    assert events[causes[Kind.GATE]].kind is Kind.CREATED
    assert events[causes[Kind.TASK_ENDED]].kind is Kind.TASK_STARTED


def test_instants_are_a_second_apart():
    result = played(burst(1), "arrival 0", "gate 0", "task_ended 0")

    assert [step.t_us for step in result.steps] == [INSTANT_US, 2 * INSTANT_US, 3 * INSTANT_US]


def test_what_is_between_two_steps_of_a_pass_is_one_instant():
    result = played(burst(2, semantics="kestra-0.22.0"), "arrival 0", "gate 0", "arrival 1", "go on decide 0")

    assert [step.t_us // INSTANT_US for step in result.steps] == [1, 2, 2, 2]


def test_what_was_begun_is_brought_to_its_end():
    result = played(burst(1, semantics="kestra-2.0.2"), "arrival 0", "gate 0", "task_ended 0")

    assert [said(step.move) for step in result.steps[3:]] == [
        "go on release 0",
        "go on emit 0",
        "go on conclude 0",
    ]
    assert result.drained


def test_a_schedule_that_leaves_something_out_is_no_end():
    result = played(burst(2), "arrival 0")

    assert not result.drained
    assert list(result.trace.events())[-1].detail == "until"


def test_executors_have_numbers():
    result = played(
        burst(2, semantics="kestra-0.22.0"),
        "arrival 0",
        "arrival 1",
        "gate 0",
        "gate 1",
        "decide 1",
        "decide 0",
    )

    assert [step.executor for step in result.steps[:6]] == [None, None, 1, 2, 2, 1]


def test_whoever_dies_has_nothing_in_hand_any_more():
    result = played(
        burst(1, semantics="kestra-2.0.2"),
        "arrival 0",
        "gate 0",
        "task_ended 0",
        "crash",
        "take task_ended 0",
        crashes=1,
    )

    assert [step.executor for step in result.steps[2:5]] == [1, 1, 1]
    kinds = [event.kind for event in result.trace.events()]
    assert Kind.MESSAGE_LOST in kinds
    assert Kind.MESSAGE_REPEATED in kinds


def test_the_order_of_moves_depends_on_nothing_but_the_scenario():
    """Another machine numbers what comes up in another order."""
    model = Model.of(burst(3))
    first, second = (model.machine(Scope()) for _ in range(2))
    for machine, order in ((first, (0, 1, 2)), (second, (2, 1, 0))):
        state, _ = machine.start()
        for number in range(3):
            state = after(
                machine, state, next(m for m in machine.moves(state) if said(m) == f"arrival {number}")
            )
        for number in order:  # the gates in this order, so that what they send comes up in it
            move = next(m for m in machine.moves(state) if said(m) == f"take gate {number}")
            after(machine, state, move)

    def all_arrived(machine):
        state, _ = machine.start()
        for _ in range(3):
            state = after(machine, state, next(m for m in machine.moves(state) if "arrival" in said(m)))
        return [said(move) for move in ordered(machine.moves(state))]

    assert all_arrived(first) == all_arrived(second)
