"""Recordings: header, what was seen, summary."""

from __future__ import annotations

import json

import pytest

from flowconc.kestra.recording import read_recording
from flowconc.kestra.release import Release
from flowconc.scenario.problems import BadInput
from tests.kestra.scripts import write_recording


def test_header_and_summary_are_read(tmp_path):
    recording = read_recording(write_recording(tmp_path, end_ms=2500.5, queues={"t.f": ["e2"]}))

    assert recording.release == Release((2, 0, 0))
    assert recording.started.isoformat() == "2026-11-22T15:00:00+00:00"
    assert recording.end_us == 2_500_500
    assert recording.queues == {"t.f": ("e2",)}
    assert recording.counters == {"t.f": 0}


def test_histories_are_in_microseconds(tmp_path):
    recording = read_recording(write_recording(tmp_path))

    assert recording.executions["e1"].history == (
        ("CREATED", 10_000),
        ("RUNNING", 30_000),
        ("SUCCESS", 1_100_000),
    )


def test_refused_operations_have_an_error(tmp_path):
    operations = [
        {"t": 3.0, "op": "kill", "exec": "e1", "error": "IllegalStateException: 404"},
        {"t": 4.0, "op": "set-counter", "flow": "t.f"},
    ]
    kill, counter = read_recording(write_recording(tmp_path, operations=operations)).operations

    assert (kill.verb, kill.execution, kill.error) == ("kill", "e1", "IllegalStateException: 404")
    assert (counter.flow, counter.t_us, counter.error) == ("t.f", 4_000, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[1:], "the recording has no header"),
        (lambda lines: lines[:-1], "the recording has no summary"),
        (lambda lines: ["not JSON", *lines], "this line is not JSON"),
        (lambda lines: ["[]", *lines], "this line is not a JSON object"),
        (lambda lines: [lines[0].replace("kestra", "version"), *lines[1:]], "`kestra` is missing"),
        (lambda lines: [lines[0].replace("2.0.0", "two"), *lines[1:]], "'two' is not a version"),
        (lambda lines: [*lines[:-1], json.dumps({"kind": "summary"})], "is missing"),
        (lambda lines: [], "the recording has no header"),
        (lambda lines: [*lines[:-1], lines[-1].replace("1120", "1e300")], "is no time in milliseconds"),
        (lambda lines: [*lines[:-1], lines[-1].replace("1120", "NaN")], "is no time in milliseconds"),
    ],
)
def test_what_is_no_recording_is_said(tmp_path, change, said):
    path = write_recording(tmp_path)
    path.write_text("\n".join(change(path.read_text().splitlines())), encoding="utf-8")

    with pytest.raises(BadInput, match=said):
        read_recording(path)
