"""The zoo as people read it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from flowconc.check.invariants import INVARIANTS
from flowconc.zoo.matrix import Shows, examine
from flowconc.zoo.pages import data, html, markdown, text, versions_text
from flowconc.zoo.registry import chosen
from flowconc.zoo.tables import SHORT, catches, matrix_rows, version_rows

REPORTS = Path(__file__).resolve().parent.parent.parent / "reports"
DELETED = examine(*chosen(["S19"]), ["documented", "documented+delete_frees"])
LOOP = examine(*chosen(["S27"]), ["kestra-2.0.2", "kestra-1.3.31"])


def test_every_invariant_has_a_column() -> None:
    assert tuple(SHORT) == tuple(INVARIANTS)
    assert len(set(SHORT.values())) == len(SHORT)


def test_a_row_says_which_invariants_broke() -> None:
    (row,) = matrix_rows([DELETED])

    broken = {name for name, broke in zip(INVARIANTS, row.broken, strict=True) if broke}
    assert broken == {
        "counter_matches_holders",
        "every_claim_released",
        "work_conserving",
        "no_stranded_execution",
    }
    assert (row.fault, row.verdict) == ("documented", "")
    assert sum(catches([row])) == len(broken)


def test_a_version_shows_a_bug_by_the_same_invariants_or_cannot_have_it() -> None:
    assert version_rows([DELETED]) == [(DELETED.bug, (Shows.YES, Shows.NO))]
    assert version_rows([LOOP]) == [(LOOP.bug, (Shows.YES, Shows.ABSENT))]


def test_the_text_ends_in_the_totals() -> None:
    assert list(text([DELETED], ["some_fault"]))[-2:] == [
        "the fault model some_fault is in no bug of the list",
        "1 bug: 1 of 1 faulty semantics caught, 1 of 1 fixed ones clean",
    ]


def test_the_table_of_versions_counts_the_bugs() -> None:
    lines = [line.split() for line in versions_text([LOOP])]

    assert lines[0] == ["kestra-2.0.2", "kestra-1.3.31"]
    assert lines[1][-2:] == ["x", "-"]
    assert lines[2] == ["shown", "1", "0"]


def test_the_data_can_be_written_as_json() -> None:
    (bug,) = json.loads(json.dumps(data([LOOP], ())))["bugs"]

    assert bug["id"] == "S27"
    assert bug["faulty"][0]["broken"].keys() == {"no_stranded_execution", "no_self_deadlock"}
    assert [version["shows"] for version in bug["versions"]] == ["yes", "absent"]


def test_the_page_escapes_what_it_shows() -> None:
    page = html([LOOP], ["<script>"])

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_without_versions_there_is_no_table_of_them() -> None:
    assert "## Bugs against versions" not in markdown([examine(*chosen(["S19"]))], ())


@pytest.mark.slow
def test_the_committed_report_is_up_to_date(tmp_path: Path) -> None:
    """`make reports` writes it anew."""
    made = _maker().make_zoo(tmp_path)

    assert [page.name for page in made if page.read_text() != (REPORTS / page.name).read_text()] == []


def _maker():
    spec = importlib.util.spec_from_file_location("make_reports", REPORTS / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
