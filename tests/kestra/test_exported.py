"""Exported executions: which fields count, and what is said of those that are not as they should be."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.kestra.exported import MOST_PROBLEMS, instant_us, read_exports, source_of
from flowconc.scenario.problems import BadInput
from tests.kestra.exports import MIDNIGHT_US, SCHEDULE, execution, page, read, write

RAN = (("CREATED", 1.0), ("RUNNING", 2.5), ("SUCCESS", 4.0))


def test_flow_history_and_source(tmp_path):
    (found,) = read(tmp_path, execution("a", *RAN, trigger=SCHEDULE))

    assert (found.id, found.flow, found.source) == ("a", "company.crm.sync", "schedule")
    assert found.history == (
        ("CREATED", MIDNIGHT_US + 1_000_000),
        ("RUNNING", MIDNIGHT_US + 2_500_000),
        ("SUCCESS", MIDNIGHT_US + 4_000_000),
    )


@pytest.mark.parametrize(
    "documents",
    [
        (execution("a", *RAN), execution("b", *RAN)),
        ([execution("a", *RAN), execution("b", *RAN)],),
        (page(execution("a", *RAN), execution("b", *RAN)),),
        (page(execution("a", *RAN)), page(execution("b", *RAN))),
        (page(), [execution("a", *RAN)], execution("b", *RAN)),
    ],
)
def test_executions_stand_alone_in_lists_and_in_pages(tmp_path, documents):
    assert [each.id for each in read(tmp_path, *documents)] == ["a", "b"]


def test_an_execution_that_is_there_twice_has_its_longer_history(tmp_path):
    before = write(tmp_path / "1.json", page(execution("a", *RAN[:2])))
    after = write(tmp_path / "2.json", page(execution("a", *RAN)))

    for paths in ([before, after], [after, before]):
        export = read_exports(paths)
        assert (len(export.executions["a"].history), export.repeated) == (3, 1)


def test_what_a_search_has_found_is_the_largest_total(tmp_path):
    assert read_exports([write(tmp_path / "1.json", page(total=7), page(total=9))]).found == 9


@pytest.mark.parametrize(
    ("trigger", "source"),
    [
        (None, "api"),
        (SCHEDULE, "schedule"),
        ("io.kestra.plugin.core.trigger.ScheduleOnDates", "schedule"),
        ("io.kestra.core.models.triggers.types.Schedule", "schedule"),
        ("io.kestra.plugin.core.trigger.Webhook", "webhook"),
        ("io.kestra.plugin.core.trigger.Flow", "flow"),
        ("io.kestra.core.models.triggers.types.Flow", "flow"),
        ("io.kestra.plugin.core.flow.Subflow", "subflow"),
        ("io.kestra.plugin.core.flow.ForEachItem$ForEachItemExecutable", "subflow"),
        ("io.kestra.core.tasks.flows.Flow", "subflow"),
        ("io.kestra.plugin.aws.s3.Trigger", "polling"),
        ("io.kestra.plugin.kafka.RealtimeTrigger", "realtime"),
        ("odd", "polling"),
    ],
)
def test_the_type_of_the_trigger_says_where_an_execution_came_from(trigger, source):
    assert source_of(trigger) == source


def test_one_that_repeats_another_is_a_replay(tmp_path):
    (found,) = read(tmp_path, execution("b", *RAN, originalId="a", trigger=SCHEDULE))

    assert (found.source, found.repeats) == ("replay", True)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01T00:00:00.000001999Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T01:00:00.25+0100", 250_000),
        ("1970-01-01T01:00:00+01:00[Europe/Paris]", 0),
        ("1969-12-31T23:59:59.000001Z", -999_999),
        ("1970-01-01T00:00:01", None),
        ("1970-01-01", None),
        ("1970-02-30T00:00:01Z", None),
        ("soon", None),
    ],
)
def test_dates_are_read_to_the_microsecond(text, us):
    assert instant_us(text) == us


def changed(**state):
    made = execution("a", *RAN)
    return made | {"state": made["state"] | state}


def without(key):
    made = execution("a", *RAN)
    del made[key]
    return made


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"message": "Unauthorized"}, "1:1: this is an object with 'message', no execution, expected an execution"),
        (page(execution("a", *RAN), 5), "results[1] is the number 5, no execution"),
        ({"results": "none"}, "this is an object with 'results', no execution"),
        ([{}], "[0] is an empty object, no execution"),
        ("text", "this is the text 'text', no execution"),
        (without("namespace"), "namespace is missing, expected a text"),
        ([without("flowId")], "[0].flowId is missing, expected a text"),
        (page(without("state")), "results[0].state.histories is missing, expected its states and dates"),
        (changed(histories=[]), "state.histories is empty"),
        (changed(histories="x"), "state.histories is the text 'x', expected its states and dates"),
        (changed(histories=[3]), "state.histories[0].state is missing"),
        (changed(histories=[{"state": "so so", "date": "x"}]), "state.histories[0].state is 'so so', no state"),
        (
            changed(histories=[{"state": "CREATED", "date": "2026-11-16T08:00"}]),
            "state.histories[0].date is '2026-11-16T08:00', no date with an offset, expected a date such as",
        ),
        (changed(histories=[{"state": "CREATED", "date": 17.5}]), "state.histories[0].date is the number 17.5"),
        (execution("a", *RAN, taskRunList="x"), "taskRunList is the text 'x', expected a list"),
        (execution("a", *RAN, taskRunList=[{}]), "taskRunList[0].state.histories is missing"),
        (execution("a", *RAN) | {"trigger": "hourly"}, "trigger.type is missing"),
        (execution("a", *RAN, scheduleDate="soon"), "scheduleDate is 'soon', no date with an offset"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path, document, said):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, document)

    assert said in str(caught.value)


def test_a_file_of_another_kind_does_not_say_so_without_end(tmp_path):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, list(range(1_000)))

    assert len(caught.value.problems) == MOST_PROBLEMS


KEYS = st.sampled_from(
    ["id", "namespace", "flowId", "state", "histories", "date", "results", "total", "trigger", "type"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2026-11-16T08:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.slow
@given(st.dictionaries(KEYS, JSON, max_size=10) | JSON)
def test_whatever_json_it_is_the_answer_is_executions_or_a_sentence(document):
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "executions.json", document)
        with suppress(BadInput):
            assert all(each.history for each in read_exports([path]).executions.values())
