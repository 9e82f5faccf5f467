"""A scenario that a worker of xdist ran, run once more by the controller for the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowconc.runner import Result, run_scenario
from flowconc.scenario.load import load
from flowconc.scenario.problems import BadInput
from pytest_flowconc.options import Settings

if TYPE_CHECKING:
    from pytest_flowconc.reporting import Verdict


def run_again(verdict: Verdict, settings: Settings) -> Result:
    """Return the result that `verdict` tells of: same scenario, seed and version, so the same bytes.

    Raises OSError when the file is no longer what it was.
    """
    path = Path(verdict["scenario"]["path"])
    try:
        scenario = load(path)[verdict["index"]]
    except (BadInput, IndexError):
        raise OSError(f"{path} was changed during the run") from None
    return run_scenario(scenario, seed=settings.seed, replications=settings.replications)
