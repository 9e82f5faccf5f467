"""The gate: who gets a slot, who waits, who is turned away (SEMANTICS A1-A3, A8, section 1)."""

from __future__ import annotations

from flowconc.protocol.conclusion import conclude
from flowconc.protocol.events import Kind
from flowconc.protocol.lifecycle import end_rejected, run
from flowconc.protocol.limits import claim, counted, limit_for
from flowconc.protocol.rules import CountLock, FailedRestart, Gated, Rules
from flowconc.protocol.scopes import claim_scopes, first_full
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, Next, StepResult
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Behavior, Concurrency

# Looking an enum's member up is slow in Python 3.11, so what every execution passes by has a name of its own.
_CREATED, _RESTARTED, _RUNNING = State.CREATED, State.RESTARTED, State.RUNNING
_GATE, _LOCKED = Kind.GATE, CountLock.HELD

_REJECTION = {Behavior.CANCEL: State.CANCELLED, Behavior.FAIL: State.FAILED}


def gate(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Admit, queue or turn away an execution that is CREATED or RESTARTED (A1-A3).

    Where the count is not locked, what is found here is acted on in a step of its own, `decide`.
    """
    execution = tables.find(message.execution)
    if execution is None or execution.state not in (_CREATED, _RESTARTED):
        return StepResult()  # deleted, killed or forced before the gate looked at it
    draft = Draft(tables)
    rules = tables.rules
    if execution.state is _RESTARTED and not _passes_again(execution, rules):
        run(draft, execution, "restart", now_us)
        return draft
    counter = counted(tables, execution.birth.flow)
    concurrency = limit_for(tables, execution)
    if rules.count_lock is not _LOCKED and concurrency is not None and _unlocked(rules, counter):
        draft.order(Next(Message("decide", execution.birth.number, counter)))
    else:
        _decide(draft, execution, counter, concurrency, now_us)
    return draft


def decide(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Act on a count that was not locked, and may have changed since (BUGS, #10228)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state not in (_CREATED, _RESTARTED):
        return StepResult()
    draft = Draft(tables)
    _decide(draft, execution, message.argument, limit_for(tables, execution), now_us)
    return draft


def schedule_due(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Send an execution whose date has come to the gate, or past it (SEMANTICS 3.18)."""
    execution = tables.find(message.execution)
    rules = tables.rules
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    if execution.state is _CREATED and rules.gated_schedules:
        return gate(tables, message, now_us)
    if execution.state is _CREATED or (rules.late_schedule_revives and execution.ended):
        run(draft, execution, "schedule", now_us)
    return draft


def later_pass(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Run a pass of a Loop that begins when its parent runs already: past the gate, and not counted (OBSERVED 13)."""
    execution = tables.find(message.execution)
    if execution is None or execution.state is not _CREATED:
        return StepResult()
    draft = Draft(tables)
    run(draft, execution, "loop", now_us)
    return draft


def _passes_again(execution: Execution, rules: Rules) -> bool:
    if rules.gated_restarts is Gated.AFTER_FAILED:
        return execution.previous is State.FAILED
    return rules.gated_restarts is Gated.ALL


def _unlocked(rules: Rules, counter: int) -> bool:
    return rules.count_lock is CountLock.NONE or counter == 0


def _decide(
    draft: Draft, execution: Execution, found: int, concurrency: Concurrency | None, now_us: int
) -> None:
    """Admit iff what was found counted is below the limit; else do what the behavior says.

    Of several limits the first one reached decides: the flow's own, then those of its scopes (SEMANTICS 3.16).
    """
    rules = draft.tables.rules
    admits = concurrency is None or found < concurrency.limit
    full = first_full(draft, execution.birth.flow) if admits and draft.tables.scopes else None
    if full is not None:
        found, concurrency = full
    elif admits:
        draft.report(_GATE, execution, found, None if concurrency is None else concurrency.limit, "admit")
        claims = (concurrency is not None or rules.counts_unlimited) and claim(
            draft, execution, draft.tables.counters.get(execution.birth.flow, 0)
        )
        if draft.tables.scopes:
            execution = claim_scopes(draft, execution)
        draft.admitted = execution.birth.number
        run(draft, execution, "gate", now_us, claims=claims)
        return
    assert concurrency is not None
    behavior = concurrency.behavior
    draft.report(_GATE, execution, found, concurrency.limit, behavior.value.lower())
    if behavior is Behavior.QUEUE:
        _queue(draft, execution, now_us)
    elif (
        behavior is Behavior.FAIL
        and execution.state is _RESTARTED
        and execution.progress  # what has no task to run again is turned away like any other (OBSERVED 9)
        and rules.failed_restart is not FailedRestart.STOPS
    ):
        claims = rules.failed_restart is FailedRestart.RUNS_COUNTED and claim(draft, execution, found)
        run(draft, execution, "restart", now_us, claims=claims)
    else:
        _reject(draft, execution, _REJECTION[behavior], now_us)


def _queue(draft: Draft, execution: Execution, now_us: int) -> None:
    execution = draft.enter(execution, State.QUEUED, "gate")
    birth = execution.birth
    draft.changes.append(("queued", (birth.flow, birth.number), execution))
    draft.write(execution)
    if draft.tables.rules.asserts_queued:
        broken = draft.tables.plan_of(execution).asserted
        if broken is not None:
            end_rejected(draft, draft.enter(execution, broken, "sla"), now_us)


def _reject(draft: Draft, execution: Execution, state: State, now_us: int) -> None:
    execution = draft.enter(execution, state, "gate")
    if draft.tables.rules.ending:
        end_rejected(draft, execution, now_us)
    else:
        draft.write(execution)
        conclude(draft, execution, now_us)
