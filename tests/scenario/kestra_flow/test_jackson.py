"""Values are read as Kestra's own parser reads them."""

from __future__ import annotations

import pytest

from flowconc.scenario.kestra_flow.jackson import (
    Mismatch,
    is_truthy,
    java_double,
    kestra_scalar,
    to_boolean,
    to_choice,
    to_duration_ns,
    to_integer,
    to_property,
    to_text,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("010", 8),
        ("-010", -8),
        ("08", "08"),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", "0o17"),
        ("1_000", 1000),
        ("_1", "_1"),
        ("1e2", 100.0),
        ("1.", 1.0),
        ("+.5", 0.5),
        ("1:30", "1:30"),
        ("yes", True),
        ("off", False),
        ("y", "y"),
        ("tRUE", "tRUE"),
        ("~", None),
        ("", ""),
        ("2026-01-01", "2026-01-01"),
        ("+", "+"),
        ("0x", "0x"),
    ],
)
def test_plain_scalars(written: str, read: object) -> None:
    value = kestra_scalar(written)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("written", [".inf", "-.Inf", ".nan", "1:30.5"])
def test_numbers_that_kestra_refuses(written: str) -> None:
    with pytest.raises(ValueError, match="Kestra does not take"):
        kestra_scalar(written)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (2, 2),
        (1.99, 1),
        (-0.5, 0),
        ("' 2'".strip("'"), 2),
        ("+3", 3),
        ("010", 10),
        ("", None),
        ("null", None),
    ],
)
def test_integers(value: object, read: int | None) -> None:
    assert read == to_integer(value).value


@pytest.mark.parametrize("value", [True, "1.5", "1e2", "1_000", "0x10", "NULL", [1], {}, 2**31, float("inf")])
def test_what_is_no_integer(value: object) -> None:
    with pytest.raises(Mismatch):
        to_integer(value)


@pytest.mark.parametrize(
    ("value", "read"), [(True, True), (0, False), (-3, True), ("TRUE", True), (" false ", False), ("", None)]
)
def test_booleans(value: object, read: bool | None) -> None:
    assert read is to_boolean(value).value


@pytest.mark.parametrize("value", ["yes", "tRUE", "1", 1.0, []])
def test_what_is_no_boolean(value: object) -> None:
    with pytest.raises(Mismatch):
        to_boolean(value)


@pytest.mark.parametrize(
    ("value", "read"), [("CANCEL", "CANCEL"), (" FAIL ", "FAIL"), (0, "QUEUE"), ("2", "FAIL"), (None, None)]
)
def test_choices_can_be_numbers(value: object, read: str | None) -> None:
    assert read == to_choice(value, ("QUEUE", "CANCEL", "FAIL")).value


@pytest.mark.parametrize("value", ["queue", "", "01", "3", 3, -1, 1.0, True, ["FAIL"]])
def test_what_is_no_choice(value: object) -> None:
    with pytest.raises(Mismatch):
        to_choice(value, ("QUEUE", "CANCEL", "FAIL"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("PT1M", 60), ("p1d", 86_400), (" PT5S ", 5), (60, 60), (1.5, 1.5), ("2", 2), (".5", 0.5), ("010", 10)],
)
def test_durations_can_be_seconds(value: object, seconds: float) -> None:
    assert round(seconds * 1e9) == to_duration_ns(value).value


@pytest.mark.parametrize("value", ["1m", "P1W", "1e2", "null", "1.5.5", True, [], float("inf")])
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(Mismatch):
        to_duration_ns(value)


@pytest.mark.parametrize(
    ("value", "read"), [("a", "a"), (8, "8"), (100.0, "100.0"), (True, "true"), (None, None)]
)
def test_text(value: object, read: str | None) -> None:
    assert read == to_text(value).value


def test_properties_take_anything() -> None:
    assert to_property({"a": [1]}) == '{"a":[1]}'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (0.001, "0.001"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (1.25e-4, "1.25E-4"),
        (1e999, "Infinity"),
    ],
)
def test_doubles_as_java_writes_them(number: float, text: str) -> None:
    assert text == java_double(number)


def test_truth() -> None:
    assert [is_truthy(text) for text in ("true", "no", "false", "0", "-0", " ")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
