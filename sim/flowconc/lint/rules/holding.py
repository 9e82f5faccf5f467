"""What keeps a slot while nothing runs, and what counts the time in the queue."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from flowconc.lint.calls import every_task
from flowconc.lint.graph import leading_to, shortest_way
from flowconc.lint.repository import Repository
from flowconc.lint.retries import retries, waits_us
from flowconc.lint.rule import Remark, rule
from flowconc.lint.wording import chain, time
from flowconc.scenario.flow import RetryBehavior, Sla, SlaBehavior, Task, TaskKind, TriggerKind
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.problems import Position, Severity, excerpt

_PAUSE_ELSEWHERE: Final = "pause in a flow without a limit, and let what follows be a limited flow of its own"

LONG_WAIT_US: Final = 10 * 60_000_000
"""Waits of a retry, all together, from which on `retry-holds-slot` speaks of them: ten minutes."""


@rule("pause-holds-slot", Severity.WARNING)
def pause_holds_slot(repository: Repository) -> Iterator[Remark]:
    """Find a Pause task in a flow with a limit, or in one that such a flow waits for.

    A PAUSED execution keeps its slot, and so does its parent that waits for it.
    With limit 1 one approval that nobody gives stops the flow for everybody (kestra-io/docs#5363);
    with CANCEL or FAIL everything that arrives meanwhile is turned away.
    """
    # SEMANTICS 3.7
    for flow in repository.flows:
        for scope in repository.scopes_of(flow.key)[:1]:
            for task in _pauses(flow):
                end = "until somebody resumes it" if task.pause_us is None else f"for {time(task.pause_us)}"
                yield Remark(
                    task.position,
                    f"the execution is PAUSED here {end}, and keeps its slot meanwhile ({scope.shown})",
                    _PAUSE_ELSEWHERE,
                )
    yield from _awaited_pauses(repository)


def _awaited_pauses(repository: Repository) -> Iterator[Remark]:
    pausing = {flow.key for flow in repository.flows if any(task.pause_us is None for task in _pauses(flow))}
    callees = {
        flow.key: [call.target for call in repository.calls_by(flow) if call.wait]
        for flow in repository.flows
    }
    leads_to_one = leading_to(pausing, callees)
    for call in repository.calls:
        scopes = repository.scopes_of(call.caller)
        if scopes and call.wait and call.target in leads_to_one:
            target = (call.target,)
            way = target if call.target in pausing else shortest_way(call.target, pausing, callees)
            yield Remark(
                call.position,
                f"the execution keeps its slot ({scopes[0].shown}) while it waits for {chain(way or target)}, which is "
                "PAUSED until somebody resumes it",
                _PAUSE_ELSEWHERE,
            )


def _pauses(flow: FlowSource) -> Iterator[Task]:
    return (source.task for source in every_task(flow) if source.task.kind is TaskKind.PAUSE)


@rule("pause-locks-trigger", Severity.WARNING)
def pause_locks_trigger(repository: Repository) -> Iterator[Remark]:
    """Find a Pause without an end of its own in a flow that a locked Schedule starts.

    A trigger stays locked until the execution that it started has ended, also while that is PAUSED.
    Until somebody resumes it, the schedule starts nothing: its fires are skipped (so the documentation) or late (so
    Kestra).
    """
    # SEMANTICS 5.2
    for flow in repository.flows:
        locked = [
            trigger.id
            for trigger in flow.triggers
            if trigger.kind is TriggerKind.SCHEDULE and not trigger.disabled and not trigger.allow_concurrent
        ]
        for task in _pauses(flow):
            if locked and task.pause_us is None:
                yield Remark(
                    task.position,
                    f"until somebody resumes the execution, the trigger {excerpt(locked[0])} that started it stays "
                    "locked, and its fires are skipped (as documented) or late (Kestra 2.0)",
                    "a `pauseDuration`, or `allowConcurrent: true` on the trigger (Kestra 1.3 or later)",
                )


@rule("retry-holds-slot", Severity.WARNING)
def retry_holds_slot(repository: Repository) -> Iterator[Remark]:
    """Find a retry in a flow with a limit that waits for ten minutes or more, or without end.

    An execution that waits for the next attempt is RETRYING, and keeps its slot.
    On Kestra 2.0.0 a kill does not even end it: it stays KILLING, with the slot (kestra-io/kestra#19679).
    A retry with `behavior: CREATE_NEW_EXECUTION` gives the slot back, and takes a new one for the next attempt.
    """
    # SEMANTICS 3.12, 3.13
    for flow in repository.flows:
        for scope in repository.scopes_of(flow.key)[:1]:
            for retry, position in retries(repository, flow):
                total_us = waits_us(retry)
                if retry.behavior is RetryBehavior.RETRY_FAILED_TASK and (
                    total_us is None or total_us >= LONG_WAIT_US
                ):
                    how_long = "as long as it fails" if total_us is None else f"for {time(total_us)} in all"
                    yield Remark(
                        position,
                        f"the execution waits {how_long} between attempts, and keeps its slot meanwhile "
                        f"({scope.shown})",
                        "`behavior: CREATE_NEW_EXECUTION`, or fewer and shorter waits",
                    )


@rule("retry-may-be-rejected", Severity.WARNING)
def retry_may_be_rejected(repository: Repository) -> Iterator[Remark]:
    """Find a retry as a new execution, in a flow whose limit turns executions away.

    With `behavior: CREATE_NEW_EXECUTION` the failed execution gives its slot back at once.
    The new one arrives when the wait is over, like any other: if the flow is full then, it is CANCELLED or FAILED,
    and a CANCELLED one is not tried again.
    """
    # SEMANTICS 3.12
    for flow in repository.flows:
        scope = next((scope for scope in repository.scopes_of(flow.key) if scope.rejects), None)
        if scope is None:
            continue
        for retry, position in retries(repository, flow):
            if retry.behavior is RetryBehavior.CREATE_NEW_EXECUTION:
                yield Remark(
                    position,
                    f"the next attempt is a new execution, which is {scope.rejection} if {scope} is full by then "
                    f"({scope.shown})",
                    "`behavior: RETRY_FAILED_TASK`, which keeps the slot, or a limit that lets executions QUEUE",
                )


@rule("sla-counts-queue", Severity.WARNING)
def sla_counts_queue(repository: Repository) -> Iterator[Remark]:
    """Find a longest duration (SLA) with FAIL or CANCEL, in a flow whose limit lets executions QUEUE.

    MAX_DURATION counts from the execution's creation, the time in the queue included:
    whoever waits longer than that is ended without having run.
    On Kestra 2.0.0 it is even started first, beside the holders of the slots: the limit is exceeded.
    """
    # SEMANTICS 3.21; 9.1, row 7
    for flow in repository.flows:
        queueing = [scope for scope in repository.scopes_of(flow.key) if not scope.rejects]
        for scope, (sla, position) in product(queueing[:1], _service_levels(flow)):
            if sla.duration_us is not None and sla.behavior is not SlaBehavior.NONE:
                yield Remark(
                    position,
                    f"these {time(sla.duration_us)} include the time in the queue: with {scope.shown}, an execution "
                    "that waits so long is ended without having run, and on Kestra 2.0.0 started first, beyond the "
                    "limit",
                    "a `timeout` on the tasks, which counts only while they run, or `behavior: NONE`",
                )


def _service_levels(flow: FlowSource) -> Iterator[tuple[Sla, Position]]:
    """Give the flow's service levels, and where the duration of each is written."""
    written = flow.data.get("sla")
    places = (
        [index for index, item in enumerate(written) if isinstance(item, dict)]
        if isinstance(written, list)
        else []
    )
    for index, source in zip(places, flow.sla, strict=True):
        yield source.sla, flow.locate(("sla", index, "duration"), key=True)
