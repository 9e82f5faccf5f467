"""What a run came to: conditions that must be met sometimes, for a batch of runs to have tried what it is for.

A condition is a name of `PREDICATES` (the ids of `scenario.vocabulary.SOMETIMES`), or an expectation without a time,
which is met at the first instant at which all that it claims holds: `{flow: X, queued: ">= 3"}`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from flowconc.check.entries import ExecutionEntry
from flowconc.check.expectations import EXECUTION_CLAIMS, FLOW_CLAIMS, TRIGGER_CLAIMS, holds
from flowconc.check.ledger import Ledger
from flowconc.check.levels import levels
from flowconc.check.verdict import Moment
from flowconc.check.view import View
from flowconc.protocol.events import Kind
from flowconc.protocol.states import FINAL, State
from flowconc.scenario.conditions import Claim, Comparison, Expectation, Subject
from flowconc.trace.intervals import Flags, Ints
from flowconc.trace.trace import Event, Trace

Condition = str | Expectation


class Predicate(NamedTuple):
    """One thing that a run may come to. `holds` judges an event of `kinds`, with the event in the ledger."""

    sentence: str
    kinds: tuple[Kind, ...]
    holds: Callable[[Event, Ledger], bool]


def met(trace: Trace, condition: Condition) -> Moment | None:
    """Return when a run first met a condition, or None. Raises KeyError for a name that is not a predicate's."""
    return all_met(trace, (condition,))[0]


def all_met(trace: Trace, conditions: Sequence[Condition]) -> list[Moment | None]:
    """Return when a run first met each condition, in one pass over its events. Raises KeyError as `met` does."""
    moments: list[Moment | None] = [None] * len(conditions)
    open_: dict[int, Predicate] = {}
    for place, condition in enumerate(conditions):
        if isinstance(condition, str):
            predicate = PREDICATES[condition]
            if np.isin(trace.records["kind"], predicate.kinds).any():
                open_[place] = predicate
        else:
            moments[place] = _first_instant(trace, condition)
    if open_:
        ledger = Ledger.of(trace.header)
        for event in trace.events():
            ledger.post(event)
            for place, predicate in list(open_.items()):
                if event.kind in predicate.kinds and predicate.holds(event, ledger):
                    moments[place] = Moment(trace.header.replication, event.t_us, event.seq)
                    del open_[place]
            if not open_:
                break
    return moments


# --- predicates


def _state(before: State, after: State) -> Callable[[Event, Ledger], bool]:
    """Return a predicate on a change of state."""
    return lambda event, ledger: event.before is before and event.after is after


def _always(event: Event, ledger: Ledger) -> bool:
    return True


def _limit_reached(event: Event, ledger: Ledger) -> bool:
    flow = ledger.flow(event.flow or "")
    return flow.limit is not None and flow.taken >= flow.limit


def _overtakes(event: Event, ledger: Ledger) -> bool:
    entry = ledger.execution(event)
    if ledger.began is not entry or (event.kind is Kind.CLAIM and event.detail is not None):
        return False
    return entry.gate == "admit" and not entry.popped and entry.flow.head is not None


def _anybody_holds(event: Event, ledger: Ledger) -> bool:
    return any(flow.taken for flow in ledger.flows.values())


def _anybody_waits(event: Event, ledger: Ledger) -> bool:
    return any(flow.queue for flow in ledger.flows.values())


def _anybody_in_hand(event: Event, ledger: Ledger) -> bool:
    return any(entry.in_hand is not None for entry in ledger.executions.values())


def _restarts_into_full_flow(event: Event, ledger: Ledger) -> bool:
    if event.before not in FINAL or event.after is not State.RESTARTED:
        return False
    return not ledger.flow(event.flow or "").has_free_slot


def _lowered_below_holders(event: Event, ledger: Ledger) -> bool:
    flow = ledger.flow(event.flow or "")
    return flow.limit is not None and flow.taken > flow.limit


def _raised_with_backlog(event: Event, ledger: Ledger) -> bool:
    if not isinstance(event.before, int) or not ledger.flow(event.flow or "").queue:
        return False
    return event.after is None or int(event.after) > event.before


def _deleted(*states: State) -> Callable[[Event, Ledger], bool]:
    return lambda event, ledger: event.before in states


def _entry(judge: Callable[[ExecutionEntry], bool]) -> Callable[[Event, Ledger], bool]:
    return lambda event, ledger: judge(ledger.execution(event))


