"""What a semantics can be called, and what is said of other names."""

from __future__ import annotations

import pytest

from flowconc.scenario import semantics
from flowconc.scenario.names import UnknownName
from flowconc.scenario.semantics import resolve_semantics, version_of
from flowconc.scenario.vocabulary import SEMANTICS


def unknown(name):
    with pytest.raises(UnknownName) as caught:
        resolve_semantics(name)
    return caught.value


@pytest.mark.parametrize("name", SEMANTICS)
def test_a_full_name_means_itself(name):
    assert resolve_semantics(name) == name


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("kestra-2", "kestra-2.0.2"),
        ("kestra-2.0", "kestra-2.0.2"),
        ("kestra-1", "kestra-1.3.31"),
        ("kestra-1.3", "kestra-1.3.31"),
        ("kestra-1.1", "kestra-1.1.10"),
        ("kestra-0", "kestra-0.24.0"),
        ("kestra-0.21", "kestra-0.21.0"),
    ],
)
def test_the_beginning_of_a_version_means_the_newest_that_begins_so(prefix, name):
    assert resolve_semantics(prefix) == name


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("documentd", "documented"),
        ("kestra-1.1.9", "kestra-1.1.0"),  # the newest known one that is not newer
        ("kestra-1.1.1", "kestra-1.1.0"),
        ("kestra-2.0.1", "kestra-2.0.0"),
        ("kestra-3.0", "kestra-2.0.2"),
        ("kestra-0.13", "kestra-0.21.0"),  # older than all
        ("2.0", "kestra-2.0.2"),
        ("v1.3", "kestra-1.3.31"),
        ("Kestra-2.0.0", "kestra-2.0.0"),
    ],
)
def test_an_unknown_one_suggests_the_nearest(name, suggestion):
    error = unknown(name)

    assert error.suggestion == suggestion
    assert error.expected == f"one of {', '.join(SEMANTICS)}"


@pytest.mark.parametrize(
    "name", ["", "kestra-", "kestra", "kestra-.", "kestra-2.", "+", "x" * 10_000, "1" * 500]
)
def test_what_is_no_name_at_all_is_refused(name):
    assert unknown(name).what


def test_a_fault_model_is_named_behind_its_semantics(monkeypatch):
    monkeypatch.setattr(semantics, "FAULT_MODELS", ("late_release", "no_release"))

    assert resolve_semantics("documented+no_release") == "documented+no_release"
    assert resolve_semantics("kestra-2.0+no_release") == "kestra-2.0.2+no_release"
    assert unknown("kestra-2.0+no_releas").suggestion == "kestra-2.0.2+no_release"
    assert unknown("documented+").expected == "one of late_release, no_release"
    assert unknown("documentd+no_release").suggestion == "documented"


@pytest.mark.parametrize(
    ("name", "version"),
    [("documented", None), ("documented+x", None), ("kestra-1.2", (1, 2)), ("kestra-0.24.0+x", (0, 24, 0))],
)
def test_a_version_is_a_tuple_of_its_numbers(name, version):
    assert version_of(name) == version
