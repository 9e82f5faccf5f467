"""Limits that turn executions away (CANCEL, FAIL), where somebody relies on them."""

from __future__ import annotations

from collections.abc import Iterator

from flowconc.lint.calls import Call, every_task
from flowconc.lint.flooding import floods
from flowconc.lint.repository import Repository
from flowconc.lint.retries import retries
from flowconc.lint.rule import Remark, rule
from flowconc.lint.scopes import Scope
from flowconc.scenario.flow import Behavior, RetryBehavior, TriggerKind
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.problems import Severity, excerpt


@rule("rejected-child", Severity.WARNING)
def rejected_child(repository: Repository) -> Iterator[Remark]:
    """Find a task that waits for a flow whose limit turns executions away.

    When the flow is full, its execution is CANCELLED or FAILED at once.
    After CANCELLED the task that waits, and the execution with it, is a SUCCESS, even with `transmitFailed: true`:
    nothing tells that the work was not done. After FAILED the execution fails as well.
    (Kestra 0.24.0 never tells the parent, which waits for ever.)
    A call with a retry, or with `allowFailure`, is prepared for FAILED, and not reported.
    """
    told = {reclaim.call.position for reclaim in repository.reclaims if reclaim.is_certain}
    for flow in repository.flows:
        flooded = {flood.target for flood in floods(repository, flow) if flood.scope.rejects}
        for call in repository.calls_by(flow):
            scope = _turns_away(repository, call.target)
            if scope is None or not call.wait or call.position in told or call.target in flooded:
                continue
            if scope.rejection == "FAILED" and (call.task.retry is not None or call.task.allow_failure):
                continue
            yield Remark(
                call.position,
                f"when {scope} is full, the execution of {call.target} is {scope.rejection}, and {_outcome(call, scope)}",
                f"let {scope} QUEUE"
                if _is_silent(call, scope)
                else f"let {scope} QUEUE, or give this task a `retry`",
            )


def _is_silent(call: Call, scope: Scope) -> bool:
    return scope.rejection == "CANCELLED" or not call.transmit_failed


def _outcome(call: Call, scope: Scope) -> str:
    if _is_silent(call, scope):
        return "this one is a SUCCESS all the same: nothing tells that the work was not done"
    return "this one fails with it"


def _turns_away(repository: Repository, key: str) -> Scope | None:
    return next((scope for scope in repository.scopes_of(key) if scope.rejects), None)


@rule("after-execution-of-rejected", Severity.ERROR)
def after_execution_of_rejected(repository: Repository) -> Iterator[Remark]:
    """Find `afterExecution` in a flow whose limit turns executions away.

    An execution that CANCEL or FAIL turns away is to run no task.
    In a flow with `afterExecution` it runs both the main tasks and those of `afterExecution`, beside the holder of the
    slot, while its state stays CANCELLED or FAILED: the limit protects nothing.
    So do all versions of Kestra that have been looked at, 0.24.0 to 2.0.0.
    """
    # SEMANTICS 9.1, row 1
    for flow in repository.flows:
        scope = _turns_away(repository, flow.key)
        if scope is not None and any(not source.disabled for source in flow.after_execution):
            yield Remark(
                flow.locate(("afterExecution",), key=True),
                f"with `afterExecution`, an execution that {scope} turns away runs its tasks all the same, beside the "
                f"{scope.limit} that hold a slot, while its state is {scope.rejection}",
                "move these tasks to `finally`, or to another flow with a Flow trigger on this one",
            )


@rule("behavior-never-acts", Severity.WARNING)
def behavior_never_acts(repository: Repository) -> Iterator[Remark]:
    """Find CANCEL or FAIL on a flow that only locked triggers start.

    A Schedule or polling trigger is locked while an execution that it started has not ended, unless it says
    `allowConcurrent: true`.
    If such triggers are all that starts a flow, and they are no more than its limit, the limit is never reached:
    fires that fall into a run are skipped (so the documentation) or late (so Kestra), never CANCELLED or FAILED.
    Only somebody who starts the flow by hand would see its behavior act.
    """
    # SEMANTICS 5.2
    for flow in repository.flows:
        concurrency = flow.concurrency
        if concurrency is None or concurrency.behavior is Behavior.QUEUE or repository.is_called(flow):
            continue
        locked = _locked_triggers(flow)
        if 0 < len(locked) <= concurrency.limit and not _starts_anew(repository, flow):
            yield Remark(
                flow.locate(("concurrency", "behavior"), key=True),
                f"`{concurrency.behavior.value}` cannot act: {_only(locked)} locked while an execution of it runs, so "
                f"no more than {len(locked)} run at a time, and the limit is {concurrency.limit}",
                "`allowConcurrent: true` on the trigger (Kestra 1.3 or later), if the fires that overlap are to be "
                "turned away",
            )


def _only(locked: list[str]) -> str:
    names = ", ".join(excerpt(name) for name in locked)
    if len(locked) == 1:
        return f"only the trigger {names} starts this flow, and it is"
    return f"only the triggers {names} start this flow, and each is"


def _locked_triggers(flow: FlowSource) -> list[str]:
    """Return the triggers that start the flow, if all of them lock; else none."""
    written = flow.data.get("triggers")
    if isinstance(written, list) and len(written) != len(flow.triggers):
        return []  # a ScheduleOnDates, of which the reader only gives a notice
    started_by = [trigger for trigger in flow.triggers if not trigger.disabled]
    locks = {TriggerKind.SCHEDULE, TriggerKind.POLLING}
    if any(trigger.kind not in locks or trigger.allow_concurrent for trigger in started_by):
        return []
    return [trigger.id for trigger in started_by]


def _starts_anew(repository: Repository, flow: FlowSource) -> bool:
    """Say whether a retry or a Loop starts executions beside the one that a trigger starts next."""
    anew = RetryBehavior.CREATE_NEW_EXECUTION
    loops = any(source.task.is_loop for source in every_task(flow))
    return loops or any(retry.behavior is anew for retry, _ in retries(repository, flow))
