"""Limits that turn executions away, where somebody relies on them."""

from __future__ import annotations

import pytest

from tests.lint.files import (
    LOG,
    NIGHTLY,
    call,
    findings,
    flow,
    group,
    namespace_limit,
    rules,
    sleep,
    trigger,
)

RETRY_ANEW = "retry: {type: constant, interval: PT1M, maxAttempts: 3, behavior: CREATE_NEW_EXECUTION}"


class TestRejectedChild:
    def test_cancel_leaves_a_success_that_did_nothing(self) -> None:
        (found,) = findings(flow("parent", call("child")), flow("child", limit=2, behavior="CANCEL"))

        assert (found.rule, str(found.position)) == ("rejected-child", "1.yaml:5:5")
        assert "n.child is CANCELLED, and this one is a SUCCESS all the same" in found.what
        assert found.suggestion == "let n.child QUEUE"

    def test_fail_fails_the_parent(self) -> None:
        (found,) = findings(flow("parent", call("child")), flow("child", limit=2, behavior="FAIL"))

        assert "n.child is FAILED, and this one fails with it" in found.what

    def test_fail_that_is_not_transmitted_is_a_success_too(self) -> None:
        parent = flow("parent", call("child", more="transmitFailed: false"))
        (found,) = findings(parent, flow("child", limit=2, behavior="FAIL"))

        assert "this one is a SUCCESS all the same" in found.what

    @pytest.mark.parametrize(
        ("more", "behavior"),
        [
            ("wait: false", "CANCEL"),
            ("allowFailure: true", "FAIL"),
            ("retry: {type: constant, interval: PT1M, maxAttempts: 3}", "FAIL"),
            ("", "QUEUE"),
        ],
    )
    def test_nothing_to_find(self, more: str, behavior: str) -> None:
        assert (
            rules(flow("parent", call("child", more=more)), flow("child", limit=2, behavior=behavior)) == []
        )

    def test_a_retry_is_no_help_against_cancelled(self) -> None:
        parent = flow("parent", call("child", more="retry: {type: constant, interval: PT1M, maxAttempts: 3}"))

        assert rules(parent, flow("child", limit=2, behavior="CANCEL")) == ["rejected-child 1:5"]

    def test_what_is_turned_away_every_time_is_reported_as_that_alone(self) -> None:
        """The call is a `rejected-child`, too, but there is no load under which it would not be."""
        texts = flow("a", call("b"), limit=1, behavior="CANCEL"), flow("b", call("a"))

        assert rules(*texts) == ["child-always-rejected 2:5"]


class TestAfterExecutionOfRejected:
    @pytest.mark.parametrize(("behavior", "count"), [("CANCEL", 1), ("FAIL", 1), ("QUEUE", 0)])
    def test_a_limit_that_turns_away_protects_nothing(self, behavior: str, count: int) -> None:
        text = flow("a", limit=1, behavior=behavior, more=[f"afterExecution: [{sleep(task_id='after')}]"])

        assert rules(text) == ["after-execution-of-rejected 1:6"] * count

    def test_disabled_tasks_run_for_nobody(self) -> None:
        after = sleep(task_id="after", more="disabled: true")

        assert rules(flow("a", limit=1, behavior="FAIL", more=[f"afterExecution: [{after}]"])) == []

    def test_other_blocks_run_for_nobody_who_is_turned_away(self) -> None:
        blocks = [f"finally: [{sleep(task_id='last')}]", f"errors: [{sleep(task_id='error')}]"]

        assert rules(flow("a", limit=1, behavior="CANCEL", more=blocks)) == []

    def test_the_limit_of_a_namespace_counts(self) -> None:
        text = flow("a", more=[f"afterExecution: [{sleep(task_id='after')}]"])

        assert rules(text, limits=[namespace_limit(1, behavior="CANCEL")]) == [
            "after-execution-of-rejected 1:6"
        ]


