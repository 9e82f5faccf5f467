"""A variation as a document: what it adds stands behind what is written."""

from __future__ import annotations

from flowconc.vary.variation import SIMPLEST, Arrival, Crash, Edit, Operation, Variation, varied_document
from tests.vary.scenarios import S, varied, vary_of


def added(section: str, variation: Variation, **keys: object) -> object:
    vary = vary_of(varied(**{"kills": 1, **keys}))
    return varied_document(vary, variation).get(section)


def test_nothing_added_is_the_document_itself():
    builder = varied(kills=1)
    document = {key: value for key, value in builder.document.items() if key != "vary"}

    assert varied_document(vary_of(builder), SIMPLEST) == document


def test_arrivals_of_one_flow_and_source_are_one_entry():
    entries = [{"count": "0..9"}, {"count": "0..9", "source": "ui"}]
    variation = Variation((Arrival(0, 0, "f"), Arrival(2 * S, 1, "f"), Arrival(3 * S, 0, "f")))

    assert added("arrivals", variation, arrivals=entries) == [
        {"flow": "f", "at": ["0s", "3s"]},
        {"flow": "f", "source": "ui", "at": "2s"},
    ]


def test_operations_name_an_execution_or_all_in_a_state():
    variation = Variation(
        operations=(Operation(S, "kill", "f", 2), Operation(2 * S, "delete", "f", 0, "QUEUED"))
    )

    assert added("actions", variation) == [
        {"at": "1s", "kill": "f#2"},
        {"at": "2s", "delete": {"flow": "f", "state": "QUEUED"}},
    ]


def test_an_edit_sets_a_limit_or_removes_it():
    variation = Variation(edits=(Edit(S, "f", 3, "FAIL"), Edit(2 * S, "f", 0, "")))

    assert added("actions", variation) == [
        {"at": "1s", "edit": "f", "concurrency": {"limit": 3, "behavior": "FAIL"}},
        {"at": "2s", "edit": "f", "concurrency": None},
    ]


def test_a_crash_falls_at_a_time_or_at_a_step():
    variation = Variation(
        crashes=(Crash(S, "worker", 3 * S), Crash(0, "executor", S, "pop", before=True, nth=2))
    )

    assert added("faults", variation) == [
        {"crash": "worker", "at": "1s", "for": "3s"},
        {"crash": "executor", "before": "pop", "nth": 2, "for": "1s"},
    ]


def test_a_duration_is_that_of_the_task_and_nothing_else_of_it_changes():
    builder = varied(durations={"f": {"work": "1s..9s"}}).tasks("company.team.f", work={"fails": "50%"})
    document = varied_document(vary_of(builder), Variation(lengths_us=(7 * S,)))

    assert document["tasks"] == {"company.team.f": {"work": {"fails": "50%", "duration": "7s"}}}


def test_what_the_engine_refused_is_written_as_refused():
    vary = vary_of(varied(kills=2).act(at="1s", kill="f#1", refused=True))
    variation = Variation(operations=(Operation(S, "kill", "f", 2), Operation(2 * S, "kill", "f", 3)))

    assert varied_document(vary, variation, refused=frozenset({1}))["actions"] == [
        {"at": "1s", "kill": "f#1", "refused": True},
        {"at": "1s", "kill": "f#2"},
        {"at": "2s", "kill": "f#3", "refused": True},
    ]
