"""A scenario that a worker of xdist ran, run once more by the controller for the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowconc.run import Result, run_scenario
from flowconc.scenario.load import load
from pytest_flowconc.options import Settings

if TYPE_CHECKING:
    from pytest_flowconc.reporting import Verdict


def run_again(verdict: Verdict, settings: Settings) -> Result:
    """Return the result that `verdict` tells of: same scenario, seed and version, so the same bytes."""
    scenario = load(Path(verdict["scenario"]["path"]))[verdict["index"]]
    return run_scenario(scenario, seed=settings.seed, replications=settings.replications)
