"""Scenario files as tests: one item for each scenario and set of parameters.

pytest loads this module only with `--flowconc`; the simulation is imported when the first file matches.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_flowconc.options import SETTINGS

if TYPE_CHECKING:
    from pytest_flowconc.items import ScenarioFile


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Take the files whose names match `flowconc_files`."""
    if not any(file_path.match(pattern) for pattern in parent.config.stash[SETTINGS].files):
        return None
    from pytest_flowconc.items import ScenarioFile  # noqa: PLC0415 - numpy and the rest, now that there is a use

    return ScenarioFile.from_parent(parent, path=file_path)
