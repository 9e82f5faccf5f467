"""Plain data as YAML text: read back it is the same, and it looks as a person would write it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowconc.scenario.source.yaml_source import documents
from flowconc.scenario.source.yaml_writer import WIDTH, yaml_text

LIKE_SOMETHING_ELSE = [
    "on",
    "1:30",
    "017",
    "0o17",
    "1e3",
    "0x1f",
    "null",
    "~",
    "",
    "- a",
    "a: b",
    "#",
    "it's",
    "=",
    "<<",
]
TEXTS = st.sampled_from(LIKE_SOMETHING_ELSE) | st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" \n"), max_size=12
)
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS.filter(lambda key: key != "<<"), inner, max_size=3)
    ),
    max_leaves=12,
)


def read(text: str) -> object:
    (document,) = documents(text, "x.yaml")
    return document.data


@given(st.dictionaries(TEXTS.filter(lambda key: key != "<<"), DATA, min_size=1, max_size=4))
def test_what_is_written_is_read_as_the_same(data):
    assert read(yaml_text(data)) == data


def test_what_is_shared_is_written_out():
    shared = {"limit": 1}

    assert yaml_text({"a": shared, "b": shared}) == "a: {limit: 1}\nb: {limit: 1}\n"


def test_entries_stand_on_a_line_each():
    data = {
        "scenario": "three of them",
        "flows": ["f.yaml"],
        "arrivals": [{"flow": "f", "at": ["0s", "0s", "1s"]}, {"flow": "g", "at": "2s"}],
        "run": {"seed": 1},
    }

    assert yaml_text(data) == (
        "scenario: three of them\n"
        "flows: [f.yaml]\n"
        "arrivals:\n"
        "  - {flow: f, at: [0s, 0s, 1s]}\n"
        "  - {flow: g, at: 2s}\n"
        "run: {seed: 1}\n"
    )


def test_what_is_too_long_for_a_line_is_broken_at_its_parts():
    long = {"flow": "f", "names": ["n" * 40, "m" * (WIDTH - 40)]}

    assert yaml_text({"arrivals": [long]}).splitlines()[:2] == ["arrivals:", "  - flow: f"]


def test_text_of_several_lines_stands_line_by_line():
    assert yaml_text({"description": "one\ntwo\n"}) == "description: |\n  one\n  two\n"
