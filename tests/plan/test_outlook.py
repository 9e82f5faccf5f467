"""What lies around a plan: other loads, the cliff, the day, what would be turned away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.plan.options import Case, Option
from flowconc.plan.outlook import LOADS, look_out
from flowconc.plan.profile import PARTS
from flowconc.plan.runs import Runs
from flowconc.plan.store import Store
from flowconc.plan.sweep import carry_out
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.flow import Behavior, Trigger, TriggerKind
from flowconc.scenario.model import PoissonProcess
from tests.flows import NOWHERE, arrive, flow, scene, work
from tests.plan.evaluators import modelled
from tests.plan.plans import S, plan, scenario

CANCEL = Case(Behavior.CANCEL)


def looked_out(made, *, store=None, evaluate=modelled):
    runs = Runs(Store() if store is None else store, 1, evaluate=evaluate)
    result = look_out(carry_out(made, made.plan, runs, seed=1), runs)
    return result, result.outlook


def few(*goals, **keys):
    return plan(*goals, limits=range(1, 4), replications=4, max_replications=4, **keys)


def test_every_limit_is_measured_under_every_load():
    _, outlook = looked_out(scenario(few()))

    assert [(option.limit, option.case.load) for option in outlook.loads] == [
        (limit, load) for limit in (1, 2, 3) for load in LOADS
    ]
    assert all(row.replications == 4 for row in outlook.loads.values())


def test_the_load_as_it_is_is_not_measured_again():
    result, outlook = looked_out(scenario(few()))

    assert outlook.loads[Option(2)].values == result.rows[Option(2)].values


def test_where_executions_wait_it_is_said_what_cancel_would_turn_away():
    _, outlook = looked_out(scenario(few()))

    assert list(outlook.turned_away) == [Option(limit, CANCEL) for limit in (1, 2, 3)]


def test_where_they_are_turned_away_anyway_nothing_is_added():
    _, outlook = looked_out(scenario(few(), behavior="CANCEL"))

    assert (outlook.turned_away, outlook.cliffs) == ({}, {})


def test_cases_that_differ_in_load_or_duration_are_not_drawn():
    _, outlook = looked_out(scenario(few(loads=(1.0, 2.0), behaviors=("QUEUE", "FAIL"))))

    assert outlook.cases == (Case(), Case(Behavior.FAIL))


def test_what_ends_by_itself_has_no_cliff():
    made = scenario(few(), duration=Exponential(2 * S))
    _, outlook = looked_out(replace(made, run=replace(made.run, until_us=None)))

    assert outlook.cliffs == {}


def test_the_cliff_of_a_queue_of_the_textbooks_is_where_theory_has_it():
    """One execution a second takes 2 s: two slots are needed at this load."""
    made = scenario(few(), duration=Exponential(2 * S))
    _, outlook = looked_out(made)

    assert [(cliff.load, cliff.exact) for cliff in outlook.cliffs.values()] == [
        (0.5, True),
        (1.0, True),
        (1.5, True),
    ]


def test_elsewhere_it_is_where_the_slots_that_are_in_use_say():
    made = scenario(few(), duration=Exponential(2 * S))
    recorded = replace(made, arrivals=(*made.arrivals, arrive("f", PoissonProcess(1.0, start_us=S))))
    _, outlook = looked_out(recorded)

    assert [(cliff.load, cliff.exact) for cliff in outlook.cliffs.values()] == [
        (0.5, False),
        (1.0, False),
        (1.5, False),
    ]


def test_a_flow_that_fires_by_itself_has_no_cliff_since_fires_are_not_scaled():
    made = scenario(few())
    every = Trigger("every", "Schedule", TriggerKind.SCHEDULE, NOWHERE)
    _, outlook = looked_out(replace(made, flows=(replace(made.flows[0], triggers=(every,)),)))

    assert outlook.cliffs == {}


def test_the_day_has_the_median_and_the_95th_percentile_of_the_runs():
    def deeper(scenario, seed, replication, statistics):
        return tuple(
            float(replication) if each.statistic == "part" else known
            for each, known in zip(statistics, modelled(scenario, seed, replication, statistics), strict=True)
        )

    _, outlook = looked_out(scenario(few()), evaluate=deeper)
    envelope = outlook.envelopes[Option(3)]

    assert (envelope.observations, envelope.median, envelope.p95) == (4, (1.0,) * PARTS, (3.0,) * PARTS)


def test_without_chance_one_run_is_the_day():
    made = scene(flow("f", work("w", "10s"), limit=2), arrive("f", PoissonProcess(1.0)))
    certain = replace(scenario(few()), flows=made.flows)

    def always(scenario, seed, replication, statistics):
        return tuple(0.0 for _ in statistics)

    _, outlook = looked_out(certain, evaluate=always)

    assert outlook.envelopes[Option(1)].observations == 1


def test_a_run_without_an_end_of_its_own_has_no_day():
    made = scenario(few())
    _, outlook = looked_out(replace(made, run=replace(made.run, until_us=None)))

    assert outlook.envelopes == {}


def test_what_a_store_knows_is_not_computed_again():
    made, store = scenario(few()), Store()
    first = looked_out(made, store=store)[0]
    runs = Runs(store, 1, evaluate=modelled)
    again = look_out(carry_out(made, made.plan, runs, seed=1), runs)

    assert runs.computed == 0
    assert again.outlook.envelopes == first.outlook.envelopes


@pytest.mark.parametrize("load", [0.5, 2.0])
def test_more_load_is_a_longer_wait(load):
    _, outlook = looked_out(scenario(few()))
    as_it_is, other = (
        outlook.loads[Option(2, Case(load=each))].of_flow("queue_wait", "p95", 0.95) for each in (1.0, load)
    )

    assert other.mean - as_it_is.mean == pytest.approx(50.0 * (load - 1.0), abs=1.0)