PREDICATES: dict[str, Predicate] = {
    "queue_not_empty": Predicate(
        "an execution waited in a queue", (Kind.STATE,), lambda event, ledger: event.after is State.QUEUED
    ),
    "queue_of_several": Predicate(
        "several executions waited in one queue",
        (Kind.STATE,),
        _entry(lambda entry: len(entry.flow.queue) > 1),
    ),
    "limit_reached": Predicate(
        "every slot of a flow was taken", (Kind.CLAIM, Kind.STATE, Kind.FLOW_SAVED), _limit_reached
    ),
    "started_from_queue": Predicate(
        "an execution was popped from a queue and ran", (Kind.STATE,), _state(State.QUEUED, State.RUNNING)
    ),
    "rejected": Predicate(
        "the gate turned an execution away",
        (Kind.GATE,),
        lambda event, ledger: event.detail in ("cancel", "fail"),
    ),
    "overtaking": Predicate("an arrival was admitted past a queue", (Kind.CLAIM, Kind.STATE), _overtakes),
    "kill_while_queued": Predicate(
        "an execution was killed while it waited", (Kind.STATE,), _state(State.QUEUED, State.KILLING)
    ),
    "kill_while_running": Predicate(
        "an execution was killed while it ran", (Kind.STATE,), _state(State.RUNNING, State.KILLING)
    ),
    "kill_while_paused": Predicate(
        "an execution was killed while it was paused",
        (Kind.STATE,),
        lambda event, ledger: event.detail == "kill" and event.before is State.PAUSED,
    ),
    "kill_while_retrying": Predicate(
        "an execution was killed while it waited for a retry",
        (Kind.STATE,),
        _state(State.RETRYING, State.KILLING),
    ),
    "delete_while_running": Predicate(
        "an execution was deleted while it ran",
        (Kind.DELETED,),
        _deleted(State.RUNNING, State.PAUSED, State.RETRYING),
    ),
    "delete_while_queued": Predicate(
        "an execution was deleted while it waited", (Kind.DELETED,), _deleted(State.QUEUED)
    ),
    "forced_beside_holder": Predicate(
        "an execution was forced to run while others held slots",
        (Kind.FORCED,),
        _entry(lambda entry: entry.flow.taken > 0),
    ),
    "restart_while_full": Predicate(
        "an ended execution was restarted while its flow was full", (Kind.STATE,), _restarts_into_full_flow
    ),
    "limit_lowered_below_holders": Predicate(
        "a limit was set below the slots in use", (Kind.FLOW_SAVED,), _lowered_below_holders
    ),
    "limit_raised_with_backlog": Predicate(
        "a limit was raised or removed while executions waited", (Kind.FLOW_SAVED,), _raised_with_backlog
    ),
    "after_execution_on_slot": Predicate(
        "afterExecution ran while its execution still held its slot",
        (Kind.TASK_STARTED,),
        _entry(lambda entry: entry.ended and entry.holds),
    ),
    "fire_skipped": Predicate("a fire met a locked trigger and was skipped", (Kind.FIRE_SKIPPED,), _always),
    "fire_late": Predicate(
        "a fire came after its planned time",
        (Kind.FIRE,),
        lambda event, ledger: isinstance(event.before, int) and event.t_us > event.before,
    ),
    "sla_broken_while_queued": Predicate(
        "an SLA was broken while the execution waited",
        (Kind.SLA_BROKEN,),
        _entry(lambda entry: entry.state is State.QUEUED),
    ),
    "crash_while_holding": Predicate(
        "a crash fell while a slot was held", (Kind.COMPONENT_DOWN,), _anybody_holds
    ),
    "crash_while_queued": Predicate(
        "a crash fell while an execution waited", (Kind.COMPONENT_DOWN,), _anybody_waits
    ),
    "fault_with_work_in_hand": Predicate(
        "a crash, a failed step or a lost message hit somebody half-way",
        (Kind.COMPONENT_DOWN, Kind.STEP_FAILED, Kind.MESSAGE_LOST),
        _anybody_in_hand,
    ),
    "step_failed": Predicate("a step was rolled back", (Kind.STEP_FAILED,), _always),
    "message_lost": Predicate("a message was lost", (Kind.MESSAGE_LOST,), _always),
    "message_repeated": Predicate("a message came twice", (Kind.MESSAGE_REPEATED,), _always),
    "message_delayed": Predicate("a message was held up", (Kind.MESSAGE_DELAYED,), _always),
    "lock_contended": Predicate("a transaction waited for a lock", (Kind.LOCK_WAIT,), _always),
}
"""Every predicate by its name."""


# --- expectations at some moment


def _first_instant(trace: Trace, condition: Expectation) -> Moment | None:
    """Return the first instant at whose end all claims hold."""
    instants_us = [condition.at_us] if condition.at_us is not None else _instants(trace, condition)
    for t_us in instants_us:
        then = View(trace, t_us)
        if all(_claim_holds(then, condition, claim) for claim in condition.claims):
            return Moment(trace.header.replication, t_us, then.last_seq)
    return None


def _instants(trace: Trace, condition: Expectation) -> list[int]:
    """Return the instants that are worth a look: when the subject changed, and the levels asked of a flow hold."""
    if condition.subject is Subject.FLOW:
        return _instants_of_flow(trace, condition)
    view = View(trace)
    if condition.subject is Subject.EXECUTION:
        return sorted({event.t_us for event in view.history(condition.name)})
    flow, _, trigger = condition.name.rpartition(".")
    fires = np.concatenate([view.fires(flow, trigger, kind) for kind in (Kind.FIRE, Kind.FIRE_SKIPPED)])
    return sorted({0, *trace.records["t_us"][fires].tolist()})


def _instants_of_flow(trace: Trace, condition: Expectation) -> list[int]:
    level = levels(trace, condition.name)
    if level is None:
        return []
    hold = np.ones(len(level.t_us), dtype=np.bool_)
    for claim in condition.claims:
        values = level.values.get(claim.key)
        if values is not None and isinstance(claim.must_be, Comparison):
            hold &= _compared(claim.must_be, values)
    times: list[int] = level.t_us[hold].tolist()
    return times


def _compared(must_be: Comparison, values: Ints) -> Flags:
    good = [value for value in np.unique(values).tolist() if must_be.holds(value)]
    return np.isin(values, good)


def _claim_holds(view: View, condition: Expectation, claim: Claim) -> bool:
    match condition.subject:
        case Subject.FLOW:
            observed = FLOW_CLAIMS[claim.key](view, condition.name)
        case Subject.EXECUTION:
            observed = EXECUTION_CLAIMS[claim.key](view, view.history(condition.name))
        case Subject.TRIGGER:
            flow, _, trigger = condition.name.rpartition(".")
            observed = TRIGGER_CLAIMS[claim.key](view, flow, trigger)
    return holds(claim.must_be, observed.value)
