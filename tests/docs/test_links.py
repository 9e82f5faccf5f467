"""Links between the pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.examples import ROOT, pages

LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#]+)(?:#(?P<anchor>[^)]+))?\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_the_page(page: Path) -> None:
    for link in LINK.finditer(page.read_text(encoding="utf-8")):
        target = page.parent / link["target"]

        assert target.exists(), f"{page.name} links to {link['target']}"
        if link["anchor"]:
            assert link["anchor"] in anchors(target), (
                f"{page.name} links to {link['target']}#{link['anchor']}"
            )


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_can_be_found_from_the_readme(page: Path) -> None:
    found = {ROOT / "README.md"}
    todo = [ROOT / "README.md"]
    while todo:
        source = todo.pop()
        for link in LINK.finditer(source.read_text(encoding="utf-8")):
            target = (source.parent / link["target"]).resolve()
            if target.suffix == ".md" and target.exists() and target not in found:
                found.add(target)
                todo.append(target)

    assert page in found
