"""Runs that are longer, fuller or cut off: blocks are refilled, arrays grow, bounds hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flowconc import compiled
from flowconc.compiled.run import expected
from flowconc.scenario.distributions import Exponential, Mixture, Normal
from flowconc.scenario.model import (
    Arrivals,
    AtTimes,
    Backoff,
    Burst,
    Database,
    Every,
    Pattern,
    Platform,
    PoissonProcess,
    Ramp,
    Recorded,
    RunSettings,
    Scenario,
)
from flowconc.simulation.simulate import simulate
from flowconc.trace.tables import executions_table
from flowconc.trace.trace import STATE_CODES
from tests.compiled.drawn import HERE
from tests.compiled.test_differential import difference
from tests.flows import arrive, flow, scene, work

BUSY = Platform(executors=3, worker_threads=20, database=Database(2, 500, 7))
MIXED = Mixture((0.5, 0.5), (Exponential(400_000), Normal(300_000, 200_000)))


def sent(pattern: Pattern, **more: object) -> Scenario:
    entry = Arrivals("n.f", pattern, HERE, **more)  # type: ignore[arg-type]
    crowded = flow("f", replace(work("w", "1s"), duration=MIXED), limit=4)
    return replace(scene(crowded), arrivals=(entry,), platform=BUSY)


PATTERNS: list[Pattern] = [
    PoissonProcess(9.0, 0, 3_000),
    Every(90_000, 0, 3_000),
    Burst(1_500, (0, 10_000_000)),
    Ramp(0.0, 20.0, 0, 200_000_000),
    AtTimes(tuple(range(0, 10**9, 500_000))),
    Recorded(tuple(range(0, 600_000, 1_000)), (None, 7_000) * 300, ("ui", None) * 300),
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda each: type(each).__name__)
def test_thousands_of_executions(pattern: Pattern) -> None:
    scenario = sent(pattern)

    found = compiled.run(scenario)

    assert len(found) > 512
    assert difference(found.table, executions_table(simulate(scenario))) == ""


def test_thousands_that_try_again() -> None:
    backoff = Backoff(frozenset({"CANCELLED"}), 300_000, attempts=3, jitter=0.5)
    scenario = sent(PoissonProcess(9.0, 0, 1_500), backoff=backoff)
    turned_away = flow("f", replace(work("w", "1s"), duration=MIXED), limit=2, behavior="CANCEL")
    scenario = replace(scenario, flows=(turned_away,))

    found = compiled.run(scenario)

    assert len(found) > 2_000
    assert difference(found.table, executions_table(simulate(scenario))) == ""


def test_thousands_side_by_side() -> None:
    scenario = replace(
        scene(flow("f", replace(work("w", "1s"), duration=MIXED))),
        arrivals=(Arrivals("n.f", Burst(2_000), HERE),),
    )

    found = compiled.run(scenario)

    assert difference(found.table, executions_table(simulate(scenario))) == ""


def test_a_run_that_is_cut_off_says_how_long_they_have_waited_so_far() -> None:
    scenario = replace(
        scene(flow("f", work("w", "10s"), limit=1), arrive("f", "0s 1s")),
        run=RunSettings(until_us=4_000_000, drain=False),
    )

    found = compiled.run(scenario)

    assert found.end_us == 4_000_000
    assert found.slot_wait_us.tolist() == [0, 3_000_000]
    assert found.table.state.tolist() == [STATE_CODES["RUNNING"], STATE_CODES["QUEUED"]]


def test_runs_of_tasks_with_one_id_are_counted_together() -> None:
    """The second run of `w` fails, and that is the first of the task that says so."""
    scenario = scene(flow("f", work("w", "1s"), work("w", "2s", fails=[2])), arrive("f", "0s 9s"))

    found = compiled.run(scenario)

    assert found.table.state.tolist() == [STATE_CODES["FAILED"], STATE_CODES["SUCCESS"]]
    assert difference(found.table, executions_table(simulate(scenario))) == ""


def test_nothing_arrives() -> None:
    found = compiled.run(scene(flow("f")))

    assert len(found) == 0
    assert len(found.table) == 0


def test_a_run_that_is_too_long_is_given_up_in_words() -> None:
    with pytest.raises(compiled.TooLong, match="given up after 256 executions"):
        compiled.run(sent(Burst(5000)), max_executions=10)


def test_seed_and_replication_change_the_draws() -> None:
    scenario = sent(PoissonProcess(9.0, 0, 10))
    first = compiled.run(scenario, seed=4, replication=2).created_us

    assert np.array_equal(first, compiled.run(scenario, seed=4, replication=2).created_us)
    assert not np.array_equal(first, compiled.run(scenario, seed=5, replication=2).created_us)
    assert not np.array_equal(first, compiled.run(scenario, seed=4, replication=3).created_us)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda each: type(each).__name__)
def test_columns_are_made_long_enough(pattern: Pattern) -> None:
    scenario = sent(pattern)

    assert len(compiled.run(scenario)) <= expected(scenario) <= 2 * len(compiled.run(scenario))
