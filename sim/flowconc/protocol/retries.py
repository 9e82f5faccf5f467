"""Retries: whether another attempt is due, when, and as what (SEMANTICS 3.12, 3.13)."""

from __future__ import annotations

import math

from flowconc.protocol.creation import Request
from flowconc.protocol.plan import Plan
from flowconc.protocol.progress import Run, waiting
from flowconc.protocol.rules import Rules
from flowconc.protocol.steps import Message, Wake
from flowconc.protocol.tables import Attempts, Execution
from flowconc.scenario.flow import Retry

LONGEST_US = 2**52


def may_retry(retry: Retry, tried: int, first_us: int, now_us: int) -> bool:
    """Say whether attempt `tried` + 1 is due: it must begin within `max_duration_us` of the start of the first one."""
    if retry.max_attempts is not None and tried >= retry.max_attempts:
        return False
    _, longest_us = _waits_us(retry, tried)
    return retry.max_duration_us is None or now_us + longest_us - first_us <= retry.max_duration_us


def wake_after(retry: Retry, tried: int, message: Message) -> Wake:
    """Wait as the policy says before attempt `tried` + 1."""
    return Wake(*_waits_us(retry, tried), message)


def _waits_us(retry: Retry, tried: int) -> tuple[int, int]:
    """Return the shortest and the longest wait before attempt `tried` + 1, in microseconds."""
    if retry.random:
        return retry.interval_us, max(retry.interval_us, retry.max_interval_us or 0)
    wait_us = grown_us(retry.interval_us, retry.factor, tried - 1, retry.max_interval_us)
    return wait_us, wait_us


def grown_us(first_us: int, factor: float, steps: int, longest_us: int | None) -> int:
    """Return `first_us * factor ** steps`, at most `longest_us`; without one, at most a century and a half."""
    cap_us = LONGEST_US if longest_us is None else longest_us
    if first_us <= 0 or cap_us <= first_us:
        return min(first_us, cap_us)
    if factor > 1 and steps * math.log(factor) >= math.log(cap_us / first_us):
        return cap_us  # worked out in logarithms, because the power itself may be beyond any float
    return min(int(first_us * factor**steps), cap_us)


def successor(execution: Execution, *, stamped: bool = False) -> Request:
    """Ask for the new execution that repeats a RETRIED one (SEMANTICS 3.12)."""
    birth = execution.birth
    return Request(
        birth.flow,
        f"retry:{birth.name}",
        parent=birth.parent,
        parent_node=birth.parent_node,
        fails=birth.fails,
        takes=birth.takes,
        stamped=stamped,
        attempt=birth.attempt + 1,
        duration_us=birth.duration_us,
        first_created_us=birth.first_created_us,
    )


def attempts_of(execution: Execution, node: int) -> Attempts | None:
    """Return the attempts at a task; None when it has begun at most once."""
    if not execution.attempts:
        return None
    return next((attempts for attempts in execution.attempts if attempts.node == node), None)


def one_more(execution: Execution, attempts: Attempts) -> Execution:
    """Count one more attempt at a task."""
    others = (each for each in execution.attempts if each.node != attempts.node)
    return execution._replace(attempts=(*others, attempts._replace(begun=attempts.begun + 1)))


def stuttering(rules: Rules, execution: Execution, plan: Plan) -> tuple[int, ...]:
    """Return the failed tasks that are run once more at once, and nobody looks at their results (OBSERVED 8).

    The engine looks for what comes after the last task that has ended. So the first one of its group, before which
    none has ended, is not among them (recording 08f_kill_flow_retrying).
    """
    if not rules.flow_retry_stutters or execution.tries > 1:
        return ()
    failed = (plan.nodes[node] for node in waiting(execution.progress, Run.FAILED))
    return tuple(
        node.number
        for node in failed
        if not node.is_group and plan.nodes[node.parent].children[:1] != (node.number,)
    )
