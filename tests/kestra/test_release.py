"""Versions of Kestra, and conditions on them."""

from __future__ import annotations

import pytest

from flowconc.kestra.release import Release, parse_release


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("2.0.0", (2, 0, 0)), ("v1.3.31", (1, 3, 31)), ("0.24", (0, 24)), ("2.1.0-SNAPSHOT", (2, 1, 0))],
)
def test_versions_are_read(text, numbers):
    assert Release(numbers) == parse_release(text)


@pytest.mark.parametrize("text", ["", "two", "2..0", "2.0.0.0.0", ">=2.0"])
def test_anything_else_is_no_version(text):
    with pytest.raises(ValueError, match="not a version"):
        parse_release(text)


def test_versions_compare_by_number_not_by_letter():
    assert parse_release("0.9.0") < parse_release("0.21.0")


@pytest.mark.parametrize(
    ("condition", "meets"),
    [
        (">=1.1", True),
        (">=1.1.15", True),
        (">1.1.15", False),
        ("<2.0", True),
        ("<=1.1", False),  # 1.1 is 1.1.0 here
        ("1.1", True),  # but all of the line where it stands alone
        ("=1.1", True),
        ("==1.1.0", False),
        ("!=1.1", False),
        (">=1.1 <1.2", True),
        (">=1.1, <1.1.15", False),
        (">= 1.1", True),
    ],
)
def test_a_version_meets_conditions(condition, meets):
    assert parse_release("1.1.15").satisfies(condition) is meets


@pytest.mark.parametrize("condition", ["", "newer", ">=", "~1.1", ">=1.1 or 2.0"])
def test_anything_else_is_no_condition(condition):
    with pytest.raises(ValueError, match="not a condition"):
        parse_release("1.1.0").satisfies(condition)
