"""The invariants of the slots, each with a run that it accepts and one that it catches."""

from __future__ import annotations

from tests.check.watching import broken, broken_by_engine, broken_in, first_break, watched
from tests.traces import trace_of


class TestLimitNeverExceeded:
    def test_a_full_flow_is_within_its_limit(self):
        assert (
            broken("0s flow f limit=2", "0s admit a", "0s admit b", "1s end a; release a; end b; release b")
            == set()
        )

    def test_one_admission_too_many(self):
        """The gate that let it in is wrong besides, and the work outside is too much."""
        lines = ("0s flow f limit=1", "0s admit a", "0s admit b", "1s end a; release a; end b; release b")

        assert broken(*lines) == {
            "limit_never_exceeded",
            "exact_at_the_boundary",
            "external_work_within_limit",
        }
        assert first_break("limit_never_exceeded", *lines) == (
            "b was admitted to f as holder 2, limit 1 QUEUE\n"
            "at 0s, f: limit 1 QUEUE, counter 2\n"
            "holding a slot: a (RUNNING since 0s), b (CREATED since 0s)\n"
            "waiting: nobody"
        )

    def test_a_run_without_a_slot(self):
        assert broken("0s flow f limit=1", "0s create a; gate a admit; state a RUNNING gate", "1s end a") == {
            "limit_never_exceeded"
        }

    def test_a_slot_that_is_given_back_in_a_pause(self):
        """Whoever goes on after it has kept its slot (SEMANTICS 3.7)."""
        assert "limit_never_exceeded" in broken(
            "0s flow f limit=1",
            "0s admit a; finish a; state a PAUSED pause; release a",
            "1s admit b; end b; release b",
            "2s state a RUNNING resume; start a next",
            "3s finish a SUCCESS next; state a SUCCESS",
        )

    def test_a_lowered_limit_breaks_nothing(self):
        """It stops nobody (A8)."""
        assert (
            broken(
                "0s flow f limit=2",
                "0s admit a",
                "0s admit b",
                "1s flow f limit=1",
                "2s end a; release a; end b; release b",
            )
            == set()
        )

    def test_a_forced_run_breaks_nothing(self):
        """It takes no slot, also after a pause (A10)."""
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "0s queue b",
                "1s applied force_run b; forced b; state b RUNNING force_run; start b",
                "2s state b PAUSED; state b RESTARTED; state b RUNNING resume",
                "3s end b",
                "4s end a; release a",
            )
            == set()
        )

    def test_force_does_not_outlive_a_restart(self):
        assert "limit_never_exceeded" in broken(
            "0s flow f limit=1",
            "0s create a; forced a; state a RUNNING force_run",
            "1s end a FAILED; state a RESTARTED restart; state a RUNNING restart",
            "2s end a",
        )

    def test_who_is_at_work_when_a_limit_is_saved_has_a_slot(self):
        """A new limit counts the executions in progress (A8)."""
        ran = "0s create a; gate a admit; state a RUNNING; start a"
        lines = ("0s flow f", ran, "1s flow f limit=1", "2s end a")

        assert broken(*lines) == {"limit_never_exceeded"}
        assert first_break("limit_never_exceeded", *lines).splitlines()[0] == (
            "a is at work without a slot of f, for which limit 1 QUEUE was saved"
        )
        assert broken("0s flow f", "0s admit a", "1s flow f limit=1", "2s end a; release a") == set()
        assert broken("0s flow f", ran, "1s flow f", "2s end a") == set()

    def test_nor_need_those_who_were_forced_have_one(self):
        assert (
            broken(
                "0s flow f",
                "0s create a; forced a; state a RUNNING; start a",
                "1s flow f limit=1",
                "2s end a",
            )
            == set()
        )

    def test_in_an_engine_a_pop_goes_by_the_limit_of_who_made_room_or_is_there_still(self):
        """SEMANTICS 1.2, 2.3: holders of an older revision keep its limit alive."""
        there = (
            "0s flow f limit=2",
            "0s admit a; admit b",
            "1s flow f limit=1",
            "1s queue d",
            "2s end a; release a; pop d",
        )
        gone = (
            "0s flow f limit=2", "0s admit a; admit b", "1s flow f limit=1", "1s queue d; queue e",
            "2s end b; release b; end a; release a; pop d; pop e",
        )  # fmt: skip

        assert "limit_never_exceeded" not in broken_by_engine(*there)
        assert "limit_never_exceeded" not in broken_by_engine(*gone)
        assert "limit_never_exceeded" in broken_by_engine(*gone, "3s queue g; claim g; state g RUNNING pop")

    def test_flows_without_a_limit_admit_everybody(self):
        assert (
            broken("0s flow f", "0s admit a", "0s admit b", "1s end a; release a; end b; release b") == set()
        )


