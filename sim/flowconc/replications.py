"""Where the replications of a scenario come from, as its `backend` says.

The first is always simulated, because invariants, expectations, reports and plots look at its trace. The others may
be compiled, which has the same executions: of those thresholds are judged, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowconc.check.wording import counted
from flowconc.compiled import Reason, TooLong, refusal, supports
from flowconc.compiled import run as run_compiled
from flowconc.compiled.executions import Executions
from flowconc.scenario.model import Backend, Scenario
from flowconc.scenario.plan import Plan
from flowconc.scenario.problems import BadInput, Problem, Severity


def check_backend(scenario: Scenario) -> None:
    """Raise BadInput for a scenario that is to be compiled and cannot be, with every reason."""
    if scenario.backend is not Backend.COMPILED:
        return
    reasons = list(supports(scenario) if scenario.plan is None else _not_planned(scenario, scenario.plan))
    if scenario.vary is not None:
        reasons.append(Reason(scenario.vary.position, "variations are only simulated"))
    if reasons:
        raise refusal(reasons)


def _not_planned(scenario: Scenario, plan: Plan) -> tuple[Reason, ...]:
    from flowconc.plan.evaluation import not_compiled  # noqa: PLC0415 - few scenarios have a plan

    return not_compiled(scenario, plan)


def are_compiled(scenario: Scenario) -> bool:
    """Say whether the replications after the first are compiled, of a scenario that passes `check_backend`."""
    if scenario.backend is Backend.AUTO:
        return scenario.vary is None and not supports(scenario)
    return scenario.backend is Backend.COMPILED


def compiled_replication(scenario: Scenario, seed: int, replication: int) -> Executions:
    """Compute one replication by the compiled backend. Raises BadInput when it is too long."""
    most = scenario.run.max_events
    try:
        return run_compiled(scenario, seed=seed, replication=replication, max_executions=most)
    except TooLong:
        what = f"replication {replication + 1} was stopped after {counted(most, 'execution')}"
        problem = Problem(scenario.position, what, "a larger `run.max_events`, or a shorter run")
        raise BadInput([problem]) from None


def backend_notices(scenario: Scenario, *, simulated: int, compiled: int) -> Iterator[Problem]:
    """Yield what is to be known of so many runs of each kind: what was not judged, or why none was compiled."""
    if compiled:
        which = f"replications {simulated + 1} to {simulated + compiled} are"
        if compiled == 1:
            which = f"replication {simulated + 1} is"
        what = f"{which} compiled: thresholds are judged on all runs, everything else on the first"
        yield Problem(scenario.position, what, severity=Severity.NOTICE)
        return
    is_asked_for = scenario.backend is Backend.AUTO and scenario.semantics == "documented"
    if is_asked_for and scenario.vary is None and (simulated > 1 or scenario.plan is not None):
        for reason in supports(scenario)[:1]:
            what = f"simulated, not compiled: {reason.what}"
            yield Problem(reason.position, what, severity=Severity.NOTICE)
