"""The example reports that are kept in the repository are those that `make reports` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.examples import ROOT
from reports.make import PLANS, make_capacity


@pytest.mark.slow
def test_the_capacity_reports_are_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # a report names its scenario as seen from there
    pages = make_capacity(tmp_path)

    assert [page.parent.name for page in pages] == list(PLANS)
    for page in pages:
        for name in ("index.html", "plan.json", "plan.csv"):
            made, kept = page.parent / name, ROOT / "reports" / page.parent.name / name
            assert made.read_bytes() == kept.read_bytes(), f"{name} of {page.parent.name}: run `make reports`"
