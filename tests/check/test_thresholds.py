"""The verdicts of thresholds, over one run and over several."""

from __future__ import annotations

import pytest

from flowconc.check.thresholds import judge_thresholds
from flowconc.check.verdict import Outcome
from tests.check.scenarios import position, threshold
from tests.traces import trace_of


def waiting(*waits_s: float):
    """Return one run per wait, in which one execution waits that long for its slot."""
    return [
        trace_of(
            "0s flow f limit=1",
            "0s admit a",
            "0s queue b",
            f"{wait}s end a; release a; pop b",
            f"{wait}s end b; release b",
            replication=index,
        )
        for index, wait in enumerate(waits_s)
    ]


def judged(each, traces, confidence=0.95):
    (finding,) = judge_thresholds([each], traces, confidence=confidence)
    return finding


class TestOneRun:
    @pytest.mark.parametrize(
        ("must_be", "outcome"),
        [
            ("< 30", Outcome.PASS),
            ("< 12", Outcome.FAIL),
            ("<= 12", Outcome.PASS),
            ("== 12", Outcome.PASS),
            ("> 12", Outcome.FAIL),
        ],
    )
    def test_what_was_observed_decides(self, must_be, outcome):
        assert judged(threshold("queue_wait", "max", must_be), waiting(12)).outcome is outcome

    def test_the_sentence_has_observed_and_must_be(self):
        finding = judged(threshold("queue_wait", "max", "< 12", flow="f", line=7), waiting(12.5))

        assert finding.sentence == "queue_wait{flow=f} max = 12.5s, must be < 12s"
        assert (finding.check, finding.position) == ("queue_wait{flow=f}", position(7))

    def test_shares_are_said_in_percent_and_rates_a_minute(self):
        run = trace_of("0s flow f limit=1 FAIL", "0s admit a", "1s reject b FAILED", "5s end a; release a")

        assert (
            judged(threshold("rejected", "rate", "< 0.01"), [run]).sentence
            == "rejected rate = 50%, must be < 1%"
        )
        assert (
            judged(threshold("throughput", "rate", "> 4"), [run]).sentence
            == "throughput rate = 12/min, must be > 240/min"
        )
        assert (
            judged(threshold("rejected", "count", "== 0"), [run]).sentence
            == "rejected count = 1, must be == 0"
        )

    def test_a_near_miss_is_not_rounded_away(self):
        assert judged(threshold("queue_wait", "max", "< 30"), waiting(30.00001)).sentence == (
            "queue_wait max = 30.00001s, must be < 30s"
        )

    def test_a_whole_part_is_never_rounded_and_a_count_has_no_unit(self):
        assert judged(threshold("queue_wait", "max", "< 30"), waiting(12345.6)).sentence == (
            "queue_wait max = 12346s, must be < 30s"
        )
        assert judged(threshold("queue_wait", "count", "== 3"), waiting(1)).sentence == (
            "queue_wait count = 2, must be == 3"
        )

    def test_the_unfinished_are_said(self):
        run = trace_of("0s flow f limit=1", "0s admit a", "1s queue b", "5s over until")

        assert judged(threshold("queue_wait", "max", "< 1"), [run]).sentence == (
            "queue_wait max = 0s, must be < 1s (1 unfinished left out)"
        )


class TestSeveralRuns:
    def test_the_whole_interval_satisfies(self):
        finding = judged(threshold("queue_wait", "max", "< 30"), waiting(10, 11, 12, 11))

        assert finding.outcome is Outcome.PASS
        assert finding.sentence == "queue_wait max = 11s, must be < 30s (95 % CI 9.701s to 12.3s, 4 runs)"

    def test_the_unfinished_of_all_runs_are_said(self):
        runs = [
            trace_of("0s flow f limit=1", f"{n}s admit a", "9s queue b", "19s over until") for n in (0, 1)
        ]

        assert judged(threshold("queue_wait", "max", "< 1"), runs).sentence == (
            "queue_wait max = 0s, must be < 1s (95 % CI 0s to 0s, 2 runs, 2 unfinished left out)"
        )

    def test_none_of_the_interval_satisfies(self):
        assert judged(threshold("queue_wait", "max", "< 5"), waiting(10, 11, 12, 11)).outcome is Outcome.FAIL

    def test_the_bound_lies_within_the_interval(self):
        """The mean is on the right side, but more runs might show otherwise."""
        assert (
            judged(threshold("queue_wait", "max", "< 12"), waiting(10, 11, 12, 11)).outcome
            is Outcome.INCONCLUSIVE
        )

    def test_a_lower_confidence_decides_sooner(self):
        runs = waiting(10, 11, 12, 11)

        assert judged(threshold("queue_wait", "max", "< 12"), runs, confidence=0.5).outcome is Outcome.PASS

    @pytest.mark.parametrize(
        ("must_be", "outcome"), [("== 11", Outcome.PASS), ("== 12", Outcome.FAIL), ("< 11", Outcome.FAIL)]
    )
    def test_runs_that_agree_decide_at_once(self, must_be, outcome):
        assert judged(threshold("queue_wait", "max", must_be), waiting(11, 11, 11)).outcome is outcome

    def test_equality_needs_runs_that_agree(self):
        assert (
            judged(threshold("queue_wait", "max", "== 11"), waiting(10, 12)).outcome is Outcome.INCONCLUSIVE
        )
        assert judged(threshold("queue_wait", "max", "== 99"), waiting(10, 12)).outcome is Outcome.FAIL


class TestNoData:
    def test_it_is_never_a_pass(self):
        finding = judged(threshold("scheduling_delay", "p95", "< 1"), waiting(1))

        assert finding.outcome is Outcome.FAIL
        assert finding.sentence == "scheduling_delay p95: no data, must be < 1s"

    def test_not_in_one_of_several_runs(self):
        runs = [*waiting(1, 2), trace_of("0s flow f limit=1")]

        finding = judged(threshold("queue_wait", "max", "< 9"), runs)

        assert finding.outcome is Outcome.FAIL
        assert finding.sentence == "queue_wait max: no data, must be < 9s (in 1 of 3 runs)"

    def test_of_two_runs_one_is_told(self):
        runs = [*waiting(1), trace_of("0s flow f limit=1")]

        assert judged(threshold("queue_wait", "max", "< 9"), runs).sentence == (
            "queue_wait max: no data, must be < 9s (in 1 of 2 runs)"
        )

    def test_a_count_of_nothing_is_a_number(self):
        assert (
            judged(threshold("rejected", "count", "== 0"), [trace_of("0s flow f limit=1")]).outcome
            is Outcome.PASS
        )


class TestWarnings:
    @pytest.mark.parametrize(("must_be", "runs"), [("< 5", waiting(10)), ("< 12", waiting(10, 11, 12, 11))])
    def test_failures_and_doubts_become_warnings(self, must_be, runs):
        assert judged(threshold("queue_wait", "max", must_be, warn_only=True), runs).outcome is Outcome.WARN

    def test_a_pass_stays_one(self):
        assert (
            judged(threshold("queue_wait", "max", "< 99", warn_only=True), waiting(1)).outcome is Outcome.PASS
        )


def test_no_thresholds_no_findings():
    assert judge_thresholds([], waiting(1), confidence=0.95) == []