class TestCounterMatchesHolders:
    def test_a_counter_that_was_not_incremented(self):
        lines = (
            "0s flow f limit=2",
            "0s create a; gate a admit; claim a after=0; state a RUNNING",
            "0s admit b",
        )

        assert broken(*lines, "1s end b; release b", "2s end a; release a before=1 after=0") == {
            "counter_matches_holders",
            "one_counter_per_flow",
            "display_matches_engine",
        }

    def test_the_leak_of_a_deletion(self):
        """A9, with the queue behind it: everything that a deletion breaks."""
        lines = ("0s flow f limit=1", "0s admit a", "1s queue b", "3s applied delete a; deleted a")

        assert broken(*lines) == {
            "counter_matches_holders",
            "every_claim_released",
            "work_conserving",
            "no_stranded_execution",
        }
        assert first_break("counter_matches_holders", *lines) == (
            "the counter of f says 1, but its slots are held by 0 live executions\n"
            "at 3s, f: limit 1 QUEUE, counter 1\n"
            "holding a slot: nobody\n"
            "waiting: b (QUEUED since 1s)\n"
            "slots lost with: a (deleted at 3s)"
        )

    def test_it_is_judged_when_the_instant_is_over(self):
        """Between RELEASE and CLAIM of one hand-over the queue is short, and nobody minds."""
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

    def test_after_execution_holds_the_slot(self):
        """SEMANTICS 2.1: tasks of afterExecution run after the final state and before the release."""
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s end a; start a log",
                "5s finish a SUCCESS log; release a",
            )
            == set()
        )

    def test_an_ended_execution_that_kept_its_slot(self):
        assert broken("0s flow f limit=1", "0s admit a", "1s end a") == {
            "counter_matches_holders",
            "every_claim_released",
        }


class TestOneReleasePerClaim:
    def test_a_restart_claims_and_releases_again(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s end a FAILED; release a",
                "2s state a RESTARTED restart; gate a admit; claim a; state a RUNNING gate; start a",
                "3s end a; release a",
            )
            == set()
        )

    def test_a_second_release(self):
        """The end that was told twice: it takes another holder's slot off the counter."""
        assert broken(
            "0s flow f limit=2",
            "0s admit a",
            "0s admit b",
            "1s end a; release a; release a",
            "2s end b; release b before=1 after=0",
        ) == {"one_release_per_claim", "counter_matches_holders", "one_counter_per_flow"}

    def test_it_names_both(self):
        assert (
            first_break(
                "one_release_per_claim", "0s flow f limit=1", "0s admit a", "1s end a; release a; release a"
            )[:65]
            == "a released its slot of f again, after 1 claim and 1 release\nat 1s"
        )

    def test_all_lives_are_counted(self):
        assert first_break(
            "one_release_per_claim", "0s flow f limit=1", "0s admit a", "1s end a FAILED; release a",
            "2s state a RESTARTED restart; gate a admit; claim a; state a RUNNING", "3s end a; release a; release a",
        ).startswith("a released its slot of f again, after 2 claims and 2 releases\n")  # fmt: skip

    def test_a_slot_is_kept_until_the_end(self):
        """Through a kill, a pause, the wait for a retry (SEMANTICS 2.1)."""
        began = ("0s flow f limit=1", "0s admit a")
        killed = (*began, "2s state a KILLING kill; release a", "3s finish a KILLED; state a KILLED")

        assert broken(*began, "2s state a RETRYING; release a", "3s state a RUNNING; end a") >= {
            "one_release_per_claim"
        }
        assert "one_release_per_claim" in broken(*killed)
        assert first_break("one_release_per_claim", *killed).splitlines()[0] == (
            "a released its slot of f while it was KILLING"
        )

    def test_and_until_its_work_is_over(self):
        """KILLED comes when the tasks have stopped, and afterExecution is on the slot (SEMANTICS 2.1, 3.1)."""
        early = ("0s flow f limit=1", "0s admit a", "1s state a SUCCESS; release a", "2s finish a")

        assert broken(*early) == {"one_release_per_claim"}
        assert first_break("one_release_per_claim", *early).splitlines()[0] == (
            "a released its slot of f while work went on"
        )
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s down worker; state a KILLING kill; state a KILLED; release a",
                "2s finish a KILLED",
            )
            == set()
        )


