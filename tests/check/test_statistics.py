"""Statistics of one run, and over several."""

from __future__ import annotations

import numpy as np
import pytest

from flowconc.check.statistics import Interval, confidence_interval, skewed_interval, student_t, summary


class TestSummary:
    @pytest.mark.parametrize(
        ("statistic", "expected"),
        [("min", 1), ("max", 20), ("mean", 10.5), ("p50", 10), ("p90", 18), ("p95", 19), ("p99", 20)],
    )
    def test_of_the_numbers_to_twenty(self, statistic, expected):
        """A percentile is a value that was observed: the smallest that so many do not exceed."""
        assert expected == summary(statistic, np.arange(20, 0, -1.0))

    def test_rounding_does_not_move_a_percentile(self):
        """0.999 of 1000 values are 999."""
        assert summary("p99.9", np.arange(1, 1001.0)) == 999

    def test_levels_weigh_what_they_lasted(self):
        values, weights = np.array([0.0, 10.0, 2.0]), np.array([90.0, 6.0, 4.0])

        assert summary("mean", values, weights) == pytest.approx(0.68)
        assert summary("p90", values, weights) == 0
        assert summary("p95", values, weights) == 10
        assert summary("p99", values, weights) == 10

    def test_an_extreme_counts_however_short(self):
        assert summary("max", np.array([1.0, 7.0]), np.array([5.0, 0.0])) == 7

    def test_no_value_no_statistic(self):
        assert summary("mean", np.zeros(0)) is None
        assert summary("mean", np.ones(1), np.zeros(1)) is None
        assert summary("rate", np.ones(1)) is None


class TestStudentT:
    @pytest.mark.parametrize(
        ("confidence", "degrees", "expected"),
        [
            # Two-sided quantiles as every table has them.
            (0.95, 1, 12.706204736),
            (0.95, 2, 4.302652730),
            (0.95, 3, 3.182446305),
            (0.95, 4, 2.776445105),
            (0.95, 9, 2.262157163),
            (0.95, 29, 2.045229642),
            (0.95, 30, 2.042272456),
            (0.99, 1, 63.656741162),
            (0.99, 10, 3.169272673),
            (0.90, 7, 1.894578605),
            (0.50, 5, 0.726686844),
            (0.95, 1000, 1.962339081),
            (0.0, 6, 0.0),
        ],
    )
    def test_the_table(self, confidence, degrees, expected):
        assert student_t(confidence, degrees) == pytest.approx(expected, abs=1e-8)

    @pytest.mark.parametrize(("confidence", "degrees"), [(1.0, 3), (-0.1, 3), (0.95, 0)])
    def test_what_has_no_quantile(self, confidence, degrees):
        with pytest.raises(ValueError, match=r"expected|not within"):
            student_t(confidence, degrees)


class TestConfidenceInterval:
    def test_two_runs(self):
        """Mean 11, standard error 1, t(1) = 12.706."""
        interval = confidence_interval([10.0, 12.0], 0.95)

        assert (interval.mean, interval.low, interval.high) == pytest.approx((11, -1.706205, 23.706205))

    def test_runs_that_agree_have_no_width(self):
        """Also where their sum is not exact."""
        assert confidence_interval([0.1, 0.1, 0.1], 0.95) == Interval(0.1, 0.1, 0.1)

    def test_it_covers_the_true_mean_as_often_as_it_says(self):
        """The law that the verdicts rest on: about 95 of 100 intervals hold the mean they estimate."""
        draws = np.random.default_rng(1).normal(5.0, 2.0, size=(2000, 4))

        covered = sum(
            interval.low <= 5 <= interval.high
            for interval in (confidence_interval(row, 0.95) for row in draws.tolist())
        )

        assert 0.935 <= covered / 2000 <= 0.965


def test_an_interval_of_skewed_values_is_wider_on_the_side_of_the_long_tail_and_nowhere_narrower():
    long_above = [1.0, 1.0, 2.0, 2.0, 3.0, 9.0]
    plain, found = confidence_interval(long_above, 0.95), skewed_interval(long_above, 0.95)
    mirrored = skewed_interval([-value for value in long_above], 0.95)

    assert found.mean == plain.mean
    assert found.low == plain.low
    assert found.high > plain.high + 1
    assert (mirrored.low, mirrored.high) == (-found.high, -found.low)


@pytest.mark.parametrize("values", [[4.0, 4.0, 4.0], [1.0, 2.0], [1.0, 2.0, 3.0]])
def test_without_any_skewness_it_is_students(values):
    found, plain = skewed_interval(values, 0.9), confidence_interval(values, 0.9)

    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
