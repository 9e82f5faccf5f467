"""A plan as JSON and CSV: all that is shown, and the same bytes for the same plan."""

from __future__ import annotations

import csv
import io
import json

import pytest

from flowconc.plan.data import CSV_COLUMNS, plans_csv, plans_json
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import PoissonProcess
from flowconc.scenario.plan import Disturbance
from tests.flows import arrive
from tests.plan.plans import S, carried_out, plan, scenario, with_variant


@pytest.fixture(scope="module")
def result():
    made = scenario(
        plan(
            "queue_wait p95 < 30s",
            protect=["slots_in_use max <= 6"],
            behaviors=("QUEUE", "CANCEL"),
            sensitivity=True,
            recovery=(Disturbance(burst=10), Disturbance(outage_us=60 * S)),
        ),
        limit=1,
        duration=Exponential(2 * S),
    )
    return carried_out(made)


@pytest.fixture(scope="module")
def data(result):
    (data,) = json.loads(plans_json([result]))["plans"]
    return data


def test_the_recommendation_is_there_in_words_and_as_data(data):
    base = data["recommendations"][0]

    assert data["sentences"][0].startswith("QUEUE: 95 % sure: limit 4 meets")
    assert (base["status"], base["limit"], base["largest_allowed"]) == ("found", 4, 6)
    assert (base["below"], base["above"]) == (
        {"limit": 3, "outcome": "fail"},
        {"limit": 7, "outcome": "fail"},
    )


def test_every_option_has_every_statistic_with_its_interval_and_theory(data):
    (row,) = [each for each in data["options"] if each["limit"] == 4 and each["behavior"] == "QUEUE"]
    wait = next(
        each for each in row["statistics"] if (each["metric"], each["statistic"]) == ("queue_wait", "mean")
    )
    p95 = next(each for each in row["goals"])

    assert len(data["options"]) == 16
    assert wait["formula"] == "Erlang C"
    assert row["theory"]["queue"] == "M/M/4"
    assert p95["outcome"] == "pass"
    assert p95["decided_on"]["low"] < p95["decided_on"]["mean"] < p95["decided_on"]["high"] < 30


def test_options_are_compared_run_by_run(data, result):
    compared = {each["limit"]: each["difference"] for each in data["options"] if each["behavior"] == "QUEUE"}
    rows = list(csv.DictReader(io.StringIO(plans_csv([result]))))
    lines = [row for row in rows if row["difference"] and row["section"] == "sweep"]

    assert compared[4] is None
    assert (compared[5]["metric"], compared[5]["statistic"], compared[5]["from_limit"]) == (
        "queue_wait",
        "p95",
        4,
    )
    assert compared[5]["low"] < -5 < compared[5]["high"] < 0
    assert {(row["metric"], row["statistic"]) for row in lines} == {("queue_wait", "p95")}
    assert len(lines) == 14


def test_the_rest_is_there(data):
    assert data["best"] is None  # behaviors are not ranked
    assert len(data["sensitivity"]) == 8
    assert [(each["limit"], each["recovered"]) for each in data["recovery"]] == [
        (4, 10),
        (1, 0),
        (4, 10),
        (1, 0),
    ]
    assert data["recovery"][1]["fluid_limit"] is None


def test_the_selection_among_parameters_is_told_with_its_procedure():
    twice = (arrive("f", PoissonProcess(2.0)),)
    (data,) = json.loads(plans_json([carried_out(with_variant(scenario(plan()), arrivals=twice))]))["plans"]

    assert data["best"]["procedure"] == "Kim and Nelson 2001"
    assert [option["limit"] for option in data["best"]["options"]] == [4, 7]
    assert (data["best"]["best"], data["best"]["decided"]) == (0, True)


def test_csv_has_a_line_for_every_number(result, data):
    rows = list(csv.DictReader(io.StringIO(plans_csv([result]))))
    statistics = len(data["options"][0]["statistics"])

    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == (16 + 8) * statistics + 4
    (line,) = [
        row
        for row in rows
        if (row["section"], row["behavior"], row["limit"], row["metric"], row["statistic"], row["selectors"])
        == ("sweep", "CANCEL", "4", "rejected", "rate", "flow=n.f")
    ]
    assert (float(line["mean"]), line["formula"], line["goals"]) == (0.03, "Erlang B", "pass")


def test_the_same_plan_is_the_same_text(result):
    again = carried_out(scenario(result.plan, limit=1, duration=Exponential(2 * S)))

    assert plans_json([again]) == plans_json([result])
    assert plans_csv([again]) == plans_csv([result])
