"""Flows that cannot be told apart."""

from __future__ import annotations

from tests.lint.files import call, findings, flow, rules


class TestDuplicateFlow:
    def test_the_second_of_one_name(self) -> None:
        (found,) = findings(flow("a"), flow("a"))

        assert (found.rule, str(found.position)) == ("duplicate-flow", "2.yaml:1:1")
        assert found.what == "the flow n.a is also defined in 1.yaml:1:1; calls are followed to that one"

    def test_the_same_id_elsewhere_is_another_flow(self) -> None:
        assert rules(flow("a"), flow("a", namespace="m"), flow("a", more=["tenant: other"])) == []

    def test_a_disabled_one_does_not_count(self) -> None:
        assert rules(flow("a", more=["disabled: true"]), flow("a")) == []

    def test_calls_are_followed_to_the_first(self) -> None:
        limited, free = flow("b", limit=1, behavior="CANCEL"), flow("b")

        assert "rejected-child 1:5" in rules(flow("a", call("b")), limited, free)