class TestNoReleaseWithoutClaim:
    def test_a_rejected_execution_that_releases(self):
        assert broken(
            "0s flow f limit=1 CANCEL",
            "0s admit a",
            "1s reject b CANCELLED; release b",
            "2s end a; release a before=1 after=0",
        ) == {"no_release_without_claim", "counter_matches_holders", "one_counter_per_flow"}

    def test_a_kill_in_the_queue_that_releases(self):
        assert "no_release_without_claim" in broken(
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s kill b; release b", "2s end a; release a"
        )

    def test_a_kill_in_the_queue_frees_nothing(self):
        assert (
            broken("0s flow f limit=1", "0s admit a", "0s queue b", "1s kill b", "2s end a; release a")
            == set()
        )


class TestEveryClaimReleased:
    def test_the_moment_is_told(self):
        assert (
            first_break(
                "every_claim_released", "0s flow f limit=2", "0s admit a", "1s deleted a"
            ).splitlines()[0]
            == "a was deleted at 1s and never released its slot of f"
        )

    def test_a_run_cut_short_leaves_slots_taken(self):
        """Who still runs at `until`, or is on its way out, has done nothing wrong."""
        assert broken("0s flow f limit=2", "0s admit a", "0s admit b", "1s end b", "2s over until") == set()

    def test_a_deletion_is_told_also_when_the_run_is_cut_short(self):
        assert broken("0s flow f limit=1", "0s admit a", "1s deleted a", "2s over until") == {
            "every_claim_released",
            "counter_matches_holders",
        }


class TestOneCounterPerFlow:
    def test_revisions_share_the_counter_and_flows_do_not(self):
        """The same id in another namespace is another flow."""
        assert (
            broken(
                "0s flow one.f limit=2",
                "0s flow two.f limit=1",
                "0s admit a of=one.f",
                "0s admit x of=two.f",
                "1s flow one.f limit=3",
                "1s admit b of=one.f",
                "2s end a; release a; end b; release b; end x; release x",
            )
            == set()
        )

    def test_without_a_limit_the_counter_moves_all_the_same(self):
        """Executions of flows without a limit are counted, too (A8)."""
        claims = "0s create a; gate a admit; claim a after={}; state a RUNNING"

        assert "one_counter_per_flow" in broken("0s flow f", claims.format(0), "1s over until")
        assert "one_counter_per_flow" not in broken("0s flow f", claims.format(1), "1s over until")

    def test_a_counter_of_its_own_for_a_new_revision(self):
        """The first claim on the new revision starts from nothing. The gate that looked there is wrong, too."""
        assert broken(
            "0s flow f limit=2",
            "0s admit a",
            "1s flow f limit=2",
            "1s create b; gate b admit before=0; claim b before=0; state b RUNNING",
            "2s end a; release a before=1; end b; release b before=1",
        ) == {
            "one_counter_per_flow",
            "exact_at_the_boundary",
            "counter_matches_holders",
            "display_matches_engine",
        }


def test_the_first_break_is_kept_and_the_others_are_counted():
    trace = trace_of("0s flow f limit=1", "0s admit a", "1s admit b", "2s admit c", "3s over until")

    invariant = watched(trace)["limit_never_exceeded"]

    assert invariant.breaks == 2
    assert invariant.first is not None
    assert (invariant.first.t_us, invariant.first.flow) == (1_000_000, "f")
    assert trace.event(invariant.first.seq).execution == "b"


def test_an_empty_run_breaks_nothing():
    assert broken_in(trace_of("0s over drained")) == set()
