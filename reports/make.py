"""Remake the example reports of this folder: `make reports`.

Each is one file of the library, run as it is and written as `flowconc run FILE --report DIR` writes it.
"""

from __future__ import annotations

from pathlib import Path

from flowconc.report.html import write_report
from flowconc.runner import run_all

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


if __name__ == "__main__":
    for page in make(HERE):
        print(page.relative_to(HERE.parent))
