"""The statistics over replications."""

from __future__ import annotations

from flowconc.report.summary import COLUMNS, summaries
from tests.report.results import THIRD_WAITS
from tests.traces import trace_of

HEADINGS = [heading for heading, *_ in COLUMNS]


def test_one_run_has_plain_numbers():
    (row,) = summaries([trace_of(*THIRD_WAITS)])
    cells = dict(zip(HEADINGS, row.cells, strict=True))

    assert row.flow == "company.team.f"
    assert (cells["ended"], cells["wait, max"], cells["queue, max"]) == ("3", "8 s", "1")


def test_several_runs_have_their_mean_and_range():
    shorter = trace_of(
        "0s flow company.team.f limit=1",
        "0s admit a; queue b",
        "4s end a; release a; pop b",
        "5s end b; release b",
    )
    (row,) = summaries([trace_of(*THIRD_WAITS), shorter])

    assert dict(zip(HEADINGS, row.cells, strict=True))["wait, max"] == "6 (4 to 8) s"


def test_what_was_never_observed_is_said():
    (row,) = summaries([trace_of("0s flow f")])

    assert dict(zip(HEADINGS, row.cells, strict=True))["wait, max"] == "none"
