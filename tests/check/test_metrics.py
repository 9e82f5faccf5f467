"""The metrics of the format, each on the smallest run that shows what it counts."""

from __future__ import annotations

import numpy as np
import pytest

from flowconc.check.metrics import Level, Measures, Tally
from flowconc.scenario.vocabulary import METRICS, STATISTICS
from tests.traces import trace_of

QUEUEING = trace_of(
    "0s flow team.f limit=1",
    "0s admit a ui",
    "2s queue b webhook",
    "4s queue c ui",
    "10s end a; release a; pop b",
    "20s end b; release b; pop c",
    "30s end c; release c",
)


def values(trace, metric, **selectors):
    return Measures(trace).sample(metric, tuple(selectors.items())).values.tolist()


def observe(trace, metric, statistic, **selectors):
    return Measures(trace).observe(metric, statistic, tuple(selectors.items())).value


class TestTimes:
    def test_queue_wait_is_zero_for_those_that_do_not_wait(self):
        assert values(QUEUEING, "queue_wait") == [0, 8, 16]

    def test_start_delay_and_sojourn(self):
        assert values(QUEUEING, "start_delay") == [0, 8, 16]
        assert values(QUEUEING, "sojourn") == [10, 18, 26]

    def test_who_is_turned_away_neither_waits_nor_stays(self):
        """Counting rejections as zero would make a flow look the better the more it rejects."""
        trace = trace_of(
            "0s flow f limit=1 CANCEL", "0s admit a", "1s reject b CANCELLED", "5s end a; release a"
        )

        assert values(trace, "queue_wait") == [0]
        assert values(trace, "sojourn") == [5]
        assert values(trace, "gate_latency") == [0, 0]

    def test_the_unfinished_are_counted_apart(self):
        trace = trace_of("0s flow f limit=1", "0s admit a", "1s queue b", "5s over until")
        measures = Measures(trace)

        assert [
            measures.sample(metric).unfinished for metric in ("queue_wait", "start_delay", "sojourn")
        ] == [1, 1, 2]
        assert values(trace, "queue_wait") == [0]

    def test_a_kill_in_the_queue_ends_the_wait(self):
        trace = trace_of("0s flow f limit=1", "0s admit a", "1s queue b", "4s kill b", "5s end a; release a")

        assert values(trace, "queue_wait") == [0, 3]

    def test_gate_latency_and_scheduling_delay(self):
        trace = trace_of(
            "0s flow f limit=1",
            "1.5s fire tick a planned=1s; create a trigger:tick",
            "1.75s gate a admit; claim a; state a RUNNING",
            "2s end a; release a",
        )

        assert values(trace, "gate_latency") == [0.25]
        assert values(trace, "scheduling_delay") == [0.5]

    def test_lock_wait_adds_up_over_an_execution(self):
        trace = trace_of(
            "0s flow f",
            "0s admit a",
            "1s lock_wait a 20ms counter; lock_wait a 5ms execution",
            "2s end a; release a",
        )

        assert values(trace, "lock_wait") == [pytest.approx(0.025)]

    def test_the_warm_up_does_not_count(self):
        trace = trace_of(
            "0s flow f", "0s admit a", "5s admit b", "6s end a; release a; end b; release b", warmup="5s"
        )

        assert values(trace, "sojourn") == [1]


class TestSelectors:
    def test_a_flow_by_id_or_by_its_whole_name(self):
        assert (
            values(QUEUEING, "queue_wait", flow="f")
            == values(QUEUEING, "queue_wait", flow="team.f")
            == [0, 8, 16]
        )
        assert values(QUEUEING, "queue_wait", flow="other") == []

    def test_a_source(self):
        assert values(QUEUEING, "queue_wait", source="webhook") == [8]
        assert values(QUEUEING, "queue_wait", source="ui") == [0, 16]
        assert observe(QUEUEING, "queue_wait", "max", source="webhook") == 8
        assert values(QUEUEING, "queue_wait", flow="other", source="ui") == []

    def test_a_trigger(self):
        trace = trace_of(
            "0s flow f",
            "1s fire tick a; admit a trigger:tick",
            "2s skip tick a",
            "3s skip tock a",
            "4s end a; release a",
        )

        assert values(trace, "sojourn", trigger="tick") == [3]
        assert Measures(trace).tally("skipped_fires", (("trigger", "tick"),)) == Tally(1, 0.5)
        assert Measures(trace).tally("skipped_fires", (("flow", "f"),)) == Tally(2, 2 / 3)
        assert Measures(trace).tally("skipped_fires", (("source", "trigger"),)) == Tally(2, 2 / 3)
        assert Measures(trace).tally("skipped_fires", (("source", "ui"),)) == Tally(0, None)
        assert Measures(trace).tally("skipped_fires", (("flow", "g"),)) == Tally(0, None)
        assert Measures(trace).tally("skipped_fires", (("flow", "g"), ("trigger", "tick"))) == Tally(0, None)

    def test_levels_know_flows_only(self):
        assert observe(QUEUEING, "queue_depth", "max", source="ui") is None
        assert observe(QUEUEING, "queue_depth", "max", flow="g") is None


