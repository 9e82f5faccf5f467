"""Remake the reports of this folder: `make reports`.

Each example is some files of the library, run as they are and written as `flowconc run FILE... --report DIR` writes
them. The zoo is what `flowconc zoo --semantics all` prints as Markdown and as HTML.
"""

from __future__ import annotations

from pathlib import Path

from flowconc.report.html import write_report
from flowconc.runner import run_all
from flowconc.scenario.vocabulary import SEMANTICS
from flowconc.zoo.matrix import examine_all
from flowconc.zoo.pages import html, markdown
from flowconc.zoo.registry import bugs, unused_faults

HERE = Path(__file__).parent
LIBRARY = HERE.parent / "scenarios" / "docs"

REPORTS = {
    "third-execution-waits": ("a03-third-execution-waits.flowconc.yaml",),
    "backlog-and-backoff": (
        "a06-backlog-slows-scheduling.flowconc.yaml",
        "a06-backoff-at-the-source.flowconc.yaml",
    ),
}


def make(directory: Path) -> list[Path]:
    """Write every example report below `directory` and return their pages."""
    return [
        write_report([result for file in files for result in run_all(LIBRARY / file)], directory / name)
        for name, files in REPORTS.items()
    ]


def make_zoo(directory: Path) -> list[Path]:
    """Write the zoo of known bugs below `directory`, under every version, and return its pages."""
    examined, unused = list(examine_all(bugs(), SEMANTICS)), unused_faults()
    pages = {"zoo.md": markdown(examined, unused), "zoo.html": html(examined, unused)}
    for name, page in pages.items():
        (directory / name).write_text(page, encoding="utf-8")
    return [directory / name for name in pages]


if __name__ == "__main__":
    for page in (*make(HERE), *make_zoo(HERE)):
        print(page.relative_to(HERE.parent))
