"""What the plots show: levels, locks, fires, and how they are cut down."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flowconc.report.series import (
    MOST_STEPS,
    Steps,
    busiest_flows,
    decimated,
    flow_levels,
    lock_series,
    one_per_span,
    settled,
    trigger_fires,
    worst_per_span,
)
from tests.traces import trace_of

S = 1_000_000


def steps(*pairs: tuple[int, int]) -> Steps:
    t_us, values = zip(*pairs, strict=True)
    return Steps(np.array(t_us, dtype=np.int64), np.array(values, dtype=np.int64))


def pairs(found: Steps) -> list[tuple[int, int]]:
    return list(zip(found.t_us.tolist(), found.values.tolist(), strict=True))


def test_what_an_instant_leaves_is_kept_where_it_changes():
    assert pairs(settled(steps((0, 1), (0, 2), (5, 2), (7, 3), (7, 0)))) == [(0, 2), (7, 0)]


def test_levels_of_a_flow():
    levels = flow_levels(
        trace_of("0s flow f limit=1", "0s admit a; queue b", "4s end a; release a; pop b"), "f"
    )

    assert pairs(levels.queued) == [(0, 1), (4 * S, 0)]
    assert pairs(levels.holding) == [(0, 1)]
    assert pairs(levels.limit) == [(0, 1)]


def test_flows_with_more_executions_come_first():
    assert busiest_flows(
        trace_of("0s flow f; flow g; flow h", "0s admit a of=h; admit b of=h; admit c of=g")
    ) == ["h", "g", "f"]


def test_lock_waits_and_who_waits_at_once():
    series = lock_series(
        trace_of(
            "0s flow f", "0s create a; create b", "5s lock_wait a 3s counter", "6s lock_wait b 2s counter"
        )
    )

    assert series.granted_us.tolist() == [5 * S, 6 * S]
    assert series.wait_us.tolist() == [3 * S, 2 * S]
    assert pairs(series.waiting) == [(2 * S, 1), (4 * S, 2), (5 * S, 1), (6 * S, 0)]
    assert not series.idle


def test_connections_in_use_are_those_of_open_transactions():
    series = lock_series(
        trace_of("0s flow f", "0s create a", "3s transaction a 2s gate", "4s transaction a 2s commit")
    )

    assert pairs(series.connections) == [(1 * S, 1), (2 * S, 2), (3 * S, 1), (4 * S, 0)]


def test_an_ideal_database_is_idle():
    assert lock_series(trace_of("0s flow f", "0s admit a")).idle


def test_fires_made_and_skipped_by_trigger():
    first, second = trigger_fires(
        trace_of(
            "0s flow f", "1s fire tick a; create a", "2s skip tick a; skip tick a", "3s fire tock b; create b"
        )
    )

    assert (first.trigger, first.made_us.tolist(), first.skipped_us.tolist()) == ("tick", [S], [2 * S, 2 * S])
    assert (second.trigger, second.made_us.tolist(), second.skipped_us.tolist()) == ("tock", [3 * S], [])


def test_a_short_curve_is_drawn_as_it_is():
    curve = steps((0, 1), (3, 2))

    assert decimated(curve, 10) is curve


@given(st.integers(0, 2**32), st.integers(1, MOST_STEPS), st.integers(1, 10**9))
def test_a_long_curve_keeps_its_extremes_and_its_end(seed: int, more: int, gap_us: int):
    values = np.random.default_rng(seed).integers(0, 1000, 2 * MOST_STEPS + more)
    curve = Steps(np.arange(len(values)) * gap_us, values)
    thin = decimated(curve, int(curve.t_us[-1]))

    assert len(thin) <= 3 * MOST_STEPS
    assert (thin.values.min(), thin.values.max()) == (values.min(), values.max())
    assert thin.values[-1] == values[-1]
    assert (np.diff(thin.t_us) >= 0).all()


def test_the_longest_wait_of_each_span_is_kept():
    t_us = np.arange(10 * MOST_STEPS)
    values = t_us % 10
    kept_us, kept = worst_per_span(t_us, values, int(t_us[-1]))

    assert len(kept_us) == MOST_STEPS
    assert set(kept.tolist()) == {9}


def test_one_mark_for_each_span_that_has_any():
    t_us = np.concatenate((np.zeros(1000), np.full(1000, 99))).astype(np.int64)

    assert one_per_span(t_us, 99).tolist() == [0, 99]
