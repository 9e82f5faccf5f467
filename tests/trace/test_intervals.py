"""Events paired into intervals."""

from __future__ import annotations

from flowconc.trace.intervals import OPEN, Intervals, holds, stays
from flowconc.trace.trace import STATES, Trace
from tests.traces import trace_of

S = 1_000_000


def shown(trace: Trace, intervals: Intervals) -> list[tuple[str, int, int]]:
    return [
        (trace.names[execution], start_us // S, end_us // S)
        for execution, start_us, end_us in zip(
            intervals.execution, intervals.start_us, intervals.end_us, strict=True
        )
    ]


def test_a_state_lasts_until_the_next_one_and_the_last_one_until_the_end():
    trace = trace_of(
        "0s flow f limit=1", "0s admit a", "1s state a PAUSED", "3s state a RUNNING", "4s over until"
    )
    found = stays(trace)

    assert shown(trace, found) == [("a", 0, 0), ("a", 0, 1), ("a", 1, 3), ("a", 3, 4)]
    assert [STATES[code].value for code in found.state] == ["CREATED", "RUNNING", "PAUSED", "RUNNING"]
    assert found.last[-1] == OPEN


def test_a_hold_lasts_from_claim_to_release():
    trace = trace_of(
        "0s flow f limit=1", "0s admit a", "2s end a", "3s release a", "3s admit b", "5s over until"
    )

    assert shown(trace, holds(trace)) == [("a", 0, 3), ("b", 3, 5)]


def test_a_deletion_ends_both():
    trace = trace_of("0s flow f limit=1", "0s admit a", "2s deleted a", "5s over until")

    assert shown(trace, holds(trace)) == [("a", 0, 2)]
    assert shown(trace, stays(trace))[-1] == ("a", 0, 2)


def test_a_second_claim_goes_on_with_the_first():
    trace = trace_of("0s flow f limit=2", "0s admit a", "1s claim a", "2s release a", "3s release a")

    assert shown(trace, holds(trace)) == [("a", 0, 2)]


def test_a_trace_without_events_has_none():
    trace = trace_of("0s flow f")
    trace.records = trace.records[:0]

    assert len(stays(trace)) == len(holds(trace)) == 0
