"""Who waited for whom."""

from __future__ import annotations

from flowconc.report.blame import MOST_HOLDERS, MOST_WAITS, Holder, blame
from tests.traces import trace_of

S = 1_000_000


def test_a_wait_names_who_held_the_slots_meanwhile_and_for_how_long():
    (wait,) = blame(
        trace_of(
            "0s flow f limit=2",
            "0s admit a; admit b",
            "2s queue c",
            "5s end a; release a",
            "6s pop c",
            "9s end b; release b",
        )
    ).waits

    assert (wait.execution, wait.flow, wait.start_us, wait.end_us) == ("c", "f", 2 * S, 6 * S)
    assert wait.holders == (Holder("b", 4 * S), Holder("a", 3 * S))


def test_the_release_behind_the_start_is_named():
    (wait,) = blame(
        trace_of(
            "0s flow f limit=1",
            "0s admit a; queue b",
            "5s end a; release a",
            "5s claim b cause=11; state b RUNNING cause=12",
        )
    ).waits

    assert wait.let_in_by == "a"


def test_a_raised_limit_lets_in_without_a_release():
    (wait,) = blame(
        trace_of(
            "0s flow f limit=1",
            "0s admit a; queue b",
            "5s flow f limit=2; claim b cause=9; state b RUNNING cause=10",
        )
    ).waits

    assert wait.let_in_by is None


def test_a_leaked_slot_is_held_by_the_deleted_execution():
    """SEMANTICS A9: deleting a holder keeps its slot occupied for ever."""
    (wait,) = blame(
        trace_of("0s flow f limit=1", "0s admit a; queue b", "4s deleted a", "10s over until")
    ).waits

    assert wait.holders == (Holder("a", 6 * S, leaked=True), Holder("a", 4 * S))
    assert not wait.over


def test_holders_of_other_flows_are_not_to_blame():
    (wait,) = blame(
        trace_of(
            "0s flow f limit=1; flow g limit=1",
            "0s admit a of=f; admit x of=g; queue b of=f",
            "1s over until",
        )
    ).waits

    assert wait.holders == (Holder("a", 1 * S),)


def test_the_longest_waits_are_told_and_the_others_counted():
    arrivals = [f"{number}s queue q{number}" for number in range(1, MOST_WAITS + 4)]
    told = blame(trace_of("0s flow f limit=1", "0s admit a", *arrivals, "100s over until"))

    assert [wait.execution for wait in told.waits] == [f"q{number}" for number in range(1, MOST_WAITS + 1)]
    assert (told.count, told.left_out) == (MOST_WAITS + 3, 3)


def test_the_longest_holders_are_named_and_the_others_counted():
    count = MOST_HOLDERS + 2
    holders = "; ".join(f"admit a{number}" for number in range(count))
    (wait,) = blame(trace_of(f"0s flow f limit={count}", f"0s {holders}; queue b", "9s over until")).waits

    assert (len(wait.holders), wait.more_holders) == (MOST_HOLDERS, 2)


def test_nobody_waits_in_an_empty_run():
    assert blame(trace_of("0s flow f limit=1", "0s admit a")).waits == ()
