"""The invariants of kills and rejections, each with a run that it accepts and one that it catches."""

from __future__ import annotations

from tests.check.watching import broken, broken_in, first_break
from tests.traces import trace_of


class TestKillIsFinal:
    def test_a_kill_with_after_execution(self):
        """Its tasks start after KILLED."""
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s kill a; start a log",
                "2s finish a SUCCESS log; release a",
            )
            == set()
        )

    def test_a_retry_that_revives(self):
        lines = (
            "0s flow f limit=1",
            "0s admit a",
            "1s state a KILLING kill",
            "2s state a RUNNING retry",
            "3s end a; release a",
        )

        assert broken(*lines) == {"kill_is_final"}
        assert first_break("kill_is_final", *lines).splitlines()[0] == "a went from KILLING to RUNNING"

    def test_a_task_that_starts_while_the_others_are_stopped(self):
        assert broken(
            "0s flow f limit=1",
            "0s admit a",
            "1s state a KILLING kill",
            "1s start a next",
            "2s finish a KILLED; finish a KILLED next; state a KILLED kill; release a",
        ) == {"kill_is_final"}

    def test_both_are_told(self):
        killed = ("0s flow f limit=1", "0s admit a", "1s state a KILLING kill")

        assert first_break("kill_is_final", *killed, "1s start a next", "2s over until").splitlines()[0] == (
            "a started next while KILLING"
        )
        assert first_break("kill_is_final", *killed).splitlines()[0] == "a (KILLING since 1s) is never KILLED"

    def test_a_task_on_its_way_when_the_kill_came(self):
        """It may start before the worker hears of the kill, and not after KILLED. The claim, event 3, ordered it."""
        lines = (
            "0s flow f limit=1",
            "0s create a; gate a admit; claim a; state a RUNNING",
            "1s state a KILLING kill",
        )

        early = (*lines, "2s start a work cause=3", "3s finish a KILLED; state a KILLED; release a")
        late = (*lines, "2s state a KILLED kill", "3s start a work cause=3", "3s finish a KILLED; release a")

        assert broken(*early) == set()
        assert broken(*late) == {"kill_is_final"}
        assert first_break("kill_is_final", *late).splitlines()[0] == (
            "a was KILLED, and work, which was ordered before, started"
        )

    def test_a_pop_that_revives_who_was_killed_in_the_queue(self):
        assert "kill_is_final" in broken(
            "0s flow f limit=1",
            "0s admit a",
            "0s queue b",
            "1s kill b",
            "2s end a; release a; pop b",
            "3s end b; release b",
        )


class TestKillsOfSubflows:
    """A kill reaches those whom the execution has started (SEMANTICS 3.4)."""

    STARTED = ("0s flow f limit=2", "0s admit a", "1s admit c subflow:a")

    def test_they_are_killed_in_the_same_instant(self):
        assert broken(*self.STARTED, "2s kill a; release a; kill c; release c") == set()

    def test_one_that_ends_in_that_instant_was_quick_enough(self):
        assert broken(*self.STARTED, "2s kill a; release a; end c; release c") == set()

    def test_one_that_goes_on(self):
        lines = (*self.STARTED, "2s kill a; release a", "5s end c; release c")

        assert broken(*lines) == {"kill_is_final"}
        assert first_break("kill_is_final", *lines).splitlines()[0] == (
            "c went on to SUCCESS, though its parent a (KILLED since 2s) was killed"
        )

    def test_one_that_is_restarted_later_lives_again(self):
        assert (
            broken(
                *self.STARTED, "2s end c FAILED; release c", "3s kill a; release a",
                "4s state c RESTARTED restart; gate c admit; claim c; state c RUNNING; start c",
                "5s end c; release c",
            )
            == set()
        )  # fmt: skip

    def test_one_whose_parent_an_operator_called_killed(self):
        lines = (*self.STARTED, "2s end a FAILED; release a", "3s state a KILLED change_status",
                 "5s end c; release c")  # fmt: skip

        assert broken(*lines) == set()

    def test_where_the_database_takes_time_a_kill_may_come_too_late(self):
        lines = (*self.STARTED, "2s kill a; release a", "2.1s end c; release c")

        assert broken_in(trace_of(*lines, connections=5)) == set()
        assert broken_in(trace_of(*lines, semantics="kestra-2.0.0")) == set()


def test_nobody_is_killed_without_a_kill():
    lines = ("0s flow f limit=1", "0s admit a", "2s finish a KILLED; state a KILLED; release a")

    assert broken(*lines) == {"kill_is_final"}
    assert (
        first_break("kill_is_final", *lines).splitlines()[0] == "a became KILLED, and no kill had reached it"
    )


def test_but_a_killed_subflow_may_end_its_parent_as_it_ended():
    assert (
        broken(
            "0s flow f limit=2", "0s admit a", "1s finish a; admit c subflow:a",
            "2s kill c; release c; state a KILLED tasks; release a",
        )
        == set()
    )  # fmt: skip


class TestRejectedRunsNoTask:
    def test_rejections(self):
        assert (
            broken(
                "0s flow f limit=1 CANCEL",
                "0s admit a",
                "1s reject b CANCELLED",
                "2s flow f limit=1 FAIL",
                "2s reject c FAILED",
                "3s end a; release a",
            )
            == set()
        )

    def test_a_rejected_execution_that_works(self):
        lines = (
            "0s flow f limit=1 FAIL",
            "0s admit a",
            "1s reject b FAILED; start b load",
            "2s end a; release a",
        )

        assert broken(*lines) == {"rejected_runs_no_task", "external_work_within_limit"}
        assert first_break("rejected_runs_no_task", *lines).splitlines()[0] == (
            "b was turned away (FAILED) and yet started load"
        )

    def test_who_was_killed_while_it_waited(self):
        assert broken(
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s kill b; start b", "2s end a; release a"
        ) == {"rejected_runs_no_task", "external_work_within_limit"}

    def test_who_still_waits(self):
        assert broken(
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s start b", "2s kill b", "2s end a; release a"
        ) == {"rejected_runs_no_task", "external_work_within_limit"}

    def test_it_is_told_that_it_waits(self):
        assert first_break(
            "rejected_runs_no_task",
            "0s flow f limit=1",
            "0s admit a",
            "0s queue b",
            "1s start b",
            "2s over until",
        ).startswith("b waits and yet started work\n")

    def test_a_rejection_into_the_wrong_state(self):
        assert broken(
            "0s flow f limit=1 CANCEL",
            "0s admit a",
            "1s create b; gate b cancel; state b FAILED",
            "2s end a; release a",
        ) == {"rejected_runs_no_task"}

    def test_a_restart_of_who_was_turned_away(self):
        """It passes the gate again, and now it may run."""
        assert (
            broken(
                "0s flow f limit=1 FAIL",
                "0s admit a",
                "1s reject b FAILED",
                "2s end a; release a",
                "3s state b RESTARTED restart; gate b admit; claim b; state b RUNNING gate; start b",
                "4s end b; release b",
            )
            == set()
        )
