"""Schedules that fire more often than their flow can run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flowconc.lint.repository import Repository
from flowconc.lint.rule import Remark, rule
from flowconc.lint.schedules import mean_period_us, shortest_gap_us
from flowconc.lint.wording import time
from flowconc.scenario.flow import Behavior, Trigger, TriggerKind
from flowconc.scenario.kestra_flow.flow_file import FlowSource
from flowconc.scenario.literals import cron
from flowconc.scenario.literals.cron import Cron
from flowconc.scenario.problems import Position, Severity


class _Schedule(NamedTuple):
    trigger: Trigger
    cron: Cron
    position: Position


@rule("schedule-overrun", Severity.WARNING)
def schedule_overrun(repository: Repository) -> Iterator[Remark]:
    """Find a locked Schedule that fires again before an execution of its flow can have ended.

    A trigger is locked while an execution that it started has not ended, unless it says `allowConcurrent: true`.
    The fires of that time are skipped, so the documentation; Kestra makes up for them one after the other, late,
    and falls behind for good where the schedule is always faster.
    How long an execution takes at least is read off the flow: `Sleep`, a lone `sleep N` in shell `Commands`, pauses
    with a duration, subflows that are waited for.
    """
    # SEMANTICS A5, 5.2; 9.1, row 23
    for flow in repository.flows:
        least_us = repository.least_us(flow)
        for schedule in _schedules(repository, flow) if least_us else ():
            gap_us = shortest_gap_us(schedule.cron)
            if not schedule.trigger.allow_concurrent and gap_us is not None and gap_us < least_us:
                yield Remark(
                    schedule.position,
                    f"this fires {time(gap_us)} apart, and an execution takes {time(least_us)} or more: fires while "
                    "one runs are skipped (as documented) or late, one after the other (Kestra 2.0)",
                    f"fires at least {time(least_us)} apart, or `allowConcurrent: true` with a limit (Kestra 1.3 or "
                    "later)",
                )


@rule("queue-without-end", Severity.ERROR)
def queue_without_end(repository: Repository) -> Iterator[Remark]:
    """Find schedules with `allowConcurrent: true` that bring more executions than a QUEUE can ever serve.

    Every fire makes an execution. If they come faster, over the years, than the slots can be free again, the queue
    grows for ever, and with it the load of the database.
    """
    # SEMANTICS 5.2, A6; 9.1, row 24
    for flow in repository.flows:
        least_us = repository.least_us(flow)
        if flow.concurrency is None or flow.concurrency.behavior is not Behavior.QUEUE or not least_us:
            continue
        loads = {
            schedule: least_us / period_us
            for schedule in _schedules(repository, flow)
            if schedule.trigger.allow_concurrent and (period_us := mean_period_us(schedule.cron))
        }
        limit = flow.concurrency.limit
        if loads and sum(loads.values()) > limit:
            heaviest = max(loads, key=lambda schedule: loads[schedule])
            yield Remark(
                heaviest.position,
                f"the queue grows without end: fires come every {time(least_us / sum(loads.values()))} on average, "
                f"an execution takes {time(least_us)} or more, and the limit is {limit}",
                f"a limit of {int(sum(loads.values())) + 1} or more, fewer fires, or CANCEL",
            )


def _schedules(repository: Repository, flow: FlowSource) -> Iterator[_Schedule]:
    """Give the Schedule triggers whose every fire counts: none that is disabled, or decided by a condition."""
    for trigger in flow.triggers:
        if trigger.kind is TriggerKind.SCHEDULE and not trigger.disabled and trigger.cron is not None:
            places = repository.places(flow)
            data = places.data(trigger.position)
            if not any(data.get(key) for key in ("when", "conditions", "scheduleConditions")):
                expression = cron.parse(trigger.cron, with_seconds=trigger.with_seconds)
                yield _Schedule(trigger, expression, places.key(trigger.position, "cron"))
