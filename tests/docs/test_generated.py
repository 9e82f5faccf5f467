"""What the documentation takes from the code is what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.examples import ROOT, pages
from docs.generate import SCHEMA, SECTIONS, filled, section_names
from flowconc.scenario.schema import schema_text
from flowconc.scenario.vocabulary import METRICS, SELECTORS, STATISTICS


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_sections_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert filled(text) == text, "run: python docs/generate.py"


def test_every_generated_section_is_on_one_page() -> None:
    used = [name for page in pages() for name in section_names(page.read_text(encoding="utf-8"))]

    assert sorted(SECTIONS) == sorted(used)


def test_the_schema_beside_the_library_is_up_to_date() -> None:
    assert schema_text() == SCHEMA.read_text(encoding="utf-8"), "run: python docs/generate.py"


@pytest.mark.parametrize("word", [*METRICS, *STATISTICS, *SELECTORS])
def test_the_page_on_metrics_explains_every_word(word: str) -> None:
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")

    assert f"| `{word}` |" in page
