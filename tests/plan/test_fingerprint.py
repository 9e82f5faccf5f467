"""Two scenarios have one fingerprint exactly if they have the same runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flowconc.plan.fingerprint import fingerprint
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.load import load
from flowconc.scenario.model import Backend, PoissonProcess, RunSettings
from flowconc.scenario.problems import Position
from tests.flows import act, arrive, flow, scene, schedule, work

LIBRARY = Path(__file__).resolve().parents[2] / "scenarios"
SCENARIO = scene(flow("f", limit=1), arrive("f", PoissonProcess(0.5)), act("1s", "kill", "f#1"))


@pytest.mark.parametrize(
    "same",
    [
        replace(SCENARIO, name="another", description="text", position=Position("elsewhere", 7)),
        replace(SCENARIO, run=RunSettings(seed=9, replications=4, confidence=0.5)),
        replace(SCENARIO, backend=Backend.COMPILED),
        replace(SCENARIO, thresholds=(), marks=("slow",), parameters=(("a", 1),)),
        replace(SCENARIO, arrivals=(replace(SCENARIO.arrivals[0], position=Position("elsewhere")),)),
    ],
)
def test_what_a_run_does_not_depend_on_leaves_it(same):
    assert fingerprint(same) == fingerprint(SCENARIO)


@pytest.mark.parametrize(
    "other",
    [
        replace(SCENARIO, semantics="kestra-1.1.0"),
        replace(SCENARIO, actions=()),
        replace(SCENARIO, run=RunSettings(warmup_us=1)),
        replace(SCENARIO, flows=(flow("f", limit=2),)),
        replace(SCENARIO, flows=(flow("f", limit=1, behavior="CANCEL"),)),
        replace(SCENARIO, flows=(flow("f", work("w", Exponential(10_000_000)), limit=1),)),
        replace(SCENARIO, flows=(flow("f", limit=1, triggers=(schedule(),)),)),
        replace(SCENARIO, arrivals=(replace(SCENARIO.arrivals[0], pattern=PoissonProcess(0.6)),)),
        replace(SCENARIO, arrivals=(*SCENARIO.arrivals, *SCENARIO.arrivals)),
    ],
)
def test_what_it_depends_on_changes_it(other):
    assert fingerprint(other) != fingerprint(SCENARIO)


@pytest.mark.slow
def test_every_scenario_of_the_library_has_one_and_keeps_it():
    for path in sorted((LIBRARY / "docs").glob("*.flowconc.yaml")):
        assert [*map(fingerprint, load(path))] == [*map(fingerprint, load(path))]
