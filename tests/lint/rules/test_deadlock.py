"""Executions that wait for a slot which their ancestors hold."""

from __future__ import annotations

import pytest

from tests.lint.files import LOG, call, findings, flow, group, namespace_limit, rules

LOOP = group("Loop", LOG, more="values: [1, 2]")
OWN = '"{{ flow.id }}"'


class TestLoopInLimitedFlow:
    def test_with_one_slot_the_first_pass_waits_for_its_parent(self) -> None:
        (found,) = findings(flow("a", LOOP, limit=1))

        assert (found.rule, str(found.position)) == ("loop-in-limited-flow", "1.yaml:5:5")
        assert "waits for the slot of n.a that its parent holds: neither ever ends" in found.what

    def test_with_more_slots_as_many_parents_wait_for_each_other(self) -> None:
        (found,) = findings(flow("a", LOOP, limit=5))

        assert "5 executions that come here together wait for each other for ever" in found.what

    def test_with_cancel_the_loop_ends_at_the_first_pass_that_is_turned_away(self) -> None:
        (found,) = findings(flow("a", LOOP, limit=1, behavior="CANCEL"))

        assert "is CANCELLED when it finds no slot of n.a free" in found.what

    def test_a_limit_on_the_namespace_counts(self) -> None:
        assert rules(flow("a", LOOP), limits=[namespace_limit(3)]) == ["loop-in-limited-flow 1:5"]

    @pytest.mark.parametrize(
        "text",
        [
            flow("a", LOOP),
            flow("a", group("Loop", LOG, more="values: []"), limit=1),
            flow("a", group("Loop", LOG, more="values: [1], disabled: true"), limit=1),
            flow("a", group("ForEach", LOG, more="values: [1, 2]"), limit=1),
        ],
        ids=["no limit", "no pass", "disabled", "passes in the same execution"],
    )
    def test_nothing_to_find(self, text: str) -> None:
        assert rules(text) == []


class TestSlotDeadlock:
    def test_a_calls_b_calls_a(self) -> None:
        (found,) = findings(flow("a", call("b"), limit=1), flow("b", call("a")))

        assert (found.rule, str(found.position)) == ("slot-deadlock", "2.yaml:5:5")
        assert found.what.endswith("(limit 1 of n.a): n.a -> n.b -> n.a. None of them ever ends")

    def test_a_flow_that_calls_itself_by_a_template(self) -> None:
        assert rules(flow("a", call(OWN), limit=1)) == ["slot-deadlock 1:5"]

    def test_namespace_by_a_template(self) -> None:
        itself = call(OWN).replace("namespace: n", 'namespace: "{{flow.namespace}}"')

        assert rules(flow("a", itself, limit=1)) == ["slot-deadlock 1:5"]

    def test_deep_cycles(self) -> None:
        names = [f"f{number}" for number in range(12)]
        texts = [flow(name, call(after)) for name, after in zip(names, [*names[1:], "f0"], strict=True)]
        texts[5] = texts[5].replace("labels: {}", "concurrency: {limit: 1}")

        (found,) = findings(*texts)

        assert (found.rule, str(found.position)) == ("slot-deadlock", "5.yaml:5:5")
        assert "n.f5 -> n.f6 -> n.f7 -> n.f8 -> (5 more) -> n.f2 -> n.f3 -> n.f4 -> n.f5" in found.what

    def test_a_higher_limit_does_not_help_where_the_recursion_never_ends(self) -> None:
        assert rules(flow("a", call("b"), limit=3), flow("b", call("a"))) == ["slot-deadlock 2:5"]

    def test_both_limits_are_reported_where_both_lock(self) -> None:
        found = rules(flow("a", call("b"), limit=1), flow("b", call("a"), limit=1))

        assert found == ["slot-deadlock 1:5", "slot-deadlock 2:5"]

    def test_with_one_slot_a_condition_on_the_way_does_not_help(self) -> None:
        sometimes = group("If", call("a"), key="then", more='condition: "{{ inputs.again }}"')

        assert rules(flow("a", call("b"), limit=1), flow("b", sometimes)) == ["slot-deadlock 2:5"]

    def test_nesting_under_the_limit_of_a_namespace(self) -> None:
        texts = [flow("a", call("b")), flow("b", call("c")), flow("c")]

        assert rules(*texts, limits=[namespace_limit(2)])[-1] == "slot-deadlock 2:5"
        assert "slot-deadlock 2:5" not in rules(*texts, limits=[namespace_limit(3)])

    @pytest.mark.parametrize(
        "texts",
        [
            [flow("a", call("b"), limit=1), flow("b", limit=1)],
            [flow("a", call("b", more="wait: false"), limit=1), flow("b", call("c")), flow("c", limit=1)],
            [flow("a", call("elsewhere"), limit=1)],
            [flow("a", call("b"), limit=1), flow("b", call("a"), more=["disabled: true"])],
            [flow("a", call("b"), limit=1), flow("b", call("a", more="disabled: true"))],
            [flow("a", call('"{{ vars.target }}"'), limit=1)],
            [
                flow("a", call("b"), limit=1),
                flow("b", group("If", call("a"), key="then", more="condition: false")),
            ],
        ],
        ids=[
            "two limits",
            "does not wait",
            "unknown",
            "disabled flow",
            "disabled task",
            "template",
            "never taken",
        ],
    )
    def test_nothing_to_find(self, texts: list[str]) -> None:
        assert rules(*texts) == []

    def test_flows_of_two_tenants_are_no_cycle(self) -> None:
        first = flow("a", call("b"), limit=1, more=["tenant: one"])
        second = flow("b", call("a"), more=["tenant: two"])

        assert rules(first, second) == []


