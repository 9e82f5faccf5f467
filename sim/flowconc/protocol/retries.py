"""Retries: whether another attempt is due, when, and as what (SEMANTICS 3.12, 3.13)."""

from __future__ import annotations

import math

from flowconc.protocol.creation import Request
from flowconc.protocol.steps import Message, Wake
from flowconc.protocol.tables import Execution
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
