"""Traces read back: an exact round trip, and messages for files that are no trace."""

from __future__ import annotations

import io
import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowconc.protocol.events import STATE_KINDS, Kind
from flowconc.scenario.problems import BadInput
from flowconc.trace.jsonl_reading import read_jsonl
from flowconc.trace.trace import NOTHING, RECORD, STATES, Header, Trace
from tests.traces import text_of, trace_of


def read(text: str) -> Trace:
    return read_jsonl(io.StringIO(text), "run.jsonl")


def problems_of(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def changed(line: int, **values: object) -> str:
    """Return a good trace's text with some values of one line (from 1) replaced; `...` takes a key away."""
    lines = text_of(trace_of("0s flow f limit=1", "0s admit a ui")).splitlines()
    parsed = json.loads(lines[line - 1]) | values
    lines[line - 1] = json.dumps({key: value for key, value in parsed.items() if value is not ...})
    return "\n".join(lines)


# --- the round trip

words = st.text(max_size=8)
counts = st.integers(-1, 2**31 - 1)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Draw any trace that the form can express: executions numbered in order of creation."""
    tables = {
        table: tuple(draw(st.lists(words, unique=True, min_size=1, max_size=4)))
        for table in ("names", "flows", "actors", "details")
    }
    t_us = 0
    rows = [
        (t_us, NOTHING, 0, -1, number, 0, 0, 0, -1, 0, 0, int(Kind.CREATED))
        for number in range(len(tables["names"]))
    ]
    for seq in range(len(rows), len(rows) + draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(Kind))
        value = st.integers(0, len(STATES) - 1) if kind in STATE_KINDS else st.integers(-(2**62), 2**62)
        t_us += draw(st.integers(0, 10**12))
        rows.append(
            (
                t_us,
                draw(value),
                draw(value),
                draw(st.integers(-1, seq - 1)),
                draw(st.integers(0, len(tables["names"]) - 1)),
                draw(counts),
                draw(counts),
                draw(counts),
                draw(st.integers(0, len(tables["details"]) - 1)),
                draw(st.integers(0, len(tables["flows"]) - 1)),
                draw(st.integers(0, len(tables["actors"]) - 1)),
                int(kind),
            )
        )
    header = Header(
        draw(words), "documented", draw(st.integers(0, 2**63 - 1)), 0, "0", "2026-01-01T00:00:00+00:00"
    )
    return Trace(header, np.array(rows, dtype=RECORD), **tables)


@given(traces())
def test_reading_gives_back_what_was_written(trace: Trace):
    again = read(text_of(trace))

    assert again.header == trace.header
    assert again.names == trace.names
    assert list(again.events()) == list(trace.events())
    assert text_of(again) == text_of(trace)


def test_executions_are_numbered_in_order_of_creation_not_of_appearance():
    trace = trace_of("0s flow f", "1s create a", "1s create b")
    lines = text_of(trace).splitlines()
    lines[1] = lines[1].replace('"execution":null', '"execution":"b"')

    assert read("\n".join(lines)).names == ("a", "b")


# --- files that are no trace


def test_an_empty_file():
    assert problems_of("") == ["run.jsonl:1:1: the trace is empty, expected a header with schema_version 1"]


def test_a_first_line_that_is_no_header():
    assert problems_of('{"seq":0}\n') == [
        "run.jsonl:1:1: the first line has no 'schema_version', expected the header of a trace"
    ]


def test_another_schema_version():
    assert problems_of(changed(1, schema_version=2)) == ["run.jsonl:1:1: schema_version is 2, expected 1"]


def test_a_line_that_is_not_json():
    (problem,) = problems_of(text_of(trace_of("0s flow f")) + "{oops\n")

    assert problem.startswith("run.jsonl:4:1: the line is not JSON: ")


@pytest.mark.parametrize("line", ["[]", "7", "null", '"text"'])
def test_a_line_that_is_not_an_object(line: str):
    assert problems_of(text_of(trace_of("0s flow f")) + line) == [
        "run.jsonl:4:1: the line is not a JSON object, expected one JSON object a line"
    ]


def test_a_missing_key():
    assert problems_of(changed(3, running=...)) == ["run.jsonl:3:1: the key 'running' is missing"]


def test_an_unknown_key_is_compared_with_the_missing_ones():
    assert problems_of(changed(3, running=..., runing=1)) == [
        "run.jsonl:3:1: unknown key \"runing\", did you mean 'running'?"
    ]


def test_an_unknown_kind():
    assert problems_of(changed(3, kind="creatd")) == [
        "run.jsonl:3:1: unknown kind \"creatd\", did you mean 'created'?"
    ]


def test_an_unknown_state():
    assert problems_of(changed(3, after="RUNING")) == [
        "run.jsonl:3:1: 'after' is \"RUNING\", expected a state or null, did you mean 'RUNNING'?"
    ]


def test_an_event_without_what_its_kind_needs():
    assert problems_of(changed(3, execution=None)) == [
        "run.jsonl:3:1: 'execution' is null in an event of kind 'created'"
    ]


def test_events_out_of_order():
    assert problems_of(changed(3, seq=7)) == [
        "run.jsonl:3:1: 'seq' is 7, expected 1, the number of events before it"
    ]
    assert problems_of(changed(2, t_us=5))[0] == "run.jsonl:3:1: 't_us' goes back to 0, expected 5 or later"


def test_an_effect_before_its_cause():
    assert problems_of(changed(3, cause_seq=1)) == [
        "run.jsonl:3:1: 'cause_seq' is 1, expected a whole number from 0 to 0"
    ]


@pytest.mark.parametrize("value", [2**63, -1, 1.5, "1", True, [1], {"a": 1}])
@pytest.mark.parametrize("key", ["t_us", "running", "revision"])
def test_a_number_that_is_none(key: str, value: object):
    (problem, *_) = problems_of(changed(3, **{key: value}))

    assert problem.startswith(f"run.jsonl:3:1: {key!r} is ")
    assert "expected a whole number" in problem


def test_a_string_that_is_none():
    assert problems_of(changed(3, actor=None)) == ["run.jsonl:3:1: 'actor' is null, expected a string"]
    assert problems_of(changed(3, detail=3)) == ["run.jsonl:3:1: 'detail' is 3, expected a string or null"]


def test_half_a_character():
    (problem,) = problems_of(changed(3, detail="\ud800"))

    assert problem == 'run.jsonl:3:1: "\\ud800" has half a character in it'


@pytest.mark.parametrize(
    "line",
    ["[" * 100_000, '{"seq":' + "9" * 10_000 + "}", '{"seq":NaN}', "x" * 2_000_000, "\x00", "{" * 50],
    ids=["deep", "huge number", "NaN", "long line", "NUL", "open"],
)
def test_hostile_lines_are_problems_with_a_position(line: str):
    (problem,) = problems_of(text_of(trace_of("0s flow f")) + line)

    assert problem.startswith("run.jsonl:4:1: ")


def test_text_that_is_not_utf_8():
    stream = io.TextIOWrapper(io.BytesIO(b"\xff\xfe{}"), encoding="utf-8")

    with pytest.raises(BadInput, match=r"run.jsonl:1:1: the text is not UTF-8"):
        read_jsonl(stream, "run.jsonl")


def test_all_problems_are_told_at_once_up_to_a_number():
    good = text_of(trace_of("0s flow f"))

    assert len(problems_of(good + "{}\n" * 3)) == 3
    assert len(problems_of(good + "{}\n" * 10_000)) == 20


@given(st.text())
def test_no_text_is_a_traceback(text: str):
    with suppress(BadInput):
        read(text)
