"""The retries of a flow, and how long they wait."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log

from flowconc.lint.calls import every_task
from flowconc.lint.repository import Repository
from flowconc.scenario.flow import Retry
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.problems import Position


def retries(repository: Repository, flow: FlowSource) -> Iterator[tuple[Retry, Position]]:
    """Give every retry of the flow and its tasks, and where it is written."""
    if flow.retry is not None:
        yield flow.retry, flow.locate(("retry",), key=True)
    for task in (source.task for source in every_task(flow)):
        if task.retry is not None:
            yield task.retry, repository.places(flow).key(task.position, "retry")


def waits_us(retry: Retry) -> int | None:
    """Return how long all waits of a retry take together if every attempt fails at once, in microseconds.

    None if it never gives up. Of random waits it is the least.
    """
    if retry.max_attempts is None:
        return retry.max_duration_us
    total_us = _sum_us(retry, retry.max_attempts - 1)
    return total_us if retry.max_duration_us is None else min(total_us, retry.max_duration_us)


def _sum_us(retry: Retry, waits: int) -> int:
    first_us, longest_us, factor = retry.interval_us, retry.max_interval_us, retry.factor
    if factor < 1:  # each wait is shorter than the last
        return first_us if waits else 0
    if factor == 1 or retry.random or longest_us is None:
        return waits * first_us
    growing = min(waits, ceil(log(longest_us / first_us) / log(factor)))
    return int(first_us * (factor**growing - 1) / (factor - 1)) + (waits - growing) * longest_us
