"""Executions that start more of a limited flow at once than its limit."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from flowconc.lint.flooding import Flood, floods
from flowconc.lint.repository import Repository
from flowconc.lint.rule import Remark, rule
from flowconc.lint.wording import executions
from flowconc.scenario.problems import Severity, excerpt


@rule("fan-out-rejected", Severity.ERROR)
def fan_out_rejected(repository: Repository) -> Iterator[Remark]:
    """Find a task that starts more executions of a flow at once than its limit lets in, and CANCEL or FAIL the rest.

    ForEachItem starts one for each batch, all at once; Parallel and Dag one for each branch; a loop as many as it has
    passes side by side, or as many as it has passes if it does not wait for them.
    What is beyond the limit is turned away, and not tried again: that part of the work is not done.
    """
    for flood in _all_floods(repository):
        if flood.scope.rejects:
            yield Remark(
                flood.task.position,
                f"{_start(flood)}; those beyond {flood.scope.limit} at a time, the limit of {flood.scope}, are "
                f"{flood.scope.rejection}: their part of the work is not done",
                f"let {flood.scope} QUEUE, or start at most {flood.scope.limit} at a time here",
            )


@rule("fan-out-queued", Severity.WARNING)
def fan_out_queued(repository: Repository) -> Iterator[Remark]:
    """Find a task that starts more executions of a flow at once than its limit lets in, and QUEUE the rest.

    They wait for each other, which may be what the limit is for.
    But each execution that waits holds a database lock, and stands before whatever else wants to start the flow:
    Kestra's documentation advises to hold back at the source.
    """
    # SEMANTICS A6
    for flood in _all_floods(repository):
        if not flood.scope.rejects:
            waiting = "the rest" if flood.count == inf else f"{flood.count - flood.scope.limit:,.0f} of them"
            yield Remark(
                flood.task.position,
                f"{_start(flood)}, whose limit lets {flood.scope.limit:,} in: {waiting} wait in the queue, each with "
                "a lock in the database",
                f"start at most {flood.scope.limit} at a time here (`concurrencyLimit`, `concurrent`)",
            )


def _all_floods(repository: Repository) -> Iterator[Flood]:
    for flow in repository.flows:
        yield from floods(repository, flow)


def _start(flood: Flood) -> str:
    return f"{excerpt(flood.task.id)} starts {executions(flood.count, flood.target)} at once"
