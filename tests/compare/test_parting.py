"""Where two stories part: what counts as different, and what is said of it."""

from __future__ import annotations

import pytest

from flowconc.compare.parting import What, counts_alike, part, slack_us
from flowconc.compare.story import story_of
from flowconc.protocol.versions import VERSIONS
from tests.traces import trace_of

SECOND_US = 1_000_000
HANDED_ON = ("0s flow f limit=1", "0s admit a", "0s queue b", "10s end a; release a", "10s pop b")


def story(*lines: str):
    return story_of(trace_of(*lines))


def parting(first: tuple[str, ...], second: tuple[str, ...], **options):
    return part(story(*first), story(*second), **options)


def test_a_run_agrees_with_itself():
    assert parting(HANDED_ON, HANDED_ON).agrees


def test_other_states():
    first = ("0s flow f limit=1", "0s admit a", "1s queue b")
    second = ("0s flow f limit=1", "0s admit a", "1s reject b CANCELLED")
    difference = parting(first, second).first

    assert difference is not None
    assert (difference.what, difference.subject, difference.t_us) == (What.STATES, "b", SECOND_US)
    assert (difference.first, difference.second) == ("CREATED -> QUEUED", "CREATED -> CANCELLED")


def test_the_same_states_later():
    second = (*HANDED_ON[:-1], "12s pop b")
    difference = parting(HANDED_ON, second).first

    assert difference is not None
    assert (difference.what, difference.t_us) == (What.TIMES, 10 * SECOND_US)
    assert (difference.first, difference.second) == ("QUEUED -> RUNNING", "stays QUEUED, RUNNING at 12s")


@pytest.mark.parametrize(("within_us", "agrees"), [(2 * SECOND_US, True), (2 * SECOND_US - 1, False)])
def test_times_within_the_bound_are_the_same(within_us, agrees):
    second = (*HANDED_ON[:-1], "12s pop b")

    assert parting(HANDED_ON, second, within_us=within_us).agrees is agrees


def test_one_that_never_goes_on():
    difference = parting(HANDED_ON, HANDED_ON[:-1]).first

    assert difference is not None
    assert (difference.first, difference.second) == ("QUEUED -> RUNNING", "stays QUEUED")


def test_one_that_only_one_run_makes():
    difference = parting(("0s flow f", "0s admit a"), ("0s flow f", "0s admit a", "3s admit b")).first

    assert difference is not None
    assert (difference.what, difference.subject, difference.t_us) == (What.EXISTENCE, "b", 3 * SECOND_US)
    assert (difference.first, difference.second) == ("is not made", "is made at 3s")


def test_more_tasks_in_the_same_states():
    once = ("0s flow f", "0s create a; state a RUNNING; start a w; end a")
    twice = ("0s flow f", "0s create a; state a RUNNING; start a w; start a w; end a")
    difference = parting(once, twice).first

    assert difference is not None
    assert (difference.what, difference.first, difference.second) == (
        What.TASKS,
        "runs w",
        "runs w 2 times",
    )


def test_a_deletion():
    difference = parting(("0s flow f", "0s admit a"), ("0s flow f", "0s admit a", "4s deleted a")).first

    assert difference is not None
    assert (difference.what, difference.t_us) == (What.DELETION, 4 * SECOND_US)


def test_a_refusal():
    difference = parting(
        ("0s flow f", "0s admit a"), ("0s flow f", "0s admit a", "2s action_refused kill a")
    ).first

    assert difference is not None
    assert (difference.what, difference.first, difference.second) == (
        What.REFUSALS,
        "is not refused",
        "is refused",
    )


class TestCounters:
    """A counter that differs is told, however executions go."""

    LEAKED = (*HANDED_ON, "20s end b")
    RELEASED = (*HANDED_ON, "20s end b; release b", "22s admit c")
    AGAIN = (*HANDED_ON, "20s end b", "22s admit c")

    def test_a_lasting_difference_is_told(self):
        difference = parting(self.RELEASED, self.AGAIN).first

        assert difference is not None
        assert (difference.what, difference.t_us) == (What.COUNTER, 20 * SECOND_US)

    def test_one_that_lasts_no_longer_than_the_bound_is_not(self):
        late = (*HANDED_ON, "20s end b", "21s release b", "22s admit c")

        assert not parting(self.RELEASED, late).agrees
        assert parting(self.RELEASED, late, within_us=SECOND_US).agrees

    def test_counters_may_be_left_out(self):
        assert parting(self.RELEASED, self.AGAIN, counters=False).agrees


def test_differences_come_in_order_of_time():
    first = ("0s flow f", "0s admit a", "1s admit b", "5s end a", "6s end b")
    second = ("0s flow f", "0s admit a", "1s admit b", "7s end b", "8s end a")

    assert [each.subject for each in parting(first, second).differences] == ["a", "b"]


def test_another_order_of_starts_is_told():
    head = ("0s flow f limit=1", "0s admit a", "0s queue b", "0s queue c")
    found = parting((*head, "9s pop b", "9s pop c"), (*head, "9s pop c", "10s pop b"))

    assert (found.first_starts, found.second_starts) == (("a", "b", "c"), ("a", "c", "b"))


def test_two_that_look_once_a_second_have_no_slack():
    assert slack_us(VERSIONS["kestra-2.0.2"], VERSIONS["kestra-2.0.0"]) == 0


def test_the_slack_is_what_the_clocks_differ_by():
    """1.3 looks once a second, as 2.0 does, and fires only when a date is a second past."""
    assert slack_us(VERSIONS["documented"], VERSIONS["kestra-2.0.0"]) == SECOND_US
    assert slack_us(VERSIONS["documented"], VERSIONS["kestra-1.3.31"]) == 2 * SECOND_US
    assert slack_us(VERSIONS["kestra-2.0.0"], VERSIONS["kestra-1.3.31"]) == SECOND_US


def test_only_counters_are_compared_with_counters():
    assert counts_alike(VERSIONS["documented"], VERSIONS["kestra-1.1.0"])
    assert not counts_alike(VERSIONS["documented"], VERSIONS["kestra-0.24.0"])
