"""Jobs of a plan, and what does them: a farm. This process is the simplest one.

A job is pure: who does it, when and how often changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from time import monotonic
from typing import Final

from flowconc.plan.evaluation import Evaluator, Statistic, Values
from flowconc.scenario.model import Scenario
from flowconc.scenario.problems import BadInput, Problem

TURN_S: Final = 0.2
"""How long a worker goes on with what it was given before it says what it has: progress is to be seen, and kept."""

PACKAGES: Final = ("pytest-flowconc", "numpy")
"""What the values of a run depend on beside Python: its code, and what makes its random numbers."""


class WorkersFailed(Exception):  # noqa: N818 - it says what happened
    """Those who were to do the jobs cannot; the text says why."""


class OtherVersions(WorkersFailed):
    """A worker has other versions than this process: its values could differ."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run, and what is asked of it."""

    scenario: Scenario
    seed: int
    replication: int
    statistics: tuple[Statistic, ...]


Farm = Callable[[Sequence[Job], Evaluator], Iterator[tuple[int, Values]]]
"""Does jobs: yields the place of each and its values, as they become known. Raises BadInput, WorkersFailed."""

Versions = tuple[tuple[str, str | None], ...]
"""Names and versions; None for what is not installed."""

Answer = Values | tuple[Problem, ...]
"""What a worker says of a job. What is wrong with the input is data, since BadInput cannot be pickled."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The answers to the first jobs of those given, at least one, and what they were computed with."""

    answers: tuple[Answer, ...]
    versions: Versions


def alone(jobs: Sequence[Job], evaluate: Evaluator) -> Iterator[tuple[int, Values]]:
    """Do the jobs in this process, in order."""
    for place, job in enumerate(jobs):
        yield place, evaluate(job.scenario, job.seed, job.replication, job.statistics)


def take_turn(evaluate: Evaluator, jobs: Sequence[Job]) -> Turn:
    """Do jobs in a worker: as many as there is time for, and one in any case."""
    over_s = monotonic() + TURN_S
    answers: list[Answer] = []
    for job in jobs:
        answers.append(_answer(evaluate, job))
        if monotonic() >= over_s:
            break
    return Turn(tuple(answers), versions())


def _answer(evaluate: Evaluator, job: Job) -> Answer:
    try:
        return evaluate(job.scenario, job.seed, job.replication, job.statistics)
    except BadInput as bad:
        return bad.problems


def values_of(answer: Answer) -> Values:
    """Return the values that a worker found. Raises BadInput for what it found instead."""
    problems = [each for each in answer if isinstance(each, Problem)]
    if problems:
        raise BadInput(problems)
    return tuple(each for each in answer if not isinstance(each, Problem))


@cache
def versions(*more: str) -> Versions:
    """Return what this process computes with: PACKAGES, `more` packages, Python."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (*((name, version(name)) for name in (*PACKAGES, *more)), ("Python", python))


def check_versions(found: Versions, expected: Versions, who: str = "a worker") -> None:
    """Make sure that somebody computes with what this process computes with. Raises OtherVersions."""
    if found != expected:
        raise OtherVersions(
            f"{who} has {_said(found)}; expected as here {_said(expected)}, since other versions may give other values"
        )


def _said(versions: Versions) -> str:
    return ", ".join(f"no {name}" if found is None else f"{name} {found}" for name, found in versions)
