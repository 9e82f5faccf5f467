"""What the capacity report embeds: for every limit the numbers that are drawn, and the words the terminal has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.plan.evaluation import Statistic
from flowconc.plan.outlook import LOADS
from flowconc.plan.tables import title
from flowconc.report.capacity_data import capacity_data
from tests.flows import flow, work
from tests.report.plans import planned


def data_of(result):
    return capacity_data(result, result.outlook)


@pytest.fixture(scope="module")
def data():
    return data_of(planned("queue_wait p95 < 40s", protect=["slots_in_use max <= 3"]))


def titles(data):
    return [each["title"] for each in data["statistics"]]


def test_the_first_goal_is_shown_first_and_nothing_twice(data):
    assert titles(data)[:2] == ["queue_wait p95", "slots_in_use max"]
    assert len(set(titles(data))) == len(titles(data))


def test_what_no_limit_has_a_value_of_cannot_be_chosen(data):
    assert "skipped_fires rate" not in titles(data)
    assert "utilization mean" in titles(data)


def test_a_bound_has_the_unit_of_its_axis():
    result = planned("rejected rate < 5%", behaviors=("CANCEL",))
    (rejected, *_) = data_of(result)["statistics"]

    assert (rejected["unit"], rejected["bounds"]) == (
        "%",
        [{"what": "goal", "written": "rejected rate < 5%", "value": 5.0}],
    )


def test_a_limit_has_its_numbers_its_words_and_its_verdicts(data):
    (case,) = data["cases"]
    row = case["rows"][2]
    mean, low, high = row["values"][0]

    assert low < mean < high
    assert mean == pytest.approx(100 / 3, abs=2)
    assert row["words"][0] == f"{mean:.1f}s ±{(high - low) / 2:.1f}"
    assert row["goals"] == [
        {"written": "queue_wait p95 < 40s", "outcome": "PASS", "measured": f"{mean:.1f}s"}
    ]
    assert row["protects"][0]["outcome"] == "PASS"
    assert row["marks"] == ["recommended"]
    assert case["rows"][1]["marks"] == ["as it is now"]


def test_theory_stands_beside_what_is_simulated(data):
    (case,) = data["cases"]
    place = titles(data).index("utilization mean")
    value, exact, said = case["rows"][2]["theory"][place]

    assert (round(value, 1), exact, said) == (66.7, True, "66.7% by Little")


def test_every_limit_has_every_load(data):
    (case,) = data["cases"]

    assert [[load["load"] for load in loads] for loads in case["loads"]] == [list(LOADS)] * 4
    assert [cliff["said"] for cliff in case["cliffs"]] == ["×0.5", "×1", "×1.5", "×2"]


def test_of_every_limit_it_is_said_up_to_which_load_the_goals_are_met(data):
    """The wait is 100 s times the load over the limit: 40 s at 0.4 times the limit."""
    (case,) = data["cases"]

    assert case["reaches"] == [None, 0.75, 1.1, 1.5]


def test_where_a_goal_is_met_only_from_some_load_on_it_is_said_from_the_load_of_now():
    """The wait is above 25 s from 0.9 times the load on, at limit 3."""
    (case,) = data_of(planned("queue_wait p95 > 25s"))["cases"]

    assert case["reaches"] == [2.0, 2.0, 2.0, None]


def test_the_day_begins_at_the_time_of_the_scenario_clock(data):
    (case,) = data["cases"]
    (first, *_) = case["envelopes"]

    assert (first["begins"], first["part"], first["days"], first["observations"]) == (1.0333, 0.61424, 1, 4)
    assert len(first["p50"]) == len(first["p95"]) == 96


def test_of_a_limit_that_lets_wait_the_share_that_cancel_would_turn_away(data):
    (case,) = data["cases"]
    first = case["turned_away"][0]

    assert case["waits"]
    assert (first["words"], first["theory"][2]) == ("3% ±0", "66.7% by Erlang B")


def test_every_case_has_its_own_recommendation():
    data = data_of(planned(behaviors=("QUEUE", "CANCEL")))

    assert [(case["label"], case["recommended"], case["waits"]) for case in data["cases"]] == [
        ("QUEUE", 3, True),
        ("CANCEL", 3, False),
    ]


def test_where_no_limit_is_recommended_the_page_opens_at_the_one_of_now():
    (case,) = data_of(planned("queue_wait p95 < 1s"))["cases"]

    assert (case["recommended"], case["start"]) == (None, 2)


def test_where_there_are_several_flows_a_statistic_is_called_as_in_the_table():
    result = planned()
    several = replace(
        result, scenario=replace(result.scenario, flows=(*result.scenario.flows, flow("g", work("w", "1s"))))
    )

    assert title(Statistic("queue_wait", "p95"), several) == "queue_wait p95 of all"
    assert titles(data_of(several))[0] == "queue_wait p95 of all"
