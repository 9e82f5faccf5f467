"""The invariants of the gate and the queue, each with a run that it accepts and one that it catches."""

from __future__ import annotations

import pytest

from tests.check.watching import broken, broken_in, first_break, watched
from tests.traces import trace_of


class TestWorkConserving:
    def test_a_slot_that_is_handed_on_at_once(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "0s queue b",
                "1s end a; release a; pop b",
                "2s end b; release b",
            )
            == set()
        )

    def test_a_slot_that_is_handed_on_late(self):
        lines = (
            "0s flow f limit=1",
            "0s admit a",
            "0s queue b",
            "1s end a; release a",
            "2s pop b",
            "3s end b; release b",
        )

        assert broken(*lines) == {"work_conserving"}
        assert first_break("work_conserving", *lines) == (
            "b waits for a slot of f (limit 1 QUEUE) while 0 executions alive had one\n"
            "at 1s, f: limit 1 QUEUE, counter 0\n"
            "holding a slot: nobody\n"
            "waiting: b (QUEUED since 0s)"
        )

    def test_who_is_on_its_way_out_counts_until_the_run_is_over(self):
        """`a` has ended and keeps its slot: while the run goes on nobody knows that this is for good."""
        lines = ("0s flow f limit=1", "0s admit a", "0s queue b", "1s end a; flow f limit=2", "2s over until")

        assert first_break("work_conserving", *lines).startswith(
            "b waits for a slot of f (limit 2 QUEUE) while 1 execution alive had one"
        )

    def test_a_slot_that_nobody_ever_gives_back(self):
        """Only the end of the run tells that it is for good, and then who has ended is not alive."""
        lines = ("0s flow f limit=1", "0s admit a", "0s queue b", "1s end a")

        assert first_break("work_conserving", *lines).startswith(
            "b waits for a slot of f (limit 1 QUEUE) while 0 executions alive had one"
        )

    def test_in_an_engine_whose_steps_lie_apart_a_slot_may_be_free_for_a_second(self):
        lines = (
            "0s flow f limit=1",
            "0s admit a",
            "0s queue b",
            "1s end a; release a",
            "{} pop b",
            "9s end b; release b",
        )

        def found(at):
            trace = trace_of(*(line.format(at) for line in lines), semantics="kestra-1.1.0", connections=5)
            return watched(trace)["work_conserving"].first

        assert found("2s") is None
        late = found("2.000001s")
        assert late is not None
        assert (
            late.sentence
            == "a slot of f (limit 1 QUEUE) was free from 1s to 2.000001s while executions waited"
        )

    def test_who_waits_for_a_slot_of_a_namespace(self):
        """Not in vain while the namespace is full, or may be: its limit is not known, and somebody holds a slot."""
        waits = "0s create b of=n.f; gate b queue before=0 after=9; state b QUEUED"
        holds = (
            "0s create a of=n.f; gate a admit; claim a; claim a scope=namespace:n; state a RUNNING; start a"
        )

        for scope, lines, is_broken in (
            ("; scope namespace:n limit=1", (holds, waits), False),
            ("; scope namespace:n limit=2", (holds, waits), True),
            ("", (holds, waits), False),
            ("; scope namespace:n limit=1", (waits,), True),
        ):
            found = broken(f"0s flow n.f limit=9{scope}", *lines, "1s over until")
            assert ("work_conserving" in found) is is_broken

    def test_a_raised_limit_starts_as_many_as_fit(self):
        """A8."""
        raised = ("0s flow f limit=1", "0s admit a", "0s queue b", "0s queue c", "1s flow f limit=2; pop b")

        assert broken(*raised, "2s end a; release a; pop c", "3s end b; release b; end c; release c") == set()

    def test_a_raised_limit_that_nobody_uses(self):
        raised = ("0s flow f limit=1", "0s admit a", "0s queue b", "1s flow f limit=2")

        assert broken(*raised, "2s end a; release a; pop b", "3s end b; release b") == {"work_conserving"}

    def test_a_slot_is_held_until_its_release_is_through(self):
        """Where the database takes time the end and the release lie apart; release and pop do not."""
        trace = trace_of(
            "0s flow f limit=1",
            "0s admit a",
            "0s queue b",
            "1s end a",
            "1.5s transaction a 500ms release; release a; pop b",
            "2s end b",
            "2.5s release b",
            connections=10,
        )

        assert broken_in(trace) == set()


