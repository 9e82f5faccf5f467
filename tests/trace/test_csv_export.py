"""The tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TextIO

from flowconc.trace.csv_export import write_executions_csv, write_slots_csv
from flowconc.trace.trace import Trace
from tests.traces import trace_of


def rows(write: Callable[[Trace, TextIO], None], trace: Trace) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    write(trace, stream)
    return list(csv.DictReader(io.StringIO(stream.getvalue())))


def test_an_execution_is_a_line_and_what_never_came_is_empty():
    ended, waiting = rows(
        write_executions_csv, trace_of("0s flow f limit=1", "0s admit a ui; queue b", "2s end a")
    )

    assert (ended["name"], ended["source"], ended["ended_us"], ended["final"]) == (
        "a",
        "ui",
        "2000000",
        "SUCCESS",
    )
    assert (waiting["started_us"], waiting["final"], waiting["state"]) == ("", "", "QUEUED")
    assert (waiting["deleted"], waiting["parent"], waiting["applied"]) == ("false", "", "QUEUE")


def test_a_change_of_a_flows_slots_is_a_line():
    first, *_, last = rows(write_slots_csv, trace_of("0s flow f limit=1", "0s admit a", "2s flow f"))

    assert (first["t_us"], first["flow"], first["limit"], first["holding"]) == ("0", "f", "1", "0")
    assert (last["t_us"], last["limit"], last["holding"]) == ("2000000", "", "1")


def test_names_are_quoted_as_csv_has_it():
    (row,) = rows(write_executions_csv, trace_of("0s flow f limit=1", '0s admit "a,1"'))

    assert row["name"] == '"a,1"'
