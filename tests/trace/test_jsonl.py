"""The canonical form: fixed bytes, the header first, an event a line."""

from __future__ import annotations

import json

from flowconc.trace.jsonl import EVENT_KEYS
from tests.traces import text_of, trace_of


def test_the_header_comes_first_and_the_schema_version_first_in_it():
    first, *_ = text_of(trace_of("0s flow f limit=1")).splitlines()

    assert first == (
        '{"schema_version":1,"scenario":"hand-made","semantics":"documented","seed":1,"replication":0,'
        '"flowconc_version":"0","clock_start":"2026-01-01T00:00:00+00:00","warmup_us":0,"until_us":null,'
        '"connections":null,"worker_threads":null}'
    )


def test_an_event_is_a_line_with_the_documented_keys():
    lines = text_of(
        trace_of("0s flow f limit=1", "1.5s create a ui", "2s state a RUNNING gate cause=1")
    ).splitlines()

    assert list(json.loads(lines[1])) == list(EVENT_KEYS)
    assert lines[3] == (
        '{"seq":2,"t_us":2000000,"actor":"executor","kind":"state","execution":"a","flow":"f","revision":1,'
        '"cause_seq":1,"before":"CREATED","after":"RUNNING","running":1,"queued":0,"detail":"gate"}'
    )


def test_what_is_nothing_is_null():
    line = json.loads(text_of(trace_of("0s flow f")).splitlines()[1])

    assert [key for key, value in line.items() if value is None] == [
        "execution",
        "cause_seq",
        "before",
        "after",
        "detail",
    ]
