"""Flows that start each other without end."""

from __future__ import annotations

import pytest

from tests.lint.files import call, findings, flow, group, rules, trigger


def after(flow_id: str, more: str = "", states: str = "[SUCCESS]") -> str:
    item = f"{{namespace: n, flowId: {flow_id}, states: {states}{more}}}"
    return trigger("Flow", more=f"dependsOn: [{item}]")


class TestEndlessStart:
    def test_two_flows_that_call_each_other(self) -> None:
        (found,) = findings(flow("a", call("b")), flow("b", call("a")))

        assert (found.rule, str(found.position)) == ("endless-start", "1.yaml:5:5")
        assert found.what == "every execution starts another, without end: n.a -> n.b -> n.a"

    def test_a_flow_that_calls_itself_by_a_template(self) -> None:
        (found,) = findings(flow("a", call('"{{ flow.id }}"')))

        assert found.what.endswith(": n.a -> n.a")

    def test_two_flow_triggers(self) -> None:
        found = rules(flow("a", triggers=[after("b")]), flow("b", triggers=[after("a")]))

        assert found == ["endless-start 1:7"]

    def test_a_trigger_of_1_x(self) -> None:
        old = (
            "{id: t, type: io.kestra.plugin.core.trigger.Flow, conditions: [{type: "
            "io.kestra.plugin.core.condition.ExecutionFlow, namespace: n, flowId: b}]}"
        )

        assert rules(flow("a", call("b"), triggers=[old]), flow("b")) == ["endless-start 1:7"]

    def test_a_limit_does_not_end_what_does_not_wait(self) -> None:
        found = rules(flow("a", call("b", more="wait: false"), limit=1), flow("b", call("a")))

        assert "endless-start 1:5" in found

    def test_a_limit_ends_what_waits(self) -> None:
        found = rules(flow("a", call("b"), limit=1), flow("b", call("a")))

        assert found == ["slot-deadlock 2:5"]

    def test_a_limit_ends_only_the_circles_that_it_is_on(self) -> None:
        texts = [flow("a", call("b"), limit=1), flow("b", call("a"), call("c")), flow("c", call("b"))]

        assert rules(*texts) == ["slot-deadlock 2:5", "endless-start 2:6"]

    @pytest.mark.parametrize(
        "back",
        [
            flow("b", group("If", call("a"), key="then", more='condition: "{{ inputs.again }}"')),
            flow("b", call("a", more='runIf: "{{ inputs.again }}"')),
            flow("b", group("ForEach", call("a"), more='values: "{{ inputs.rest }}"')),
            flow("b", more=[f"errors: [{call('a')}]"]),
            flow("b"),
        ],
        ids=["If", "runIf", "loop that may have no pass", "errors", "no way back"],
    )
    def test_what_a_condition_can_end_is_not_endless(self, back: str) -> None:
        assert rules(flow("a", call("b")), back) == []

    @pytest.mark.parametrize(
        "back",
        [
            after("a", states="[FAILED]"),
            after("a", ', when: "{{ true }}"'),
            trigger("Flow", more='dependsOn: [{namespace: n, flowId: a}], when: "{{ inputs.x }}"'),
            trigger("Flow", more="dependsOn: [{namespace: n, flowId: a}, {namespace: n, flowId: b}]"),
            trigger("Flow", more="dependsOn: [{namespace: n, flowId: a}], disabled: true"),
        ],
        ids=["on failure", "condition on the flow", "condition", "two flows", "disabled"],
    )
    def test_triggers_that_do_not_always_fire(self, back: str) -> None:
        assert rules(flow("a", call("b")), flow("b"), flow("c", call("a"), triggers=[back])) == []
