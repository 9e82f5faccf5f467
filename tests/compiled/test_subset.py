"""What the compiled backend refuses, and how it says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc import compiled
from flowconc.scenario.distributions import Listed
from flowconc.scenario.flow import (
    Branch,
    Call,
    Concurrency,
    Flow,
    Retry,
    RetryBehavior,
    Sla,
    SlaBehavior,
    SlaKind,
    Task,
    TaskKind,
    Trigger,
    TriggerKind,
)
from flowconc.scenario.model import (
    Action,
    Arrivals,
    AtTimes,
    Backoff,
    Every,
    Fault,
    FaultKind,
    Latency,
    Platform,
    Scenario,
    ScopeLimit,
    Verb,
)
from flowconc.scenario.problems import Position
from tests.flows import arrive, flow, scene, work

HERE = Position("here.flowconc.yaml", 3)
OTHERS = Retry(1, behavior=RetryBehavior.CREATE_NEW_EXECUTION, max_attempts=2)
WAYS = Latency(ways=((("gate", "n.f"), Listed((5,), 0)),))


def task(kind: TaskKind, **more: object) -> Task:
    return Task("t", "test", kind, HERE, **more)  # type: ignore[arg-type]


def trigger(kind: TriggerKind, **more: object) -> Trigger:
    return Trigger("e", "test", kind, HERE, **more)  # type: ignore[arg-type]


def of_flow(**more: object) -> Scenario:
    return scene(replace(flow("f", work("w", "1s")), **more), arrive("f", "0s"))  # type: ignore[arg-type]


def of_task(kind: TaskKind, **more: object) -> Scenario:
    return of_flow(tasks=(task(kind, **more),))


def of_arrivals(**more: object) -> Scenario:
    entry = Arrivals("n.f", AtTimes((0,)), HERE, **more)  # type: ignore[arg-type]
    return replace(scene(flow("f", work("w", "1s"))), arrivals=(entry,))


PLAIN = of_flow()

REFUSED = [
    (replace(PLAIN, semantics="kestra-2.0.2"), "semantics kestra-2.0.2: only `documented` is compiled"),
    (
        replace(PLAIN, actions=(Action(0, Verb.KILL, "a", HERE),)),
        "an action, kill: operators are only simulated",
    ),
    (
        replace(PLAIN, limits=(ScopeLimit(Concurrency(1), HERE, namespace="n"),)),
        "a limit of namespace:n: only limits of flows",
    ),
    (replace(PLAIN, faults=(Fault(FaultKind.LOSE, HERE),)), "a fault, lose"),
    (replace(PLAIN, heal_at_us=5), "a time to heal"),
    (replace(PLAIN, platform=Platform(latency=WAYS)), "times of single messages"),
    (of_flow(disabled=True), "it is disabled"),
    (of_flow(sla=(Sla("s", SlaKind.MAX_DURATION, SlaBehavior.FAIL, 5),)), "it has an SLA"),
    (of_flow(errors=(work("e", "1s"),)), "it has errors tasks"),
    (of_flow(after_execution=(work("e", "1s"),)), "it has afterExecution tasks"),
    (of_flow(triggers=(trigger(TriggerKind.FLOW),)), "trigger e: a flow trigger is only simulated"),
    (
        of_flow(triggers=(trigger(TriggerKind.SCHEDULE, cron="* * * * *"),)),
        "it has triggers, and the run has no `until`",
    ),
    (of_flow(tasks=()), "it has no task that runs"),
    (of_flow(retry=Retry(1)), "a retry that is not bounded by maxAttempts, at most 64"),
    (of_task(TaskKind.PAUSE), "task t: a pause task is only simulated"),
    (of_task(TaskKind.PARALLEL), "task t: a parallel task is only simulated"),
    (of_task(TaskKind.CHOICE, branches=(Branch("a", (), 1.0),)), "a choice task is only simulated"),
    (of_task(TaskKind.SUBFLOW, call=Call("n.g")), "a subflow task is only simulated"),
    (of_task(TaskKind.SEQUENCE, allow_failure=True), "a group whose failure or warning is allowed"),
    (of_task(TaskKind.SEQUENCE, errors=(work("e", "1s"),)), "it has errors or finally tasks"),
    (
        replace(PLAIN, arrivals=(Arrivals("n.f", Every(1_000), HERE),)),
        "arrivals of n.f: they never end",
    ),
    (of_arrivals(trigger="e"), "arrivals of n.f: events of a realtime trigger"),
    (of_arrivals(schedule_in_us=5), "arrivals of n.f: executions that are scheduled for later"),
    (of_arrivals(backoff=Backoff(frozenset({"FAILED"}), 1, attempts=65)), "a backoff of more than 64"),
    (of_arrivals(backoff=Backoff(frozenset({"RETRIED"}), 1)), "a backoff on RETRIED"),
]


def test_nothing_is_said_against_what_is_taken() -> None:
    assert compiled.supports(PLAIN) == ()


@pytest.mark.parametrize(("scenario", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_it_is_refused_in_words(scenario: Scenario, why: str) -> None:
    reasons = compiled.supports(scenario)

    assert any(why in reason.what for reason in reasons), reasons
    with pytest.raises(compiled.Unsupported) as refusal:
        compiled.run(scenario)
    assert refusal.value.reasons == reasons


def test_a_reason_says_where() -> None:
    (reason,) = compiled.supports(of_task(TaskKind.PAUSE))

    assert str(reason) == "here.flowconc.yaml:3:1: flow n.f, task t: a pause task is only simulated"


def test_every_reason_is_given() -> None:
    scenario = replace(of_task(TaskKind.PAUSE), semantics="kestra-2.0.2")

    assert len(compiled.supports(scenario)) == 2


def test_random_waits_beside_two_kinds_of_retry() -> None:
    repeated = replace(work("w", "1s"), retry=Retry(1, max_interval_us=5, random=True, max_attempts=2))
    renewed = replace(work("v", "1s"), retry=OTHERS)

    (reason,) = compiled.supports(scene(flow("f", repeated, renewed), arrive("f", "0s")))
    assert "random waits, and tasks whose retries create new executions" in reason.what


def test_two_retries_of_one_flow() -> None:
    retry = Retry(1, max_attempts=2)
    both: Flow = replace(flow("f", replace(work("w", "1s"), retry=retry)), retry=retry)

    (reason,) = compiled.supports(scene(both, arrive("f", "0s")))
    assert "a retry of its own and one of a task" in reason.what
