"""The invariant of crashes, with runs that it accepts and runs that it catches."""

from __future__ import annotations

import pytest

from tests.check.watching import broken, broken_by_engine, first_break, watched
from tests.traces import trace_of

QUEUED = ("0s flow f limit=1", "0s admit a", "0s queue b")


class TestWhatIsLost:
    def test_a_release_that_never_comes(self):
        """SEMANTICS 4.1: the end was committed, and what should have followed is gone."""
        lines = (*QUEUED, "1s end a; down executor; lost a release; up executor")

        assert "crash_loses_nothing" in broken_by_engine(*lines)
        assert first_break("crash_loses_nothing", *lines, semantics="kestra-2.0.0") == (
            "a (SUCCESS since 1s) never released its slot of f after release was lost\n"
            "at 1s, f: limit 1 QUEUE, counter 1\n"
            "holding a slot: a (SUCCESS since 1s)\n"
            "waiting: b (QUEUED since 0s)"
        )

    def test_without_a_word_of_what_was_lost_it_is_seen_by_who_was_half_way(self):
        assert "crash_loses_nothing" in broken_by_engine(*QUEUED, "1s end a; down executor")

    def test_a_popped_execution_that_is_never_sent_on_its_way(self):
        """BUGS, probe 4: its row is gone from the queue, and its slot is taken."""
        assert broken_by_engine(
            *QUEUED,
            "1s end a; release a; claim b; down executor",
            "2s create c; gate c queue; state c QUEUED",
        ) >= {"crash_loses_nothing", "no_stranded_execution"}

    def test_a_pop_that_is_never_made(self):
        """BUGS, #13785: the slot was freed, and the queue is looked at no more."""
        lines = (*QUEUED, "1s end a; release a; down executor; lost a select")

        assert "crash_loses_nothing" in broken_by_engine(*lines, semantics="kestra-1.1.0")
        assert first_break("crash_loses_nothing", *lines, semantics="kestra-1.1.0").splitlines()[0] == (
            "b (QUEUED since 0s) was left in the queue of f after select was lost"
        )

    def test_an_arrival_that_is_never_gated(self):
        assert "crash_loses_nothing" in broken("0s flow f limit=1", "0s create a; down executor")

    def test_a_step_that_failed_and_was_not_tried_again(self):
        """BUGS, #17759: an error in the release is logged and forgotten."""
        assert broken_by_engine("0s flow f limit=1", "0s admit a", "1s end a; step_failed a release") == {
            "crash_loses_nothing",
            "every_claim_released",
            "counter_matches_holders",
        }

    def test_a_task_that_died_with_its_worker(self):
        assert broken("0s flow f limit=1", "0s admit a", "1s down worker") == {
            "crash_loses_nothing",
            "no_stranded_execution",
        }

    def test_a_result_that_was_lost(self):
        assert "crash_loses_nothing" in broken(
            "0s flow f limit=1", "0s admit a", "1s finish a; lost a task_ended"
        )


class TestWhatIsNot:
    def test_what_is_delivered_again(self):
        assert (
            broken_by_engine(
                *QUEUED,
                "1s end a; down executor; repeated a release",
                "2s up executor; release a; pop b",
                "3s end b; release b",
            )
            == set()
        )

    def test_a_task_that_is_run_again(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s down worker; finish a KILLED",
                "9s start a before=2",
                "10s end a; release a",
            )
            == set()
        )

    @pytest.mark.parametrize("component", ["executor", "scheduler"])
    def test_whoever_goes_on_was_not_lost(self, component):
        """An executor that goes down with nothing in hand."""
        assert (
            broken(*QUEUED, f"1s down {component}", "2s end a; release a; pop b", "3s end b; release b")
            == set()
        )

    def test_who_came_after_it(self):
        """`x` was at work at the worker; `a` is stuck before the gate for another cause."""
        trace = trace_of("0s flow f", "0s admit x", "1s down worker", "2s create a")

        assert watched(trace)["crash_loses_nothing"].breaks == 1

    def test_a_queue_of_another_flow(self):
        """`a` was in hand; `y` waits for the slot that a deletion has lost."""
        trace = trace_of(
            "0s flow f", "0s flow g limit=1", "0s admit a of=f; admit x of=g; queue y of=g",
            "1s finish a; lost a task_ended", "2s deleted x",
        )  # fmt: skip

        assert watched(trace)["crash_loses_nothing"].breaks == 1

    def test_who_has_gone_on_and_leaks_later(self):
        """Nor is who waits behind it."""
        found = broken(*QUEUED, "1s down worker", "2s state a RETRYING; state a RUNNING", "3s end a")

        assert "every_claim_released" in found
        assert "crash_loses_nothing" not in found

    def test_a_leak_of_another_cause(self):
        """A deletion after the crash is an operator's doing."""
        assert "crash_loses_nothing" not in broken(*QUEUED, "1s down executor", "2s deleted a")

    def test_who_was_stuck_without_any_crash(self):
        assert "crash_loses_nothing" not in broken("0s flow f limit=1", "0s create a")

    def test_a_run_cut_short(self):
        assert "crash_loses_nothing" not in broken(
            "0s flow f limit=1", "0s admit a", "1s down worker", "2s over until"
        )
