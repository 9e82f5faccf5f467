"""Events paired into intervals."""

from __future__ import annotations

from flowconc.trace.intervals import OPEN, Intervals, holds, stays
from flowconc.trace.trace import STATES, Trace
from tests.traces import trace_of

S = 1_000_000


def shown(trace: Trace, intervals: Intervals) -> list[tuple[str, int, int]]:
    return [
        (trace.names[execution], start_us // S, end_us // S)
        for execution, start_us, end_us in zip(
            intervals.execution, intervals.start_us, intervals.end_us, strict=True
        )
    ]


def test_a_state_lasts_until_the_next_one_and_the_last_one_until_the_end():
    trace = trace_of(
        "0s flow f limit=1", "0s admit a", "1s state a PAUSED", "3s state a RUNNING", "4s over until"
    )
    found = stays(trace)

    assert shown(trace, found) == [("a", 0, 0), ("a", 0, 1), ("a", 1, 3), ("a", 3, 4)]
    assert [STATES[code].value for code in found.state] == ["CREATED", "RUNNING", "PAUSED", "RUNNING"]
    assert found.last[-1] == OPEN


def test_a_hold_lasts_from_claim_to_release():
    trace = trace_of(
        "0s flow f limit=1", "0s admit a", "2s end a", "3s release a", "3s admit b", "5s over until"
    )

    assert shown(trace, holds(trace)) == [("a", 0, 3), ("b", 3, 5)]


def test_a_deletion_ends_both():
    trace = trace_of("0s flow f limit=1", "0s admit a", "2s deleted a", "5s over until")

    assert shown(trace, holds(trace)) == [("a", 0, 2)]
    assert shown(trace, stays(trace))[-1] == ("a", 0, 2)


def test_a_second_claim_goes_on_with_the_first():
    trace = trace_of("0s flow f limit=2", "0s admit a", "1s claim a", "2s release a", "3s release a")

    assert shown(trace, holds(trace)) == [("a", 0, 2)]


def test_a_trace_without_events_has_none():
    trace = trace_of("0s flow f")
    trace.records = trace.records[:0]

    assert len(stays(trace)) == len(holds(trace)) == 0


class TestHoldsOfAnEngine:
    """An engine's claims can be lost, doubled or never made: its executions hold while they are at it."""

    @staticmethod
    def held(*lines: str) -> list[tuple[str, int, int]]:
        trace = trace_of(*lines, "9s over until", semantics="kestra-2.0.0")
        return shown(trace, holds(trace))

    def test_from_the_run_to_the_end_claim_or_no_claim(self):
        assert self.held("0s flow f", "0s create a", "1s state a RUNNING", "3s state a SUCCESS") == [
            ("a", 1, 3)
        ]

    def test_a_claim_that_is_never_released_holds_nothing_after_the_end(self):
        assert self.held("0s flow f limit=1", "0s admit a", "3s end a") == [("a", 0, 3)]

    def test_through_pause_retry_and_kill(self):
        assert self.held(
            "0s flow f limit=1", "0s admit a", "1s state a PAUSED", "2s state a RESTARTED", "3s state a RUNNING",
            "4s state a RETRYING", "5s state a RUNNING", "6s state a KILLING", "7s state a KILLED",
        ) == [("a", 0, 7)]  # fmt: skip

    def test_a_failure_in_passing_before_a_retry_interrupts_nothing(self):
        found = self.held(
            "0s flow f limit=1",
            "0s admit a",
            "1s state a FAILED; state a RETRYING",
            "2s state a RUNNING",
            "3s end a",
        )

        assert found == [("a", 0, 1), ("a", 1, 3)]  # for no time at all

    def test_who_is_killed_in_the_queue_never_held(self):
        assert self.held("0s flow f limit=1", "0s admit a", "0s queue b", "1s kill b") == [("a", 0, 9)]

    def test_a_forced_run_holds_nothing_until_it_is_restarted(self):
        assert self.held(
            "0s flow f limit=1", "0s queue a", "1s forced a; state a RUNNING", "2s state a PAUSED",
            "3s state a RUNNING", "4s state a FAILED", "5s state a RESTARTED", "6s state a RUNNING", "7s end a",
        ) == [("a", 6, 7)]  # fmt: skip

    def test_nor_does_its_second_run_hide_behind_the_first(self):
        """SEMANTICS 9.2, version 0.21: a forced execution stays in the queue, and is popped once more."""
        assert self.held(
            "0s flow f limit=1", "0s queue a", "1s forced a; state a RUNNING", "2s state a SUCCESS",
            "3s state a RUNNING pop", "4s state a SUCCESS",
        ) == [("a", 3, 4)]  # fmt: skip

    def test_after_execution_holds_until_its_last_task_has_ended(self):
        assert self.held(
            "0s flow f limit=1", "0s admit a", "1s end a; start a log", "2s finish a SUCCESS log",
            "3s start a mail", "4s finish a SUCCESS mail", "6s release a",
        ) == [("a", 0, 4)]  # fmt: skip

    def test_after_execution_that_goes_on(self):
        assert self.held(
            "0s flow f limit=1",
            "0s admit a",
            "1s end a; start a log",
            "2s finish a SUCCESS log",
            "3s start a mail",
        ) == [("a", 0, 9)]

    def test_a_rejected_execution_that_runs_tasks_holds_nothing(self):
        assert (
            self.held("0s flow f limit=1 CANCEL", "0s reject a CANCELLED", "0s start a", "2s finish a") == []
        )

    def test_a_deletion_ends_it_and_a_pop_begins_it_again(self):
        """SEMANTICS 9.1, 9."""
        assert self.held(
            "0s flow f limit=1", "0s admit a", "1s deleted a", "2s queue b", "3s deleted b", "4s state b RUNNING",
            "5s state b SUCCESS",
        ) == [("a", 0, 1), ("b", 4, 5)]  # fmt: skip

    def test_without_events_there_are_none(self):
        trace = trace_of("0s flow f", semantics="kestra-2.0.0")
        trace.records = trace.records[:0]

        assert len(holds(trace)) == 0


def test_the_slots_of_a_namespace_are_not_the_flows():
    trace = trace_of(
        "0s flow a.f",
        "0s create x; claim x; claim x scope=namespace:a; state x RUNNING",
        "1s release x scope=namespace:a",
        "2s release x",
        "5s over until",
    )

    assert shown(trace, holds(trace)) == [("x", 0, 2)]
