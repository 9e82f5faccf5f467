"""The Chrome trace: valid JSON, slices in lanes that nest, arrows from who gave a slot to who got it."""

from __future__ import annotations

import io
import json

from flowconc.trace.perfetto import write_perfetto
from flowconc.trace.trace import Trace
from tests.traces import trace_of

S = 1_000_000

HAND_OVER = (
    "0s flow f limit=1",
    "0s admit a; queue b",
    "10s end a; release a",
    "10s claim b cause=11; state b RUNNING pop; start b",
    "15s end b; release b",
)


def exported(trace: Trace) -> list[dict[str, object]]:
    stream = io.StringIO()
    write_perfetto(trace, stream)
    return json.loads(stream.getvalue())["traceEvents"]


def slices(trace: Trace, category: str) -> list[tuple[object, ...]]:
    events = [event for event in exported(trace) if event.get("cat") == category and event["ph"] == "X"]
    return [(event["name"], event["tid"], event["ts"], event["dur"]) for event in events]


def test_a_flow_is_a_process():
    names = [event for event in exported(trace_of(*HAND_OVER)) if event["name"] == "process_name"]

    assert [event["args"] for event in names] == [{"name": "f"}]


def test_one_slot_is_one_lane_used_again():
    assert slices(trace_of(*HAND_OVER), "hold") == [("a", 1, 0, 10 * S), ("b", 1, 10 * S, 5 * S)]


def test_states_lie_inside_their_hold_and_the_queue_has_lanes_of_its_own():
    assert slices(trace_of(*HAND_OVER), "state") == [
        ("RUNNING", 1, 0, 10 * S),
        ("RUNNING", 1, 10 * S, 5 * S),
        ("b QUEUED", 100_001, 0, 10 * S),
    ]


def test_an_arrow_leads_from_the_holder_to_the_one_it_let_in():
    trace = trace_of(*HAND_OVER)
    release = next(event.seq for event in trace.events() if event.kind.name == "RELEASE")
    start, finish = (event for event in exported(trace) if event.get("name") == "lets in")

    assert release == 11, "the cause that the trace above names"
    assert (start["ph"], start["tid"], start["ts"]) == ("s", 1, 10 * S)
    assert (finish["ph"], finish["tid"], finish["ts"]) == ("f", 1, 10 * S)


def test_a_forced_run_lies_in_a_lane_without_a_slot():
    trace = trace_of(
        "0s flow f limit=1",
        "0s admit a; queue b",
        "1s forced b; state b RUNNING force_run",
        "4s end b",
        "5s over until",
    )

    assert ("b RUNNING", 200_001, 1 * S, 3 * S) in slices(trace, "state")


def test_counters_say_what_an_instant_leaves():
    counters = [
        (event["name"], event["ts"], event["args"])
        for event in exported(trace_of(*HAND_OVER))
        if event["ph"] == "C" and event["name"] != "slots"
    ]

    assert counters == [
        ("running", 0, {"running": 1}),
        ("queued", 0, {"queued": 1}),
        ("queued", 10 * S, {"queued": 0}),
        ("running", 15 * S, {"running": 0}),
    ]


def test_a_lock_wait_is_a_slice_that_ends_when_the_lock_is_granted():
    trace = trace_of("0s flow f limit=1", "0s create a", "3s lock_wait a 2s counter")

    assert slices(trace, "lock wait") == [("counter", 1, 1 * S, 2 * S)]


def test_the_same_trace_is_the_same_text():
    assert exported(trace_of(*HAND_OVER)) == exported(trace_of(*HAND_OVER))


def test_a_trace_without_events():
    trace = trace_of("0s flow f")
    trace.records = trace.records[:0]

    assert [event["name"] for event in exported(trace)] == ["process_name"]
