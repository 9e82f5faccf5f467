"""The invariants of slots, gate and queue judging an engine: by states, and by the limits that the engine applies."""

from __future__ import annotations

import pytest

from tests.check.watching import broken, broken_by_engine, first_break

COUNTERLESS = "kestra-0.21.0"


def run(name: str, *, after: str = "gate") -> str:
    """Tell how an execution runs where nothing is claimed for it."""
    return f"state {name} RUNNING {after}; start {name}"


def admit(name: str, found: int) -> str:
    """Tell an admission of a version that keeps no counter."""
    return f"create {name}; gate {name} admit before={found}; {run(name)}"


class TestLimitNeverExceeded:
    def test_a_forced_run_breaks_nothing_by_itself(self):
        assert (
            broken_by_engine(
                "0s flow f limit=1",
                "0s admit a",
                "0s queue b",
                "1s forced b; state b RUNNING force_run; start b",
                "2s end a; release a",
                "3s end b",
            )
            == set()
        )

    def test_who_starts_because_a_forced_run_released_is_one_too_many(self):
        """BUGS, S20: the end of a forced run gives back what it never had."""
        lines = (
            "0s flow f limit=1", "0s admit a", "0s queue b", "0s queue c",
            "1s forced b; state b RUNNING force_run; start b",
            "2s end b; release b; pop c",
            "3s end a; release a", "4s end c; release c before=0 after=0",
        )  # fmt: skip

        assert broken_by_engine(*lines) == {
            "limit_never_exceeded",
            "no_release_without_claim",
            "counter_matches_holders",
            "external_work_within_limit",
        }
        assert first_break("limit_never_exceeded", *lines, semantics="kestra-2.0.0") == (
            "c was admitted to f as holder 2, limit 1 QUEUE\n"
            "at 2s, f: limit 1 QUEUE, counter 1\n"
            "holding a slot: a (RUNNING since 0s), c (QUEUED since 0s)\n"
            "waiting: c (QUEUED since 0s)"
        )

    def test_a_pop_goes_by_the_limit_of_who_made_room(self):
        """SEMANTICS 2.5: after a lowered limit the ends of the old revision keep the old number running."""
        lowered = (
            "0s flow f limit=2", "0s admit a", "0s admit b", "0s queue c",
            "1s flow f limit=1", "2s end a; release a; pop c", "3s end b; release b", "4s end c; release c",
        )  # fmt: skip

        assert broken_by_engine(*lowered) == set()
        assert "limit_never_exceeded" in broken(*lowered)  # the contract knows the latest limit only (A8)

    def test_an_arrival_does_not(self):
        """It was created on the new revision, and goes by that."""
        assert "limit_never_exceeded" in broken_by_engine(
            "0s flow f limit=2", "0s admit a", "0s admit b", "1s flow f limit=1",
            "2s end a; release a", "2s admit c", "3s end b; release b; end c; release c",
        )  # fmt: skip

    def test_a_removed_limit_lets_everybody_in(self):
        """SEMANTICS 9.1, 14: arrivals walk in, and the old queue drains beside them."""
        assert broken_by_engine(
            "0s flow f limit=1", "0s admit a", "0s queue b",
            "1s flow f; set_counter f 0 save_flow",
            "2s create c; gate c admit after=none; state c RUNNING gate; start c",
            "3s end a; release a before=0 after=0; state b RUNNING pop; start b",
            "4s end c", "5s end b; release b before=0 after=0",
        ) == {"fifo", "work_conserving"}  # fmt: skip

    def test_a_limit_that_comes_back_counts_from_nothing(self):
        """SEMANTICS 9.1, 15: one more than the limit runs."""
        assert broken_by_engine(
            "0s flow f limit=1", "0s admit a",
            "1s flow f; set_counter f 0 save_flow", "2s flow f limit=1",
            "3s admit b", "4s end a; release a; end b; release b before=0 after=0",
        ) == {
            "limit_never_exceeded",
            "counter_matches_holders",
            "display_matches_engine",
            "external_work_within_limit",
        }  # fmt: skip

    def test_a_rejected_restart_that_runs(self):
        """SEMANTICS 9.1, 2: it claims nothing, and runs beside the holder."""
        assert {"limit_never_exceeded", "rejected_runs_no_task"} <= broken_by_engine(
            "0s flow f limit=1 FAIL", "0s admit a", "1s end a FAILED; release a", "2s admit b",
            "3s state a RESTARTED restart; gate a fail; state a RUNNING restart; start a",
            "4s end b; release b", "5s end a",
        )  # fmt: skip

    def test_where_nothing_is_claimed_states_tell(self):
        """Version 0.21 counts executions in RUNNING and PAUSED."""
        lines = ("0s flow f limit=1", f"0s {admit('a', 0)}", f"1s {admit('b', 0)}", "2s end a; end b")

        assert broken_by_engine(*lines, semantics=COUNTERLESS) == {
            "limit_never_exceeded",
            "display_matches_engine",
            "external_work_within_limit",
        }

    def test_who_waits_for_a_retry_is_still_there(self):
        """OBSERVED 8: version 0.21 does not count RETRYING, and another one starts."""
        lines = (
            "0s flow f limit=1",
            f"0s {admit('a', 0)}",
            "1s finish a FAILED; state a FAILED tasks; state a RETRYING retry",
            f"2s {admit('b', 0)}",
            "3s end b",
            "4s state a RUNNING retry; start a before=2",
            "5s end a",
        )

        assert broken_by_engine(*lines, semantics=COUNTERLESS) == {"limit_never_exceeded"}

    def test_a_sound_run_without_claims(self):
        """A retry, a pause and afterExecution keep the slot; a resume is no admission."""
        assert (
            broken_by_engine(
                "0s flow f limit=1",
                f"0s {admit('a', 0)}",
                "0s create b; gate b queue before=1; state b QUEUED",
                "1s finish a FAILED; state a RETRYING retry",
                "2s state a RUNNING retry; start a before=2",
                "3s finish a; state a PAUSED pause",
                "4s state a RESTARTED resume; state a RUNNING resume; start a next",
                "5s end a SUCCESS; finish a SUCCESS next; state b RUNNING pop; start b",
                "6s end b",
                semantics=COUNTERLESS,
            )
            == set()
        )


