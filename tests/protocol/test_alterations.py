"""What the altered steps of fault models do, one step at a time."""

from __future__ import annotations

from flowconc.protocol.alterations import restore_triggers
from flowconc.protocol.creation import Request
from flowconc.protocol.events import Kind
from flowconc.protocol.semantics import semantics_of
from flowconc.protocol.steps import Message
from flowconc.protocol.tables import TriggerRow
from flowconc.scenario.flow import Concurrency
from tests.flows import flow, key_of, schedule
from tests.protocol.by_hand import Hand


def altered(fault, hand, step, execution=None, argument=None):
    """Take a step as a fault model has it; nothing is applied."""
    return (
        semantics_of(f"documented+{fault}")
        .steps[step]
        .run(hand.tables, Message(step, execution, argument), 0)
    )


def test_a_deletion_that_drops_the_queue_deletes_the_flow_as_well():
    hand = Hand(flow("f", limit=1))
    for _ in range(3):
        hand.create("f")

    as_it_should = hand.tables.flows["n.f"]
    result = altered("deleted_flow_drops_queue", hand, "delete_flow", None, ("n.f",))
    tables = {change[0] for change in result.changes}

    assert [change for change in result.changes if change[0] == "queued"] == [
        ("queued", ("n.f", 1), None),
        ("queued", ("n.f", 2), None),
    ]
    assert "flows" in tables
    assert hand.tables.flows["n.f"] == as_it_should


def test_only_the_innermost_scope_is_claimed():
    """The flow's own slot and that of its namespace are, and not the tenant's."""
    hand = Hand(flow("f", limit=1))
    hand.tables.scopes |= {"namespace:n": Concurrency(9), "tenant:main": Concurrency(9)}
    hand.do("create", None, Request(key_of("f"), "api"))

    result = altered("outer_scopes_unclaimed", hand, "gate", 0)

    assert [report[6] for report in result.reports if report[0] is Kind.CLAIM] == [None, "namespace:n"]
    assert [change[1] for change in result.changes if change[0] == "counters"] == ["n.f", "namespace:n"]
    (row,) = {change[2] for change in result.changes if change[0] == "executions" and change[2].scopes}
    assert row.scopes == ("namespace:n",)


def test_a_row_that_is_written_back_locks_what_was_unlocked_meanwhile():
    """Only that is told; a row that has not changed is left alone, and one that is gone is not made again."""
    hand = Hand(flow("f", triggers=(schedule("s"), schedule("t"), schedule("u"))))
    was = {
        "s": TriggerRow(locked_by=7),
        "t": TriggerRow(disabled=True),
        "u": TriggerRow(),
        "gone": TriggerRow(locked_by=7),
    }

    rows = tuple((("n.f", name), row) for name, row in was.items())
    result = restore_triggers(hand.tables, Message("restore_triggers", None, ("n.f", rows)), 0)

    assert [change[1] for change in result.changes] == [("n.f", "s"), ("n.f", "t")]
    assert [(report[0], report[1], report[6]) for report in result.reports] == [(Kind.TRIGGER_LOCKED, 7, "s")]
