"""Plans from Python."""

from __future__ import annotations

import pytest

import flowconc
from flowconc.plan import evaluation
from flowconc.plan.planner import plan_scenario
from flowconc.plan.result import Status
from flowconc.plan.store import Store
from flowconc.scenario.builder import flow, scenario
from tests.plan.evaluators import modelled

PLANNED = (
    scenario("calls")
    .flow(flow("calls", limit=2, duration="10s"))
    .arrive("calls", poisson="1/s")
    .run(until="1h")
    .plan(vary={"limit": "1..8"}, goals=["queue_wait p95 < 30s"], sensitivity=False)
)


def test_a_built_scenario_is_planned():
    result = plan_scenario(PLANNED.build(), evaluate=modelled)

    assert (result.base.status, result.base.limit, result.seed) == (Status.FOUND, 4, 1)


def test_it_is_a_public_name():
    assert flowconc.plan_scenario is plan_scenario


def test_a_seed_and_a_store_may_be_given(tmp_path):
    first = plan_scenario(PLANNED.build(), seed=7, store=tmp_path / "s.db", evaluate=modelled)
    told = []
    again = plan_scenario(
        PLANNED.build(),
        seed=7,
        store=tmp_path / "s.db",
        evaluate=modelled,
        progress=lambda *each: told.append(each),
    )

    assert first.seed == 7
    assert again.rows == first.rows
    assert told == []
    with Store(tmp_path / "s.db") as store:
        assert len(store) > 0


def test_a_scenario_without_a_plan_is_none():
    with pytest.raises(ValueError, match="has no plan"):
        plan_scenario(scenario("s").flow(flow("f")).build())


def test_of_a_file_there_is_one_scenario(tmp_path):
    path = tmp_path / "two.flowconc.yaml"
    one = "scenario: {}\nflows: [{{id: f, namespace: n, tasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: x}}]}}]\n"
    path.write_text("---\n".join(one.format(name) for name in "ab"), encoding="utf-8")

    with pytest.raises(ValueError, match="holds 2 scenarios"):
        plan_scenario(path)


@pytest.mark.parametrize(("backend", "simulates"), [(None, True), ("simulation", True), ("compiled", False)])
def test_without_an_evaluator_the_backend_of_the_scenario_computes(backend, simulates, monkeypatch):
    simulated = []

    def simulate(*arguments, **keys):
        simulated.append(arguments)
        return run_simulation(*arguments, **keys)

    run_simulation = evaluation.simulate
    monkeypatch.setattr(evaluation, "simulate", simulate)
    short = PLANNED.run(until="1m").plan(replications=2, max_replications=2, vary={"limit": "12..13"})
    plan_scenario((short if backend is None else short.backend(backend)).build())

    assert bool(simulated) == simulates


def test_a_scenario_that_cannot_be_compiled_is_not_planned_if_it_is_to_be():
    killed = PLANNED.act("1s", kill="calls#1").backend("compiled")

    with pytest.raises(flowconc.BadInput, match="operators are only simulated"):
        plan_scenario(killed.build())
