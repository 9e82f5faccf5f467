"""What differs between the versions of Kestra: a fixed list of questions, each with one answer per version.

The protocol's steps are written once. Where versions part, a step asks for the rule by its name, in one place. The
defaults here are the answers of the documentation (SEMANTICS part A); `versions` says what each version answers
differently, and a fault model is one answer changed (`faults`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, NamedTuple


class Counting(Enum):
    """What is counted against the limit (SEMANTICS 8)."""

    COUNTER = "a counter row of the flow"
    RUNNING_ROWS = "rows of executions that the gate admitted"
    EXECUTIONS = "executions in state RUNNING or PAUSED"


class LimitOf(Enum):
    """Which revision's limit and behavior apply (SEMANTICS 1.2, 2.3, A8)."""

    LATEST = "the latest revision's"
    OWN = "the revision of the execution that is admitted, or that ends"


class Gated(Enum):
    """Which restarted executions pass the gate again (SEMANTICS 1.3)."""

    ALL = "every one"
    AFTER_FAILED = "those that had FAILED"
    NONE = "none"


class Claims(Enum):
    """Whose end frees a slot (SEMANTICS 2.2)."""

    HELD = "of those that hold one"
    STAMPED = "of those with a claim stamp, and of those whose history looks like a claim"
    HISTORY = "of those whose history looks like a claim"
    EVERYONE = "of everyone"


class RetryKill(Enum):
    """What a kill does to an execution that waits for a retry (SEMANTICS 3.13, 9.1)."""

    ENDS = "ends it"
    HANGS = "leaves it KILLING for ever"
    REVIVED = "ends it, and the retry runs it again"


class Missed(Enum):
    """What becomes of the fires of a locked trigger (A5, SEMANTICS 5.2, 5.3)."""

    SKIPPED = "skipped"
    LATE = "late, one after the other"
    RECOVERED = "as recoverMissedSchedules says, when it is unlocked"


class Assertion(Enum):
    """What an SLA assertion that fails at admission does with the slot (SEMANTICS 1.4, 9.1)."""

    FREES = "frees it"
    LEAKS = "loses it"


class Child(Enum):
    """What a parent hears of a child that the gate turned away (OBSERVED 13)."""

    REPORTS = "its end"
    SILENT = "nothing: it waits for ever"


def rule(question: str, source: str, default: Any) -> Any:
    """Define one question, where its answers come from, and the documentation's answer."""
    return field(default=default, metadata={"question": question, "source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The answers of one version. `admission` and `ending` are the steps of a pass, each a transaction of its own."""

    # --- who is counted
    counting: Counting = rule("What is counted against the limit?", "8", Counting.COUNTER)
    counts_unlimited: bool = rule("Are executions of flows without a limit counted too?", "A8, 1.2", True)
    limit_of: LimitOf = rule("Whose limit and behavior apply?", "A8, 1.2, 2.3", LimitOf.LATEST)

    # --- admission
    admission: tuple[str, ...] = rule("Through which steps does an arrival pass?", "1.4, 8", ("gate",))
    gated_restarts: Gated = rule("Which restarted executions pass the gate?", "1.3", Gated.ALL)
    gated_schedules: bool = rule("Do executions scheduled for later pass the gate when due?", "3.18", True)
    rejected_runs_after: bool = rule("Does a rejected execution run if it has afterExecution?", "9.1, 1", False)
    fail_stops_restart: bool = rule("Does FAIL stop a restarted execution?", "9.1, 2", True)
    assertion: Assertion = rule("What does a failed assertion do with the slot?", "9.1, 28", Assertion.FREES)

    # --- release
    ending: tuple[str, ...] = rule("Which steps follow the commit of a final state?", "2.1, 2.3", ())
    claims: Claims = rule("Whose end frees a slot?", "2.2", Claims.HELD)
    pop_checks_limit: bool = rule("Does a pop look at the limit?", "2.3, 8", True)
    pops_all_that_fit: bool = rule("Does one release start all that fit?", "A8, 2.3", True)
    popped_is_counted: bool = rule("Is a popped execution counted?", "9.2", True)
    pops_a_copy: bool = rule("Does the queue keep a copy of the execution?", "2.3, 9.1, 9", False)
    queue_drains_under_any_behavior: bool = rule("Do ends under CANCEL or FAIL pop?", "2.3, A8", True)
    redelivers: bool = rule("Is a message given to another executor after a crash?", "4.1", True)


DOCUMENTED_RULES = Rules()


class Question(NamedTuple):
    """One rule, for tables that people read."""

    name: str
    question: str
    source: str


QUESTIONS = tuple(
    Question(each.name, each.metadata["question"], each.metadata["source"]) for each in fields(Rules)
)


def answer(rules: Rules, name: str) -> str:
    """Say what `rules` answer to a question, in words."""
    found = getattr(rules, name)
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, Enum):
        return str(found.value)
    if isinstance(found, tuple):
        return ", then ".join(found) or "none"
    return str(found)
