"""Plans with an outlook, for reports: carried out on an evaluator whose answer is known."""

from __future__ import annotations

from dataclasses import replace

from flowconc.plan.outlook import look_out
from flowconc.plan.result import PlanResult
from flowconc.plan.runs import Runs
from flowconc.plan.store import Store
from flowconc.plan.sweep import carry_out
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import Database, Platform
from tests.plan.evaluators import modelled
from tests.plan.plans import S, plan, scenario


def planned(
    *goals: str, name: str = "calls in time", evaluate=modelled, database=False, until_s=3_600, **keys
) -> PlanResult:
    """Return a plan of four limits, of which 3 is enough: the wait is 100 s over the limit."""
    keys = {"limits": range(1, 5), "replications": 4, "max_replications": 4, "sensitivity": True, **keys}
    made = scenario(plan(*(goals or ("queue_wait p95 < 40s",)), **keys), duration=Exponential(2 * S))
    made = replace(made, name=name, description="Nobody is to wait for long.")
    made = replace(made, run=replace(made.run, until_us=until_s * S))
    if database:
        made = replace(made, platform=Platform(database=Database(4, 2 * S)))
    runs = Runs(Store(), 1, evaluate=evaluate)
    return look_out(carry_out(made, made.plan, runs, seed=1), runs)
