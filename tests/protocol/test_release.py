"""The end of an execution as steps of their own, one at a time."""

from __future__ import annotations

import pytest

from flowconc.protocol.progress import Run
from flowconc.protocol.semantics import semantics_of
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, Next
from tests.flows import flow
from tests.protocol.by_hand import Hand

IN_TWO = semantics_of("documented+release_in_two_transactions").rules
WITH_SKIP_LOCKED = semantics_of("documented+skip_locked_pop").rules


def ended(rules, limit=1, waiting=1, **keys):
    """Return a flow whose first execution has ended, with others behind it; nothing else has happened yet."""
    hand = Hand(flow("f", limit=limit, **keys), rules=rules)
    first = hand.create("f")
    for _ in range(waiting):
        hand.create("f")
    hand.do("task_ended", first, (1, Run.SUCCESS, 0))
    return hand, first


def after(step, execution, argument=()):
    """Return the order of the following step."""
    return Next(Message(step, execution, argument))


class TestInTwoTransactions:
    def test_the_first_frees_the_slot_and_starts_nobody(self):
        hand, first = ended(IN_TWO)

        result = hand.do("decrement", first)

        assert hand.tables.counters == {"n.f": 0}
        assert hand.state(1) is State.QUEUED
        assert result.orders == [after("pop", first)]

    def test_the_second_starts_the_oldest(self):
        hand, first = ended(IN_TWO, waiting=2)
        hand.do("decrement", first)

        result = hand.do("pop", first)

        assert [hand.state(number) for number in (1, 2)] == [State.RUNNING, State.QUEUED]
        assert hand.tables.counters == {"n.f": 1}
        assert result.orders[-1].message.step == "conclude"

    def test_an_arrival_between_the_two_takes_the_slot(self):
        hand, first = ended(IN_TWO)
        hand.do("decrement", first)
        late = hand.create("f")

        hand.do("pop", first)

        assert [hand.state(number) for number in (1, late)] == [State.QUEUED, State.RUNNING]

    def test_an_execution_that_frees_nothing_starts_nobody(self):
        """One that was killed in the queue."""
        hand, first = ended(IN_TWO, waiting=2)
        hand.do("decrement", first)
        hand.send("kill", 1)

        assert hand.state(2) is State.QUEUED


class TestWithALockedRow:
    def test_the_row_is_locked_and_then_taken(self):
        hand, first = ended(WITH_SKIP_LOCKED)
        hand.do("decrement", first)

        assert hand.do("select", first).orders == [after("take", first, 1)]
        assert hand.tables.popping == {"n.f": 1}
        assert hand.state(1) is State.QUEUED

        hand.do("take", first, 1)
        assert hand.tables.popping == {}
        assert hand.state(1) is State.RUNNING

    def test_who_finds_it_locked_takes_nothing(self):
        hand, first = ended(WITH_SKIP_LOCKED, limit=2, waiting=3)
        hand.do("task_ended", 1, (1, Run.SUCCESS, 0))
        for number in (first, 1):
            hand.do("decrement", number)
        hand.do("select", first)

        assert hand.do("select", 1).orders == [after("take", 1, None)]
        hand.do("take", 1, None)
        assert hand.state(2) is State.QUEUED

    def test_one_that_is_not_ended_is_unlocked(self):
        hand, first = ended(WITH_SKIP_LOCKED)
        hand.do("decrement", first)
        hand.do("select", first)

        hand.do("unlock", None, "n.f")

        assert hand.tables.popping == {}

    def test_a_kill_may_have_taken_it_out_meanwhile(self):
        hand, first = ended(WITH_SKIP_LOCKED)
        hand.do("decrement", first)
        hand.do("select", first)
        hand.send("kill", 1)

        hand.do("take", first, 1)

        assert (hand.state(1), hand.tables.popping) == (State.KILLED, {})


@pytest.mark.parametrize("step", ["release", "decrement", "select", "take", "pop", "conclude"])
def test_of_who_was_deleted_nothing_follows(step):
    hand, first = ended(WITH_SKIP_LOCKED)
    hand.do("delete", first)

    result = hand.do(step, first, 1)

    assert (result.changes, result.reports, result.orders) == ([], [], [])


def test_who_is_sent_on_its_way_has_its_slot():
    """Where the message goes out with the pop: the copy from the queue, with the claim that was made for it."""
    hand, first = ended(semantics_of("kestra-1.3.31").rules)

    (sent,) = (order for order in hand.do("release", first).orders if isinstance(order, Message))

    assert (sent.step, sent.execution) == ("popped", 1)
    assert (sent.argument.state, sent.argument.holds_slot) == (State.QUEUED, True)
