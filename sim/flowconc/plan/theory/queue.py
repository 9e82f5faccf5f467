"""Which queue of the textbooks a flow of a scenario is, and what theory says of it.

A flow with limit c is a queue with c servers where nothing else takes part: executions of it arrive as a Poisson
process from the start to the end of the run, hold their slot for the sum of their tasks' durations, and wait for
nothing but slots. A burst that arrives alone is a backlog that is worked off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

from flowconc.check.statistics import QUANTILES
from flowconc.plan.theory.erlang import erlang_b, keeps_up, mmc_wait_quantile_s, mmc_wait_s
from flowconc.plan.theory.fluid import backlog_growth_per_s, burst_last_wait_s
from flowconc.plan.theory.general import allen_cunneen_wait_s, mg1_wait_s
from flowconc.plan.theory.moments import mean_s, variance_s2
from flowconc.scenario.distributions import Constant, Distribution, Exponential, Listed, Mixture
from flowconc.scenario.flow import Behavior, Flow, Task, TaskKind, TriggerKind
from flowconc.scenario.model import Arrivals, Burst, Platform, PoissonProcess, Scenario

_FIRED_FROM_OUTSIDE = frozenset({TriggerKind.WEBHOOK, TriggerKind.REALTIME})
_IN_A_ROW = frozenset({TaskKind.WORK, TaskKind.INSTANT, TaskKind.SEQUENCE})


@dataclass(frozen=True, slots=True)
class Queue:
    """A flow as a queue: `servers` slots, service times with this mean (seconds) and squared variation."""

    servers: int
    arrivals_per_s: float
    service_s: float
    variation: float
    exponential: bool  # the service times, so that the queue has no memory
    waits: bool  # QUEUE; the others turn away

    @property
    def load(self) -> float:
        """Return the offered load in erlangs: the slots that would be in use if there were enough."""
        return self.arrivals_per_s * self.service_s

    @property
    def stable(self) -> bool:
        """Say whether the slots keep up; a queue that turns away always does."""
        return not self.waits or keeps_up(self.servers, self.load)

    @property
    def name(self) -> str:
        """The queue in Kendall's notation: `M/M/3`, `M/G/4/4`."""
        law = "M" if self.exponential else "D" if self.variation == 0 else "G"
        return f"M/{law}/{self.servers}" + ("" if self.waits else f"/{self.servers}")


@dataclass(frozen=True, slots=True)
class Backlog:
    """A flow that a burst finds with every slot free, and that nothing arrives at beside it."""

    servers: int
    burst: int
    service_s: float
    waits: bool

    stable: ClassVar[bool] = True  # it ends
    name: ClassVar[str] = "a burst"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a formula says of a statistic, in the metric's unit. `exact` is False of an approximation."""

    value: float
    formula: str
    exact: bool = True


Predictions = dict[tuple[str, str], Prediction]
"""Metric and statistic -> what theory says of it."""


def predictions(queue: Queue | Backlog) -> Predictions:
    """Return what theory says of a queue in equilibrium, and of one that is not stable how fast it grows.

    Of a burst, what it says of the waits of those that are in it.
    """
    if isinstance(queue, Backlog):
        found = _of_backlog(queue)
    else:
        found = _of_waiting(queue) if queue.waits else _of_loss(queue)
    return {key: each for key, each in found.items() if isfinite(each.value)}


def _of_loss(queue: Queue) -> Predictions:
    blocked = erlang_b(queue.servers, queue.load)
    carried = queue.load * (1 - blocked)
    return {
        ("rejected", "rate"): Prediction(blocked, "Erlang B"),
        ("slots_in_use", "mean"): Prediction(carried, "Erlang B"),
        ("utilization", "mean"): Prediction(carried / queue.servers, "Erlang B"),
        ("throughput", "rate"): Prediction(queue.arrivals_per_s * (1 - blocked), "Erlang B"),
    }


def _of_waiting(queue: Queue) -> Predictions:
    if not queue.stable:
        growth = backlog_growth_per_s(queue.servers, queue.arrivals_per_s, queue.service_s)
        return {("backlog", "growth"): Prediction(growth, "fluid limit", exact=False)}
    wait = _mean_wait(queue)
    found: Predictions = {
        ("queue_wait", "mean"): wait,
        ("queue_depth", "mean"): Prediction(
            queue.arrivals_per_s * wait.value, f"Little, {wait.formula}", wait.exact
        ),
        ("slots_in_use", "mean"): Prediction(queue.load, "Little"),
        ("utilization", "mean"): Prediction(queue.load / queue.servers, "Little"),
        ("throughput", "rate"): Prediction(queue.arrivals_per_s, "conservation"),
    }
    if queue.exponential:
        for name, share in QUANTILES.items():
            quantile_s = mmc_wait_quantile_s(queue.servers, queue.arrivals_per_s, queue.service_s, share)
            found["queue_wait", name] = Prediction(quantile_s, "Erlang C")
    return found


def _mean_wait(queue: Queue) -> Prediction:
    servers, arrivals_per_s, service_s = queue.servers, queue.arrivals_per_s, queue.service_s
    if queue.exponential:
        return Prediction(mmc_wait_s(servers, arrivals_per_s, service_s), "Erlang C")
    if servers == 1:
        return Prediction(mg1_wait_s(arrivals_per_s, service_s, queue.variation), "Pollaczek-Khinchine")
    wait_s = allen_cunneen_wait_s(servers, arrivals_per_s, service_s, queue.variation)
    return Prediction(wait_s, "Allen-Cunneen", exact=False)


