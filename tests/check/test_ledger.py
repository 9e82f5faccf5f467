"""The checks' own books on a run."""

from __future__ import annotations

import pytest

from flowconc.check.invariants import watch
from flowconc.protocol.states import State
from tests.traces import trace_of


def books(*lines: str):
    """Return the ledger at the end of a run that is cut short."""
    return watch(trace_of(*lines, "99s over until"), [])


class TestFlows:
    def test_holders_and_queue_keep_their_order(self):
        flow = books("0s flow f limit=2 QUEUE", "0s admit a", "0s admit b", "1s queue c", "2s queue d").flows[
            "f"
        ]

        assert (flow.limit, flow.behavior, flow.revision, flow.counter) == (2, "QUEUE", 1, 2)
        assert list(flow.holders) == ["a", "b"]
        assert list(flow.queue) == ["c", "d"]
        assert not flow.has_free_slot

    def test_the_latest_revision_counts(self):
        flow = books("0s flow f limit=2", "0s admit a", "1s flow f").flows["f"]

        assert (flow.limit, flow.behavior, flow.revision) == (None, None, 2)
        assert flow.has_free_slot

    def test_a_deleted_holder_is_not_alive(self):
        flow = books("0s flow f limit=1", "0s admit a", "1s queue b", "2s deleted a", "3s deleted b").flows[
            "f"
        ]

        assert (list(flow.holders), list(flow.leaked), list(flow.queue)) == ([], ["a"], [])
        assert flow.counter == 1

    def test_what_a_deleted_execution_still_does_is_not_seen(self):
        assert (
            books("0s flow f", "0s admit a", "1s deleted a; finish a; start a next").flows["f"].at_work == {}
        )

    def test_a_deleted_holder_that_runs_on_has_its_slot_again(self):
        """SEMANTICS 9.1, 9."""
        flow = books("0s flow f limit=1", "0s admit a", "1s deleted a", "2s state a RUNNING").flows["f"]

        assert (list(flow.holders), list(flow.leaked)) == (["a"], [])

    def test_a_queue_is_in_order_of_queueing(self):
        """Not of creation: who is queued again goes to its end."""
        flow = books(
            "0s flow f limit=1", "0s admit a", "1s reject b FAILED", "2s queue c",
            "3s state b RESTARTED restart; gate b queue; state b QUEUED gate",
        ).flows["f"]  # fmt: skip

        assert list(flow.queue) == ["c", "b"]


class TestExecutions:
    def test_states_and_claims(self):
        entry = books("0s flow f limit=1", "0s admit a subflow:p", "1s end a", "2s release a").executions["a"]

        assert (entry.state, entry.since_us, entry.parent) == (State.SUCCESS, 1_000_000, "p")
        assert (entry.claims, entry.releases, entry.holds, entry.ended) == (1, 1, False, True)

    @pytest.mark.parametrize(
        ("source", "parent"), [("loop:p", "p"), ("retry:p", None), ("api", None), ("subflow", None)]
    )
    def test_a_parent_is_whom_it_works_for(self, source, parent):
        assert books("0s flow f", f"0s create a {source}").executions["a"].parent == parent

    def test_a_restart_is_a_new_life(self):
        lines = ("0s flow f limit=1", "0s create a; forced a; state a RUNNING", "1s end a FAILED")

        before = books(*lines).executions["a"]
        after = books(*lines, "2s state a RESTARTED restart").executions["a"]

        assert (before.started, before.forced) == (True, True)
        assert (after.started, after.forced, after.gate) == (False, False, None)

    def test_a_resume_is_the_same_life(self):
        entry = books("0s flow f limit=1", "0s admit a", "1s state a PAUSED; state a RESTARTED").executions[
            "a"
        ]

        assert (entry.started, entry.gate) == (True, "admit")

    def test_a_kill_in_the_queue_turns_away(self):
        executions = books(
            "0s flow f limit=1", "0s admit a", "0s queue b", "1s kill b", "1s kill a"
        ).executions

        assert (executions["a"].turned_away, executions["b"].turned_away) == (False, True)


def test_locks_have_a_holder_until_they_are_opened():
    lines = ("0s flow f limit=1", "1s fire tick a; admit a trigger:tick; lock tick a")

    assert {lock: str(holder) for lock, holder in books(*lines).locks.items()} == {
        ("f", "tick"): "a (RUNNING since 1s)"
    }
    assert books(*lines, "2s unlock tick a").locks == {}
    assert books(*lines).executions["a"].locks == (("f", "tick"),)
    assert books(*lines, "2s unlock tick a").executions["a"].locks == ()
    assert books("0s flow f", "0s admit a", "1s unlock tick a").locked_us == {
        ("f", "tick"): (1_000_000, 1_000_000)
    }


def test_the_end_is_known():
    assert not books("0s flow f").drained
    assert watch(trace_of("0s flow f", "1s over drained"), []).drained