class TestCounterMatchesHolders:
    def test_an_operator_is_not_the_engine(self):
        """What he sets is passed over; he may put right what a deletion broke."""
        assert "counter_matches_holders" not in broken_by_engine(
            "0s flow f limit=2", "0s admit a", "1s set_counter f 0; set_counter f 1", "2s end a; release a"
        )

    def test_that_nobody_puts_it_right_is(self):
        lines = ("0s flow f limit=2", "0s admit a", "1s set_counter f 0", "2s queue b", "3s over until")

        assert first_break("counter_matches_holders", *lines, semantics="kestra-2.0.0").splitlines()[:2] == [
            "the counter of f says 0, but its slots are held by 1 live execution",
            "at 2s, f: limit 2 QUEUE, counter 0",
        ]

    def test_a_figure_left_wrong_at_the_end(self):
        assert broken_by_engine(
            "0s flow f limit=2", "0s admit a", "1s end a; release a", "2s set_counter f 1"
        ) == {"counter_matches_holders"}

    def test_an_ended_execution_may_be_released_a_moment_later(self):
        """SEMANTICS 2.1: the release is a transaction of its own."""
        assert (
            broken_by_engine("0s flow f limit=1", "0s admit a", "1s end a", "1.1s release a", connections=5)
            == set()
        )

    def test_a_popped_execution_that_is_not_counted(self):
        """SEMANTICS 9.2, version 0.24."""
        assert broken_by_engine(
            "0s flow f limit=1", "0s admit a", "0s queue b",
            "1s end a; release a; state b RUNNING pop; start b", "2s end b",
        ) == {"counter_matches_holders"}  # fmt: skip

    def test_revisions_without_a_limit_are_not_counted(self):
        """SEMANTICS 1.2: who was created without a limit is in no counter."""
        assert (
            broken_by_engine(
                "0s flow f",
                "0s create a; gate a admit; state a RUNNING gate; start a",
                "1s end a",
                "2s flow f limit=1",
                "3s admit b",
                "4s end b; release b",
            )
            == set()
        )


class TestReleases:
    def test_a_counter_that_is_gone_is_not_moved(self):
        """SEMANTICS 2.5: 2.0 drops the row with the limit; the ends of who is popped then change nothing."""
        assert (
            broken_by_engine(
                "0s flow f limit=1", "0s admit a", "0s queue b",
                "1s drop_flow f; set_counter f 0 delete_flow",
                "2s end a; release a before=0 after=0; state b RUNNING pop; start b",
                "3s end b; release b before=0 after=0",
            )
            == set()
        )  # fmt: skip

    def test_a_claim_of_an_earlier_life(self):
        """SEMANTICS 9.1, 3: a restart that the gate turned away gives back the slot of its first life."""
        assert "one_release_per_claim" in broken_by_engine(
            "0s flow f limit=1 CANCEL", "0s admit a", "1s end a FAILED; release a", "2s admit b",
            "3s state a RESTARTED restart; gate a cancel; state a CANCELLED gate; release a",
            "4s end b; release b before=0 after=0",
        )  # fmt: skip

    def test_a_second_release_does_not_hide_the_next_claim(self):
        """Whoever gave back too much and claims again holds a slot again."""
        assert "every_claim_released" in broken_by_engine(
            "0s flow f limit=2", "0s admit a", "1s end a FAILED; release a; release a before=0 after=0",
            "2s state a RESTARTED restart; gate a admit; claim a; state a RUNNING gate; start a",
            "3s end a",
        )  # fmt: skip