class TestLevels:
    def test_queue_depth_is_weighed_by_time(self):
        """1 from 2 s, 2 from 4 s, 1 from 10 s to 20 s, over 30 s."""
        assert observe(QUEUEING, "queue_depth", "max") == 2
        assert observe(QUEUEING, "queue_depth", "mean") == pytest.approx((2 * 1 + 6 * 2 + 10 * 1) / 30)
        assert observe(QUEUEING, "queue_depth", "p50") == 1

    def test_what_is_over_within_an_instant_is_no_level(self):
        """Between RELEASE and CLAIM of one hand-over the slot is not free."""
        assert observe(QUEUEING, "slots_in_use", "min") == 0  # at the very end
        assert observe(QUEUEING, "slots_in_use", "mean") == 1
        assert observe(QUEUEING, "slots_in_use", "p50") == 1

    def test_the_horizon_is_until_where_there_is_one(self):
        trace = trace_of(
            "0s flow f limit=2",
            "0s admit a",
            "5s admit b",
            "20s end a; release a; end b; release b",
            until="10s",
        )

        assert observe(trace, "slots_in_use", "mean") == 1.5
        assert observe(trace, "slots_in_use", "min") == 1

    def test_the_warm_up_is_left_out(self):
        trace = trace_of(
            "0s flow f limit=2", "0s admit a", "6s end a; release a", "10s over drained", warmup="4s"
        )

        assert observe(trace, "slots_in_use", "mean") == pytest.approx(2 / 6)
        assert observe(trace, "slots_in_use", "max") == 1

    def test_utilization_follows_the_limit(self):
        """1 of 1, then 1 of 2."""
        trace = trace_of("0s flow f limit=1", "0s admit a", "5s flow f limit=2", "10s end a; release a")

        assert observe(trace, "utilization", "mean") == 0.75

    def test_a_flow_without_a_limit_has_no_utilization(self):
        trace = trace_of("0s flow f", "0s admit a", "10s end a; release a")

        assert observe(trace, "utilization", "mean") is None
        assert observe(trace, "slots_in_use", "mean") == 1

    def test_flows_add_up(self):
        trace = trace_of(
            "0s flow f limit=1",
            "0s flow g limit=3",
            "0s admit a of=f",
            "0s admit b of=g",
            "10s end a; release a; end b; release b",
        )

        assert observe(trace, "slots_in_use", "mean") == 2
        assert observe(trace, "utilization", "mean") == 0.5
        assert observe(trace, "utilization", "mean", flow="g") == pytest.approx(1 / 3)

    def test_a_flow_without_a_limit_adds_nothing_to_utilization(self):
        trace = trace_of(
            "0s flow f limit=2",
            "0s flow g",
            "0s admit a of=f; admit b of=g",
            "10s end a; release a; end b; release b",
        )

        assert observe(trace, "utilization", "mean") == 0.5

    def test_a_window_of_one_instant_shows_what_stood_then(self):
        trace = trace_of("0s flow f", "0s admit a", "9s end a; release a", warmup="5s", until="5s")

        assert observe(trace, "slots_in_use", "max") == 1
        assert observe(trace, "slots_in_use", "mean") is None

    def test_database_utilization_is_connections_held(self):
        """Committed at 4 s after 2 s, on one of two connections, in a run of 10 s."""
        trace = trace_of(
            "0s flow f", "0s admit a", "4s transaction a 2s gate", "10s end a; release a", connections=2
        )

        assert observe(trace, "database_utilization", "mean") == pytest.approx(0.1)
        assert observe(trace, "database_utilization", "max") == 0.5

    def test_a_level_by_value_has_each_value_once(self):
        level = Level(np.array([0.5, 0.0, 0.5, 1.0]), np.array([1.0, 2.0, 3.0, 0.0])).by_value

        assert (level.values.tolist(), level.weights.tolist()) == ([0.0, 0.5, 1.0], [2.0, 4.0, 0.0])

    def test_the_mean_of_a_share_does_not_depend_on_the_order_of_its_levels(self):
        """Tenths, added up in another order, would differ in the last digit."""
        means = []
        for gates in (("1s", "2s", "3s"), ("3s", "2s", "1s")):
            begun = [f"{10 * place + 5}s transaction a {gate} gate" for place, gate in enumerate(gates)]
            trace = trace_of("0s flow f", "0s admit a", *begun, "70s end a; release a", connections=10)
            means.append(observe(trace, "database_utilization", "mean"))

        assert means[0] == means[1]

    def test_a_database_that_takes_no_time_has_no_utilization(self):
        assert observe(QUEUEING, "database_utilization", "mean") is None


class TestCounts:
    def test_rejected(self):
        trace = trace_of(
            "0s flow f limit=1 FAIL",
            "0s admit a",
            "1s reject b FAILED",
            "2s reject c FAILED",
            "5s end a; release a",
        )

        assert Measures(trace).tally("rejected") == Tally(2, pytest.approx(2 / 3))
        assert Measures(trace).tally("throughput") == Tally(1, 0.2)

    def test_throughput_is_ends_in_the_window(self):
        """`count` counts executions from the warm-up on, `rate` ends between warm-up and horizon."""
        trace = trace_of(
            "0s flow f",
            "0s admit a",
            "6s admit b",
            "8s end a; release a",
            "20s end b; release b",
            warmup="5s",
            until="10s",
        )

        assert Measures(trace).tally("throughput") == Tally(1, 0.2)

    def test_a_window_may_be_shorter_than_a_second(self):
        trace = trace_of("0s flow f", "0s admit a", "500ms end a; release a")

        assert Measures(trace).tally("throughput") == Tally(1, 2.0)

    def test_fires_before_the_warm_up_do_not_count(self):
        trace = trace_of("0s flow f", "1s skip tick a", "7s skip tick a", warmup="5s")

        assert Measures(trace).tally("skipped_fires") == Tally(1, 1.0)
        assert Measures(trace).tally("skipped_fires", (("trigger", "tick"),)) == Tally(1, 1.0)

    def test_nothing_to_divide_by(self):
        assert Measures(trace_of("0s flow f")).tally("rejected") == Tally(0, None)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("statistic", STATISTICS)
def test_every_metric_answers_every_statistic(metric, statistic):
    """With a number, or with no value where it has none."""
    observed = observe(QUEUEING, metric, statistic)

    assert observed is None or observed >= 0
