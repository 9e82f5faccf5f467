"""Every example of the documentation does what its page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.examples import ROOT, Stage, agree, blocks, pages

PLANS = ROOT / "docs" / "how-to" / "capacity-cases.md"
"""A page whose every example is a plan of hundreds of runs."""


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow) if page == PLANS else page for page in pages()],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_examples_of_the_page(page: Path, tmp_path: Path) -> None:
    """Blocks run in order, in one directory; transcripts print what they say."""
    stage = Stage(tmp_path)
    for block in blocks(page):
        expected = stage.play(block)

        assert expected == block.body, (
            f"{page.name}:{block.line} (python docs/generate.py refreshes transcripts)"
        )


@pytest.mark.parametrize(
    ("said", "printed", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["a", "...", "b", "...", "c"], ["a", "x", "b", "c"], True),
        (["a", "...", "c"], ["a", "b"], False),
    ],
)
def test_three_dots_are_any_lines(said: list[str], printed: list[str], same: bool) -> None:
    assert same == agree(said, printed)
