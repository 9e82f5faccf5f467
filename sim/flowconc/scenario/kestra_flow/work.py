"""The tasks of a flow file that hold no others: those that do work, and Kestra's instant ones."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from flowconc.scenario.distributions import Constant
from flowconc.scenario.flow import Task, TaskKind
from flowconc.scenario.kestra_flow.conditions import ALWAYS, INPUT, NEVER, ConditionError, failures_of
from flowconc.scenario.kestra_flow.kestra_types import KestraType
from flowconc.scenario.kestra_flow.section import Section
from flowconc.scenario.kestra_flow.task_source import TaskSource
from flowconc.scenario.problems import Severity


def read_fail(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    """Read a Fail task, which fails unless its condition says otherwise."""
    condition = section.property_text("condition")
    try:
        failures = failures_of("true" if condition is None else condition)
    except ConditionError:
        how = evaluated_for_arrivals(condition or "", "the condition")
        section.notice("condition", f"{how}: the task does not fail, unless the scenario says so (`fails`)")
        return TaskSource(replace(task, kind=TaskKind.INSTANT), condition=condition)
    if failures == ALWAYS:
        return TaskSource(replace(task, kind=TaskKind.FAIL))
    return TaskSource(replace(task, kind=TaskKind.INSTANT, failures=None if failures == NEVER else failures))


def evaluated_for_arrivals(template: str, what: str) -> str:
    """Begin a notice on a template: whether it is evaluated where its inputs are known, or not at all."""
    if INPUT.search(template):
        return f"{what} is evaluated for arrivals and subflows that are given the inputs; for others"
    return f"{what} is not evaluated"


def read_sleep(section: Section, task: Task, _kind: KestraType) -> TaskSource:
    """Read a Sleep task, and its duration where the file has one."""
    sleep_us = section.property_duration_us("duration", "the task needs a duration in the scenario")
    duration = None if sleep_us is None else Constant(sleep_us)
    return TaskSource(replace(task, duration=duration), duration_is_late=sleep_us is None)


_NOT_SIMULATED: Final = {
    "execution.Assert": "the conditions are not evaluated: they hold",
    "execution.Exit": "the task does not end the execution here",
}


def read_work(section: Section, task: Task, kind: KestraType) -> TaskSource:
    """Read a task that holds no others: work, or one of the core that takes no time."""
    if kind.core is None:
        return TaskSource(replace(task, duration=_lone_sleep(section, kind)))
    if kind.core.startswith("http."):
        return TaskSource(task)
    if kind.core in _NOT_SIMULATED:
        section.remark_at(Severity.NOTICE, section.loc, _NOT_SIMULATED[kind.core])
    return TaskSource(replace(task, kind=TaskKind.INSTANT))


_COMMANDS: Final = re.compile(r"io\.kestra\.(?:plugin|core\.tasks)\.scripts?\.(?:[\w.]+\.)?Commands")
_SLEEP: Final = re.compile(r"\s*sleep((?:\s+(?:[0-9]+\.?[0-9]*|\.[0-9]+)[smhd]?)+)\s*", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST_SLEEP_US: Final = 2**63 - 1


def _lone_sleep(section: Section, kind: KestraType) -> Constant | None:
    """Read the duration of shell commands that are a lone `sleep N`, as coreutils' sleep has it."""
    commands = section.data.get("commands")
    if isinstance(commands, list) and len(commands) == 1:
        commands = commands[0]
    if not _COMMANDS.fullmatch(kind.name) or not isinstance(commands, str):
        return None
    match = _SLEEP.fullmatch(commands)
    if match is None:
        return None
    seconds = sum(
        Decimal(word.rstrip("smhd")) * _SECONDS[word[-1] if word[-1] in _SECONDS else "s"]
        for word in match[1].split()
    )
    return Constant(min(int(seconds * 1_000_000), _LONGEST_SLEEP_US))
