"""Scenarios that vary, in few words, and what becomes of them."""

from __future__ import annotations

from typing import Any

from flowconc.runner import run_scenario
from flowconc.scenario.builder import ScenarioBuilder, flow, scenario
from flowconc.scenario.model import Scenario
from flowconc.scenario.variation import Vary
from flowconc.vary.trial import Runs

S = 1_000_000


def varied(*, limit: int = 1, within: str = "10s", **keys: Any) -> ScenarioBuilder:
    """Return a scenario with one flow `f` of 5 s that varies as `keys` say."""
    return scenario("varied").flow(flow("f", limit=limit, duration="5s")).vary(within=within, **keys)


def vary_of(builder: ScenarioBuilder) -> Vary:
    vary = builder.build().vary
    assert vary is not None
    return vary


def run(built: Scenario) -> Runs:
    return run_scenario(built)
