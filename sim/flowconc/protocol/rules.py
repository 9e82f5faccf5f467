"""What differs between the versions of Kestra: a fixed list of questions, each with one answer per version.

The protocol's steps are written once. Where versions part, a step asks for the rule by its name, in one place. The
defaults here are the answers of the documentation (SEMANTICS part A); `versions` says what each version answers
differently, and a fault model is one answer changed (`faults`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, NamedTuple

from flowconc.protocol.states import State


class Counting(Enum):
    """What is counted against the limit (SEMANTICS 8)."""

    COUNTER = "a counter row of the flow"
    RUNNING_ROWS = "rows of executions that the gate admitted"
    EXECUTIONS = "executions in state RUNNING or PAUSED"


class CountLock(Enum):
    """Whether the count stays locked until the decision is stored (SEMANTICS 1.4, 8; BUGS E4 to E6)."""

    HELD = "locked until the decision is stored"
    HELD_IF_ANY = "locked where there is something to count"
    NONE = "not locked"


class LimitOf(Enum):
    """Which revision's limit and behavior apply (SEMANTICS 1.2, 2.3, A8)."""

    LATEST = "the latest revision's"
    OWN = "those of the execution that is admitted, or that ends"


class Gated(Enum):
    """Which restarted executions pass the gate again (SEMANTICS 1.3)."""

    ALL = "every one"
    AFTER_FAILED = "those that had FAILED"
    NONE = "none"


class FailedRestart(Enum):
    """What FAIL does with a restarted execution when the flow is full (OBSERVED 9)."""

    STOPS = "it stops it"
    RUNS = "it logs an error, and the execution runs without a slot"
    RUNS_COUNTED = "it logs an error, and the execution runs and is counted"


class Claims(Enum):
    """Whose end frees a slot (SEMANTICS 2.2)."""

    HELD = "of those that hold one"
    STAMPED = "of those with a claim stamp, and of those whose history looks like a claim"
    HISTORY = "of those whose history looks like a claim"


class Emission(Enum):
    """How a popped execution comes to run (SEMANTICS 2.3, 4.1)."""

    AT_ONCE = "its tasks start in the transaction that pops it"
    IN_TRANSACTION = "a message, sent in the transaction that pops it"
    AFTER_COMMIT = "a message, sent after the transaction that pops it"


class RetryKill(Enum):
    """What a kill does to an execution that waits for a retry (SEMANTICS 3.13, 9.1)."""

    ENDS = "it ends"
    HANGS = "it stays KILLING"
    REVIVED = "it ends, and the retry runs it again"


class SlaInQueue(Enum):
    """What becomes of an execution whose SLA ends it while it is QUEUED (SEMANTICS 3.21, OBSERVED 19)."""

    LEAVES = "it leaves the queue"
    FREES = "it stays in the queue, and frees a slot"
    STAYS = "it stays in the queue"


class Missed(Enum):
    """What becomes of the fires of a locked trigger (A5, SEMANTICS 5.2, 5.3)."""

    SKIPPED = "they are skipped"
    LATE = "they come late, one after the other"
    RECOVERED = "recoverMissedSchedules applies when it is unlocked"


