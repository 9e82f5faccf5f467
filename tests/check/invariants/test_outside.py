"""The invariants of what is seen from outside, each with a run that it accepts and one that it catches."""

from __future__ import annotations

from tests.check.watching import broken, broken_by_engine, first_break


class TestDisplayMatchesEngine:
    def test_active_slots_are_those_that_are_held(self):
        """In a pause, a retry's wait, a kill and afterExecution as well."""
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s finish a FAILED; state a RETRYING retry",
                "1s queue b",
                "2s state a RUNNING retry; start a before=2",
                "3s end a; start a log",
                "3s queue c",
                "4s finish a SUCCESS log; release a; pop b",
                "5s end b; release b; pop c",
                "6s end c; release c",
            )
            == set()
        )

    def test_a_rejection_that_frees_a_slot(self):
        """BUGS, #13141: two run, and the gate counts one."""
        lines = (
            "0s flow f limit=2 FAIL", "0s admit a", "0s admit b", "1s reject c FAILED; release c",
            "2s admit d", "3s over until",
        )  # fmt: skip

        assert "display_matches_engine" in broken(*lines)
        assert first_break("display_matches_engine", *lines).splitlines()[0] == (
            "the gate of f counted 1 active slot, but 2 are shown (d)"
        )

    def test_a_slot_lost_with_a_deletion(self):
        """The contract says it stays occupied (A9); in the engine nobody sees by whom."""
        lines = ("0s flow f limit=1", "0s admit a", "1s deleted a", "2s queue b", "3s over until")

        assert "display_matches_engine" not in broken(*lines)
        assert "display_matches_engine" in broken_by_engine(*lines)

    def test_a_slot_that_an_operator_wrote_off(self):
        lost = ("0s flow f limit=1", "0s admit a", "1s deleted a", "2s set_counter f 0")

        assert "display_matches_engine" not in broken(*lost, "3s admit b", "4s end b; release b")

    def test_whoever_reads_it_narrowly_is_right_too(self):
        """SEMANTICS 4.4: some versions show RUNNING and PAUSED only; version 0.21 counts no others either."""
        lines = (
            "0s flow f limit=2",
            "0s create a; gate a admit before=0; state a RUNNING; start a",
            "1s finish a FAILED; state a RETRYING retry",
            "2s create b; gate b admit before=0; state b RUNNING; start b",
            "3s end b",
            "4s state a RUNNING retry; start a before=2",
            "5s end a",
        )

        assert broken_by_engine(*lines, semantics="kestra-0.21.0") == set()

    def test_another_limit_than_the_one_shown(self):
        lines = (
            "0s flow f limit=1 CANCEL", "0s create a", "1s flow f limit=3 CANCEL", "2s gate a admit after=1",
            "3s over until",
        )  # fmt: skip

        assert first_break("display_matches_engine", *lines, semantics="kestra-2.0.0").splitlines()[0] == (
            "the gate of f went by 1 slots, but 3 slots are shown (a)"
        )

    def test_a_pop_of_who_was_not_shown_in_the_queue(self):
        """BUGS, #11574: a kill left its row there."""
        lines = (
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s kill b",
            "2s end a; release a; pop b", "3s end b; release b",
        )  # fmt: skip

        assert "display_matches_engine" in broken_by_engine(*lines)
        assert first_break("display_matches_engine", *lines).splitlines()[0] == (
            "b was popped from the queue of f, but was shown as KILLED"
        )

    def test_a_pop_of_who_was_deleted(self):
        lines = (
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s deleted b",
            "2s end a; release a; claim b; state b RUNNING pop", "3s over until",
        )  # fmt: skip

        assert first_break("display_matches_engine", *lines).splitlines()[0] == (
            "b was popped from the queue of f, but was shown not at all"
        )

    def test_an_admission_goes_by_the_tab_of_the_flow_in_a_namespace_too(self):
        """Only who is turned away or queued may have met the namespace's limit."""
        lines = (
            "0s flow n.f limit=9; scope namespace:n limit=1",
            "0s create a; gate a admit before=0; claim a; claim a scope=namespace:n; state a RUNNING",
        )

        assert "display_matches_engine" in broken(
            *lines, "1s create b; gate b admit before=2; state b RUNNING"
        )
        assert "display_matches_engine" not in broken(*lines, "1s create b; gate b queue before=2 after=1")


class TestExternalWorkWithinLimit:
    def test_a_process_that_has_not_stopped_yet(self):
        """SEMANTICS 3.1: before 2.0 a killed execution gives its slot back before its process has stopped."""
        lines = (
            "0s flow f limit=1", "0s admit a", "0s queue b",
            "1s state a KILLING kill; state a KILLED kill; release a; pop b",
            "2s finish a KILLED", "3s end b; release b",
        )  # fmt: skip

        assert broken_by_engine(*lines, semantics="kestra-1.3.31") == {"external_work_within_limit"}
        assert first_break("external_work_within_limit", *lines, semantics="kestra-1.3.31").splitlines()[
            0
        ] == ("2 executions of f are at work, limit 1 QUEUE: a, b")

    def test_it_is_judged_when_the_instant_is_over(self):
        assert (
            broken_by_engine(
                "0s flow f limit=1", "0s admit a", "0s queue b",
                "1s state a KILLING kill; state a KILLED kill; release a; pop b; finish a KILLED",
                "3s end b; release b",
            )
            == set()
        )  # fmt: skip

    def test_every_flow_of_an_instant_is_looked_at(self):
        assert "external_work_within_limit" in broken(
            "0s flow f limit=1",
            "0s flow g limit=1",
            "0s admit a of=f; admit b of=g; admit c of=g",
            "1s over until",
        )

    def test_a_lowered_limit_breaks_nothing(self):
        assert (
            broken(
                "0s flow f limit=2", "0s admit a", "0s admit b", "1s flow f limit=1",
                "2s finish a; start a next", "3s end a; finish a SUCCESS next; release a", "4s end b; release b",
            )
            == set()
        )  # fmt: skip

    def test_a_forced_run_breaks_nothing(self):
        assert (
            broken(
                "0s flow f limit=1", "0s admit a", "0s queue b",
                "1s forced b; state b RUNNING force_run; start b", "2s end b", "3s end a; release a",
            )
            == set()
        )  # fmt: skip

    def test_who_works_without_having_been_let_in(self):
        """SEMANTICS 9.1, 1: a rejected execution that has afterExecution."""
        assert "external_work_within_limit" in broken_by_engine(
            "0s flow f limit=1 CANCEL",
            "0s admit a",
            "1s reject b CANCELLED; start b",
            "2s finish b; end a; release a",
        )

    def test_a_run_that_is_given_out_again_while_it_goes_on(self):
        """BUGS, plugin-kubernetes#249: the worker is gone, and its pod is not."""
        lines = (
            "0s flow f limit=1", "0s admit a", "1s down worker", "9s start a work before=2",
            "10s finish a", "11s end a; release a",
        )  # fmt: skip

        assert broken(*lines) == {"external_work_within_limit"}
        assert first_break("external_work_within_limit", *lines).splitlines()[0] == (
            "a started work again while it went on (attempt 2)"
        )

    def test_a_retry_is_not_the_same_run(self):
        """Nor are the passes of a parallel loop, which have one id."""
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a; start a work; start a work",
                "1s finish a FAILED; start a before=2",
                "2s finish a; finish a; end a; release a",
            )
            == set()
        )
