"""The checks' own books on a run."""

from __future__ import annotations

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


def test_the_end_is_known():
    assert not books("0s flow f").drained
    assert watch(trace_of("0s flow f", "1s over drained"), []).drained
