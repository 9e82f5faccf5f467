"""Transactions that wait for each other in a circle: one gives way and is tried again (SEMANTICS 1.4, step 7)."""

from __future__ import annotations

from flowconc.protocol.events import Kind
from flowconc.scenario.model import Database, Platform
from tests.flows import act, arrive, flow, lives, told, trace_of_run, work

SLOW = Platform(executors=4, database=Database(10, statement_us=20_000))
TWO = (flow("f", work("w", "1s"), limit=1), arrive("f", "0s 0s", names="a b"))


def deadlocks(semantics: str) -> list[tuple[object, ...]]:
    """Kill a at the very moment at which its result arrives: both want the execution's row and the counter."""
    when = [act(f"{ms}ms", "kill", "a") for ms in range(1000, 1400, 5)]
    trace = trace_of_run(*TWO, *when, platform=SLOW, semantics=semantics)
    assert lives(trace)["b"].split()[-1].startswith("SUCCESS")
    return told(trace, Kind.DEADLOCK)


def test_one_lock_order_for_all_leaves_no_circle():
    assert deadlocks("documented") == []


def test_an_inverted_order_makes_a_circle_and_nobody_waits_for_ever():
    rows = [detail for *_, detail in deadlocks("documented+lock_order_inverted")]
    assert rows
    assert {frozenset(each.split(", ")) for each in rows} == {frozenset({"execution a", "counter n.f"})}
