"""Schedules that fire more often than their flow can run."""

from __future__ import annotations

import pytest

from tests.lint.files import call, findings, flow, group, rules, sleep, trigger


def schedule(cron: str, *, seconds: bool = False, more: str = "", trigger_id: str = "s") -> str:
    seconds_too = ", withSeconds: true" if seconds else ""
    return trigger(
        "Schedule", trigger_id=trigger_id, more=f'cron: "{cron}"{seconds_too}{", " + more if more else ""}'
    )


class TestScheduleOverrun:
    def test_every_second_and_a_task_of_a_minute(self) -> None:
        text = flow("a", sleep("PT60S"), triggers=[schedule("* * * * * *", seconds=True)])
        (found,) = findings(text)

        assert (found.rule, found.position.line) == ("schedule-overrun", 7)
        assert found.position.column == text.splitlines()[6].index("cron") + 1
        assert found.what.startswith("this fires 1s apart, and an execution takes 1m or more")

    @pytest.mark.parametrize(("duration", "count"), [("PT60S", 0), ("PT60.001S", 1)])
    def test_a_period_that_just_suffices(self, duration: str, count: int) -> None:
        assert len(rules(flow("a", sleep(duration), triggers=[schedule("* * * * *")]))) == count

    def test_two_fires_that_are_closer_than_the_others(self) -> None:
        """At 9 and at 10, and then not before tomorrow."""
        (found,) = findings(flow("a", sleep("PT2H"), triggers=[schedule("0 9,10 * * *")]))

        assert found.what.startswith("this fires 1h apart")

    def test_tasks_that_follow_each_other_add_up(self) -> None:
        two = [sleep("PT40S", task_id=name) for name in ("one", "two")]

        assert rules(flow("a", *two, triggers=[schedule("* * * * *")])) == ["schedule-overrun 1:8"]
        assert rules(flow("a", group("Parallel", *two), triggers=[schedule("* * * * *")])) == []

    def test_a_subflow_that_is_waited_for_counts(self) -> None:
        child = flow("child", sleep("PT2M"))
        every_minute = [schedule("* * * * *")]

        assert rules(flow("a", call("child"), triggers=every_minute), child) == ["schedule-overrun 1:7"]
        assert rules(flow("a", call("child", more="wait: false"), triggers=every_minute), child) == []

    @pytest.mark.parametrize(
        "more",
        ["allowConcurrent: true", "disabled: true", "when: \"{{ trigger.date | date('E') == 'Sat' }}\""],
    )
    def test_fires_that_are_not_locked_out(self, more: str) -> None:
        assert rules(flow("a", sleep("PT2M"), triggers=[schedule("* * * * *", more=more)])) == []

    def test_of_a_task_nothing_is_assumed(self) -> None:
        work = "{id: work, type: io.kestra.plugin.scripts.python.Script, script: x}"

        assert rules(flow("a", work, triggers=[schedule("* * * * *")])) == []


class TestQueueWithoutEnd:
    def text(self, *triggers: str, duration: str = "PT5M", limit: int = 1, behavior: str = "QUEUE") -> str:
        return flow("a", sleep(duration), limit=limit, behavior=behavior, triggers=triggers)

    def test_more_arrives_than_the_slots_can_serve(self) -> None:
        (found,) = findings(self.text(schedule("* * * * *", more="allowConcurrent: true"), limit=4))

        assert (found.rule, found.position.line) == ("queue-without-end", 7)
        assert (
            "fires come every 1m on average, an execution takes 5m or more, and the limit is 4" in found.what
        )
        assert found.suggestion.startswith("a limit of 6 or more")

    def test_two_schedules_together(self) -> None:
        """Each alone would do: a fire every 10 minutes, and again one every 10 minutes."""
        twice = [
            schedule("*/10 * * * *", more="allowConcurrent: true", trigger_id="one"),
            schedule("5/10 * * * *", more="allowConcurrent: true", trigger_id="two"),
        ]

        assert rules(self.text(*twice, duration="PT6M")) == ["queue-without-end 1:7"]
        assert rules(self.text(*twice[:1], duration="PT6M")) == []

    def test_a_burst_that_the_night_makes_up_for(self) -> None:
        """Sixty fires from 9 to 10, and then none for 23 hours."""
        burst = schedule("* 9 * * *", more="allowConcurrent: true")

        assert rules(self.text(burst, duration="PT20M")) == []
        assert rules(self.text(burst, duration="PT25M")) == ["queue-without-end 1:7"]

    @pytest.mark.parametrize(
        ("limit", "behavior", "more"),
        [
            (5, "QUEUE", "allowConcurrent: true"),
            (1, "CANCEL", "allowConcurrent: true"),
            (1, "FAIL", "allowConcurrent: true"),
        ],
        ids=["just enough", "CANCEL", "FAIL"],
    )
    def test_nothing_to_find(self, limit: int, behavior: str, more: str) -> None:
        assert rules(self.text(schedule("* * * * *", more=more), limit=limit, behavior=behavior)) == []