class TestNoStrandedExecution:
    def test_who_waits_for_a_person_is_not_stranded(self):
        """Nor is who queues behind it."""
        assert (
            broken("0s flow f limit=1", "0s admit a", "1s state a PAUSED pause", "2s queue b", "3s queue c")
            == set()
        )

    def test_nor_a_parent_whose_child_waits_for_a_person(self):
        assert (
            broken(
                "0s flow parent",
                "0s flow child limit=1",
                "0s admit p of=parent",
                "0s admit c subflow:p of=child",
                "1s state c PAUSED pause",
            )
            == set()
        )

    def test_nor_one_whose_child_was_retried_as_another(self):
        assert (
            broken(
                "0s flow f",
                "0s admit p; admit c subflow:p",
                "1s finish p; end c RETRIED; release c",
                "2s admit d retry:c",
                "3s finish d; state d PAUSED pause",
            )
            == set()
        )

    def test_nor_in_an_engine_who_waits_behind_one_without_a_claim(self):
        waits = (
            "0s flow f limit=1",
            "0s create a; gate a admit before=0; state a RUNNING",
            "1s state a PAUSED",
            "2s queue b",
        )

        trace = trace_of(*waits, semantics="kestra-0.21.0")
        assert watched(trace)["no_stranded_execution"].first is None

    def test_a_parent_and_the_child_behind_its_own_slot(self):
        lines = ("0s flow f limit=1", "0s admit p", "1s queue c subflow:p")

        assert broken(*lines) == {"no_stranded_execution"}
        assert first_break("no_stranded_execution", *lines).splitlines()[0] == (
            "p (RUNNING since 0s) never ends: it waits for its subflow c (QUEUED since 1s)"
        )

    def test_a_child_behind_another_parent(self):
        """Two parents fill a limit that their children need: each name is told, with what it waits for."""
        assert broken(
            "0s flow f limit=2", "0s admit p", "0s admit q", "1s queue c subflow:p", "1s queue d subflow:q"
        ) == {"no_stranded_execution"}

    @pytest.mark.parametrize("state", ["RUNNING", "RETRYING", "RESTARTED"])
    def test_whoever_is_left_in_the_middle_of_something(self, state):
        assert broken("0s flow f limit=1", "0s admit a", f"1s state a {state}") == {"no_stranded_execution"}

    def test_a_kill_that_never_comes_to_its_end(self):
        """SEMANTICS 9.1, 18: it keeps its slot as well."""
        assert broken("0s flow f limit=1", "0s admit a", "1s state a KILLING kill") == {
            "no_stranded_execution",
            "kill_is_final",
            "every_claim_released",
        }

    def test_a_run_cut_short_strands_nobody(self):
        assert broken("0s flow f limit=1", "0s admit a", "0s queue b", "1s over until") == set()


