"""A scenario that a worker of xdist ran, run once more by the controller for the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowconc.runner import Result, run_scenario
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput
from pytest_flowconc.options import Settings
from pytest_flowconc.readings import reading

if TYPE_CHECKING:
    from pytest_flowconc.reporting import Verdict


def run_again(verdict: Verdict, settings: Settings) -> Result:
    """Return the result that `verdict` tells of: same scenario, seed and version, so the same bytes.

    Raises OSError when the file is no longer what it was.
    """
    path = Path(verdict["scenario"]["path"])
    scenario: Scenario | BadInput | None
    try:
        scenario = reading(path, verdict["semantics"])[verdict["index"]]
    except (BadInput, IndexError, ValueError):
        scenario = None
    if scenario is None or isinstance(scenario, BadInput):
        raise OSError(f"{path} was changed during the run")
    return run_scenario(scenario, seed=settings.seed, replications=settings.replications)
