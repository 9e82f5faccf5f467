"""What is asked of a run, and what the simulation answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flowconc.check.metrics import Level, Measures
from flowconc.compiled import Unsupported
from flowconc.plan.evaluation import (
    DRAWN,
    Statistic,
    compiled,
    growth_per_s,
    of_flow,
    quickest,
    recovery_of,
    simulated,
)
from flowconc.scenario.distributions import Exponential, Listed, Lognormal
from flowconc.scenario.model import Backoff, Database, Every, Platform, PoissonProcess, RunSettings
from flowconc.scenario.plan import Disturbance
from flowconc.scenario.problems import BadInput
from flowconc.simulation.simulate import simulate
from tests.flows import arrive, failing, flow, polling, retry, scene, work

S = 1_000_000
OVERLOADED = replace(
    scene(flow("f", work("w", "20s"), limit=1), arrive("f", Every(10 * S))),
    run=RunSettings(until_us=2_000 * S),
)


def test_statistics_of_metrics_are_those_of_thresholds():
    asked = [
        of_flow("queue_wait", "p95", "n.f"),
        Statistic("slots_in_use", "max"),
        Statistic("rejected", "rate"),
    ]
    measures = Measures(simulate(OVERLOADED, seed=7, replication=2))
    expected = tuple(measures.observe(each.metric, each.statistic, each.selectors).value for each in asked)

    assert simulated(OVERLOADED, 7, 2, asked) == expected


def test_what_there_is_no_data_for_is_none():
    assert simulated(OVERLOADED, 1, 0, [of_flow("queue_wait", "p95", "n.other")]) == (None,)


def test_a_backlog_grows_by_what_is_not_worked_off():
    (growth,) = simulated(OVERLOADED, 1, 0, [of_flow("backlog", "growth", "n.f")])

    assert growth == pytest.approx(0.05, rel=0.02)


def test_who_waits_at_the_end_of_a_run_that_does_not_drain_is_counted():
    cut = replace(OVERLOADED, run=replace(OVERLOADED.run, drain=False))
    (unfinished,) = simulated(cut, 1, 0, [of_flow("queue_wait", "unfinished", "n.f")])

    assert unfinished == pytest.approx(100, abs=2)


def test_the_slope_of_a_level_is_that_of_a_straight_line():
    n = 1_000
    level = Level(np.arange(n) * 0.5, np.full(n, 1.0 * S))

    assert growth_per_s(level) == pytest.approx(0.5, rel=1e-5)
    assert growth_per_s(Level(np.full(n, 3.0), np.full(n, 1.0 * S))) == pytest.approx(0.0, abs=1e-12)
    assert growth_per_s(Level(np.zeros(0), np.zeros(0))) is None


def test_the_slope_does_not_tell_in_how_many_pieces_a_step_was_written_down():
    rng = np.random.default_rng(1)
    values, weights = rng.integers(0, 9, 50).astype(float), rng.integers(1, 10**9, 50).astype(float)
    pieces = Level(np.repeat(values, 3), np.repeat(weights, 3) * np.tile([0, 1, 1], 50))

    assert growth_per_s(pieces) == growth_per_s(Level(values, 2 * weights))


def test_a_run_that_is_cut_short_is_no_result():
    short = replace(OVERLOADED, run=replace(OVERLOADED.run, max_events=50))

    with pytest.raises(BadInput, match="stopped after 50 events"):
        simulated(short, 1, 0, [Statistic("rejected", "rate")])


def test_what_no_run_has_is_refused():
    with pytest.raises(ValueError, match="no run has nonsense of it"):
        simulated(OVERLOADED, 1, 0, [Statistic("nonsense", "of it")])


@pytest.mark.parametrize(
    ("statistic", "text"),
    [
        (Statistic("rejected", "rate"), "rejected rate"),
        (of_flow("queue_wait", "p95", "n.f"), "queue_wait{flow=n.f} p95"),
    ],
)
def test_a_statistic_is_written_as_a_condition_would_be(statistic, text):
    assert str(statistic) == text


def test_whether_anything_was_left_to_chance_is_known():
    """An arrival at random draws; a fixed one with a fixed duration does not."""
    (source,) = OVERLOADED.arrivals
    random = replace(OVERLOADED, arrivals=(replace(source, pattern=PoissonProcess(0.1)),))

    assert simulated(OVERLOADED, 1, 0, [DRAWN]) == (0.0,)
    assert simulated(random, 1, 0, [DRAWN]) == (1.0,)


# --- backends -------------------------------------------------------------------------------------------------


BUSY = replace(
    scene(
        flow("f", work("w", Lognormal(16.0, 0.8)), limit=2),
        flow("g", work("w", "5s"), limit=1, behavior="CANCEL"),
        arrive("f", PoissonProcess(0.12)),
        arrive("g", PoissonProcess(0.2)),
    ),
    run=RunSettings(until_us=4_000 * S, warmup_us=200 * S),
)
ASKED = [
    of_flow("queue_wait", "p95", "n.f"),
    of_flow("queue_wait", "unfinished", "n.f"),
    of_flow("rejected", "rate", "n.g"),
    of_flow("backlog", "growth", "n.f"),
    of_flow("warmup", "mser5", "n.f"),
    Statistic("utilization", "mean"),
    Statistic("lock_wait", "mean"),
    Statistic("database_utilization", "mean"),
    recovery_of("n.f", Disturbance(burst=20)),
    DRAWN,
]


@pytest.mark.parametrize(
    "platform",
    [Platform(), Platform(executors=2, database=Database(2, 50_000, 1_000))],
    ids=["ideal", "slow"],
)
@pytest.mark.parametrize("replication", range(3))
def test_backends_give_the_same_values(platform, replication):
    made = replace(BUSY, platform=platform)
    values = simulated(made, 5, replication, ASKED)

    assert compiled(made, 5, replication, ASKED) == values
    assert quickest(made, 5, replication, ASKED) == values
    assert (None in values) == (platform == Platform())  # whose database takes no time


JITTERED = Backoff(frozenset({"CANCELLED"}), initial_us=S, jitter=0.2)
RANDOM = retry("1s", random=True, max_interval_us=5 * S, max_attempts=2)


@pytest.mark.parametrize(
    ("executions", "by_chance"),
    [
        ((flow("f", limit=2, behavior="CANCEL"), arrive("f", "0s 1s", backoff=JITTERED)), 0.0),
        ((flow("f", limit=1, behavior="CANCEL"), arrive("f", "0s 1s", backoff=JITTERED)), 1.0),
        ((flow("f", work("w", retry=RANDOM), limit=1), arrive("f", "0s")), 0.0),
        ((flow("f", work("w", fails=[1], retry=RANDOM), limit=1), arrive("f", "0s")), 1.0),
        ((flow("f", failing("w"), work("v", Exponential(S))), arrive("f", "0s")), 0.0),
        ((flow("f", work("w", Exponential(S))), arrive("f", "0s")), 1.0),
        ((flow("f", work("w", Listed((S,), 2 * S))), arrive("f", "0s")), 0.0),
        ((flow("f"), arrive("f", PoissonProcess(0.0))), 0.0),
        ((flow("f", triggers=(polling("p", "1m", finds=0.5),)), arrive("f", "0s")), 0.0),
    ],
)
def test_what_could_be_left_to_chance_and_is_not_is_known_by_both_backends(executions, by_chance):
    """Else one of them makes many runs where the other knows that they are all the same."""
    made = replace(scene(*executions), run=RunSettings(until_us=50 * S))

    assert simulated(made, 1, 0, [DRAWN]) == compiled(made, 1, 0, [DRAWN]) == (by_chance,)


def test_what_is_not_compiled_is_simulated():
    outage = recovery_of("n.f", Disturbance(outage_us=100 * S))
    engine = replace(BUSY, semantics="kestra-2.0.2")

    for made, asked in ((BUSY, outage), (engine, ASKED[0])):
        assert quickest(made, 1, 0, [asked]) == simulated(made, 1, 0, [asked])
    with pytest.raises(Unsupported, match="only `documented` is compiled"):
        compiled(engine, 1, 0, ASKED[:1])


def test_a_compiled_run_that_is_too_long_is_no_result():
    short = replace(OVERLOADED, run=replace(OVERLOADED.run, max_events=50))

    with pytest.raises(BadInput, match="stopped after 50 executions"):
        compiled(short, 1, 0, [Statistic("rejected", "rate")])