class Hears(Enum):
    """Which state changes Flow triggers hear of (SEMANTICS 3.20, OBSERVED 18)."""

    ALL = "all"
    NOT_POPS = "all but RUNNING after the queue"
    ENDS = "ends only"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as people read it, and the section of SEMANTICS that answers it."""

    question: str
    source: str


def _rule(question: str, source: str, default: Any) -> Any:
    return field(default=default, metadata={"asked": Asked(question, source)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The answers of one version. `ending` names the steps that follow a commit, each a transaction of its own."""

    # --- who is counted
    counting: Counting = _rule("What is counted against the limit?", "8", Counting.COUNTER)
    counted_states: frozenset[State] = _rule(
        "Which states count, where executions are counted?",
        "8, OBSERVED 8",
        frozenset({State.RUNNING, State.PAUSED}),
    )
    count_lock: CountLock = _rule("Is the count locked until the gate decides?", "1.4, 8", CountLock.HELD)
    counts_unlimited: bool = _rule("Are executions of flows without a limit counted?", "A8, 1.2", True)
    limit_of: LimitOf = _rule("Whose limit and behavior apply?", "A8, 1.2, 2.3", LimitOf.LATEST)
    save_moves_queue: bool = _rule("Does a saved flow start queued executions?", "A8, 2.5", True)
    save_resets_counter: bool = _rule(
        "Does the counter go with the flow's concurrency property?", "3.15", False
    )
    counter_may_be_negative: bool = _rule("Can it be set below 0?", "4.4", False)

    # --- admission
    gated_restarts: Gated = _rule("Which restarted executions pass the gate?", "1.3", Gated.ALL)
    gated_schedules: bool = _rule("Do executions scheduled for later pass the gate?", "3.18", True)
    failed_restart: FailedRestart = _rule(
        "What does FAIL do with a restarted execution?", "9.1, 2", FailedRestart.STOPS
    )
    rejected_runs: bool = _rule("Does a rejected execution with afterExecution run?", "9.1, 1", False)
    asserts_queued: bool = _rule("Does an SLA assertion end an execution just queued?", "9.1, 28", False)
    asserts_running: bool = _rule("Is an admitted execution RUNNING before its assertion?", "9.1, 28", False)

    # --- release and pop
    ending: tuple[str, ...] = _rule("Which steps follow the commit of an end?", "2.1, 2.3", ())
    claims: Claims = _rule("Whose end frees a slot?", "2.2", Claims.HELD)
    rejected_frees: bool = _rule("Does a history of a rejection look like a claim?", "2.2, 9.2", False)
    killed_queued_frees: bool = _rule("Does a history of a kill in the queue?", "2.2, 9.2", False)
    pop_checks_limit: bool = _rule("Does a pop look at the limit?", "2.3, 8", True)
    pops_all_that_fit: bool = _rule("Does a release start all that fit?", "A8, 2.3", True)
    pops_under_any_behavior: bool = _rule("Do ends under CANCEL or FAIL pop?", "A8, 2.3", True)
    passes_over_blocked: bool = _rule("Does a pop pass over who is blocked by another limit?", "3.16", True)
    looks_at_most: int | None = _rule(
        "Which bounds are there to a pop's look at the queue, under namespace limits?", "3.16", None
    )
    popped_is_counted: bool = _rule("Is a popped execution counted?", "9.2", True)
    popped_runs_again: bool = _rule(
        "Does a popped execution run its tasks, if it has run already?", "OBSERVED 12", True
    )
    emission: Emission = _rule("How does a popped execution start?", "2.3, 4.1", Emission.AT_ONCE)
    after_execution_frees: bool = _rule("Does the end of afterExecution free the slot?", "2.1, 9.2", True)
    killed_frees_later: bool = _rule(
        "May a KILLED one free its slot later than as it leaves KILLING?", "9.1, 27", True
    )
    release_errors_swallowed: bool = _rule("Is an error in a release swallowed?", "2.1", False)
    redelivers: bool = _rule("Is a message delivered again after a crash?", "4.1", True)

    # --- kill
    kill_leaves_queue: bool = _rule("Does a killed execution leave the queue?", "3.2, 9.2", True)
    kill_waits_for_tasks: bool = _rule("Does KILLED wait until the tasks have stopped?", "3.1", True)
    kill_waits_for_lost_tasks: bool = _rule("And for those whose worker is gone?", "4.2", False)
    killing_takes_results: bool = _rule(
        "May a task's end overtake the kill that is under way?", "OBSERVED 6", False
    )
    kill_of_retrying: RetryKill = _rule(
        "What does a kill do during a retry's wait?", "9.1, 18", RetryKill.ENDS
    )
    killed_again_frees: bool = _rule("Does further news of a kill free another slot?", "9.2", False)
    kill_of_ended_frees: bool = _rule("Does a kill of one that ended otherwise free a slot?", "9.2", False)
    kill_of_paused: tuple[State, ...] = _rule(
        "Through which states does a kill of a Pause task go to KILLED?", "3.3", (State.KILLING,)
    )
    killed_queued_after: bool = _rule("Does afterExecution run after a kill in the queue?", "9.1, 1", False)
    forgets_kills: bool = _rule("May a killed execution's tasks run once it comes back?", "9.2", True)

    # --- operators
    restart_keeps_claim: bool = _rule("Do restarts and retries keep the old claim stamp?", "3.11", False)
    restarts_rejected: bool = _rule(
        "Can an execution that the gate turned away be restarted?", "BUGS 1d", True
    )
    delete_leaves_queue: bool = _rule("Does a deleted execution leave the queue?", "3.6", True)
    forced_end_refused: bool = _rule("Is a force-run of an ended execution an error?", "OBSERVED 12", True)
    forced_leaves_queue: bool = _rule("Does a forced execution leave the queue?", "3.14, 9.2", True)
    unqueue_checks_first: bool = _rule(
        "Is unqueue's target state checked before the queue is touched?", "BUGS, probe 11", True
    )
    delete_frees: bool = _rule("Does the deletion of a holder free its slot?", "A9, 3.5", False)
    unqueued_end_frees: bool = _rule("Does unqueue to a final state free a slot?", "3.14, 9.1, 6", False)
    late_schedule_revives: bool = _rule("Does a date that comes after the end run it again?", "9.2", False)

    # --- SLA, retries, children, triggers
    sla_in_queue: SlaInQueue = _rule("What does an SLA do to a QUEUED execution?", "3.21", SlaInQueue.LEAVES)
    sla_end_frees: bool = _rule("Does an end by an SLA free the slot?", "OBSERVED 19", True)
    sla_kills_children: bool = _rule("Does an end by an SLA kill the children?", "3.4, 3.21", True)
    retry_shows_failure: bool = _rule("Is there a FAILED before each RETRYING?", "OBSERVED 8", False)
    flow_retry_stutters: bool = _rule("Does a flow retry fail once more by itself?", "OBSERVED 8", False)
    loop_is_executions: bool = _rule("Are passes of a Loop executions of the flow?", "3.19", False)
    rejected_child_reports: bool = _rule("Does a rejected child tell its parent?", "9.2", True)
    flow_triggers_hear: Hears = _rule("Which changes do Flow triggers hear of?", "3.20", Hears.ALL)
    missed: Missed = _rule("What becomes of the fires of a locked trigger?", "5.2, 5.3", Missed.SKIPPED)
    has_allow_concurrent: bool = _rule("Is there an allowConcurrent?", "5.2", True)
    realtime_locks: bool = _rule("Does an event's execution lock its realtime trigger?", "A5, 5.5", True)
    late_at_its_turn: bool = _rule(
        "Is a date left out that lateMaximumDelay finds too late at its turn?", "5.4", True
    )
    one_backfill: bool = _rule("Is a backfill refused while another one is under way?", "5.4", True)
    date_passed_us: int = _rule(
        "How long must a date have passed before its trigger fires (us)?", "OBSERVED 4", 0
    )
    tick_us: int | None = _rule(
        "How far apart are the looks at schedules, delays and SLAs (us)?", "5.1, 6.1", None
    )


DOCUMENTED_RULES = Rules()


class Question(NamedTuple):
    """One rule, for tables that people read."""

    name: str
    question: str
    source: str


QUESTIONS = tuple(
    Question(each.name, each.metadata["asked"].question, each.metadata["asked"].source)
    for each in fields(Rules)
)


def answer(rules: Rules, name: str) -> str:
    """Say what `rules` answer to a question, in words."""
    found = getattr(rules, name)
    if found is None:
        return "there are none"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, Enum):
        return str(found.value)
    if isinstance(found, frozenset):
        return ", ".join(sorted(str(each) for each in found))
    if isinstance(found, tuple):
        return ", then ".join(str(each) for each in found) or "none"
    return str(found)
