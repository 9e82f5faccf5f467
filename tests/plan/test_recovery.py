"""How long a flow takes to recover: by hand, and as the fluid limit has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.plan.evaluation import recovery_of, simulated
from flowconc.plan.recovery import SOURCE, begins_us, disturbed
from flowconc.plan.theory.fluid import drain_s, recovery_s
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import (
    Burst,
    Component,
    Database,
    Every,
    FaultKind,
    Platform,
    PoissonProcess,
    RunSettings,
)
from flowconc.scenario.plan import Disturbance
from flowconc.simulation.simulate import simulate
from flowconc.trace.tables import NEVER, executions_table
from tests.flows import arrive, flow, scene, work

S = 1_000_000
OUTAGE = Disturbance(outage_us=100 * S, at_us=1_000 * S)
BURST = Disturbance(burst=30, at_us=1_000 * S)


def scenario(pattern, duration="10s", *, limit=2, until_s=4_000):
    made = scene(flow("f", work("w", duration), limit=limit), arrive("f", pattern))
    return replace(made, run=RunSettings(until_us=until_s * S))


def took_s(made, disturbance, seed=1, replication=0):
    (value,) = simulated(made, seed, replication, [recovery_of("n.f", disturbance)])
    return value


def test_an_outage_takes_all_executors_down():
    (fault,) = disturbed(scenario(Every(S)), "n.f", OUTAGE).faults

    assert (fault.kind, fault.component, fault.at_us, fault.for_us) == (
        FaultKind.CRASH,
        Component.EXECUTOR,
        1_000 * S,
        100 * S,
    )


@pytest.mark.parametrize("executors", [None, 1, 4])
def test_during_an_outage_nothing_passes_the_gate(executors):
    made = replace(scenario(Every(10 * S)), platform=Platform(executors=executors))
    table = executions_table(simulate(disturbed(made, "n.f", OUTAGE)))
    gates_s = table.gate_us[table.gate_us != NEVER] / S

    assert ((gates_s > 1_000) & (gates_s < 1_100)).sum() == 0
    assert (gates_s == 1_100).sum() >= 9


def test_a_burst_arrives_beside_the_rest():
    *_, burst = disturbed(scenario(Every(S)), "n.f", BURST).arrivals

    assert (burst.pattern, burst.source) == (Burst(30, (1_000 * S,)), SOURCE)


def test_without_a_time_it_begins_a_quarter_of_the_way_through():
    assert begins_us(Disturbance(burst=1), RunSettings(until_us=400 * S, warmup_us=200 * S)) == 250 * S


def test_a_burst_is_over_when_what_is_to_spare_has_worked_it_off():
    """One execution arrives each 10 s and takes 10 s; of two slots one is free for the 30 of the burst."""
    assert took_s(scenario(Every(10 * S)), BURST) == pytest.approx(drain_s(30, 2, 0.1, 10.0), abs=20)


def test_after_an_outage_its_arrivals_are_worked_off():
    assert took_s(scenario(Every(10 * S)), OUTAGE) == pytest.approx(recovery_s(100.0, 2, 0.1, 10.0), abs=20)


def test_who_has_not_come_to_the_gate_yet_waits_too():
    """Where the database takes time, the gates of all who came during the outage take a while after it."""
    slow = replace(scenario(Every(10 * S)), platform=Platform(database=Database(1, S // 4)))

    assert took_s(slow, OUTAGE) == pytest.approx(recovery_s(100.0, 2, 0.1, 12.0), rel=0.5)


def test_random_arrivals_take_as_long_on_average():
    made = scenario(PoissonProcess(0.1), Exponential(10 * S), limit=2)
    times_s = [took_s(made, BURST, replication=index) for index in range(30)]

    assert sum(times_s) / 30 == pytest.approx(drain_s(30, 2, 0.1, 10.0), rel=0.25)


def test_a_flow_without_anything_to_spare_does_not_recover():
    assert took_s(scenario(Every(5 * S)), BURST) is None


def test_a_disturbance_that_nobody_notices_takes_no_time():
    assert took_s(scenario(Every(10 * S), limit=100), BURST) == 0.0
