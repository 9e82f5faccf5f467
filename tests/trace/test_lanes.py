"""Lanes: as few as possible, none with an overlap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowconc.trace.lanes import lanes

spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda it: (it[0], sum(it)))).map(
    sorted
)


def test_an_interval_takes_the_lowest_free_lane():
    assert list(lanes([(0, 10), (1, 5), (2, 9), (5, 8)])) == [0, 1, 2, 1]


@given(spans)
def test_no_two_of_a_lane_overlap(intervals: list[tuple[int, int]]):
    last_end: dict[int, int] = {}
    for (start, end), lane in zip(intervals, lanes(intervals), strict=True):
        assert last_end.get(lane, 0) <= start

        last_end[lane] = end


@given(spans)
def test_there_are_no_more_lanes_than_intervals_that_overlap(intervals: list[tuple[int, int]]):
    """Each instant's intervals, one that ends when others begin left out, need a lane each; none needs more."""
    most = max(
        (sum(s <= at < e or (s, e) == (at, at) for s, e in intervals) for at, _ in intervals), default=0
    )

    assert len(set(lanes(intervals))) <= most
