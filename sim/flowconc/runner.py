"""One scenario from file to verdict: simulate, judge, add replications until every threshold is decided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flowconc.check.judge import judge
from flowconc.check.verdict import Verdict
from flowconc.scenario.load import load
from flowconc.scenario.model import Scenario
from flowconc.simulation.simulate import simulate
from flowconc.trace.trace import Trace


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """A judged scenario. `traces[i]` is the run of replication i."""

    scenario: Scenario
    seed: int
    traces: tuple[Trace, ...]
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Say whether every check passed."""
        return self.verdict.passed

    @property
    def trace(self) -> Trace:
        """The first replication's trace."""
        return self.traces[0]

    def __repr__(self) -> str:
        """Say the verdict, as a failed `assert result.passed` shows it; not the traces."""
        verdict = self.verdict
        worst = "" if verdict.passed else f": {verdict.findings[0].sentence}"
        return f"<Result {self.scenario.id!r}, seed {self.seed}: {verdict.outcome.name}{worst}>"


def run_scenario(scenario: Scenario, *, seed: int | None = None, replications: int | None = None) -> Result:
    """Simulate and judge one scenario; `seed` and `replications` override the scenario's own.

    While a threshold is inconclusive the number of replications doubles, up to the scenario's cap.
    """
    seed = scenario.run.seed if seed is None else seed
    wanted = scenario.run.replications if replications is None else replications
    cap = max(wanted, scenario.run.max_replications)
    traces: list[Trace] = []
    while True:
        traces.extend(
            simulate(scenario, seed=seed, replication=index) for index in range(len(traces), wanted)
        )
        verdict = judge(scenario, traces)
        if wanted == 1 or not verdict.undecided or wanted >= cap:
            return Result(scenario, seed, tuple(traces), verdict)
        wanted = min(2 * wanted, cap)


def run(source: str | Path | Scenario, *, seed: int | None = None, replications: int | None = None) -> Result:
    """Run the one scenario of a file, or a built one. Raises BadInput, or ValueError when the file has several."""
    scenarios = (source,) if isinstance(source, Scenario) else load(Path(source))
    if len(scenarios) != 1:
        raise ValueError(f"{source} holds {len(scenarios)} scenarios; use flowconc.run_all")
    return run_scenario(scenarios[0], seed=seed, replications=replications)


def run_all(
    path: str | Path, *, seed: int | None = None, replications: int | None = None
) -> tuple[Result, ...]:
    """Run every scenario of a file, with every set of parameters. Raises BadInput."""
    return tuple(run_scenario(item, seed=seed, replications=replications) for item in load(Path(path)))
