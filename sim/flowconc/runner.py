"""One scenario from file to verdict: simulate, judge, add replications until every threshold is decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowconc.check.judge import judge
from flowconc.check.verdict import Verdict
from flowconc.compiled.executions import Executions
from flowconc.replications import are_compiled, backend_notices, check_backend, compiled_replication
from flowconc.scenario.load import load
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import Problem
from flowconc.simulation.simulate import simulate
from flowconc.trace.trace import Trace

if TYPE_CHECKING:
    from flowconc.vary.batch import Failure


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """A judged scenario. `traces[i]` is the run of replication i; `compiled` are those after these, where any are."""

    scenario: Scenario
    seed: int
    traces: tuple[Trace, ...]
    verdict: Verdict
    examples: int | None = None  # of a scenario that varies: variations that were tried
    failure: Failure | None = None  # the smallest of these that fails
    compiled: tuple[Executions, ...] = ()

    @property
    def passed(self) -> bool:
        """Say whether every check passed."""
        return self.verdict.passed

    @property
    def trace(self) -> Trace:
        """The first replication's trace."""
        return self.traces[0]

    @property
    def runs(self) -> tuple[Trace | Executions, ...]:
        """Every replication, in order."""
        return (*self.traces, *self.compiled)

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What is to be known besides the verdict: what is not simulated, and what was not judged on every run."""
        counts = {"simulated": len(self.traces), "compiled": len(self.compiled)}
        return (*self.scenario.notices, *backend_notices(self.scenario, **counts))

    def __repr__(self) -> str:
        """Say the verdict, as a failed `assert result.passed` shows it; not the traces."""
        verdict = self.verdict
        worst = "" if verdict.passed else f": {verdict.findings[0].sentence}"
        return f"<Result {self.scenario.id!r}, seed {self.seed}: {verdict.outcome.name}{worst}>"


def run_scenario(scenario: Scenario, *, seed: int | None = None, replications: int | None = None) -> Result:
    """Simulate and judge one scenario; `seed` and `replications` override the scenario's own.

    While a threshold is inconclusive the number of replications doubles, up to the scenario's cap. A scenario that
    varies is run in many variations; the result has the one that matters (`flowconc.vary`). One with `explore` is judged
    in other orders of its events too (`flowconc.explore`); of one with `plan`, its goals are judged at the limit that the
    flow has now (`flowconc.plan`). Replications after the first come from where the scenario's `backend` says. Raises
    BadInput for what only running can find.
    """
    check_backend(scenario)
    seed = scenario.run.seed if seed is None else seed
    wanted = scenario.run.replications if replications is None else replications
    if scenario.vary is None:
        return _run_plain(scenario, seed, wanted)
    from flowconc.vary.batch import run_batch  # noqa: PLC0415 - few scenarios vary

    def run(variation: Scenario) -> Result:
        return run_scenario(replace(variation, backend=None), seed=seed, replications=wanted)

    batch = run_batch(scenario, scenario.vary, run, seed=seed, replications=wanted)
    return Result(batch.scenario, seed, batch.traces, batch.verdict, batch.examples, batch.failure)


def _run_plain(scenario: Scenario, seed: int, wanted: int) -> Result:
    """Compute and judge a scenario as it is, in `wanted` replications at first."""
    cap = max(wanted, scenario.run.max_replications)
    is_compiled = are_compiled(scenario)
    traces: list[Trace] = []
    compiled: list[Executions] = []
    while True:
        for index in range(len(traces) + len(compiled), wanted):
            if is_compiled and index:
                compiled.append(compiled_replication(scenario, seed, index))
            else:
                traces.append(simulate(scenario, seed=seed, replication=index))
        verdict = judge(scenario, traces, compiled)
        if wanted == 1 or not verdict.undecided or wanted >= cap:
            verdict = _planned(scenario, _explored(scenario, verdict), seed)
            return Result(scenario, seed, tuple(traces), verdict, compiled=tuple(compiled))
        wanted = min(2 * wanted, cap)


def _explored(scenario: Scenario, verdict: Verdict) -> Verdict:
    """Add what other orders of events show, where the scenario asks for them."""
    if scenario.explore is None:
        return verdict
    from flowconc.explore.verdict import with_exploration  # noqa: PLC0415 - few scenarios are explored

    return with_exploration(scenario, verdict)


def _planned(scenario: Scenario, verdict: Verdict, seed: int) -> Verdict:
    """Add whether the goals of a plan are met at the limit that the flow has now."""
    if scenario.plan is None:
        return verdict
    from flowconc.plan.verdict import with_plan  # noqa: PLC0415 - few scenarios have a plan

    return with_plan(scenario, scenario.plan, verdict, seed=seed)


def run(
    source: str | Path | Scenario,
    *,
    seed: int | None = None,
    replications: int | None = None,
    semantics: str | None = None,
) -> Result:
    """Run the one scenario of a file, or a built one; a file's under `semantics` in place of its own, if given.

    Raises BadInput, or ValueError when the file has several, or when a built scenario is given a semantics: how its
    flows are read was decided when it was built.
    """
    if isinstance(source, Scenario):
        if semantics is not None:
            raise ValueError("a scenario that is built has its semantics; build it with the other one")
        return run_scenario(source, seed=seed, replications=replications)
    scenarios = load(source, semantics=semantics)
    if len(scenarios) != 1:
        raise ValueError(f"{source} holds {len(scenarios)} scenarios; use flowconc.run_all")
    return run_scenario(scenarios[0], seed=seed, replications=replications)


def run_all(
    path: str | Path,
    *,
    seed: int | None = None,
    replications: int | None = None,
    semantics: str | None = None,
) -> tuple[Result, ...]:
    """Run every scenario of a file, with every set of parameters, under `semantics` if given. Raises BadInput."""
    scenarios = load(path, semantics=semantics)
    return tuple(run_scenario(item, seed=seed, replications=replications) for item in scenarios)
