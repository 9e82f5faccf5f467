"""An SLA that is broken, one step at a time."""

from __future__ import annotations

import pytest

from flowconc.protocol.creation import Request
from flowconc.protocol.events import Kind
from flowconc.protocol.semantics import semantics_of
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, StopTasks
from flowconc.scenario.flow import Sla, SlaBehavior, SlaKind
from tests.flows import flow, key_of
from tests.protocol.by_hand import Hand

MOST = Sla("most", SlaKind.MAX_DURATION, SlaBehavior.CANCEL, duration_us=1)


def broken(hand, number):
    """Break the SLA of an execution; return its changes of state: (from, to, why)."""
    reports = hand.do("sla_due", number, "most").reports
    assert reports[0][0] is Kind.SLA_BROKEN
    return [(report[4], report[5], report[6]) for report in reports if report[0] is Kind.STATE]


@pytest.mark.parametrize("semantics", ["documented", "kestra-2.0.2"])
def test_it_ends_who_waits_and_says_why(semantics):
    hand = Hand(flow("f", limit=1, sla=(MOST,)), rules=semantics_of(semantics).rules)
    hand.create("f")
    waits = hand.create("f")

    assert broken(hand, waits) == [(State.QUEUED, State.CANCELLED, "sla")]


def test_it_ends_who_has_not_reached_the_gate():
    hand = Hand(flow("f", limit=1, sla=(MOST,)))
    hand.do("create", None, Request(key_of("f"), "api"))

    assert broken(hand, 0) == [(State.CREATED, State.CANCELLED, "sla")]


def test_who_runs_has_its_tasks_stopped_first():
    """In an engine the end comes at once, and the tasks hear of it later."""
    contract = Hand(flow("f", sla=(MOST,)))
    engine = Hand(flow("f", sla=(MOST,)), rules=semantics_of("kestra-2.0.2").rules)

    assert broken(contract, contract.create("f")) == []
    assert broken(engine, engine.create("f")) == [(State.RUNNING, State.CANCELLED, "sla")]


def test_who_has_ended_breaks_none():
    hand = Hand(flow("f", sla=(MOST,)))
    number = hand.create("f")
    hand.end_task(number)

    assert hand.do("sla_due", number, "most").reports == []


def test_in_an_engine_the_tasks_are_stopped_and_their_answer_says_why():
    hand = Hand(flow("f", sla=(MOST,)), rules=semantics_of("kestra-2.0.2").rules)
    number = hand.create("f")

    (stop,) = (each for each in hand.do("sla_due", number, "most").orders if isinstance(each, StopTasks))

    assert stop.then == Message("stopped", number, (State.CANCELLED, "sla", ()))