class TestDeadlockUnderLoad:
    def test_recursion_that_data_ends(self) -> None:
        sometimes = group("If", call(OWN), key="then", more='condition: "{{ inputs.again }}"')
        (found,) = findings(flow("a", sometimes, limit=3))

        assert found.rule == "deadlock-under-load"
        assert "With all 3 slots held by such ancestors" in found.what

    def test_parent_and_child_under_the_limit_of_a_namespace(self) -> None:
        texts = [flow("a", call("b")), flow("b")]

        assert rules(*texts, limits=[namespace_limit(2)]) == ["deadlock-under-load 1:5"]
        assert rules(*texts, limits=[namespace_limit(1)]) == ["slot-deadlock 1:5"]

    def test_a_limit_on_all_flows(self) -> None:
        texts = [flow("a", call("b"), namespace="m"), flow("b")]

        assert rules(*texts, limits=[namespace_limit(2, None)]) == ["deadlock-under-load 1:5"]

    def test_a_namespace_holds_those_below_it_and_no_other_with_the_same_beginning(self) -> None:
        below = [
            flow("a", call("b").replace("namespace: n", "namespace: n.team")),
            flow("b", namespace="n.team"),
        ]
        beside = [flow("a", call("b").replace("namespace: n", "namespace: nn")), flow("b", namespace="nn")]

        assert rules(*below, limits=[namespace_limit(2)]) == ["deadlock-under-load 1:5"]
        assert rules(*beside, limits=[namespace_limit(2)]) == []

    def test_two_namespaces_that_call_into_each_other(self) -> None:
        """No execution has an ancestor in its own namespace, and still they lock each other out."""
        there = flow("a", call("b").replace("namespace: n", "namespace: m"))
        back = flow("c", call("d"), namespace="m")
        limits = [namespace_limit(2), namespace_limit(2, "m")]

        found = rules(there, flow("b", namespace="m"), back, flow("d"), limits=limits)

        assert found == ["deadlock-under-load 1:5", "deadlock-under-load 3:5"]
        assert rules(there, flow("b", namespace="m"), limits=limits) == []


class TestChildAlwaysRejected:
    @pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
    def test_what_would_deadlock_is_turned_away(self, behavior: str, state: str) -> None:
        (found,) = findings(flow("a", call("b"), limit=1, behavior=behavior), flow("b", call("a")))

        assert (found.rule, str(found.position)) == ("child-always-rejected", "2.yaml:5:5")
        assert f"the execution of n.a is {state} every time" in found.what