def _of_backlog(backlog: Backlog) -> Predictions:
    burst, servers = backlog.burst, backlog.servers
    waiting = max(0, burst - servers)
    if not backlog.waits:
        return {("rejected", "rate"): Prediction(waiting / burst, "counting")}
    last_s = burst_last_wait_s(burst, servers, backlog.service_s)
    mean_s = (
        last_s * (waiting + 1) / 2 / burst
    )  # the k-th of those that wait has k parts of the last one's wait
    return {
        ("queue_wait", "max"): Prediction(last_s, "fluid limit", exact=False),
        ("queue_wait", "mean"): Prediction(mean_s, "fluid limit", exact=False),
    }


# --- recognition


def queue_of(scenario: Scenario, flow: str) -> Queue | Backlog | str:
    """Return the queue that a flow (its key) is in a scenario; or why it is none, in words."""
    subject = next((each for each in scenario.flows if each.key == flow), None)
    if subject is None or subject.concurrency is None:
        return "the flow has no limit"
    lengths = [task.duration for task in _leaves(subject.tasks) if task.duration is not None]
    service_s = sum(map(mean_s, lengths))
    why = next(_complications(scenario, subject, service_s), None)
    if why is not None:
        return why
    servers, waits = subject.concurrency.limit, subject.concurrency.behavior is Behavior.QUEUE
    patterns = [each.pattern for each in scenario.arrivals if each.flow == flow]
    if isinstance(patterns[0], Burst):
        return Backlog(servers, patterns[0].count, service_s, waits)
    random = [length for length in lengths if length != Constant(0)]
    return Queue(
        servers=servers,
        arrivals_per_s=sum(each.rate_per_s for each in patterns if isinstance(each, PoissonProcess)),
        service_s=service_s,
        variation=sum(map(variance_s2, lengths)) / service_s**2,
        exponential=len(random) == 1 and isinstance(random[0], Exponential),
        waits=waits,
    )


def _complications(scenario: Scenario, flow: Flow, service_s: float) -> Iterator[str]:
    """Yield what sets the flow apart from a queue of the textbooks."""
    if scenario.semantics != "documented":
        yield f"the rules are those of {scenario.semantics}"
    if scenario.actions or scenario.faults or scenario.heal_at_us is not None:
        yield "actions or faults interfere"
    if scenario.limits:
        yield "a namespace or a tenant is limited, too"
    if not _is_ideal(scenario.platform):
        yield "the platform takes time or has limits of its own"
    if any(trigger.kind not in _FIRED_FROM_OUTSIDE for trigger in flow.triggers) or _is_called(
        scenario, flow
    ):
        yield "triggers or other flows start executions"
    sources = [each for each in scenario.arrivals if each.flow == flow.key]
    if not _is_poisson(sources, scenario.run.until_us) and not _is_burst(sources):
        yield "the arrivals are not one Poisson process from start to end, nor one burst"
    if flow.retry is not None or flow.sla or flow.finally_ or flow.after_execution:
        yield "the flow retries, has an SLA, or tasks that run at its end"
    yield from _unlike_service(flow)
    if not service_s:
        yield "the executions take no time"
    if not isfinite(service_s):
        yield "the durations have no mean"


def _unlike_service(flow: Flow) -> Iterator[str]:
    for task in _all_tasks(flow.tasks):
        if task.kind not in _IN_A_ROW:
            yield "the tasks do not just run one after the other"
        if task.failures is not None or task.timeout_us is not None:
            yield "tasks fail or time out"
        if task.duration is not None and _is_listed(task.duration):
            yield "the durations are listed, not drawn"


def _is_ideal(platform: Platform) -> bool:
    bounds = (platform.executors, platform.worker_threads)
    database, latency = platform.database, platform.latency
    costs = (database.statement_us, database.per_waiting_us)
    delays = (latency.arrival_us, latency.dispatch_us, latency.result_us)
    return bounds == (None, None) and not any(costs) and not any(delays)


def _is_poisson(sources: Sequence[Arrivals], until_us: int | None) -> bool:
    """Say whether executions arrive as a Poisson process, which several of them together are, too."""
    return bool(sources) and all(_is_plain_poisson(each, until_us) for each in sources)


def _is_plain_poisson(arrivals: Arrivals, until_us: int | None) -> bool:
    pattern = arrivals.pattern
    return (
        isinstance(pattern, PoissonProcess)
        and pattern.start_us == 0
        and pattern.count is None
        and until_us is not None
        and (pattern.until_us is None or pattern.until_us >= until_us)
        and _is_plain(arrivals)
    )


def _is_burst(sources: Sequence[Arrivals]) -> bool:
    return (
        len(sources) == 1
        and isinstance(sources[0].pattern, Burst)
        and len(sources[0].pattern.times_us) == 1
        and _is_plain(sources[0])
    )


def _is_plain(arrivals: Arrivals) -> bool:
    """Say whether the executions are like any others."""
    return (
        not (arrivals.fails or arrivals.takes or arrivals.trigger)
        and arrivals.backoff is None
        and arrivals.schedule_in_us is None
    )


def _is_called(scenario: Scenario, flow: Flow) -> bool:
    return any(
        task.call is not None and task.call.flow == flow.key
        for each in scenario.flows
        for task in _all_tasks((*each.tasks, *each.errors, *each.finally_, *each.after_execution))
    )


def _all_tasks(tasks: Iterable[Task]) -> Iterator[Task]:
    for task in tasks:
        yield task
        inner = (*task.children, *task.errors, *task.finally_)
        yield from _all_tasks((*inner, *(each for branch in task.branches for each in branch.tasks)))


def _leaves(tasks: Iterable[Task]) -> Iterator[Task]:
    return (task for task in _all_tasks(tasks) if not task.children)


def _is_listed(duration: Distribution) -> bool:
    match duration:
        case Listed():
            return True
        case Mixture(_, parts):
            return any(map(_is_listed, parts))
        case _:
            return False
