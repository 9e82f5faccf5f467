"""What the compiled backend takes: the stationary part of the simulation under the documented contract.

The rest is refused in words. What is taken gives the same executions as the simulation, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flowconc.compiled.fields import PLACE_BITS
from flowconc.compiled.program import leaves_of
from flowconc.scenario.flow import Flow, Retry, Task, TaskKind, TriggerKind
from flowconc.scenario.model import Arrivals, Every, PoissonProcess, Scenario
from flowconc.scenario.problems import BadInput, Position, Problem

_MOST_ATTEMPTS = 64
"""Attempts of a retry, and retries of a source: the draws of each are kept with every execution."""

_LEAVES = frozenset({TaskKind.WORK, TaskKind.INSTANT, TaskKind.FAIL})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a scenario is not for the compiled backend. `position` is where the scenario or flow file says it."""

    position: Position
    what: str

    def __str__(self) -> str:
        return f"{self.position}: {self.what}"


class Unsupported(ValueError):  # noqa: N818 - it says what it is
    """A scenario that the compiled backend does not take. Carries every reason."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__("\n".join(map(str, reasons)))


def refusal(reasons: Iterable[Reason]) -> BadInput:
    """Return what is said of a scenario file that asks for the compiled backend, and why it is not taken."""
    return BadInput(
        Problem(each.position, f"`backend: compiled` cannot do this: {each.what}", "`auto` or `simulation`")
        for each in reasons
    )


def supports(scenario: Scenario) -> tuple[Reason, ...]:
    """Return why the compiled backend does not take a scenario; nothing when it does."""
    return tuple(_reasons(scenario))


def _reasons(scenario: Scenario) -> Iterator[Reason]:
    here = scenario.position
    if scenario.semantics != "documented":
        yield Reason(here, f"semantics {scenario.semantics}: only `documented` is compiled")
    for action in scenario.actions:
        yield Reason(action.position, f"an action, {action.verb.value}: operators are only simulated")
    for limit in scenario.limits:
        yield Reason(limit.position, f"a limit of {limit.scope}: only limits of flows are compiled")
    for fault in scenario.faults:
        yield Reason(fault.position, f"a fault, {fault.kind.value}: failing components are only simulated")
    if scenario.heal_at_us is not None and not scenario.faults:
        yield Reason(here, "a time to heal: failing components are only simulated")
    if scenario.platform.latency.ways:
        yield Reason(here, "times of single messages: only latencies that are the same for all are compiled")
    lanes = len(scenario.arrivals) + sum(len(flow.self_firing) for flow in scenario.flows)
    if lanes >= 1 << PLACE_BITS:
        yield Reason(here, f"{lanes} sources and triggers: there may be {(1 << PLACE_BITS) - 1}")
    for flow in scenario.flows:
        yield from _of_flow(flow)
        if scenario.run.until_us is None and flow.self_firing:
            yield Reason(flow.position, f"flow {flow.key}: it has triggers, and the run has no `until`")
    for arrivals in scenario.arrivals:
        yield from _of_arrivals(arrivals)
        pattern = arrivals.pattern
        endless = isinstance(pattern, (Every, PoissonProcess)) and pattern.count is pattern.until_us is None
        if endless and scenario.run.until_us is None:
            yield Reason(arrivals.position, f"arrivals of {arrivals.flow}: they never end")


def _of_flow(flow: Flow) -> Iterator[Reason]:
    def reason(what: str) -> Reason:
        return Reason(flow.position, f"flow {flow.key}: {what}")

    if flow.disabled:
        yield reason("it is disabled")
    if flow.sla:
        yield reason("it has an SLA")
    for tasks, name in (
        (flow.errors, "errors"),
        (flow.finally_, "finally"),
        (flow.after_execution, "afterExecution"),
    ):
        if tasks:
            yield reason(f"it has {name} tasks")
    for trigger in flow.triggers:
        if trigger.kind in (TriggerKind.FLOW, TriggerKind.REALTIME) and not trigger.disabled:
            yield Reason(
                trigger.position,
                f"flow {flow.key}, trigger {trigger.id}: a {trigger.kind.value} trigger is only simulated",
            )
    wrong = [reason for task in flow.tasks for reason in _of_task(flow, task)]
    yield from wrong
    if not wrong and not leaves_of(flow):
        yield reason("it has no task that runs")
    if wrong:
        return
    retries = [
        node.task.retry for node in leaves_of(flow) if node.task is not None and node.task.retry is not None
    ]
    if len({retry.behavior for retry in retries}) > 1 and any(retry.random for retry in retries):
        yield reason("it has random waits, and tasks whose retries create new executions beside others")
    if flow.retry is not None:
        yield from _of_retry(flow.position, f"flow {flow.key}", flow.retry)
        if retries:
            yield reason("it has a retry of its own and one of a task")


def _of_task(flow: Flow, task: Task) -> Iterator[Reason]:
    where = f"flow {flow.key}, task {task.id}"
    if task.kind is TaskKind.SEQUENCE:
        if task.errors or task.finally_:
            yield Reason(task.position, f"{where}: it has errors or finally tasks")
        if task.allow_failure or task.allow_warning:
            yield Reason(task.position, f"{where}: a group whose failure or warning is allowed")
        for child in task.children:
            yield from _of_task(flow, child)
    elif task.kind not in _LEAVES:
        yield Reason(task.position, f"{where}: a {task.kind.value} task is only simulated")
    elif task.retry is not None:
        yield from _of_retry(task.position, where, task.retry)


def _of_retry(position: Position, where: str, retry: Retry) -> Iterator[Reason]:
    if retry.max_attempts is None or retry.max_attempts > _MOST_ATTEMPTS:
        yield Reason(
            position, f"{where}: a retry that is not bounded by maxAttempts, at most {_MOST_ATTEMPTS}"
        )


def _of_arrivals(arrivals: Arrivals) -> Iterator[Reason]:
    where = f"arrivals of {arrivals.flow}"
    if arrivals.trigger is not None:
        yield Reason(arrivals.position, f"{where}: events of a realtime trigger are only simulated")
    if arrivals.schedule_in_us is not None:
        yield Reason(arrivals.position, f"{where}: executions that are scheduled for later")
    if arrivals.backoff is not None:
        if arrivals.backoff.attempts > _MOST_ATTEMPTS:
            yield Reason(arrivals.position, f"{where}: a backoff of more than {_MOST_ATTEMPTS} attempts")
        if "RETRIED" in arrivals.backoff.on:
            yield Reason(arrivals.position, f"{where}: a backoff on RETRIED")
