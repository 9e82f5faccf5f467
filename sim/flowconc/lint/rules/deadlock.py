"""Executions that wait for a slot which they, or their ancestors, hold themselves."""

from __future__ import annotations

from collections.abc import Iterator

from flowconc.lint.calls import every_task, first_tasks
from flowconc.lint.repository import Repository
from flowconc.lint.rule import Remark, rule
from flowconc.lint.scopes import Scope
from flowconc.lint.wording import chain, slots
from flowconc.scenario.problems import Severity, excerpt

_BREAK_THE_CHAIN = "call it with `wait: false`, call a flow without a limit, or leave the limit to a flow that no ancestor waits for"


@rule("loop-in-limited-flow", Severity.ERROR)
def loop_in_limited_flow(repository: Repository) -> Iterator[Remark]:
    """Find a Loop task in a flow with a limit.

    Since Kestra 2.0 each pass of a Loop is an execution of the same flow.
    If the Loop is the first task, its first pass needs a slot of the limit.
    With limit 1 it waits for the slot that its parent holds: neither ever ends (kestra-io/kestra#19705).
    With a higher limit, as many executions as there are slots do this to each other if they come together.
    With CANCEL, a first pass that finds the flow full ends the loop, and the execution is a SUCCESS that did nothing.
    All other passes take no slot, yet each gives one back at its end: more run in the end than the limit says.
    """
    for flow in repository.flows:
        scope = next(iter(repository.scopes_of(flow.key)), None)
        if scope is None:
            continue
        first = {source.task.position for source in first_tasks(flow.tasks)}
        for source in every_task(flow):
            if source.task.is_loop and not (source.loop is not None and source.loop.passes == 0):
                fate = _fate_of_first_pass(scope) if source.task.position in first else _fate_of_a_pass(scope)
                yield Remark(
                    source.task.position,
                    f"each pass of the Loop {excerpt(source.task.id)} is an execution of this flow (Kestra 2.0), and {fate}",
                    "put the limit on a flow of its own that the loop's tasks call, or remove it here",
                )


def _fate_of_first_pass(scope: Scope) -> str:
    if scope.rejects:
        return f"is {scope.rejection} when it finds no slot of {scope} free, with its parent in one: the loop ends there"
    if scope.limit == 1:
        return f"waits for the slot of {scope} that its parent holds: neither ever ends"
    return (
        f"needs a slot of {scope} while its parent holds one: {scope.limit:,} executions that come here together wait "
        "for each other for ever"
    )


def _fate_of_a_pass(scope: Scope) -> str:
    return f"gives back a slot of {scope} that it never took: more run in the end than the limit says"


@rule("slot-deadlock", Severity.ERROR)
def slot_deadlock(repository: Repository) -> Iterator[Remark]:
    """Find a call that waits for an execution which can never start, because its ancestors hold every slot.

    A parent that waits for a subflow keeps its slot meanwhile.
    If the subflow, or a flow that it waits for, needs a slot of the same limit, one ancestry can hold them all:
    a flow with limit 1 that calls itself (as `{{ flow.id }}`, which Kestra does not refuse), or A that calls B that
    calls A. Each waits for the other, and whatever arrives later waits behind them.
    A kill of the first ancestor ends it.
    """
    for reclaim in repository.reclaims:
        if reclaim.is_certain and not reclaim.scope.rejects:
            yield Remark(
                reclaim.call.position,
                f"this waits for an execution of {reclaim.call.target}, which waits for a slot that its ancestors hold "
                f"({reclaim.scope.shown}): {chain(reclaim.chain)}. None of them ever ends",
                _BREAK_THE_CHAIN,
            )


@rule("deadlock-under-load", Severity.WARNING)
def deadlock_under_load(repository: Repository) -> Iterator[Remark]:
    """Find a call that waits for an execution under the same limit as its own ancestors.

    While few executions are there, all goes well.
    When as many parents run at once as there are slots, each waits for a child, and no child can start.
    With limits on two namespaces (`--limit`), so do parents on both sides that call into the other.
    """
    # SEMANTICS 3.16
    for reclaim in repository.reclaims:
        if not reclaim.is_certain and not reclaim.scope.rejects:
            yield Remark(
                reclaim.call.position,
                f"this waits for an execution under the limit that an ancestor is under ({reclaim.scope.shown}): "
                f"{chain(reclaim.chain)}. With {slots(reclaim.scope.limit)} held by such ancestors, all of them wait for ever",
                _BREAK_THE_CHAIN,
            )
    for crossing in repository.crossings:
        yield Remark(
            crossing.call.position,
            f"this waits for a slot ({crossing.needed.shown}) while it holds one ({crossing.held.shown}), and "
            f"{crossing.back.position} does the reverse: with all slots of both held by such callers, all of them wait "
            "for ever",
            _BREAK_THE_CHAIN,
        )


@rule("child-always-rejected", Severity.ERROR)
def child_always_rejected(repository: Repository) -> Iterator[Remark]:
    """Find a call whose execution is turned away every time, because its ancestors hold every slot.

    The same as `slot-deadlock`, where the behavior is CANCEL or FAIL:
    nothing waits for ever, but what is called never runs.
    """
    for reclaim in repository.reclaims:
        if reclaim.is_certain and reclaim.scope.rejects:
            yield Remark(
                reclaim.call.position,
                f"the execution of {reclaim.call.target} is {reclaim.scope.rejection} every time, since its ancestors "
                f"hold the slots ({reclaim.scope.shown}): {chain(reclaim.chain)}",
                _BREAK_THE_CHAIN,
            )
