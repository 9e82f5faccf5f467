"""The page in a real browser: the moment picker moves bar and table, and nothing goes wrong on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowconc.report.html import write_report
from tests.browser import chromium
from tests.report.results import FAILED, THIRD_WAITS, result
from tests.traces import trace_of

pytestmark = pytest.mark.browser

LOOK = """
const look = () => ({
  time: $(".time").value,
  said: $(".flow .said").textContent,
  cells: [...document.querySelectorAll(".flow .bar i")].map((cell) => cell.className),
  rows: [...document.querySelectorAll(".flow tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent)),
});
const type = (text) => { $(".time").value = text; $(".time").dispatchEvent(new Event("change")); };
"""


def seen_in(page: Path, script: str, tmp_path: Path) -> Any:
    """Return what a script sees on a report's page."""
    return chromium.seen_in(page, script, tmp_path, LOOK)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return write_report([result(FAILED)], tmp_path / "report")


def test_the_page_opens_at_the_failure(page: Path, tmp_path: Path):
    assert seen_in(page, "return look()", tmp_path) == {
        "time": "2s",
        "said": "2 of 2 slots in use, 1 queued",
        "cells": ["used", "used"],
        "rows": [
            ["a", "RUNNING", "0s", "0s", "ui", "holds a slot"],
            ["b", "RUNNING", "1s", "0s", "api", "holds a slot"],
            ["c", "QUEUED", "2s", "0s", "webhook", "next; the slots are held by a, b"],
        ],
    }


def test_a_typed_time_moves_bar_and_table(page: Path, tmp_path: Path):
    early, late = seen_in(
        page, 'type("0.5s"); const early = look(); type("10s 500ms"); return [early, look()]', tmp_path
    )

    assert (early["said"], early["cells"]) == ("1 of 2 slots in use, 0 queued", ["used", ""])
    assert [row[0] for row in early["rows"]] == ["a"]
    assert [row[:4] for row in late["rows"]] == [["b", "RUNNING", "1s", "0s"], ["c", "RUNNING", "10s", "8s"]]


def test_the_buttons_step_from_event_to_event(page: Path, tmp_path: Path):
    script = """
      const steps = [];
      for (const button of [".next", ".next", ".previous", ".previous", ".previous", ".previous"]) {
        $(button).click();
        steps.push(look().time);
      }
      return [steps, $(".previous").disabled];
    """

    assert seen_in(page, script, tmp_path) == [["10s", "11s", "10s", "2s", "1s", "0s"], True]


def test_the_slider_moves_the_moment(page: Path, tmp_path: Path):
    script = '$(".slider").value = 20e6; $(".slider").dispatchEvent(new Event("input")); return look()'
    moved = seen_in(page, script, tmp_path)

    assert (moved["time"], moved["cells"], moved["rows"]) == ("20s", ["", ""], [])


def test_nonsense_is_marked_and_moves_nothing(page: Path, tmp_path: Path):
    script = 'type("soon"); return [$(".time").getAttribute("aria-invalid"), $(".flow .said").textContent]'

    assert seen_in(page, script, tmp_path) == ["true", "2 of 2 slots in use, 1 queued"]


def test_a_finding_shows_its_moment(page: Path, tmp_path: Path):
    script = (
        'type("15s"); const button = $(".show-moment"); button.click(); return [button.hidden, look().time]'
    )

    assert seen_in(page, script, tmp_path) == [False, "2s"]


def test_leaks_and_forced_runs_show_in_bar_and_table(tmp_path: Path):
    trace = trace_of(
        "0s flow f limit=2",
        "0s admit a; admit b; queue c",
        "1s deleted a",
        "2s forced c; state c RUNNING force_run",
        "9s over until",
    )
    page = write_report([result(traces=(trace,))], tmp_path / "report")
    state = seen_in(page, 'type("3s"); return look()', tmp_path)

    assert state["said"] == "1 of 2 slots in use, 0 queued; the engine counts 2: 1 slot leaked"
    assert state["cells"] == ["used", "leaked"]
    assert [(row[0], row[5]) for row in state["rows"]] == [("b", "holds a slot"), ("c", "has no slot")]


def test_hostile_names_are_only_text(tmp_path: Path):
    hostile = "</script><img src=x onerror=alert(1)>\u202e\"'"
    trace = trace_of(*THIRD_WAITS)
    trace.names = (hostile, "b", "c")
    page = write_report([result(FAILED, name=hostile, traces=(trace,))], tmp_path / "report")
    state = seen_in(page, "return [look().rows[0][0], document.images.length]", tmp_path)

    assert state == [hostile, 0]


def test_a_page_without_scenarios_logs_no_error(tmp_path: Path):
    page = write_report([], tmp_path / "report")

    assert seen_in(page, 'return $("h1").textContent', tmp_path) == "flowconc report"
