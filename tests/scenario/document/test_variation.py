"""What `vary:` and `sometimes:` may say: ranges, counts, conditions by name."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from flowconc.scenario.document.variation import (
    Range,
    SometimesEntry,
    VaryDocument,
    read_count_range,
    read_limit_range,
    read_time_range,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [(3, (3, 3)), ("3", (3, 3)), ("0..20", (0, 20)), (" 1 .. 4 ", (1, 4)), ("7..7", (7, 7))],
)
def test_a_range_of_counts_has_both_ends_or_is_one_number(written, expected):
    assert read_count_range(written) == expected


@pytest.mark.parametrize(
    ("written", "expected_us"),
    [
        ("10s", (10_000_000, 10_000_000)),
        ("1s..30s", (1_000_000, 30_000_000)),
        ("1.5s..2.5s", (1_500_000, 2_500_000)),
        ("250ms..PT1M", (250_000, 60_000_000)),
        ("0..1h30m", (0, 5_400_000_000)),
    ],
)
def test_a_range_of_times_has_a_unit_at_both_ends(written, expected_us):
    assert read_time_range(written) == expected_us


@pytest.mark.parametrize(
    ("read", "written", "what"),
    [
        (read_count_range, "4..1", "ends before it begins"),
        (read_count_range, "-1..3", "not a range of counts"),
        (read_count_range, "1..", "not a range of counts"),
        (read_count_range, "..3", "not a range of counts"),
        (read_count_range, "1..2..3", "not a range of counts"),
        (read_count_range, 1.5, "not a range of counts"),
        (read_count_range, "0..1001", "too many"),
        (read_count_range, True, "this is true"),
        (read_count_range, [1, 2], "this is a list"),
        (read_limit_range, "0..4", "no limit at all"),
        (read_time_range, "30s..1s", "ends before it begins"),
        (read_time_range, "1..30s", "1 has no unit"),
        (read_time_range, "1s..", "is not a time"),
    ],
)
def test_what_is_no_range_is_refused(read, written, what):
    with pytest.raises(ValueError, match=what):
        read(written)


def test_operations_may_be_a_count_alone():
    given = VaryDocument.model_validate({"kills": "0..3", "deletes": 2, "restarts": {"count": 1}})

    assert (given.kills.count, given.deletes.count, given.restarts.count) == ((0, 3), (2, 2), (1, 1))
    assert given.force_runs is None


def test_one_entry_of_arrivals_may_stand_alone():
    (entry,) = VaryDocument.model_validate({"arrivals": {"count": "0..20", "flows": "f"}}).arrivals

    assert (entry.count, entry.flows) == (Range(0, 20), ["f"])


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({}, "nothing says what varies"),
        ({"examples": 7}, "nothing says what varies"),
        ({"crashes": {"within": "3s"}}, "nothing says what crashes"),
        ({"crashes": {"executor": 1, "for": "0..3s"}}, "a crash of 0s is none"),
        ({"kills": "some"}, "not a range of counts"),
        ({"kills": None, "deletes": None}, "nothing says what varies"),
    ],
)
def test_what_varies_nothing_is_refused(given, what):
    with pytest.raises(ValidationError, match=what):
        VaryDocument.model_validate(given)


@pytest.mark.parametrize("written", ["queue_not_empty", "queue not empty", " queue-not-empty "])
def test_a_condition_may_be_written_with_spaces(written):
    assert TypeAdapter(SometimesEntry).validate_python(written) == "queue_not_empty"


def test_a_condition_may_be_an_expectation():
    entry = TypeAdapter(SometimesEntry).validate_python({"flow": "f", "queued": ">= 2"})

    assert (entry.flow, entry.queued.text) == ("f", ">= 2")


def test_a_condition_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError, match="there is no condition 'queue_not_emty'"):
        TypeAdapter(SometimesEntry).validate_python("queue_not_emty")
