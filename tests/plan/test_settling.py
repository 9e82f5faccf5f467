"""Where the warm-up of a plan comes from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.plan.options import cases
from flowconc.plan.runs import Runs
from flowconc.plan.settling import Origin, Warmup, find_warmup, settles, with_warmup
from flowconc.plan.store import Store
from flowconc.scenario.model import Burst, Every, PoissonProcess, Ramp, Recorded, RunSettings
from flowconc.scenario.plan import Variant
from tests.flows import act
from tests.plan.evaluators import modelled, nothing
from tests.plan.plans import S, plan, scenario

HOUR = RunSettings(until_us=3_600 * S)


def arriving(pattern, **changes):
    made = scenario(plan())
    return replace(made, arrivals=(replace(made.arrivals[0], pattern=pattern),), **changes)


@pytest.mark.parametrize("pattern", [PoissonProcess(1.0), Every(S), PoissonProcess(1.0, until_us=3_600 * S)])
def test_what_arrives_evenly_settles(pattern):
    assert settles(arriving(pattern))


@pytest.mark.parametrize(
    "made",
    [
        arriving(Burst(50)),
        arriving(Ramp(0.0, 1.0, 0, S)),
        arriving(Recorded((0,), (None,), (None,))),
        arriving(PoissonProcess(1.0, start_us=S)),
        arriving(PoissonProcess(1.0, count=9)),
        arriving(PoissonProcess(1.0, until_us=S)),
        arriving(PoissonProcess(1.0), actions=(act("1s", "kill", "f#1"),)),
        arriving(PoissonProcess(1.0), run=RunSettings()),
    ],
)
def test_what_has_a_beginning_and_an_end_does_not(made):
    assert not settles(made)


def found(made, evaluate=modelled):
    return find_warmup(made, made.plan, list(cases(made, made.plan)), Runs(Store(), 1, evaluate=evaluate))


def test_what_the_scenario_says_is_taken():
    made = scenario(plan(finds_warmup=False))
    made = replace(made, run=replace(made.run, warmup_us=7 * S))

    assert found(made) == Warmup(7 * S, Origin.GIVEN)


def test_a_burst_is_not_cut_off():
    assert found(arriving(Burst(50))) == Warmup(0, Origin.WHOLE)


def test_without_an_answer_nothing_is_cut_off():
    assert found(scenario(plan()), nothing) == Warmup(0, Origin.UNSETTLED, 1)


def test_the_scenario_and_its_variants_get_it():
    made = scenario(plan())
    made = replace(made, plan=replace(made.plan, variants=(Variant((("a", 1),), replace(made, plan=None)),)))
    warmed, planned = with_warmup(made, made.plan, Warmup(5 * S, Origin.FOUND))

    assert (warmed.run.warmup_us, planned.variants[0].scenario.run.warmup_us) == (5 * S, 5 * S)
