"""A plan carried out, on runs whose answer is known: a wait of 100 s over the limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.check.verdict import Outcome
from flowconc.plan.evaluation import of_flow
from flowconc.plan.options import Case, Option
from flowconc.plan.result import Status
from flowconc.plan.runs import Runs
from flowconc.plan.settling import Origin
from flowconc.plan.store import Store
from flowconc.plan.sweep import carry_out, first_runs, measure_now
from flowconc.plan.text import plan_text
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.flow import Behavior
from flowconc.scenario.model import Every, PoissonProcess
from flowconc.scenario.plan import Disturbance
from tests.flows import arrive
from tests.plan.evaluators import modelled, nothing
from tests.plan.plans import S, carried_out, plan, scenario, with_variant


def test_the_smallest_limit_that_meets_the_goal_is_found():
    """100 s over 4 is 25 s, over 3 it is 33 s."""
    result = carried_out(scenario(plan("queue_wait p95 < 30s")))

    assert (result.base.status, result.base.limit, result.base.below) == (Status.FOUND, 4, (3, Outcome.FAIL))
    assert result.now.meets is Outcome.FAIL


def test_all_goals_must_be_met():
    assert carried_out(scenario(plan("queue_wait p95 < 30s", "queue_wait p95 < 15s"))).base.limit == 7


def test_what_must_be_spared_bounds_the_limit():
    found = carried_out(scenario(plan(protect=["slots_in_use max <= 6"]))).base
    none = carried_out(scenario(plan(protect=["slots_in_use max <= 3"]))).base

    assert (found.limit, found.largest) == (4, 6)
    assert (none.status, none.limit, none.smallest, none.largest) == (Status.CONFLICT, None, 4, 3)


def test_where_no_limit_is_enough_that_is_said():
    assert carried_out(scenario(plan("queue_wait p95 < 5s"))).base.status is Status.NONE


def test_without_data_no_goal_is_met():
    assert carried_out(scenario(plan()), evaluate=nothing).base.status is Status.NONE


def test_replications_are_added_only_where_the_answer_depends_on_them():
    """20 s over 5 is near the bound of 20.5 s, and needs more runs; the others do not."""
    result = carried_out(scenario(plan("queue_wait p95 < 20.6s", max_replications=160)))
    counts = {limit: result.row(Case(), limit).replications for limit in result.plan.limits}

    assert counts.pop(5) > 10
    assert set(counts.values()) == {10}
    assert result.base.limit == 5


def test_the_cap_leaves_a_limit_undecided():
    result = carried_out(scenario(plan("queue_wait p95 < 20.01s", max_replications=20)))

    assert (result.base.limit, result.base.below) == (6, (5, Outcome.INCONCLUSIVE))
    assert result.row(Case(), 5).replications == 20


def test_every_case_has_its_recommendation():
    made = scenario(plan("queue_wait p95 < 30s", behaviors=("QUEUE", "CANCEL"), loads=(1.0, 2.0)))
    result = carried_out(made)

    assert [(each.case.behavior.value, each.case.load, each.limit) for each in result.recommendations] == [
        ("QUEUE", 1.0, 4),
        ("QUEUE", 2.0, 7),
        ("CANCEL", 1.0, 4),
        ("CANCEL", 2.0, 8),
    ]
    assert result.base.case == Case(Behavior.QUEUE)


def test_the_best_of_the_recommended_is_selected():
    """Limit 7 has 28.6 s at twice the rate, limit 4 has 25 s: more than the 1.5 s between them that do not matter."""
    twice = (arrive("f", PoissonProcess(2.0)),)
    best = carried_out(with_variant(scenario(plan("queue_wait p95 < 30s")), arrivals=twice)).best

    assert [(option.limit, option.case.values) for option in best.options] == [
        (4, (("rate", 1),)),
        (7, (("rate", 2),)),
    ]
    assert (best.selection.best, best.selection.decided) == (0, True)
    assert best.indifference == pytest.approx(1.5)


@pytest.mark.parametrize("other", [{"behaviors": ("QUEUE", "CANCEL")}, {"loads": (1.0, 2.0)}])
def test_waiting_and_being_turned_away_are_not_ranked_nor_is_more_load(other):
    assert carried_out(scenario(plan("queue_wait p95 < 30s", **other))).best is None


def test_parameters_vary_too():
    result = carried_out(with_variant(scenario(plan())))

    assert [each.case.values for each in result.recommendations] == [(("rate", 1),), (("rate", 2),)]


def test_the_limit_of_now_is_measured_also_if_there_is_none():
    result = carried_out(scenario(plan(), limit=None))

    assert (result.now.option.limit, result.now.meets) == (None, Outcome.PASS)


def test_options_differ_by_what_the_limit_makes_of_the_same_runs():
    """The noise that all share is not in the differences."""
    result = carried_out(scenario(plan()))
    difference = result.row(Case(), 5).difference

    assert result.row(Case(), 4).difference is None
    assert difference.low <= -5.0 <= difference.high
    assert difference.high - difference.low < 2.5


def test_a_limit_that_cannot_keep_up_says_how_fast_the_queue_grows():
    result = carried_out(scenario(plan()))

    assert result.row(Case(), 1).growth_per_s(0.95).mean == 0.5
    assert result.row(Case(), 2).growth_per_s(0.95) is None


def test_sensitivity_is_decided_with_more_runs_where_it_is_close():
    """At 1.1 times the load limit 4 has 27.5 s, half a second from the goal."""
    result = carried_out(scenario(plan("queue_wait p95 < 28s", sensitivity=True, max_replications=80)))
    close = result.sensitivity[2]

    assert (result.base.limit, close.option.case.load) == (4, 1.1)
    assert (close.meets, close.replications > 10) == (Outcome.PASS, True)
    assert result.sensitivity[0].replications == 10


def test_sensitivity_is_that_of_the_recommended_limit():
    result = carried_out(scenario(plan(sensitivity=True)))

    assert [
        (row.option.limit, row.option.case.load, row.option.case.duration) for row in result.sensitivity
    ] == [
        (4, 0.75, 1.0),
        (4, 0.9, 1.0),
        (4, 1.1, 1.0),
        (4, 1.25, 1.0),
        (4, 1.0, 0.75),
        (4, 1.0, 0.9),
        (4, 1.0, 1.1),
        (4, 1.0, 1.25),
    ]
    assert [row.meets for row in result.sensitivity[:4]] == [
        Outcome.PASS,
        Outcome.PASS,
        Outcome.PASS,
        Outcome.FAIL,
    ]


def test_recovery_is_told_of_the_recommended_limit_and_of_that_of_now():
    made = scenario(plan(recovery=(Disturbance(burst=10),)), limit=1)
    found = carried_out(made).recovery

    assert [(each.option.limit, each.values[0]) for each in found] == [(4, 75.0), (1, None)]


def test_the_fluid_limit_stands_beside_the_recovery():
    made = scenario(plan(recovery=(Disturbance(outage_us=60 * S),)), duration=Exponential(2 * S))
    recommended, now = carried_out(made).recovery

    assert recommended.fluid_s == pytest.approx(60.0 * 1.0 / (4 / 2 - 1.0))
    assert now.fluid_s == float("inf")


def test_the_warm_up_is_found_in_pilot_runs():
    """Two slots are in use; the smallest limit of which these are 90 % at most is 3."""
    result = carried_out(scenario(plan()))

    assert (result.warmup.us, result.warmup.origin, result.warmup.limit) == (62 * S, Origin.FOUND, 3)
    assert result.scenario.run.warmup_us == 62 * S


# --- the same bytes, whatever computes them


def test_a_stored_plan_computes_nothing_anew():
    store = Store()
    made = scenario(plan(sensitivity=True, recovery=(Disturbance(burst=10),), behaviors=("QUEUE", "CANCEL")))
    first = carried_out(made, store=store)
    runs = Runs(store, 1, evaluate=modelled)
    again = carry_out(made, made.plan, runs, seed=1)

    assert runs.computed == 0
    assert again.rows == first.rows
    assert (again.recommendations, again.best, again.sensitivity) == (
        first.recommendations,
        first.best,
        first.sensitivity,
    )


def test_shards_compute_all_first_runs():
    made = scenario(plan("queue_wait p95 < 30s", behaviors=("QUEUE", "CANCEL")))
    together = Store()
    for shard in range(3):
        part = Store()
        runs = Runs(part, 1, evaluate=modelled)
        runs.compute("", first_runs(made, made.plan, runs), shard=shard, shards=3)
        together.take_over(part)
    runs = Runs(together, 1, evaluate=modelled)
    result = carry_out(made, made.plan, runs, seed=1)

    assert result.rows == carried_out(made).rows
    assert runs.computed < 40


def test_another_seed_gives_other_runs():
    key = of_flow("queue_wait", "mean", "n.f")
    one, two = (carried_out(scenario(plan("queue_wait p95 < 30s")), seed=seed) for seed in (1, 2))

    assert one.row(Case(), 4).values != two.row(Case(), 4).values
    assert key in one.row(Case(), 4).values


def test_where_nothing_is_left_to_chance_one_run_tells_all():
    """Regular arrivals, fixed durations: each option, and the limit of now, is run once."""
    made = scenario(plan("queue_wait max < 1s", limits=(9, 10, 11)))
    regular = replace(made, arrivals=(replace(made.arrivals[0], pattern=Every(S)),))
    runs = Runs(Store(), 1)
    result = carry_out(regular, replace(regular.plan, finds_warmup=False), runs, seed=1)

    assert (result.base.limit, runs.computed) == (10, 4)
    assert {row.replications for row in result.rows.values()} == {10}
    assert (
        "one run of 1h of each limit, since nothing is left to chance, seed 1" in list(plan_text(result))[3]
    )


# --- as it is now


@pytest.mark.parametrize(("limit", "outcome"), [(2, Outcome.FAIL), (5, Outcome.PASS)])
def test_the_scenario_as_it_is_is_measured_alone(limit, outcome):
    made = scenario(plan("queue_wait p95 < 30s"), limit=limit)
    runs = Runs(Store(), 1, evaluate=modelled)
    row = measure_now(made, made.plan, runs)

    assert (row.option, row.meets) == (Option(limit), outcome)
    assert runs.computed == 10 + 10  # pilot runs, then its own


def test_it_gets_more_runs_until_it_is_decided():
    made = scenario(plan("queue_wait p95 < 20.6s", max_replications=160), limit=5)
    row = measure_now(made, made.plan, Runs(Store(), 1, evaluate=modelled))

    assert row.replications > 10
    assert row.meets is Outcome.PASS
