"""What names in a scenario mean, and what is said of those that mean nothing."""

from __future__ import annotations

import pytest

from flowconc.scenario.names import ExecutionNames, FlowNames, UnknownName, automatic_name, short_names

FLOWS = FlowNames(
    {("n", "load"): ["tick", "hook"], ("n", "v1.2"): [], ("n", "twice"): [], ("m", "twice"): []}
)


def unknown(find, name):
    with pytest.raises(UnknownName) as caught:
        find(name)
    return caught.value


def test_a_flow_is_called_by_its_id_unless_two_have_it():
    assert short_names([("n", "a"), ("n", "twice"), ("m", "twice")]) == {
        "n.a": "a",
        "n.twice": "n.twice",
        "m.twice": "m.twice",
    }


def test_a_flow_of_a_tenant_is_called_by_the_shortest_name_that_is_its_own():
    flows = [
        ("n", "a", None),
        ("n", "b", "t"),
        ("n", "c", "t"),
        ("n", "c", "u"),
        ("n", "d", None),
        ("m", "d", "t"),
    ]

    assert short_names(flows) == {
        "n.a": "a",
        "t/n.b": "b",
        "t/n.c": "t/n.c",
        "u/n.c": "u/n.c",
        "n.d": "n.d",
        "t/m.d": "m.d",
    }


def test_an_id_that_looks_like_another_flow_with_its_namespace_is_never_a_short_name():
    short = short_names([("x", "n.a"), ("n", "a")])

    assert short == {"x.n.a": "x.n.a", "n.a": "a"}


@pytest.mark.parametrize("name", ["c", "t/n.c", "n.c"])
def test_a_flow_of_a_tenant_is_found_by_each_name_that_is_its_own(name):
    assert FlowNames({("n", "c", "t"): [], ("n", "d", "t"): []}).flow(name) == "t/n.c"


def test_a_flow_without_a_tenant_has_its_key_even_if_a_tenant_has_the_same():
    flows = FlowNames({("n", "c", "t"): ["tick"], ("n", "c"): []})

    assert (flows.flow("n.c"), flows.trigger("t/n.c.tick")) == ("n.c", "t/n.c.tick")
    assert unknown(flows.flow, "c").expected == "one of n.c, t/n.c"


@pytest.mark.parametrize(
    ("name", "key"), [("load", "n.load"), ("n.load", "n.load"), ("v1.2", "n.v1.2"), ("m.twice", "m.twice")]
)
def test_a_flow_is_found_by_id_and_by_key(name, key):
    assert FLOWS.flow(name) == key


def test_an_ambiguous_id_lists_the_candidates():
    error = unknown(FLOWS.flow, "twice")

    assert (error.what, error.expected) == ("several flows are called 'twice'", "one of m.twice, n.twice")


def test_an_unknown_flow_suggests_a_known_one():
    assert unknown(FLOWS.flow, "laod").suggestion == "load"


def test_nobody_is_told_that_a_flow_does_not_exist_when_some_could_not_be_read():
    assert FlowNames({}, complete=False).flow("anything") is None


@pytest.mark.parametrize("name", ["load.tick", "n.load.tick"])
def test_a_trigger_is_found_below_its_flow(name):
    assert FLOWS.trigger(name) == "n.load.tick"


@pytest.mark.parametrize(
    ("name", "suggestion"), [("load.tack", "load.tick"), ("tick", "load.tick"), ("laod.tick", "load")]
)
def test_an_unknown_trigger_suggests_a_known_one(name, suggestion):
    assert unknown(FLOWS.trigger, name).suggestion == suggestion


@pytest.mark.parametrize(
    ("name", "execution"),
    [
        ("a", "a"),
        ("load#3", "load#3"),
        ("n.load#3", "load#3"),
        ("m.twice#1", "m.twice#1"),
        ("v1.2#1", "v1.2#1"),
    ],
)
def test_an_execution_has_its_given_name_or_the_shortest_automatic_one(name, execution):
    assert ExecutionNames(["a"], FLOWS).execution(name) == execution


@pytest.mark.parametrize("name", ["b", "load#0", "load#", "#1", "load#x", "twice#1"])
def test_other_names_are_no_executions(name):
    assert unknown(ExecutionNames(["a"], FLOWS).execution, name)


def test_automatic_names_count_from_1():
    assert automatic_name("load", 1) == "load#1"
