"""The report's files: one page that needs nothing else, plots beside it, the same bytes each time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowconc.report import html
from flowconc.report.html import MissingExtra, unique_slugs, write_report, write_trace_report
from flowconc.trace.trace import Trace
from tests.report.results import FAILED, PASSED, THIRD_WAITS, result
from tests.traces import trace_of

PLOTS = ["lock_contention.svg", "queue_depth.svg", "slots_in_use.svg", "trigger_fires.svg"]
HOSTILE = "</script><script>alert(1)</script>\"'&<!--\u202e"


class Reader(HTMLParser):
    """Collects the page's text, and what its elements refer to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.references: list[str] = []
        self.elements: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.references += [value or "" for key, value in attrs if key in ("src", "href", "action", "data")]
        self.open += [tag] if tag in ("script", "style") else []

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open:
            self.text.append(data)


def data_of(page: str) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_a_report_is_a_page_and_the_plots_of_each_scenario(tmp_path: Path):
    page = write_report([result(), result(FAILED, name="Second: limit=2")], tmp_path / "new")

    assert page == tmp_path / "new" / "index.html"
    assert sorted(path.name for path in (tmp_path / "new" / "third-waits").iterdir()) == PLOTS
    assert sorted(path.name for path in (tmp_path / "new" / "second-limit-2").iterdir()) == PLOTS


def test_the_same_results_give_the_same_bytes(tmp_path: Path):
    for run in ("one", "two"):
        write_report([result(FAILED, PASSED)], tmp_path / run)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))

    assert len(files) == 1 + len(PLOTS)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_page_refers_to_nothing_outside_itself(tmp_path: Path):
    page = write_report([result(FAILED)], tmp_path).read_text("utf-8")

    assert re.search(r"https?://|\bsrc=|@import|url\((?!#)", page) is None
    assert all(it.startswith("#") or it == "data:," for it in Reader(page).references)


def test_verdicts_come_first_failures_unfolded(tmp_path: Path):
    page = write_report([result(PASSED, FAILED)], tmp_path).read_text("utf-8")

    assert page.index('id="verdicts"') < page.index("holding a slot: a, b") < page.index("<article")
    assert re.search(
        r'<details class="finding" open>\s*<summary><span class="badge fail">FAIL</span> <strong>expect', page
    )
    assert "1 check passed" in page
    assert "1 failed" in Reader(page).text


def test_a_finding_leads_to_its_moment(tmp_path: Path):
    page = write_report([result(FAILED)], tmp_path).read_text("utf-8")

    assert 'class="show-moment" data-scenario="0" data-t="2000000"' in page
    assert data_of(page)[0]["focus_us"] == 2_000_000


def test_without_a_failure_the_moment_is_that_of_the_deepest_queue(tmp_path: Path):
    page = write_report([result()], tmp_path).read_text("utf-8")

    assert data_of(page)[0]["focus_us"] == 2_000_000


def test_where_nobody_queues_the_moment_is_that_of_most_holders(tmp_path: Path):
    trace = trace_of(
        "0s flow f; flow g", "1s admit a of=f", "2s admit b of=g; admit c of=g", "3s end c; release c"
    )
    page = write_trace_report([trace], tmp_path).read_text("utf-8")

    assert data_of(page)[0]["focus_us"] == 2_000_000


def test_who_waited_for_whom_is_a_table(tmp_path: Path):
    text = " ".join(Reader(write_report([result()], tmp_path).read_text("utf-8")).text)

    assert "All waits (1), longest first." in text
    assert "8s" in text


def test_names_are_harmless(tmp_path: Path):
    trace = trace_of(*(line.replace("company.team.f", "<b>f") for line in THIRD_WAITS))
    trace.names = (HOSTILE, "b", "c")
    hostile = replace(FAILED, sentence=HOSTILE, story=(HOSTILE,))
    page = write_report(
        [result(hostile, name=HOSTILE, traces=(trace,), description=HOSTILE)], tmp_path
    ).read_text("utf-8")
    reader = Reader(page)

    assert reader.elements.count("script") == 2
    assert "b" not in reader.elements
    assert HOSTILE in reader.text
    assert data_of(page)[0]["flows"][0]["names"][0] == HOSTILE


def test_several_replications_show_the_first_and_statistics_over_all(tmp_path: Path):
    traces = (trace_of(*THIRD_WAITS), trace_of("0s flow company.team.f limit=2", "0s admit a", replication=1))
    text = " ".join(Reader(write_report([result(traces=traces)], tmp_path).read_text("utf-8")).text)

    assert "of the first of 2 runs" in text
    assert "Over 2 runs: mean (lowest to highest)" in text


def test_a_report_of_traces_has_no_verdicts(tmp_path: Path):
    page = write_trace_report([trace_of(*THIRD_WAITS)], tmp_path).read_text("utf-8")

    assert 'id="verdicts"' not in page
    assert "hand-made" in Reader(page).text
    assert sorted(path.name for path in (tmp_path / "hand-made").iterdir()) == PLOTS


def test_a_report_of_nothing_is_a_page(tmp_path: Path):
    assert "No scenario ran" in Reader(write_report([], tmp_path).read_text("utf-8")).text


def test_a_long_run_is_cut_and_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(html, "MOST_CHANGES", 10)
    monkeypatch.setattr("flowconc.report.moments.FEWEST_CHANGES", 10)
    trace = trace_of("0s flow f", *(f"{number}s admit a{number}; end a{number}" for number in range(50)))
    page = write_report([result(traces=(trace,))], tmp_path).read_text("utf-8")

    assert "The run is too long for one page" in page


def test_ten_thousand_executions_stay_under_a_megabyte(tmp_path: Path):
    page = write_trace_report([repeated(trace_of(*THIRD_WAITS), 3_400)], tmp_path)

    assert page.stat().st_size < 1_000_000


def repeated(trace: Trace, times: int) -> Trace:
    """Return a run that tells the story of `trace`, all but its first event, again and again."""
    story = trace.records[1:-1]
    rounds = np.tile(story, times)
    number = np.arange(times).repeat(len(story))
    rounds["t_us"] += number * (trace.end_us + 1_234_567)
    rounds["execution"] += number * len(trace.names)
    last = trace.records[-1:].copy()
    last["t_us"] = rounds["t_us"][-1]
    return Trace(
        trace.header,
        np.concatenate((trace.records[:1], rounds, last)),
        names=tuple(f"f#{number + 1}" for number in range(times * len(trace.names))),
        flows=trace.flows,
        actors=trace.actors,
        details=trace.details,
    )


def test_missing_libraries_are_named_with_the_command_that_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(html, "find_spec", lambda _: None)

    with pytest.raises(
        MissingExtra, match=r"needs matplotlib and jinja2: pip install 'pytest-flowconc\[report\]'"
    ):
        write_report([result()], tmp_path)


def test_directories_are_plain_and_never_the_same():
    assert unique_slugs(["A b", "a_b", "../..", "queue[limit=2]", "x" * 100]) == [
        "a-b",
        "a-b-2",
        "scenario",
        "queue-limit-2",
        "x" * 60,
    ]
