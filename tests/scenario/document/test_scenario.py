"""The models of the scenario file: what each kind of value becomes, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from flowconc.scenario.conditions import Comparison, Subject
from flowconc.scenario.distributions import Constant, Empirical, Uniform
from flowconc.scenario.document.scenario import ScenarioDocument
from flowconc.scenario.document.validation import problems_of
from flowconc.scenario.flow import Failures
from flowconc.scenario.model import Verb
from flowconc.scenario.problems import Position

SECOND_US = 1_000_000
CONTEXT = {"read_values": lambda name: (SECOND_US, 2 * SECOND_US)}


def read(**sections) -> ScenarioDocument:
    return ScenarioDocument.model_validate(
        {"scenario": "s", "flows": ["f.yaml"], **sections}, context=CONTEXT
    )


def complaints(**sections) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        read(**sections)
    return [
        str(problem).removeprefix("file:1:1: ")
        for problem in problems_of(caught.value, ScenarioDocument, lambda loc, *, key=False: Position("file"))
    ]


def arrival(**keys):
    return read(arrivals=[{"flow": "f", **keys}]).arrivals[0]


@pytest.mark.parametrize(
    ("keys", "pattern"),
    [
        ({"at": "0s"}, "at"),
        ({"at": ["0s", "1s"]}, "at"),
        ({"every": "5s"}, "every"),
        ({"every": "5s", "start": "10s", "count": 20, "until": "1h"}, "every"),
        ({"poisson": "30/min", "until": "1h"}, "poisson"),
        ({"burst": 50}, "burst"),
        ({"burst": 50, "at": "1m"}, "burst"),
        ({"ramp": {"from": "0/min", "to": "60/min"}, "until": "10m"}, "ramp"),
        ({"replay": "x.csv"}, "replay"),
    ],
)
def test_the_keys_of_an_arrival_say_its_pattern(keys, pattern):
    assert pattern == arrival(**keys).pattern


def test_times_are_microseconds():
    assert arrival(at=["PT90S", "1.5s"]).at == [90 * SECOND_US, 1_500_000]


def test_a_single_time_stands_for_a_list_of_it():
    assert arrival(at="3s").at == [3 * SECOND_US]


def test_rates_are_per_second():
    assert arrival(poisson="30/min").poisson == 0.5


def test_the_source_is_api_unless_said_otherwise():
    assert (arrival(at="0s").source, arrival(at="0s", source="anything").source) == ("api", "anything")


def test_backoff_has_the_defaults_of_the_model():
    backoff = arrival(at="0s", backoff={}).backoff

    assert (
        backoff.on,
        backoff.initial,
        backoff.factor,
        backoff.max,
        backoff.jitter,
        backoff.attempts,
    ) == (["CANCELLED", "FAILED"], SECOND_US, 2.0, None, 0.0, 5)


NEEDED = {
    Verb.EDIT: {"concurrency": None},
    Verb.EDIT_LIMIT: {"edit_limit": {"tenant": "main"}, "concurrency": None},
    Verb.CHANGE_STATUS: {"to": "SUCCESS"},
    Verb.SET_COUNTER: {"running": 0},
    Verb.BACKFILL: {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"},
}


@pytest.mark.parametrize("verb", Verb)
def test_an_action_has_the_verb_of_its_key(verb):
    keys = {"at": "1s", verb.value: "f.x", **NEEDED.get(verb, {})}

    assert verb is read(actions=[keys]).actions[0].verb


def test_an_edit_tells_a_removed_concurrency_from_an_unmentioned_one():
    removed, unmentioned = read(
        actions=[
            {"at": "1s", "edit": "f", "concurrency": None},
            {"at": "1s", "edit": "f", "flow": {"sla": []}},
        ]
    ).actions

    assert "concurrency" in removed.model_fields_set
    assert "concurrency" not in unmentioned.model_fields_set


def test_expected_numbers_and_times_are_comparisons_that_remember_how_they_were_written():
    entry = read(expect=[{"execution": "a", "tasks_run": 1, "waited": "> 10s"}]).expect[0]

    assert Subject.EXECUTION is entry.subject
    assert (Comparison("==", 1), "1") == entry.tasks_run
    assert (Comparison(">", 10 * SECOND_US), "> 10s") == entry.waited


def test_tasks_are_by_flow_and_task_with_a_default_beside_them():
    tasks = read(
        tasks={"f": {"t": {"duration": "uniform(1s, 2s)", "fails": [1, 3]}}, "default": {"duration": "1s"}}
    ).tasks

    assert Uniform(SECOND_US, 2 * SECOND_US) == tasks.by_flow["f"]["t"].duration
    assert Failures(runs=frozenset({1, 3})) == tasks.by_flow["f"]["t"].fails
    assert Constant(SECOND_US) == tasks.default.duration


def test_an_empirical_distribution_has_the_values_that_the_context_reads():
    tasks = read(tasks={"f": {"t": {"duration": "empirical(sample.csv)"}}}).tasks

    assert tasks.by_flow["f"]["t"].duration == Empirical((SECOND_US, 2 * SECOND_US))


def test_a_branch_alone_is_always_taken():
    assert read(tasks={"f": {"t": {"takes": "then"}}}).tasks.by_flow["f"]["t"].takes == {"then": 1.0}


def test_shares_of_branches_must_be_everything():
    assert complaints(tasks={"f": {"t": {"takes": {"then": "70%", "else": "20%"}}}}) == [
        "the shares add up to 90.0000%, expected 100%"
    ]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-03-29T01:30:00+01:00", datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_a_date_without_a_zone_is_utc(text, date):
    assert date == read(clock={"start": text}).clock.start


def test_the_platform_is_ideal_by_name_or_by_default():
    assert read(platform="ideal").platform == read().platform


def test_thresholds_are_a_text_an_object_or_a_list_of_these():
    thresholds = read(
        thresholds={
            "queue_wait": "p95 < 30s",
            "sojourn": {"expr": "max < 1m", "severity": "warn"},
            "queue_depth": ["max < 3", {"expr": "mean < 2"}],
        }
    ).thresholds

    assert {
        metric: [(each.expr, each.severity) for each in entries] for metric, entries in thresholds.items()
    } == {
        "queue_wait": [("p95 < 30s", "fail")],
        "sojourn": [("max < 1m", "warn")],
        "queue_depth": [("max < 3", "fail"), ("mean < 2", "fail")],
    }


def test_all_errors_come_at_once():
    known = ", ".join(sorted(ScenarioDocument.model_fields))

    assert complaints(run={"until": 5, "seed": -1}, marks=[1], arival=[]) == [
        "`until`: 5 has no unit, expected a time such as 30s, 250ms, 1h30m or PT90S, did you mean '5s'?",
        "`seed` is -1, expected at least 0",
        "this is the number 1, expected a text",
        f"unknown key 'arival', expected one of {known}, did you mean 'arrivals'?",
    ]


def test_nothing_is_converted_silently():
    assert complaints(run={"seed": "1", "drain": "true", "replications": 2.0}) == [
        "`drain` is the text 'true', expected true or false",
        "`seed` is the text '1', expected a whole number",
        "`replications` is the number 2.0, expected a whole number",
    ]
