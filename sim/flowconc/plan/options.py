"""One thing that a plan tries: a limit, a behavior, so much load, such durations, values of parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from flowconc.check.wording import number
from flowconc.plan.scaling import with_durations, with_load
from flowconc.scenario.document.parameters import Scalar, written
from flowconc.scenario.flow import Behavior, Concurrency, Flow
from flowconc.scenario.model import Scenario
from flowconc.scenario.plan import Plan, Values


@dataclass(frozen=True, slots=True)
class Case:
    """Everything of an option but the limit: one recommendation is made for each case.

    `load` and `duration` are factors of what the scenario says.
    """

    behavior: Behavior = Behavior.QUEUE
    load: float = 1.0
    duration: float = 1.0
    values: Values = ()

    def label(self, plan: Plan) -> str:
        """Say what this case is, in what the plan varies: `CANCEL, load x1.25, threads=4`; empty if nothing varies."""
        parts = [self.behavior.value] if len(plan.behaviors) > 1 else []
        if self.load != 1 or len(plan.loads) > 1:
            parts.append(f"load x{number(self.load)}")
        if self.duration != 1 or len(plan.durations) > 1:
            parts.append(f"duration x{number(self.duration)}")
        parts += [f"{name}={written(_scalar(value))}" for name, value in self.values]
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Option:
    """A case under a limit; None is no limit at all."""

    limit: int | None
    case: Case = Case()


def planned_flow(scenario: Scenario, key: str) -> Flow:
    """Return the flow with this key."""
    return next(flow for flow in scenario.flows if flow.key == key)


def own_behavior(scenario: Scenario, key: str) -> Behavior:
    """Return the behavior that a flow has now; QUEUE where it has no limit."""
    concurrency = planned_flow(scenario, key).concurrency
    return Behavior.QUEUE if concurrency is None else concurrency.behavior


def cases(scenario: Scenario, plan: Plan) -> Iterator[Case]:
    """Yield the cases of a plan, in the order written: values of parameters vary slowest, durations fastest."""
    behaviors = plan.behaviors or (own_behavior(scenario, plan.flow),)
    values = (plan.values, *(variant.values for variant in plan.variants))
    for chosen, behavior, load, duration in product(values, behaviors, plan.loads, plan.durations):
        yield Case(behavior, load, duration, chosen)


def now(scenario: Scenario, plan: Plan) -> Option:
    """Return the option that is the scenario as it is."""
    concurrency = planned_flow(scenario, plan.flow).concurrency
    case = Case(own_behavior(scenario, plan.flow), values=plan.values)
    return Option(None if concurrency is None else concurrency.limit, case)


def applied(scenario: Scenario, plan: Plan, option: Option) -> Scenario:
    """Return the scenario under an option, without its plan."""
    case = option.case
    variants = {variant.values: variant.scenario for variant in plan.variants}
    made = replace(variants.get(case.values, scenario), plan=None)
    limit = None if option.limit is None else Concurrency(option.limit, case.behavior)
    flows = tuple(replace(flow, concurrency=limit) if flow.key == plan.flow else flow for flow in made.flows)
    return with_load(with_durations(replace(made, flows=flows), case.duration), case.load)


def _scalar(value: object) -> Scalar:
    assert value is None or isinstance(value, str | int | float | bool)
    return value
