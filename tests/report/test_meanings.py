"""Every statistic that can be drawn is explained in words."""

from __future__ import annotations

import pytest

from flowconc.report.meanings import meaning
from flowconc.scenario.vocabulary import COUNT_METRICS, LEVEL_METRICS, STATISTICS, TIME_METRICS


@pytest.mark.parametrize(
    ("metric", "statistic", "said"),
    [
        ("queue_wait", "p95", "how long an execution is QUEUED; 95 % of them have no more"),
        ("queue_wait", "p99.9", "how long an execution is QUEUED; 99.9 % of them have no more"),
        ("sojourn", "mean", "from the creation of an execution to its end; on average"),
        ("queue_depth", "p95", "how many executions are QUEUED; no more for 95 % of the time"),
        ("slots_in_use", "max", "how many slots are in use; at most in a run"),
        ("rejected", "rate", "executions that are turned away; as a share of all that arrive"),
        ("rejected", "count", "executions that are turned away; how many there are in a run"),
    ],
)
def test_a_statistic_is_explained(metric, statistic, said):
    assert meaning(metric, statistic) == said


def test_there_is_a_meaning_of_all_that_a_condition_can_speak_of():
    of_values = [each for each in STATISTICS if each not in ("count", "rate")]
    spoken = [(metric, each) for metric in (*TIME_METRICS, *LEVEL_METRICS) for each in of_values]
    spoken += [(metric, each) for metric in COUNT_METRICS for each in ("count", "rate")]

    said = [meaning(*each) for each in spoken]

    assert len(set(said)) == len(said)
