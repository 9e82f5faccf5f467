"""What keeps a slot while nothing runs, and what counts the time in the queue."""

from __future__ import annotations

import pytest

from tests.lint.files import LOG, NIGHTLY, call, findings, flow, group, namespace_limit, rules, task

PAUSE = task("flow.Pause")


class TestPauseHoldsSlot:
    def test_until_somebody_resumes_it(self) -> None:
        (found,) = findings(flow("a", PAUSE, limit=1))

        assert (found.rule, str(found.position)) == ("pause-holds-slot", "1.yaml:5:5")
        assert (
            "PAUSED here until somebody resumes it, and keeps its slot meanwhile (limit 1 of n.a)"
            in found.what
        )

    def test_for_a_time(self) -> None:
        (found,) = findings(flow("a", task("flow.Pause", more="pauseDuration: PT90M"), limit=1))

        assert "PAUSED here for 1h30m" in found.what

    def test_inside_other_tasks(self) -> None:
        sometimes = group(
            "If", group("Parallel", PAUSE), task_id="sometimes", key="then", more='condition: "{{ x }}"'
        )

        assert rules(flow("a", sometimes, limit=1)) == ["pause-holds-slot 1:5"]

    def test_a_parent_waits_for_it_with_a_slot_of_its_own(self) -> None:
        (found,) = findings(flow("a", call("b"), limit=1), flow("b", call("c")), flow("c", PAUSE))

        assert str(found.position) == "1.yaml:5:5"
        assert "(limit 1 of n.a) while it waits for n.b -> n.c, which is PAUSED" in found.what

    @pytest.mark.parametrize(
        "texts",
        [
            [flow("a", PAUSE)],
            [flow("a", task("flow.Pause", more="disabled: true"), limit=1)],
            [flow("a", call("b", more="wait: false"), limit=1), flow("b", PAUSE)],
            [flow("a", call("b"), limit=1), flow("b", task("flow.Pause", more="pauseDuration: PT1M"))],
            [flow("a", call("b")), flow("b", PAUSE), flow("c", call("a", more="wait: false"), limit=1)],
        ],
        ids=["no limit", "disabled", "does not wait", "ends by itself", "caller does not wait"],
    )
    def test_nothing_to_find(self, texts: list[str]) -> None:
        assert rules(*texts) == []


class TestPauseLocksTrigger:
    def test_the_schedule_starts_nothing_until_it_is_resumed(self) -> None:
        (found,) = findings(flow("a", PAUSE, triggers=[NIGHTLY]))

        assert (found.rule, str(found.position)) == ("pause-locks-trigger", "1.yaml:5:5")
        assert "the trigger 'nightly' that started it stays locked" in found.what

    @pytest.mark.parametrize(
        ("pause", "trigger"),
        [
            (PAUSE, NIGHTLY.replace("}", ", allowConcurrent: true}")),
            (PAUSE, NIGHTLY.replace("}", ", disabled: true}")),
            (task("flow.Pause", more="pauseDuration: PT1H"), NIGHTLY),
        ],
        ids=["not locked", "disabled", "ends by itself"],
    )
    def test_nothing_to_find(self, pause: str, trigger: str) -> None:
        assert rules(flow("a", pause, triggers=[trigger])) == []


def retried(policy: str) -> str:
    return f"{LOG[:-1]}, retry: {{{policy}}}}}"


class TestRetryHoldsSlot:
    @pytest.mark.parametrize(
        ("policy", "said"),
        [
            ("type: constant, interval: PT10M, maxAttempts: 2", "for 10m in all"),
            ("type: constant, interval: PT1S", "as long as it fails"),
            ("type: constant, interval: PT1M, maxDuration: PT1H", "for 1h in all"),
            ("type: exponential, interval: PT1M, maxInterval: PT1H, maxAttempts: 5", "for 15m in all"),
        ],
    )
    def test_long_waits(self, policy: str, said: str) -> None:
        (found,) = findings(flow("a", retried(policy), limit=1))

        assert found.rule == "retry-holds-slot"
        assert f"the execution waits {said} between attempts" in found.what

    def test_a_retry_of_the_flow(self) -> None:
        policy = "retry: {type: constant, interval: PT1H, maxAttempts: 3}"

        assert rules(flow("a", limit=1, more=[policy])) == ["retry-holds-slot 1:6"]

    @pytest.mark.parametrize(
        "text",
        [
            flow("a", retried("type: constant, interval: PT1H, maxAttempts: 3")),
            flow("a", retried("type: constant, interval: PT599S, maxAttempts: 2"), limit=1),
            flow("a", retried("type: constant, interval: PT1H, maxAttempts: 1"), limit=1),
            flow("a", retried("type: constant, interval: PT1H, behavior: CREATE_NEW_EXECUTION"), limit=1),
        ],
        ids=["no limit", "short", "one attempt", "new execution"],
    )
    def test_nothing_to_find(self, text: str) -> None:
        assert rules(text) == []


class TestSlaCountsQueue:
    def level(self, behavior: str = "FAIL", kind: str = "MAX_DURATION, duration: PT1H") -> str:
        return f"sla: [{{id: late, type: {kind}, behavior: {behavior}}}]"

    @pytest.mark.parametrize("behavior", ["FAIL", "CANCEL"])
    def test_the_time_in_the_queue_counts(self, behavior: str) -> None:
        (found,) = findings(flow("a", limit=1, more=[self.level(behavior)]))

        assert (found.rule, found.position.line) == ("sla-counts-queue", 6)
        assert "these 1h include the time in the queue: with limit 1 of n.a" in found.what

    def test_each_level_is_found_in_its_place(self) -> None:
        levels = self.level()[:-1].replace("late", "first") + f", text, {self.level()[6:-1]}]"
        first, second = findings(flow("a", limit=1, more=[levels]))

        assert first.position.column < levels.index("text") < second.position.column

    def test_the_limit_of_a_namespace_counts(self) -> None:
        assert rules(flow("a", more=[self.level()]), limits=[namespace_limit(1)]) == ["sla-counts-queue 1:6"]

    @pytest.mark.parametrize("behavior", ["QUEUE", "CANCEL"])
    def test_nothing_to_find(self, behavior: str) -> None:
        harmless = self.level("NONE" if behavior == "QUEUE" else "FAIL")
        assertion = self.level("FAIL", 'EXECUTION_ASSERTION, assert: "{{ true }}"')

        assert rules(flow("a", limit=1, behavior=behavior, more=[harmless])) == []
        assert rules(flow("a", limit=1, behavior=behavior, more=[assertion])) == []
        assert rules(flow("a", more=[self.level()])) == []
