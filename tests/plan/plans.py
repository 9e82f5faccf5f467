"""Plans in few words, carried out on an evaluator whose answer is known."""

from __future__ import annotations

from dataclasses import replace

from flowconc.plan.runs import Runs
from flowconc.plan.store import Store
from flowconc.plan.sweep import carry_out
from flowconc.scenario.conditions import Threshold
from flowconc.scenario.flow import Behavior
from flowconc.scenario.literals.comparisons import parse_threshold
from flowconc.scenario.model import PoissonProcess, RunSettings, Scenario
from flowconc.scenario.plan import Plan, Variant
from tests.flows import NOWHERE, arrive, flow, scene, work
from tests.plan.evaluators import modelled

S = 1_000_000


def condition(text):
    metric, rest = text.split(" ", 1)
    statistic, must_be = parse_threshold(rest, metric=metric)
    return Threshold(metric, statistic, must_be, text, NOWHERE)


def plan(*goals, protect=(), limits=range(1, 9), behaviors=(), **keys) -> Plan:
    return Plan(
        NOWHERE,
        "n.f",
        tuple(map(condition, goals or ("queue_wait p95 < 30s",))),
        limits=tuple(limits),
        behaviors=tuple(map(Behavior, behaviors)),
        protects=tuple(map(condition, protect)),
        **{"replications": 10, "max_replications": 40, "sensitivity": False, **keys},
    )


def scenario(made: Plan, *, limit=2, behavior="QUEUE", duration="10s", **keys) -> Scenario:
    """Return a scenario with a plan; one execution arrives each second."""
    plain = scene(
        flow("f", work("w", duration), limit=limit, behavior=behavior), arrive("f", PoissonProcess(1.0))
    )
    return replace(plain, run=RunSettings(until_us=3_600 * S), plan=made, **keys)


def with_variant(made: Scenario, **changed) -> Scenario:
    """Return a scenario whose plan also tries it changed, under the parameter `rate`: 1 as it is, 2 changed."""
    variant = Variant((("rate", 2),), replace(made, plan=None, **changed))
    return replace(made, plan=replace(made.plan, values=(("rate", 1),), variants=(variant,)))


def carried_out(made: Scenario, *, evaluate=modelled, store=None, seed=1, **keys):
    runs = Runs(Store() if store is None else store, seed, evaluate=evaluate, **keys)
    return carry_out(made, made.plan, runs, seed=seed)
