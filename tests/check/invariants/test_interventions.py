"""What only somebody outside may do, with runs in which somebody did, and in which nobody did."""

from __future__ import annotations

import pytest

from tests.check.watching import broken, broken_by_engine, first_break

FULL = ("0s flow f limit=1", "0s admit a", "0s queue b")


class TestNothingUnasked:
    def test_a_lowered_limit_stops_nobody(self):
        """A8: whoever runs goes on."""
        lines = (
            "0s flow f limit=2",
            "0s admit a; admit b",
            "1s flow f limit=1",
            "1s state b KILLING kill unasked=yes; finish b KILLED; state b KILLED kill; release b",
            "2s end a; release a",
        )

        assert broken(*lines) == {"nothing_unasked"}
        assert first_break("nothing_unasked", *lines).splitlines()[0] == (
            "b (RUNNING since 0s) was killed, and nobody asked for it"
        )

    def test_another_behavior_leaves_the_queue_alone(self):
        lines = (*FULL, "1s flow f limit=1 CANCEL; state b CANCELLED save", "2s end a; release a")

        assert broken(*lines) == {"nothing_unasked"}
        assert first_break("nothing_unasked", *lines).splitlines()[0] == (
            "b (QUEUED since 0s) left the queue for CANCELLED, and nobody asked for it"
        )

    @pytest.mark.parametrize("asked", ["applied unqueue b", "sla b slow"])
    def test_an_operator_or_an_sla_may_take_somebody_out_of_it(self, asked):
        assert broken(*FULL, f"1s {asked}; state b CANCELLED unqueue", "2s end a; release a") == set()

    def test_so_may_the_pop_of_one_whose_assertion_does_not_hold(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s queue b",
                "2s end a; release a; claim b; state b FAILED sla; release b",
            )
            == set()
        )

    def test_nobody_is_forced_past_the_limit(self):
        forced = "state b RUNNING force_run; start b"

        assert broken(*FULL, f"1s forced b; {forced}", "2s end a; release a; end b") == set()
        assert broken(*FULL, f"1s forced b unasked=yes; {forced}", "2s end a; release a; end b") == {
            "nothing_unasked"
        }

    @pytest.mark.parametrize(
        "move",
        [
            "deleted a unasked=yes",
            "state a RESTARTED restart unasked=yes; gate a admit; claim a; state a RUNNING gate; state a FAILED; release a",
            "state a SUCCESS tasks",
        ],
    )
    def test_nobody_who_has_ended_is_moved(self, move):
        assert broken("0s flow f limit=1", "0s admit a", "1s end a FAILED; release a", f"2s {move}") == {
            "nothing_unasked"
        }

    @pytest.mark.parametrize("of_the_parent", ["kill p", "sla p slow; finish p KILLED; state p FAILED sla"])
    def test_a_subflow_goes_with_its_parent_and_so_does_who_replaces_it(self, of_the_parent):
        killed = "state {0} KILLING kill unasked=yes; finish {0} KILLED; state {0} KILLED; release {0}"

        assert (
            broken(
                "0s flow f limit=3",
                "0s admit p; admit c subflow:p",
                "1s end c RETRIED; release c; admit d retry:c",
                f"2s {of_the_parent}; release p; {killed.format('d')}",
            )
            == set()
        )

    def test_a_parent_does_not_go_with_its_subflow(self):
        assert broken(
            "0s flow f limit=2",
            "0s admit p; admit c subflow:p",
            "1s kill c; release c",
            "1s state p KILLING kill unasked=yes; finish p KILLED; state p KILLED; release p",
        ) == {"nothing_unasked"}

    def test_a_kill_in_bulk_may_mean_anybody_of_the_flow(self):
        assert (
            broken(
                "0s flow f limit=1",
                "0s admit a",
                "1s applied kill of=f; state a KILLING kill unasked=yes; finish a KILLED; state a KILLED; release a",
            )
            == set()
        )

    def test_of_an_engine_not_every_order_is_known(self):
        assert (
            broken_by_engine(
                "0s flow f limit=1",
                "0s admit a",
                "1s state a KILLING kill unasked=yes; finish a KILLED; state a KILLED; release a",
            )
            == set()
        )
