"""Limits of namespaces and tenants: who is in which, who is counted where, who may be popped."""

from __future__ import annotations

from dataclasses import replace

from flowconc.protocol.rules import DOCUMENTED_RULES
from flowconc.protocol.scope_names import scopes_of
from flowconc.protocol.scopes import candidates
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario.flow import Behavior, Concurrency
from tests.flows import arrive, flow, lines, lives, scope, trace_of_run, work, written
from tests.protocol.by_hand import Hand

ONE = Concurrency(1, Behavior.QUEUE)


def counted(trace, kind: str) -> list[str]:
    return [line for line in written(trace) if f" {kind} " in line]


def test_a_flow_is_in_its_namespaces_from_within_and_in_its_tenant():
    deep = replace(flow("f"), namespace="company.team.data")
    hand = Hand(deep)
    for name in ("tenant:main", "namespace:company", "namespace:company.team.data", "namespace:team"):
        hand.do("save_scope", None, (name, ONE))

    assert scopes_of(hand.tables, deep.key) == (
        "namespace:company.team.data",
        "namespace:company",
        "tenant:main",
    )


def test_a_flow_of_another_tenant_is_not_in_the_main_one():
    theirs = replace(flow("f"), tenant="acme")
    hand = Hand(theirs)
    for name in ("tenant:main", "tenant:acme"):
        hand.do("save_scope", None, (name, ONE))

    assert scopes_of(hand.tables, theirs.key) == ("tenant:acme",)


def test_every_scope_counts_up_and_down_for_itself():
    trace = trace_of_run(
        flow("f"),
        flow("g", work("w", "4s")),
        arrive("f", "0s 1s", names="a b"),
        arrive("g", "2s", names="c"),
        limits=(scope(3, namespace="n"), scope(9, tenant="main")),
    )

    assert counted(trace, "CLAIM") == lines("""
        0 CLAIM a f/1 0 1 -
        0 CLAIM a f/1 0 1 namespace:n
        0 CLAIM a f/1 0 1 tenant:main
        1 CLAIM b f/1 1 2 -
        1 CLAIM b f/1 1 2 namespace:n
        1 CLAIM b f/1 1 2 tenant:main
        2 CLAIM c g/1 0 1 -
        2 CLAIM c g/1 2 3 namespace:n
        2 CLAIM c g/1 2 3 tenant:main
    """)
    assert counted(trace, "RELEASE") == lines("""
        6 RELEASE c g/1 3 2 namespace:n
        6 RELEASE c g/1 3 2 tenant:main
        6 RELEASE c g/1 1 0 -
        10 RELEASE a f/1 2 1 namespace:n
        10 RELEASE a f/1 2 1 tenant:main
        10 RELEASE a f/1 2 1 -
        11 RELEASE b f/1 1 0 namespace:n
        11 RELEASE b f/1 1 0 tenant:main
        11 RELEASE b f/1 1 0 -
    """)


def test_a_pop_counts_from_what_the_release_before_it_left():
    """Both in one transaction: of two holders one ends, and the next one's claim finds one."""
    trace = trace_of_run(flow("f"), arrive("f", "0s 1s 2s", names="a b c"), limits=(scope(2, namespace="n"),))

    assert [line for line in written(trace, "10s") if line.startswith("10 ")][2:6] == lines("""
        10 RELEASE a f/1 2 1 namespace:n
        10 RELEASE a f/1 2 1 -
        10 CLAIM c f/1 1 2 -
        10 CLAIM c f/1 1 2 namespace:n
    """)


def test_the_gate_reports_the_counter_and_the_limit_that_decided():
    trace = trace_of_run(
        flow("f", limit=9),
        arrive("f", "0s 1s 2s", names="a b c"),
        limits=(scope(2, "FAIL", tenant="main"),),
    )

    assert counted(trace, "GATE")[2] == "2 GATE c f/1 2 2 fail"


def test_who_may_be_popped_is_in_a_freed_scope():
    """F and g are of one namespace, h is of another."""
    elsewhere = replace(flow("h"), namespace="m")
    hand = Hand(flow("f"), flow("g"), elsewhere)
    for name in ("namespace:n", "namespace:m"):
        hand.do("save_scope", None, (name, ONE))
    for number, key in enumerate(("n.f", "m.h", "n.g", "n.f")):
        hand.tables.queued[key, number] = None

    assert candidates(hand.tables, frozenset({"n.f", "namespace:n"})) == [("n.f", 0), ("n.g", 2), ("n.f", 3)]
    assert candidates(hand.tables, frozenset({"n.f"})) == [("n.f", 0), ("n.f", 3)]
    assert candidates(hand.tables, frozenset({"namespace:m"})) == [("m.h", 1)]


def test_a_release_looks_at_the_hundred_oldest():
    """The engine does (SEMANTICS 3.16); under the documented contract nobody is too far behind to be seen."""
    every_one = [("n.f", number) for number in range(101)]
    for rules, seen in ((VERSIONS["kestra-2.0.2"], every_one[:100]), (DOCUMENTED_RULES, every_one)):
        hand = Hand(flow("f"), rules=rules)
        for place in every_one:
            hand.tables.queued[place] = None

        assert candidates(hand.tables, frozenset({"n.f"})) == seen


def test_a_scope_without_a_limit_any_more_is_given_back_all_the_same_and_never_below_nothing():
    hand = Hand(flow("f"))
    hand.do("save_scope", None, ("namespace:n", ONE))
    a = hand.create("f")
    hand.do("save_scope", None, ("namespace:n", None))
    hand.tables.counters["namespace:n"] = 0
    hand.end_task(a)

    assert hand.tables.counters["namespace:n"] == 0
    assert hand.row(a).scopes == ()


def test_the_same_limit_in_a_wider_scope_holds_across_flows():
    trace = trace_of_run(
        flow("f", work("w", "5s")),
        flow("g", work("w", "5s")),
        arrive("f", names="a"),
        arrive("g", "1s", names="b"),
        limits=(scope(1, tenant="main"),),
    )

    assert lives(trace)["b"] == "CREATED:1 QUEUED:1 RUNNING:5 SUCCESS:10"