class TestFifo:
    def test_oldest_first(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s queue b",
                "2s queue c",
                "3s end a; release a; pop b",
                "4s end b; release b; pop c",
                "5s end c; release c",
            )
            == set()
        )

    def test_youngest_first(self):
        lines = (
            "0s flow f limit=1", "0s admit a", "1s queue b", "2s queue c",
            "3s end a; release a; pop c", "4s end c; release c; pop b", "5s end b; release b",
        )  # fmt: skip

        assert broken(*lines) == {"fifo"}
        assert first_break("fifo", *lines) == (
            "c was popped before b\n"
            "at 3s, f: limit 1 QUEUE, counter 1\n"
            "holding a slot: c (QUEUED since 2s)\n"
            "waiting: b (QUEUED since 1s), c (QUEUED since 2s)"
        )

    def test_an_arrival_that_overtakes_the_queue(self):
        """It takes the slot between release and pop."""
        lines = (
            "0s flow f limit=1", "0s admit a", "1s queue b",
            "2s end a; release a; admit c", "3s end c; release c; pop b", "4s end b; release b",
        )  # fmt: skip

        assert broken(*lines) == {"fifo"}
        assert first_break("fifo", *lines).startswith("c was admitted past the queue of f\n")

    def test_in_an_engine_without_claims_it_is_told_where_it_runs(self):
        trace = trace_of(
            "0s flow f limit=1", "0s create a; gate a admit before=0; state a RUNNING", "1s queue b; queue c",
            "2s end a; state c RUNNING pop", semantics="kestra-0.21.0",
        )  # fmt: skip

        first = watched(trace)["fifo"].first
        assert first is not None
        assert first.sentence == "c was popped before b"
        assert trace.event(first.seq).execution == "c"

    def test_a_force_and_a_kill_leave_the_queue_from_anywhere(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s queue b",
                "1s queue c",
                "1s queue d",
                "2s forced d; state d RUNNING force_run; start d",
                "2s kill c",
                "3s end d; end a; release a; pop b",
                "4s end b; release b",
            )
            == set()
        )

    def test_who_was_deleted_is_not_popped(self):
        """SEMANTICS 3.6: a deleted execution that is resurrected from the queue."""
        lines = (
            "0s flow f limit=1", "0s admit a", "1s queue b", "1s deleted b", "2s end a; release a; pop b",
            "3s end b; release b",
        )  # fmt: skip

        assert "fifo" in broken(*lines)
        assert first_break("fifo", *lines).startswith("b was popped, but is not in the queue any more\n")


class TestGateCoversEverySource:
    def test_an_execution_that_goes_round_the_gate(self):
        lines = (
            "0s flow f limit=1",
            "0s create a subflow:x; claim a; state a RUNNING",
            "1s end a; release a",
        )

        assert broken(*lines) == {"gate_covers_every_source"}
        assert first_break("gate_covers_every_source", *lines).splitlines()[0] == (
            "a (from subflow:x) runs without having passed the gate of f"
        )

    def test_a_restart_passes_the_gate_again(self):
        assert broken(
            "0s flow f limit=1",
            "0s admit a",
            "1s end a FAILED; release a",
            "2s state a RESTARTED restart; claim a; state a RUNNING restart; start a",
            "3s end a; release a",
        ) == {"gate_covers_every_source"}

    def test_a_resume_does_not(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s state a PAUSED pause",
                "2s state a RESTARTED resume; state a RUNNING resume",
                "3s end a; release a",
            )
            == set()
        )


class TestExactAtTheBoundary:
    def test_a_rejection_below_the_limit(self):
        lines = ("0s flow f limit=2 CANCEL", "0s admit a", "0s reject b CANCELLED", "1s end a; release a")

        assert broken(*lines) == {"exact_at_the_boundary"}
        assert first_break("exact_at_the_boundary", *lines).splitlines()[0] == (
            "the gate of f answered cancel, must be admit: counter 1, limit 2 CANCEL (b)"
        )

    @pytest.mark.parametrize(
        ("behavior", "answer"),
        [("CANCEL", "reject b CANCELLED"), ("FAIL", "reject b FAILED"), ("QUEUE", "queue b")],
    )
    def test_the_behavior_at_the_limit(self, behavior, answer):
        run = (
            f"0s flow f limit=1 {behavior}",
            "0s admit a",
            f"0s {answer}",
            "1s end a; release a",
            "1s over until",
        )

        assert broken(*run) - {"work_conserving"} == set()

    def test_another_behavior(self):
        assert broken(
            "0s flow f limit=1 FAIL", "0s admit a", "0s reject b CANCELLED", "1s end a; release a"
        ) == {"exact_at_the_boundary"}

    def test_the_latest_revision_counts(self):
        """A8: the limit that was in force before the edit decides nothing any more."""
        assert broken(
            "0s flow f limit=1 CANCEL",
            "0s admit a",
            "1s flow f limit=2 CANCEL",
            "1s create b; gate b cancel after=1; state b CANCELLED gate",
            "2s end a; release a",
        ) == {"exact_at_the_boundary", "display_matches_engine"}
