"""The capacity report's files: one page that needs nothing else, every number beside it, the same bytes each time."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from flowconc.report import html
from flowconc.report.capacity import PLOT, write_capacity_report
from flowconc.report.html import MissingExtra
from tests.plan.evaluators import unheard
from tests.report.plans import planned
from tests.report.test_html import HOSTILE, Reader, data_of

NAMESPACES = re.compile(r"http://www\.w3\.org/[\w/]+")


@pytest.fixture(scope="module")
def result():
    return planned("queue_wait p95 < 40s", protect=["slots_in_use max <= 3"])


def page_of(result, directory: Path) -> str:
    return write_capacity_report([result], directory).read_text("utf-8")


def test_a_report_is_a_page_and_its_numbers(result, tmp_path: Path):
    page = write_capacity_report([result], tmp_path / "new")

    assert page == tmp_path / "new" / "index.html"
    assert sorted(path.name for path in page.parent.iterdir()) == ["index.html", "plan.csv", "plan.json"]


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path):
    for run in ("one", "two"):
        write_capacity_report([planned()], tmp_path / run)

    for name in ("index.html", "plan.csv", "plan.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_page_refers_to_nothing_outside_itself(result, tmp_path: Path):
    page = page_of(result, tmp_path)

    assert PLOT.read_text("utf-8") in page
    assert (
        re.search(
            r"https?://|@import|url\((?!#)", NAMESPACES.sub("", page.replace(PLOT.read_text("utf-8"), ""))
        )
        is None
    )
    assert all(it.startswith("#") or it == "data:," for it in Reader(page).references)


def test_the_recommendation_comes_first_with_its_confidence(result, tmp_path: Path):
    text = "".join(Reader(page_of(result, tmp_path)).text)

    assert (
        "95 % sure: limit 3 meets queue_wait p95 < 40s, 2 does not; slots_in_use max <= 3 allows at most 3"
        in text
    )
    assert text.index("95 % sure: limit 3") < text.index("now: limit 2 does not meet")
    assert "Nobody is to wait for long." in text


@pytest.mark.parametrize(
    ("headline", "goal", "keys"),
    [
        ("Limit 3 is enough; now the flow has limit 2", "queue_wait p95 < 40s", {}),
        (
            "Limit 3 is enough, up to 4 is allowed; now the flow has limit 2",
            "queue_wait p95 < 40s",
            {"protect": ["slots_in_use max <= 4"]},
        ),
        ("Limit 2 is enough; the flow has it now", "queue_wait p95 < 60s", {}),
        ("No limit from 1 to 4 is enough; now the flow has limit 2", "queue_wait p95 < 1s", {}),
        (
            "No limit will do; now the flow has limit 2",
            "queue_wait p95 < 40s",
            {"protect": ["slots_in_use max <= 2"]},
        ),
        ("Not decided; now the flow has limit 2", "queue_wait p95 < 25.3s", {}),
        ("No answer; now the flow has limit 2", "queue_wait p95 < 40s", {"evaluate": unheard}),
        (
            "QUEUE: limit 3 is enough; now the flow has limit 2",
            "queue_wait p95 < 40s",
            {"behaviors": ("QUEUE", "CANCEL")},
        ),
        (
            "Limit 3 is enough; now the flow has limit 2 with QUEUE",
            "queue_wait p95 < 40s",
            {"behaviors": ("CANCEL",)},
        ),
    ],
)
def test_the_headline_says_it_in_a_glance(headline, goal, keys, tmp_path: Path):
    page = page_of(planned(goal, sensitivity=False, **keys), tmp_path)

    assert f'<p class="headline"><bdi>{headline}</bdi></p>' in page
    assert f"<title>calls in time: {headline}</title>" in page


def test_without_javascript_there_are_the_tables(result, tmp_path: Path):
    page = page_of(result, tmp_path)

    assert page.count('<tr class="recommended">') == 1
    assert re.search(r'<td class="number outcome FAIL">FAIL</td>', page)
    assert "load +25 %" in page
    assert "Limit 3, with more and less load, and other durations" in page


def test_json_and_csv_have_what_is_drawn(result, tmp_path: Path):
    page_of(result, tmp_path)
    (data,) = json.loads((tmp_path / "plan.json").read_text("utf-8"))["plans"]
    lines = list(csv.DictReader((tmp_path / "plan.csv").read_text("utf-8").splitlines()))
    day = [each for each in lines if each["section"] == "day" and each["limit"] == "3"]

    assert len(data["outlook"]["loads"]) == 4 * 9
    assert data["outlook"]["cliffs"][2] == {
        "limit": 3,
        "behavior": "QUEUE",
        "load": 1.0,
        "duration": 1.0,
        "parameters": {},
        "at_load": 1.5,
        "exact": True,
    }
    assert {each["section"] for each in lines} == {"sweep", "sensitivity", "load", "turned away", "day"}
    assert [(each["selectors"], each["statistic"]) for each in day[:3]] == [
        ("at_s=62", "p50"),
        ("at_s=62", "p95"),
        ("at_s=98.854167", "p50"),
    ]


def test_several_plans_are_sections_of_one_page(tmp_path: Path):
    page = write_capacity_report([planned(), planned(name="Others: limit=2")], tmp_path).read_text("utf-8")

    assert re.findall(r'<article class="capacity" id="([\w-]+)"', page) == ["calls-in-time", "others-limit-2"]
    assert len(data_of(page)) == 2


def test_no_name_can_leave_its_place(tmp_path: Path):
    page = page_of(planned(name=HOSTILE), tmp_path)

    assert "<script>alert(1)" not in page
    assert "alert(1)" in "".join(Reader(page).text)
    assert Reader(page).elements.count("script") == 3


def test_without_the_extra_it_says_how_to_get_it(result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(html, "find_spec", lambda library: None)

    with pytest.raises(MissingExtra, match=r"pip install 'pytest-flowconc\[report\]'"):
        write_capacity_report([result], tmp_path)