class TestEngines:
    """Where claims prove nothing, states do."""

    @staticmethod
    def flow(*lines: str):
        return watch(trace_of(*lines, "99s over until", semantics="kestra-2.0.0"), []).flows["f"]

    def test_occupants_are_at_it_whatever_they_claimed(self):
        flow = self.flow(
            "0s flow f limit=9",
            "0s admit claimed",
            "0s create unclaimed; gate unclaimed admit; state unclaimed RUNNING",
            "0s admit paused; state paused PAUSED",
            "0s admit retrying; state retrying RETRYING",
            "0s admit killed; state killed KILLING",
            "0s create forced; forced forced; state forced RUNNING",
            "0s queue waiting",
            "0s admit deleted; deleted deleted",
            "0s queue turned; state turned KILLING",
        )

        assert list(flow.occupants) == ["claimed", "unclaimed", "paused", "retrying", "killed"]

    def test_an_ended_execution_is_on_its_way_out_until_its_release(self):
        ended = ("0s flow f limit=1", "0s admit a", "1s end a")

        assert (list(self.flow(*ended).occupants), list(self.flow(*ended).closing)) == ([], ["a"])
        assert self.flow(*ended).taken == 1
        assert self.flow(*ended, "2s release a").taken == 0

    def test_after_execution_occupies_and_late_tasks_do_not(self):
        """A task that was ordered before the end is only late; event 3 is the claim."""
        ended = (
            "0s flow f limit=1",
            "0s create a; gate a admit; claim a; state a RUNNING",
            "1s state a KILLED; release a",
        )

        assert list(self.flow(*ended, "2s start a log").occupants) == ["a"]
        assert list(self.flow(*ended, "2s start a work cause=3").occupants) == []
        assert list(self.flow(*ended, "2s start a log", "3s finish a SUCCESS log").occupants) == []

    def test_a_popped_execution_waits_no_more(self):
        flow = self.flow(
            "0s flow f limit=1", "0s admit a", "0s queue b; queue c", "1s end a; release a; claim b"
        )

        assert flow.head is not None
        assert (flow.head.name, list(flow.queue), list(flow.occupants)) == ("c", ["b", "c"], ["b"])

    def test_who_was_created_without_a_limit_is_in_no_counter(self):
        flow = self.flow(
            "0s flow f", "0s create a; gate a admit; state a RUNNING", "1s flow f limit=2", "1s admit b"
        )

        assert (flow.taken, flow.counted_at_least, list(flow.uncounted)) == (2, 1, ["a"])
        assert self.flow("0s flow f", "0s create a; state a RUNNING", "1s end a").uncounted == {}

    def test_a_counter_that_is_taken_away_stands_at_0(self):
        assert self.flow("0s flow f limit=1", "0s admit a", "1s set_counter f 7 after=none").counter == 0

    def test_each_revision_has_its_limit(self):
        flow = self.flow("0s flow f limit=1", "1s flow f", "2s flow f limit=3 CANCEL")

        assert [str(flow.limit_of(revision)) for revision in (1, 2, 3)] == [
            "limit 1 QUEUE",
            "no limit",
            "limit 3 CANCEL",
        ]

    def test_of_a_revision_that_nobody_saved_the_latest_limit_is_taken(self):
        assert str(self.flow("0s flow f limit=1", "1s flow f limit=3").limit_of(9)) == "limit 3 QUEUE"

    def test_a_version_without_a_counter_has_none_to_tell(self):
        assert self.flow("0s flow f limit=1").standing(0)[0] == "at 0s, f: limit 1 QUEUE, no counter"
        assert (
            self.flow("0s flow f limit=1", "0s admit a").standing(0)[0]
            == "at 0s, f: limit 1 QUEUE, counter 1"
        )

    def test_a_counter_goes_with_the_limit_and_comes_back_at_nothing(self):
        removed = ("0s flow f limit=1", "0s admit a", "1s flow f; set_counter f 0 save_flow")

        assert not self.flow(*removed).has_row
        assert self.flow(*removed, "2s flow f limit=1").has_row
        assert self.flow(*removed, "2s flow f limit=1").counter == 0
        assert self.flow("0s flow f limit=1; set_counter f 1 save_flow").has_row


class TestScopes:
    def test_who_holds_a_slot_of_a_namespace(self):
        ledger = books(
            "0s flow company.team.f; scope namespace:company limit=1 CANCEL",
            "0s create a; gate a admit; claim a; claim a scope=namespace:company; state a RUNNING",
        )
        scope = ledger.scopes["namespace:company"]

        assert (scope.counter, list(scope.holders), scope.is_full, str(scope.limit)) == (
            1,
            ["a"],
            True,
            "limit 1 CANCEL",
        )
        assert ledger.executions["a"].scopes == ("namespace:company",)
        assert ledger.flows["company.team.f"].counter == 1

    def test_a_limit_that_the_trace_does_not_say_is_never_reached(self):
        scope = books("0s flow f", "0s create a; claim a scope=namespace:n").scopes["namespace:n"]

        assert (scope.slots, list(scope.holders), scope.is_full) == (None, ["a"], False)

    def test_what_it_covers(self):
        covers = books("0s flow f; scope namespace:company limit=1; scope tenant:main limit=1").scopes

        assert [covers["namespace:company"].covers(key) for key in ("company.f", "company.a.f", "companion.f", "t/company.f")] == [
            True, True, False, True,
        ]  # fmt: skip
        assert [covers["tenant:main"].covers(key) for key in ("company.f", "main/company.f", "t/company.f")] == [
            True, True, False,
        ]  # fmt: skip


def test_an_operator_may_write_a_lost_slot_off():
    lost = ("0s flow f limit=2", "0s admit a", "0s admit b", "1s deleted a")

    assert list(books(*lost).flows["f"].leaked) == ["a"]
    assert list(books(*lost, "2s set_counter f 2").flows["f"].leaked) == ["a"]
    assert list(books(*lost, "2s set_counter f 1").flows["f"].leaked) == []
