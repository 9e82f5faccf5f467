"""More load and longer durations on the same draws: common random numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flowconc.plan.scaling import scaled, with_durations, with_load
from flowconc.scenario.distributions import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Listed,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Uniform,
    Weibull,
)
from flowconc.scenario.model import AtTimes, Burst, Every, PoissonProcess, Ramp, Recorded, RunSettings
from flowconc.simulation.simulate import simulate
from flowconc.simulation.sources import times_us
from flowconc.simulation.streams import Streams, sample_us
from flowconc.trace.tables import executions_table
from tests.flows import arrive, flow, scene, work

S = 1_000_000

LAWS = [
    Constant(10 * S),
    Uniform(5 * S, 15 * S),
    Exponential(10 * S),
    Normal(2 * S, 3 * S),
    Lognormal(15.0, 0.6),
    Gamma(2.5, 4.0 * S),
    Weibull(1.7, 10 * S),
    Pareto(S, 3.0),
    Empirical((S, 2 * S, 9 * S)),
    Listed((S, None, 3 * S), 5 * S),
    Mixture((0.9, 0.1), (Constant(S), Exponential(20 * S))),
]


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("factor", [0.75, 1.25, 3.0])
def test_a_scaled_law_gives_the_scaled_draws(law, factor):
    """To within what rounding its parameters to microseconds makes of them."""
    plain, longer = (sample_us(each, np.random.default_rng(3), 2_000) for each in (law, scaled(law, factor)))

    assert np.allclose(longer, plain * factor, rtol=2e-6, atol=2)


def drawn(pattern, replication=0):
    return list(times_us(pattern, Streams(1, replication), "n.f/api/arrivals/1"))


def made(pattern, until_s=1_000, **keys):
    return replace(
        scene(flow("f", work("w", Exponential(10 * S)), limit=2), arrive("f", pattern, **keys)),
        run=RunSettings(until_us=None if until_s is None else until_s * S),
    )


def loaded(pattern, factor, until_s=1_000):
    (arrivals,) = with_load(made(pattern, until_s), factor).arrivals
    return arrivals.pattern


@pytest.mark.parametrize("factor", [0.8, 1.25, 2.0])
def test_poisson_arrivals_have_the_same_gaps_made_shorter(factor):
    plain = drawn(PoissonProcess(0.2, count=500))
    denser = drawn(loaded(PoissonProcess(0.2, count=500), factor))

    assert np.allclose(denser, np.array(plain) / factor, atol=1)


def test_the_process_goes_on_until_the_same_end():
    denser = drawn(loaded(PoissonProcess(0.2, until_us=1_000 * S), 2.0))

    assert 950 * S < denser[-1] <= 1_000 * S


def test_regular_arrivals_come_at_a_shorter_distance():
    assert loaded(Every(10 * S, 5 * S), 1.25) == Every(8 * S, 5 * S)


def test_a_ramp_has_the_same_form_at_a_higher_rate():
    assert loaded(Ramp(0.0, 0.5, 0, 100 * S), 2.0) == Ramp(0.0, 1.0, 0, 100 * S)


def test_a_burst_grows():
    assert loaded(Burst(50, (0, 60 * S)), 1.25) == Burst(62, (0, 60 * S))
    assert loaded(Burst(1), 0.1) == Burst(1)


def test_recorded_arrivals_come_closer_together_and_begin_again():
    recorded = Recorded((0, 400 * S, 800 * S), (1, 2, 3), ("a", "b", None))

    assert loaded(recorded, 2.0, until_s=900) == Recorded(
        (0, 200 * S, 400 * S, 450 * S, 650 * S, 850 * S, 900 * S),
        (1, 2, 3, 1, 2, 3, 1),
        ("a", "b", None, "a", "b", None, "a"),
    )


def test_recorded_arrivals_are_spread_until_the_end():
    assert loaded(AtTimes((0, 400 * S, 800 * S)), 0.5) == AtTimes((0, 800 * S))
    assert loaded(AtTimes((0, 300 * S)), 0.5, until_s=None) == AtTimes((0,))


def test_so_much_more_load_is_so_many_more_arrivals():
    times = AtTimes(tuple(range(0, 1_000 * S, S)))

    assert len(loaded(times, 1.25).times_us) == pytest.approx(1_250, abs=1)
    assert len(loaded(times, 0.75).times_us) == pytest.approx(750, abs=1)
    assert len(loaded(times, 1.25, until_s=None).times_us) == pytest.approx(1_250, abs=2)


def test_names_stay_with_their_times():
    (arrivals,) = with_load(made(AtTimes((600 * S, 0)), names="late early"), 0.8).arrivals

    assert (arrivals.names, arrivals.pattern) == (("early", "late"), AtTimes((0, 750 * S)))


def test_nothing_changes_at_a_factor_of_one():
    scenario = made(PoissonProcess(0.2))

    assert with_load(with_durations(scenario, 1.0), 1.0) is scenario


def test_in_a_run_each_execution_takes_the_scaled_time():
    scenario = made(PoissonProcess(0.05))
    plain, longer = (executions_table(simulate(each)) for each in (scenario, with_durations(scenario, 1.5)))

    assert np.array_equal(plain.created_us, longer.created_us)
    assert np.allclose(
        longer.ended_us - longer.started_us, 1.5 * (plain.ended_us - plain.started_us), rtol=1e-6, atol=1
    )


def test_recorded_durations_are_scaled_too():
    (arrivals,) = with_durations(made(Recorded((0, S), (10, None), (None, None))), 1.5).arrivals

    assert arrivals.pattern.durations_us == (15, None)