class TestBehaviorNeverActs:
    @pytest.mark.parametrize("behavior", ["CANCEL", "FAIL"])
    def test_a_locked_schedule_alone_never_meets_the_limit(self, behavior: str) -> None:
        (found,) = findings(flow("a", limit=1, behavior=behavior, triggers=[NIGHTLY]))

        assert (found.rule, str(found.position)) == ("behavior-never-acts", "1.yaml:3:25")
        assert f"`{behavior}` cannot act: only the trigger 'nightly' starts this flow" in found.what

    def test_two_locked_triggers_and_two_slots(self) -> None:
        triggers = [NIGHTLY, NIGHTLY.replace("nightly", "again")]

        assert rules(flow("a", limit=2, behavior="CANCEL", triggers=triggers)) == ["behavior-never-acts 1:3"]
        assert rules(flow("a", limit=1, behavior="CANCEL", triggers=triggers)) == []

    def test_a_polling_trigger_locks_too(self) -> None:
        polling = "{id: poll, type: io.kestra.plugin.jdbc.mysql.Trigger, interval: PT1M}"

        assert rules(flow("a", limit=1, behavior="FAIL", triggers=[polling])) == ["behavior-never-acts 1:3"]

    @pytest.mark.parametrize(
        "other",
        [
            trigger("Webhook", more="key: secret"),
            trigger("Flow", more="dependsOn: [{namespace: n, flowId: other}]"),
            NIGHTLY.replace("nightly", "again").replace("}", ", allowConcurrent: true}"),
            "{id: events, type: io.kestra.plugin.kafka.RealtimeTrigger}",
            trigger("ScheduleOnDates", more="dates: ['2026-01-01T00:00:00Z']"),
        ],
        ids=["webhook", "flow", "not locked", "realtime", "dates"],
    )
    def test_another_source_may_meet_the_limit(self, other: str) -> None:
        assert rules(flow("a", limit=1, behavior="CANCEL", triggers=[NIGHTLY, other])) == []

    def test_a_disabled_trigger_is_no_source(self) -> None:
        other = trigger("Webhook", more="key: secret, disabled: true")

        assert rules(flow("a", limit=1, behavior="CANCEL", triggers=[NIGHTLY, other])) == [
            "behavior-never-acts 1:3"
        ]

    def test_a_flow_that_calls_it_is_a_source(self) -> None:
        caller = flow("caller", call("a", more="wait: false"))

        assert rules(flow("a", limit=1, behavior="CANCEL", triggers=[NIGHTLY]), caller) == []

    @pytest.mark.parametrize("retried", [[f"{LOG[:-1]}, {RETRY_ANEW}}}"], [LOG]], ids=["task", "flow"])
    def test_a_retry_as_a_new_execution_is_a_source(self, retried: list[str]) -> None:
        more = [] if "retry" in retried[0] else [RETRY_ANEW]
        text = flow("a", *retried, limit=1, behavior="CANCEL", triggers=[NIGHTLY], more=more)

        assert "behavior-never-acts 1:3" not in rules(text)

    @pytest.mark.parametrize(
        "text",
        [
            flow("a", limit=1, behavior="QUEUE", triggers=[NIGHTLY]),
            flow("a", limit=1, behavior="CANCEL"),
            flow("a", triggers=[NIGHTLY]),
            flow("a", limit=1, behavior="CANCEL", triggers=[NIGHTLY], more=["disabled: true"]),
        ],
        ids=["QUEUE", "no trigger", "no limit", "disabled flow"],
    )
    def test_nothing_to_find(self, text: str) -> None:
        assert rules(text) == []


class TestRetryMayBeRejected:
    def test_a_retry_of_the_flow(self) -> None:
        assert rules(flow("a", limit=1, behavior="CANCEL", more=[RETRY_ANEW])) == [
            "retry-may-be-rejected 1:6"
        ]

    def test_a_retry_of_a_task_inside_another(self) -> None:
        inner = group("Sequential", f"{LOG[:-1]}, {RETRY_ANEW}}}")
        (found,) = findings(flow("a", inner, limit=1, behavior="FAIL"))

        assert found.rule == "retry-may-be-rejected"
        assert found.position.column == inner.index("retry") + 5

    @pytest.mark.parametrize(
        "text",
        [
            flow("a", limit=1, more=[RETRY_ANEW]),
            flow(
                "a",
                limit=1,
                behavior="CANCEL",
                more=[RETRY_ANEW.replace("CREATE_NEW_EXECUTION", "RETRY_FAILED_TASK")],
            ),
        ],
        ids=["QUEUE", "same execution"],
    )
    def test_nothing_to_find(self, text: str) -> None:
        assert rules(text) == []
