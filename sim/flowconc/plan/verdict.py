"""A plan as a check: the goals must be met, and what must be spared be spared, at the limit that the flow has now."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flowconc.check.judge import in_order
from flowconc.check.thresholds import say
from flowconc.check.verdict import Finding, Outcome, Verdict
from flowconc.check.wording import counted
from flowconc.plan.deciding import Decision
from flowconc.plan.evaluation import Evaluator, own_evaluator, simulated
from flowconc.plan.result import Row, Status
from flowconc.plan.runs import Runs
from flowconc.plan.saying import measured, sure
from flowconc.plan.store import Store
from flowconc.plan.sweep import carry_out, measure_now
from flowconc.scenario.model import Scenario
from flowconc.scenario.plan import Plan

CHECK: Final = "plan"


def with_plan(scenario: Scenario, plan: Plan, verdict: Verdict, *, seed: int) -> Verdict:
    """Return the verdict with what the plan finds. Only where it is not met is another limit looked for."""
    found = findings(scenario, plan, seed=seed, evaluate=own_evaluator(scenario, plan))
    return replace(verdict, findings=in_order([*verdict.findings, *found]))


def findings(scenario: Scenario, plan: Plan, *, seed: int, evaluate: Evaluator = simulated) -> list[Finding]:
    """Return one finding for each condition of a plan."""
    with Store() as store:
        runs = Runs(store, seed, evaluate=evaluate)
        row = measure_now(scenario, plan, runs)
        decisions = (*row.goals, *row.protects)
        missed = any(each.outcome is not Outcome.PASS for each in decisions)
        instead = _instead(scenario, plan, runs, seed) if missed else ""
    return [_finding(plan, row, each, instead) for each in decisions]


def _finding(plan: Plan, row: Row, decision: Decision, instead: str) -> Finding:
    condition = decision.condition
    limit = "without a limit" if row.option.limit is None else f"at limit {row.option.limit}"
    must_be = f"must be {condition.must_be.operator} {say(condition, condition.must_be.value)}"
    sentence = f"{measured(decision)} {limit}, {must_be} ({_reach(decision)})"
    if decision.outcome is not Outcome.PASS:
        sentence += instead
    return Finding(CHECK, decision.outcome, sentence, condition.position, flow=plan.flow)


def _reach(decision: Decision) -> str:
    """Say on what it was decided. The interval is that of one look, so that all of them hold together."""
    runs = counted(decision.replications, "run")
    if decision.interval is None:
        return runs
    low, high = (say(decision.condition, each) for each in (decision.interval.low, decision.interval.high))
    return f"{low} to {high}, {runs}"


def _instead(scenario: Scenario, plan: Plan, runs: Runs, seed: int) -> str:
    """Say which limit would do."""
    quick = replace(plan, sensitivity=False, recovery=())
    result = carry_out(scenario, quick, runs, seed=seed)
    base, confidence = result.base, sure(result)
    match base.status:
        case Status.FOUND:
            return f"; limit {base.limit} would do ({confidence})"
        case Status.NONE:
            return f"; no limit from {plan.limits[0]} to {plan.limits[-1]} would do ({confidence})"
        case Status.CONFLICT:
            allowed = "none" if base.largest is None else f"at most {base.largest}"
            return f"; no limit would do: the goals need at least {base.smallest}, `protect` allows {allowed}"
        case Status.UNDECIDED:
            return f"; which limit would do is not decided in {plan.max_replications} runs"