class TestOneCounterPerFlow:
    def test_an_operator_moves_it_from_where_it_stands(self):
        assert broken("0s flow f limit=2", "0s admit a", "1s set_counter f 0 before=3", "2s over until") >= {
            "one_counter_per_flow"
        }

    def test_not_below_nothing(self):
        """BUGS, S31: a negative counter turns the limit off."""
        assert "one_counter_per_flow" in broken("0s flow f limit=2", "1s set_counter f -5", "2s over until")
        assert "one_counter_per_flow" in broken(
            "0s flow f limit=2", "0s admit a", "1s end a; release a; release a", "2s over until"
        )

    def test_a_release_at_nothing_stays_there(self):
        """SEMANTICS 2.3: `max(0, running - 1)`."""
        assert "one_counter_per_flow" not in broken(
            "0s flow f limit=2",
            "0s admit a",
            "1s end a; release a; release a before=0 after=0",
            "2s over until",
        )


class TestWorkConserving:
    RELEASED = ("0s flow f limit=1", "0s admit a", "0s queue b", "1s end a; release a")

    def test_two_transactions_may_lie_apart(self):
        """Before 1.2 a release and a pop are two; where they take time, nobody is to blame for that time."""
        handed_on = (*self.RELEASED, "1.2s pop b", "2s end b; release b")

        assert broken_by_engine(*handed_on, semantics="kestra-1.1.0", connections=5) == set()
        assert broken_by_engine(*handed_on, semantics="kestra-1.1.0") == {"work_conserving"}

    @pytest.mark.parametrize("next_event", ["3s pop b", "3s create c; gate c queue; state c QUEUED"])
    def test_but_not_for_long(self, next_event):
        assert "work_conserving" in broken_by_engine(
            *self.RELEASED, next_event, "4s over until", semantics="kestra-1.1.0", connections=5
        )

    def test_a_slot_that_nobody_hands_on(self):
        """BUGS, #13785: the queue starves."""
        assert "work_conserving" in broken_by_engine(*self.RELEASED, semantics="kestra-1.1.0", connections=5)

    def test_a_slot_that_was_never_given_back_is_free(self):
        """SEMANTICS 9.1, 27: seen when nothing is on its way any more."""
        assert broken_by_engine("0s flow f limit=1", "0s admit a", "0s queue b", "1s kill a") >= {
            "work_conserving",
            "every_claim_released",
            "counter_matches_holders",
        }

    def test_who_has_been_popped_waits_no_more(self):
        """2.0 tells of the claim in one step and of the run in a later one."""
        assert (
            broken_by_engine(
                "0s flow f limit=1", "0s admit a", "0s queue b",
                "1s end a; release a; claim b", "1.5s state b RUNNING pop; start b", "2s end b; release b",
                connections=5,
            )
            == set()
        )  # fmt: skip


class TestFifo:
    def test_pops_are_judged_by_the_slot(self):
        """What starts the popped ones may be reordered on its way."""
        lines = (
            "0s flow f limit=2", "0s admit a", "0s admit b", "0s queue c", "0s queue d",
            "1s end a; release a; claim c; end b; release b; claim d",
            "2s state d RUNNING pop; start d; state c RUNNING pop; start c",
            "3s end c; release c; end d; release d",
        )  # fmt: skip

        assert broken_by_engine(*lines) == set()

    def test_where_nothing_is_claimed_by_the_run(self):
        assert "fifo" in broken_by_engine(
            "0s flow f limit=1", f"0s {admit('a', 0)}", "0s create b; gate b queue; state b QUEUED",
            "0s create c; gate c queue; state c QUEUED", f"1s end a; {run('c', after='pop')}",
            semantics=COUNTERLESS,
        )  # fmt: skip

    def test_an_arrival_that_is_admitted_past_the_queue(self):
        """SEMANTICS 2.4: the limit was raised, and only new executions see it."""
        assert broken_by_engine(
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s flow f limit=2", "2s admit c",
            "3s end a; release a", "4s end c; release c; pop b", "5s end b; release b",
        ) == {"fifo", "work_conserving"}  # fmt: skip


