"""The page's data: what every moment looked like, and windows of runs too long for a page."""

from __future__ import annotations

import json
from itertools import accumulate
from typing import Any

import pytest

from flowconc.report.moments import FEWEST_CHANGES, moments, shares
from flowconc.trace.trace import STATES, Trace
from tests.report.results import THIRD_WAITS
from tests.traces import trace_of

S = 1_000_000


def changes(trace: Trace, budget: int = 1000, focus_us: int = 0) -> list[tuple[float, str, str]]:
    """Return the first flow's changes: when (s), who, and state, with a star for a holder and `-` for gone."""
    data, _ = moments(trace, budget, focus_us)
    flow = data["flows"][0]
    names = [name if isinstance(name, str) else f"{flow['prefix']}{name}" for name in flow["names"]]
    return [
        (t_us / S, names[who], "-" if code < 0 else STATES[code % 100].value + "*" * (code // 100))
        for t_us, who, code in zip(accumulate(flow["dt"]), accumulate(flow["who"]), flow["code"], strict=True)
    ]


def flow_of(trace: Trace) -> dict[str, Any]:
    return moments(trace, 1000, 0)[0]["flows"][0]


def test_an_instant_makes_one_change_of_each_execution():
    assert changes(trace_of(*THIRD_WAITS)) == [
        (0, "a", "RUNNING*"),
        (1, "b", "RUNNING*"),
        (2, "c", "QUEUED"),
        (10, "a", "-"),
        (10, "c", "RUNNING*"),
        (11, "b", "-"),
        (20, "c", "-"),
    ]


def test_an_ended_execution_is_there_while_it_holds_its_slot():
    """Tasks of afterExecution run in a final state, with the slot."""
    assert changes(trace_of("0s flow f limit=1", "0s admit a", "3s end a", "5s release a")) == [
        (0, "a", "RUNNING*"),
        (3, "a", "SUCCESS*"),
        (5, "a", "-"),
    ]


def test_a_rejected_execution_was_never_there():
    assert changes(trace_of("0s flow f limit=1", "0s admit a", "1s reject b CANCELLED")) == [
        (0, "a", "RUNNING*")
    ]


def test_a_forced_run_holds_nothing():
    trace = trace_of("0s flow f limit=1", "0s admit a; queue b", "1s forced b; state b RUNNING force_run")

    assert (1, "b", "RUNNING") in changes(trace)


def test_a_deleted_holder_is_gone_and_leaves_a_drift():
    trace = trace_of("0s flow f limit=1", "0s admit a", "4s deleted a", "9s over until")

    assert changes(trace)[-1] == (4, "a", "-")
    assert flow_of(trace)["levels"] == [[0, 1, 0], [4 * S, 1, 1]]


def test_numbered_names_are_kept_as_numbers():
    flow = flow_of(trace_of("0s flow company.f", "0s admit f#1; admit f#02; admit g#3"))

    assert (flow["prefix"], flow["names"]) == ("f#", [1, "f#02", "g#3"])


def test_a_window_around_the_focus_knows_who_was_there_before():
    minutes = [f"{number}m admit x{number}; end x{number}; release x{number}" for number in range(1, 50)]
    busy = [f"{number}m admit y{number}" for number in range(50, 60)]
    trace = trace_of("0s flow f", "0s admit old", *minutes, *busy)
    shown = changes(trace, budget=6, focus_us=55 * 60 * S)
    window = moments(trace, 6, 55 * 60 * S)[1]

    assert shown[0] == (0, "old", "RUNNING*")
    assert len(shown) == 6 + 1 + sum(t_s < window.start_us / S for t_s, _, _ in shown[1:])
    assert window.start_us <= 55 * 60 * S <= window.end_us
    assert window.left_out == 5


def test_the_data_is_json():
    assert json.dumps(moments(trace_of(*THIRD_WAITS), 1000, 0)[0])


def test_a_trace_without_events():
    trace = trace_of("0s flow f")
    trace.records = trace.records[:0]
    data, window = moments(trace, 1000, 0)

    assert data["flows"][0]["dt"] == []
    assert window.left_out == 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([1000, 2000], [1000, 2000]),
        ([90_000, 1000], [9000, 1000]),
        ([90_000, 90_000], [5000, 5000]),
        ([], []),
        ([1] * 3, [FEWEST_CHANGES] * 3),
    ],
)
def test_what_the_modest_leave_goes_to_the_others(wanted: list[int], expected: list[int]):
    assert shares(wanted, 10_000) == expected
