"""The end of an execution: its slot is freed, and handed to the oldest that waits (SEMANTICS A4, A8, A10, section 2).

Under the documented contract all of that is part of the step that ends the execution. In the engine it follows in
steps of its own, each a transaction: `rules.ending` names them, and each orders the next.
"""

from __future__ import annotations

from flowconc.protocol.conclusion import conclude
from flowconc.protocol.lifecycle import run
from flowconc.protocol.limits import claim, counted, give_back, limit_for
from flowconc.protocol.plan import NONE
from flowconc.protocol.progress import begin
from flowconc.protocol.rules import Claims, Emission, Rules
from flowconc.protocol.scopes import candidates, claim_scopes, counter_in, first_full
from flowconc.protocol.states import State
from flowconc.protocol.steps import Message, Next, StepFunction, StepResult
from flowconc.protocol.tables import Execution, Tables
from flowconc.protocol.transitions import Draft
from flowconc.scenario.flow import Behavior, Concurrency

_HELD, _AT_ONCE = Claims.HELD, Emission.AT_ONCE

Popped = tuple[Execution, ...]
"""Rows of executions that a pop took from the queue, as they will run."""


def with_release(step: StepFunction) -> StepFunction:
    """Let a step that ends its execution free the slot as well, in the same transaction, where the rules have it so.

    So nobody ever sees a slot that is held by an execution that has ended (A4).
    """

    def ending(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = step(tables, message, now_us)
        if isinstance(result, Draft) and result.ended is not None and not tables.rules.ending:
            ended = result.ended  # for the pop may run another one to its end
            result.orders.remove(Message("release", ended.birth.number))
            free(result, ended, now_us)
            conclude(result, ended, now_us)
        return result

    return ending


def with_moved_queue(step: StepFunction) -> StepFunction:
    """Let a step that changes the limit of a scope start who fits now, where the rules have it so (A8)."""

    def moving(tables: Tables, message: Message, now_us: int) -> StepResult:
        result = step(tables, message, now_us)
        if not tables.rules.save_moves_queue or not isinstance(result, Draft):
            return result
        result.order(Message("move_queue", None, (message.argument[0],)))
        return result

    return moving


def move_queue(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Start every queued execution that fits its limits as they are now."""
    draft = Draft(tables)
    pop_in_scopes(draft, frozenset(flow for flow, _ in tables.queued.in_order()), now_us)
    return draft


def release(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Free the slot of an execution that has ended, and pop, in one transaction of its own."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    popped = free(draft, execution, now_us)
    if tables.rules.ending:
        _go_on(draft, message, popped)
    else:
        conclude(draft, execution, now_us)
    return draft


def decrement(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Free the slot of an execution that has ended; what waits is popped later (before version 1.2)."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    if frees(tables, execution):
        give_back(draft, execution)
    _go_on(draft, message, ())
    return draft


def select(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Begin a pop: lock the head of the queue. If somebody has it locked, SKIP LOCKED finds nothing (BUGS, #13743)."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    flow = execution.birth.flow
    head = next(tables.queued.oldest(flow), None)
    limit = limit_for(tables, execution)
    may = frees(tables, execution) and _may_pop(tables.rules, limit, counted(tables, flow))
    if may and head is not None and flow not in tables.popping:
        draft.changes.append(("popping", flow, head))
        _go_on(draft, message, head)
    else:
        _go_on(draft, message, None)
    return draft


def take(tables: Tables, message: Message, now_us: int) -> StepResult:
    """End a pop: take the locked row, count the execution, and let it run."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    popped: Popped = ()
    if message.argument is not None:
        flow = execution.birth.flow
        draft.changes.append(("popping", flow, None))
        if (flow, message.argument) in tables.queued:  # a kill may have taken it out meanwhile
            popped = (_take(draft, flow, message.argument, tables.counters.get(flow, 0), now_us),)
    _go_on(draft, message, popped)
    return draft


def hand_on(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Pop in a transaction of its own, after the one that freed the slot: an arrival may have come between."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    flow = execution.birth.flow
    counter = counted(tables, flow)
    popped: Popped = ()
    concurrency = limit_for(tables, execution)
    if frees(tables, execution) and _may_pop(tables.rules, concurrency, counter):
        popped = pop(draft, flow, counter, concurrency, now_us)
    _go_on(draft, message, popped)
    return draft


def unlock(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Undo a pop that was begun and will not be ended: its transaction was rolled back with its executor."""
    return StepResult(changes=[("popping", message.argument, None)])


def emit(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Send what has been popped on its way, after the commit. A crash before this loses it (BUGS, probe 4)."""
    draft = Draft(tables)
    draft.order(*(Message("popped", copy.birth.number, copy) for copy in message.argument))
    _go_on(draft, message, ())
    return draft


def popped(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Run an execution that was popped. Its copy from the queue replaces whatever its row is now (SEMANTICS 2.3)."""
    draft = Draft(tables)
    copy: Execution = message.argument
    row = tables.find(copy.birth.number)
    if row is not None and row.progress and not tables.rules.popped_runs_again:
        # Its tasks are taken for duplicates of those that it ran, and nothing ends it (recording 12a_force_run, 0.22.0).
        draft.write(draft.enter(copy.at(begin(tables.plan_of(copy)).progress), State.RUNNING, "pop"))
        return draft
    run(draft, copy, "pop", now_us)
    return draft


def finish(tables: Tables, message: Message, now_us: int) -> StepResult:
    """Tell everyone who waits for the end of an execution."""
    execution = tables.find(message.execution)
    if execution is None:
        return StepResult()
    draft = Draft(tables)
    conclude(draft, execution, now_us)
    _go_on(draft, message, ())
    return draft


def frees(tables: Tables, execution: Execution) -> bool:
    """Say whether the end of this execution frees a slot (SEMANTICS 2.2)."""
    rules = tables.rules
    claims = rules.claims
    if execution.state is State.KILLED and not rules.killed_frees_later:
        leaves_killing = execution.previous is State.KILLING and tables.plan_of(execution).after == NONE
        if not leaves_killing:
            return False
    if claims is _HELD:
        return execution.holds_slot
    if limit_for(tables, execution) is None and not execution.stamped:
        return False
    if claims is Claims.STAMPED and execution.stamped:
        return True
    return _looks_claimed(execution, rules)


def _looks_claimed(execution: Execution, rules: Rules) -> bool:
    """Judge by the history, as the engine does: turned away at the gate, or killed in the queue, is no claim."""
    if execution.state is State.KILLED:
        killed_queued = execution.was_queued and not execution.has_run
        return rules.killed_queued_frees or not killed_queued
    if execution.state in (State.FAILED, State.CANCELLED):
        rejected = execution.previous in (State.CREATED, State.RESTARTED)
        return rules.rejected_frees or not rejected
    return True


def pop(draft: Draft, flow: str, counter: int, concurrency: Concurrency | None, now_us: int) -> Popped:
    """Take the oldest queued executions while a slot is free: one, or all that fit (A4, A8).

    Their own rows need no lock: whoever touches a QUEUED execution holds its flow's counter.
    """
    rules = draft.tables.rules
    taken = []
    for number in draft.tables.queued.oldest(flow):
        if rules.pop_checks_limit and concurrency is not None and counter >= concurrency.limit:
            break
        taken.append(_take(draft, flow, number, counter, now_us))
        counter += 1
        if not rules.pops_all_that_fit:
            break
    return tuple(taken)


def pop_in_scopes(draft: Draft, freed: frozenset[str], now_us: int) -> Popped:
    """Take the oldest queued executions that fit all their own limits; those that do not are passed over (3.16)."""
    tables = draft.tables
    taken = []
    for flow, number in candidates(tables, freed):
        copy = tables.queued.copy_of(flow, number)
        concurrency, counter = limit_for(tables, copy), counter_in(draft, flow)
        is_full = concurrency is not None and counter >= concurrency.limit
        if is_full or first_full(draft, flow) is not None:
            if tables.rules.passes_over_blocked:
                continue
            break
        taken.append(_take(draft, flow, number, counter, now_us))
        if not tables.rules.pops_all_that_fit:
            break
    return tuple(taken)


def free(draft: Draft, execution: Execution, now_us: int) -> Popped:
    """Free the slot of an execution that has ended, if its end frees one, and pop."""
    tables = draft.tables
    if not frees(tables, execution):
        return ()
    counter = give_back(draft, execution)
    flow = execution.birth.flow
    if execution.scopes or tables.scopes:
        return pop_in_scopes(draft, frozenset((flow, *execution.scopes)), now_us)
    concurrency = limit_for(tables, execution)
    if not _may_pop(tables.rules, concurrency, counter):
        return ()
    return pop(draft, flow, counter, concurrency, now_us)


def _may_pop(rules: Rules, concurrency: Concurrency | None, counter: int) -> bool:
    """Say whether an end under this limit may start another execution."""
    if concurrency is None:
        return rules.pops_under_any_behavior
    if concurrency.behavior is not Behavior.QUEUE and not rules.pops_under_any_behavior:
        return False
    return not rules.pop_checks_limit or counter < concurrency.limit


def _take(draft: Draft, flow: str, number: int, counter: int, now_us: int) -> Execution:
    """Take one row out of the queue, count its execution, and start it or send it on its way."""
    tables = draft.tables
    rules = tables.rules
    at_once = rules.emission is _AT_ONCE
    row = tables.find(number) if at_once else None
    copy = tables.queued.copy_of(flow, number) if row is None else row
    draft.changes.append(("queued", (flow, number), None))
    counts = rules.popped_is_counted and (flow in tables.counters or at_once)
    claims = counts and claim(draft, copy, counter)
    if tables.scopes:
        copy = claim_scopes(draft, copy)
    if at_once:
        run(draft, copy, "pop", now_us, claims=claims)
        return copy
    if claims:
        copy = copy.with_slot(True)
    if rules.emission is Emission.IN_TRANSACTION:
        draft.order(Message("popped", number, copy))
    return copy


def _go_on(draft: Draft, message: Message, argument: object) -> None:
    """Order the step that follows this one at the end of an execution."""
    ending = draft.tables.rules.ending
    place = ending.index(message.step) + 1
    if place < len(ending):
        draft.order(Next(Message(ending[place], message.execution, argument)))