class TestGate:
    def test_a_revision_without_a_limit_has_no_gate(self):
        assert (
            broken_by_engine("0s flow f", "0s create a; state a RUNNING gate; start a", "1s end a") == set()
        )

    @pytest.mark.parametrize("source", ["replay:x", "loop:x", "api"])
    def test_whoever_goes_round_it(self, source):
        """SEMANTICS 9.1, 19 and 20; 9.2: replays, passes of a Loop, executions scheduled for later."""
        assert "gate_covers_every_source" in broken_by_engine(
            "0s flow f limit=1", f"0s create a {source}; state a RUNNING; start a", "1s end a"
        )

    def test_each_goes_by_its_own_revision(self):
        """SEMANTICS 1.2. The tab shows the latest limit, though."""
        lines = (
            "0s flow f limit=1", "0s admit a", "0s create b",
            "1s flow f limit=2", "2s gate b queue after=1; state b QUEUED",
            "3s end a; release a; pop b", "4s end b; release b",
        )  # fmt: skip

        assert broken_by_engine(*lines) - {"work_conserving"} == {"display_matches_engine"}
        assert "exact_at_the_boundary" in broken(*lines)

    def test_a_count_that_was_overtaken(self):
        """BUGS, #10228: two executors read 0, and admit one each."""
        assert "exact_at_the_boundary" in broken_by_engine(
            "0s flow f limit=1", "0s admit a", "0s create b; gate b admit before=0; claim b; state b RUNNING",
            "1s end a; release a; end b; release b",
        )  # fmt: skip

    def test_one_arrival_judged_twice(self):
        """BUGS, #9167."""
        lines = ("0s flow f limit=1", "0s admit a", "0s queue b", "0s gate b queue", "1s over until")

        assert broken_by_engine(*lines) == {"exact_at_the_boundary"}
        assert first_break("exact_at_the_boundary", *lines).splitlines()[0] == (
            "the gate of f answered queue to who had been told queue already (b)"
        )


class TestLifecycle:
    def test_an_operator_may_rename_the_end_of_a_kill(self):
        """SEMANTICS 3.17."""
        assert (
            broken_by_engine(
                "0s flow f limit=1", "0s admit a", "1s kill a; release a", "2s state a SUCCESS change_status"
            )
            == set()
        )

    def test_a_kill_that_ends_in_success(self):
        """OBSERVED 6: the task ended before the kill reached its worker."""
        assert broken_by_engine(
            "0s flow f limit=1", "0s admit a", "1s state a KILLING kill", "2s end a; release a"
        ) == {"kill_is_final"}

    def test_who_ended_in_the_queue_and_is_popped_runs_no_task(self):
        """SEMANTICS 9.1, 7: an SLA ended it while it waited."""
        assert "rejected_runs_no_task" in broken_by_engine(
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s state b FAILED sla", "2s end a; release a; pop b",
            "3s state b FAILED sla; release b",
        )  # fmt: skip

    def test_a_deleted_execution_that_comes_back(self):
        """SEMANTICS 9.1, 9: it is popped, runs, and gives its slot back like any other."""
        assert broken_by_engine(
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s deleted b", "2s end a; release a; pop b",
            "3s end b; release b",
        ) == {"fifo", "display_matches_engine"}  # fmt: skip


class TestFires:
    def test_a_backfill_comes_once_more(self):
        """SEMANTICS 5.4: its planned times may be those of fires that have been."""
        fires = ("0s flow f limit=1", "1s fire tick a; admit a trigger:tick", "2s end a; release a")
        again = "3s fire tick b planned=1s backfill=1; admit b trigger:tick; end b; release b"

        assert broken_by_engine(*fires, "2s backfill tick 0s 2s", again) == set()
        assert broken_by_engine(
            *fires, again, "4s fire tick c planned=1s backfill=1; admit c trigger:tick; end c; release c"
        ) == {"one_execution_per_fire"}

    def test_an_engine_is_given_time_to_unlock(self):
        fired = (
            "0s flow f limit=1",
            "1s fire tick a; admit a trigger:tick; lock tick a",
            "3s end a; release a",
        )

        assert broken_by_engine(*fired, "3.5s unlock tick a") == set()
        assert broken_by_engine(*fired) == {"trigger_lock_has_live_holder"}
