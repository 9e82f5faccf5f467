"""Plans from Python: `flowconc.plan_scenario("calls.flowconc.yaml")`."""

from __future__ import annotations

from pathlib import Path

from flowconc.plan.cluster import cluster as on_cluster
from flowconc.plan.evaluation import Evaluator, own_evaluator
from flowconc.plan.pool import Processes
from flowconc.plan.result import PlanResult
from flowconc.plan.runs import Progress, Runs, untold
from flowconc.plan.store import Store
from flowconc.plan.sweep import carry_out
from flowconc.scenario.load import load
from flowconc.scenario.model import Scenario


def plan_scenario(
    source: str | Path | Scenario,
    *,
    seed: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    store: str | Path | None = None,
    evaluate: Evaluator | None = None,
    progress: Progress = untold,
) -> PlanResult:
    """Carry out the plan of the one scenario of a file, or of a built one.

    `seed` is in place of that of the run. With more than one of the `workers`, processes are started once the plan has
    taken some seconds: a script then needs its `if __name__ == "__main__"`. `cluster` is the address of a Dask
    scheduler, whose workers are taken instead. `store` keeps every run in a file. Runs are computed by `evaluate`; None
    is the scenario's `backend`, or where it has none the simulation. Raises BadInput, ValueError where there is no plan
    or there are several scenarios, BadStore, WorkersFailed.
    """
    scenario = source if isinstance(source, Scenario) else _only(source)
    if scenario.plan is None:
        raise ValueError(f"the scenario {scenario.id!r} has no plan")
    chosen = scenario.run.seed if seed is None else seed
    if evaluate is None:
        evaluate = own_evaluator(scenario, scenario.plan)
    farm = Processes(workers) if cluster is None else on_cluster(cluster)
    with Store(None if store is None else Path(store)) as kept, farm as does:
        runs = Runs(kept, chosen, farm=does, evaluate=evaluate, progress=progress)
        return carry_out(scenario, scenario.plan, runs, seed=chosen)


def _only(path: str | Path) -> Scenario:
    scenarios = load(path)
    if len(scenarios) != 1:
        raise ValueError(f"{path} holds {len(scenarios)} scenarios, expected one")
    return scenarios[0]
