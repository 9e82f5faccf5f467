"""Failures that a search found, kept as scenario files: from then on they are tests like any other."""

from __future__ import annotations

from pathlib import Path

from flowconc.scenario.load import SUFFIX
from flowconc.vary.batch import Failure


def save_failure(failure: Failure, found_with: str) -> Path | None:
    """Write a failure beside the scenario file that it was found with, and return where: the same one in the same file.

    Returns None for a scenario that was built in Python, which has no file. Raises OSError.
    """
    if found_with.startswith("<"):  # `<builder>`
        return None
    beside = Path(found_with)
    name = beside.name.removesuffix(SUFFIX)
    path = beside.with_name(f"{name}.failure-{failure.id}{SUFFIX}")
    path.write_text(failure.document, encoding="utf-8")
    return path
