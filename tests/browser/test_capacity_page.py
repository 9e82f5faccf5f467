"""The capacity report in a real browser: the slider redraws everything, and nothing goes wrong on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowconc.report.capacity import write_capacity_report
from tests.browser import chromium
from tests.plan.evaluators import unheard
from tests.report.plans import planned

pytestmark = pytest.mark.browser

CHARTS = ["against-limit", "against-load", "over-the-day", "turned-away", "contention"]

LOOK = """
const all = (selector) => [...document.querySelectorAll(selector)];
const look = () => ({
  limit: $(".limit output").textContent,
  tiles: all(".tile").map((tile) => tile.innerText.replace(/\\s+/g, " ").trim()),
  said: Object.fromEntries(all(".chart").map((chart) => [chart.classList[1], chart.querySelector(".said").textContent])),
  drawn: all(".chart").filter((chart) => chart.querySelector("svg")).map((chart) => chart.classList[1]),
});
const slide = (place) => { $(".slider").value = place; $(".slider").dispatchEvent(new Event("input")); };
const choose = (selector, place) => { $(selector).selectedIndex = place; $(selector).dispatchEvent(new Event("change")); };
const touch = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
const boxes = (chart, selector, text) => [...$(`.chart.${chart} svg`).querySelectorAll(selector)]
  .filter((each) => each.textContent.includes(text)).map((each) => each.getBoundingClientRect());
const pathOf = (chart) => $(`.chart.${chart} svg`).outerHTML;
"""


def seen_in(result, script: str, tmp_path: Path) -> Any:
    page = write_capacity_report([result], tmp_path / "report")
    return chromium.seen_in(page, script, tmp_path, LOOK)


@pytest.fixture(scope="module")
def result():
    return planned("queue_wait p95 < 40s", protect=["slots_in_use max <= 3"], database=True)


def test_the_page_opens_at_the_recommended_limit(result, tmp_path: Path):
    seen = seen_in(result, "return look()", tmp_path)

    assert (seen["limit"], seen["drawn"]) == ("3", CHARTS)
    assert seen["tiles"][0] == "limit 3 recommended"
    assert seen["tiles"][1].endswith("PASS queue_wait p95 < 40s")
    assert seen["said"]["against-load"] == (
        "limit 3 meets the goals up to ×1.1 of the load, keeps up in the long run until about ×1.5"
    )
    assert seen["said"]["turned-away"].startswith("with CANCEL in place of QUEUE, limit 3 turns away 3%")


def test_the_slider_redraws_all_of_it(result, tmp_path: Path):
    script = f"""
      const before = {CHARTS}.map(pathOf);
      slide(0);
      return [look(), {CHARTS}.map(pathOf).map((now, i) => now !== before[i])];
    """
    seen, changed = seen_in(result, script, tmp_path)

    assert seen["limit"] == "1"
    assert seen["tiles"][1].endswith("FAIL queue_wait p95 < 40s")
    assert seen["said"]["against-limit"].startswith("queue_wait p95 at limit 1: ")
    assert all(changed[place] for place, chart in enumerate(CHARTS) if chart != "over-the-day")


def test_who_does_not_see_the_page_hears_what_a_limit_makes_of_the_goals(result, tmp_path: Path):
    heard = seen_in(result, 'slide(0); return $(".slider").getAttribute("aria-valuetext")', tmp_path)

    assert heard.startswith("limit 1; queue_wait p95 < 40s: ")
    assert heard.endswith("s, FAIL")


def test_another_statistic_can_be_shown(result, tmp_path: Path):
    script = 'choose(".statistics select", 1); return [look().said["against-limit"], pathOf("against-limit")]'
    said, drawn = seen_in(result, script, tmp_path)

    assert said == "slots_in_use max at limit 3: 3 ±0"
    assert "slots_in_use max &lt;= 3" in drawn


def test_every_case_has_its_own_charts(tmp_path: Path):
    result = planned(behaviors=("QUEUE", "CANCEL"))
    script = 'choose(".cases select", 1); return [look(), $(".cases").hidden]'
    seen, hidden = seen_in(result, script, tmp_path)

    assert not hidden
    assert seen["said"]["turned-away"].startswith("limit 3 turns away 3%")
    assert seen["said"]["against-load"] == "limit 3 meets the goals up to ×1 of the load"


def test_the_words_of_a_goal_hide_no_dot(result, tmp_path: Path):
    """The wait is near its bound at limit 3, far above it at limit 1, and all limits cross it under some load."""
    script = """
      return [0, 1, 2, 3].flatMap((place) => {
        slide(place);
        return ["against-limit", "against-load"].map((chart) => {
          const [words] = boxes(chart, "text", "queue_wait p95 < 40s"), dots = boxes(chart, "circle", "");
          return [dots.length > 3, dots.some((dot) => touch(words, dot))];
        });
      });
    """

    assert seen_in(result, script, tmp_path) == [[True, False]] * 8


@pytest.mark.parametrize(
    ("until_s", "clocks"),
    [(20, ["00:00:10", "00:00:15", "00:00:20"]), (3_600, ["00:15", "00:30", "00:45", "01:00"])],
)
def test_times_of_day_stand_apart_from_each_other_on_a_small_screen(until_s, clocks, tmp_path: Path):
    script = """
      $("main").style.width = "340px";
      dispatchEvent(new Event("resize"));
      const clocks = [...$(".chart.over-the-day svg").querySelectorAll("text")].filter((each) => /^\\d\\d:/.test(each.textContent));
      const rects = clocks.map((each) => each.getBoundingClientRect());
      return [clocks.map((each) => each.textContent), rects.some((rect, i) => i && touch(rects[i - 1], rect))];
    """

    assert seen_in(planned(until_s=until_s), script, tmp_path) == [clocks, False]


def test_what_there_is_nothing_of_is_said(tmp_path: Path):
    seen = seen_in(planned(), "return look()", tmp_path)

    assert "contention" not in seen["drawn"]
    assert seen["said"]["contention"] == "nobody waits for a row lock"


def test_a_plan_without_any_number_is_a_page_without_charts(tmp_path: Path):
    result = planned(evaluate=unheard, sensitivity=False)
    seen = seen_in(result, "return look()", tmp_path)

    assert seen["drawn"] == ["over-the-day"]
    assert seen["said"]["over-the-day"] == "limit 2: nobody queues"
    assert seen["tiles"][1] == "no data FAIL queue_wait p95 < 40s"


def test_a_table_is_copied_with_tabs(result, tmp_path: Path):
    script = """
      const copied = [];
      Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => copied.push(text)}});
      $(".copy").click();
      return [$(".copy").hidden, all(".copy").length, copied.length, copied[0].split("\\n")];
    """
    hidden, buttons, copies, lines = seen_in(result, script, tmp_path)

    assert (hidden, buttons, copies) == (False, 1, 1)
    assert lines[0].startswith("\tlimit\tqueue_wait p95\t")
    assert [line.split("\t")[:2] for line in lines[1:]] == [["", "1"], ["*", "2"], [">", "3"], ["", "4"]]


def test_where_a_page_may_not_copy_the_table_is_selected(result, tmp_path: Path):
    script = """
      Object.defineProperty(navigator, "clipboard", {value: undefined});
      $(".copy").click();
      return [$(".copy").textContent, String(getSelection()).includes("queue_wait p95")];
    """

    assert seen_in(result, script, tmp_path) == ["Selected: copy it with Ctrl+C", True]
