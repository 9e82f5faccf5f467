"""What is under way: in which ways it is delivered."""

from __future__ import annotations

from flowconc.explore.flight import (
    Fork,
    Job,
    Letter,
    Pass,
    Sent,
    Stop,
    Waiting,
    deliveries,
    hands_on,
    number_of,
)
from flowconc.protocol.progress import Run
from flowconc.protocol.steps import Choose, Message, RunTask, StopTasks

GATE = Message("gate", 0)
KILLED = Message("stopped", 0, "killed")


def job(node=1, *outcomes, execution=0):
    return Job(RunTask(execution, node, 1), outcomes or (Run.SUCCESS,), 5)


def stop(*nodes):
    return Stop(StopTasks(0, nodes, KILLED))


def test_a_message_is_delivered_as_it_is():
    (delivery,) = deliveries(Letter(GATE, 7), ())

    assert (delivery.message, delivery.t_us, delivery.ended) == (GATE, 7, ())


def test_a_task_ends_in_each_way_that_is_open():
    found = deliveries(job(1, Run.SUCCESS, Run.FAILED), ())

    assert [delivery.message.argument for delivery in found] == [(1, Run.SUCCESS, 5), (1, Run.FAILED, 5)]


def test_a_choice_takes_each_branch_that_it_may():
    found = deliveries(Fork(Choose(0, 3), (0, 2)), ())

    assert [delivery.message.argument for delivery in found] == [(3, 0), (3, 2)]


class TestStop:
    def test_nothing_was_running(self):
        assert [delivery.message for delivery in deliveries(stop(1), ())] == [KILLED]

    def test_a_run_was_killed_or_had_ended_and_its_result_will_come(self):
        killed, ended = deliveries(stop(1), (job(1),))

        assert killed.gone == ended.gone == (job(1),)
        assert killed.come == ()
        assert [letter.message.argument for letter in ended.come] == [(1, Run.SUCCESS, 5)]

    def test_each_of_several_runs_for_itself(self):
        found = deliveries(stop(1, 2), (job(1), job(2)))

        assert [len(delivery.come) for delivery in found] == [0, 1, 1, 2]

    def test_runs_of_others_go_on(self):
        (delivery,) = deliveries(stop(1), (job(2), job(1, execution=9)))

        assert delivery.gone == ()


def test_a_fire_that_waits_is_not_delivered():
    assert deliveries(Waiting(Sent(Message("fire", None, ("f", "t", 0)), "scheduler")), ()) == ()


def test_a_slot_is_on_its_way_with_a_popped_execution():
    assert hands_on(Letter(Message("popped", 0)))
    assert not hands_on(Letter(GATE))


def test_whom_it_is_about():
    assert number_of(Pass(Letter(GATE), ())) == number_of(Letter(GATE)) == number_of(job()) == 0
    assert number_of(Letter(Message("create"))) is None
