"""What a run came to: the same form for a recording of the engine and for a simulated trace.

Executions without a label are named differently on both sides, so each gets a canonical name: its flow, where it came
from (`trigger:ID`, or its parent's canonical name) and its place among its like, in order of creation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowconc.kestra.recording import Moment


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of an outcome.

    `history` is what is stored at the end, `seen` all states that it was ever in, also those that an older copy
    overwrote. `tasks` are the runs of tasks that do work and when they began, `undone` counts those that were stopped on
    their way to a worker, which may have come to one first. `planned_us` is the date of a schedule's fire.
    """

    name: str
    flow: str
    history: tuple[Moment, ...]
    seen: tuple[Moment, ...]
    tasks: tuple[Moment, ...] = ()
    undone: Mapping[str, int] = field(default_factory=dict)
    origin: str | None = None
    planned_us: int | None = None
    deleted: bool = False

    @property
    def waits(self) -> bool:
        """Say whether the execution is QUEUED at the end."""
        return bool(self.history) and self.history[-1][0] == "QUEUED"

    @property
    def created_us(self) -> int:
        """When the execution first was there, in microseconds."""
        return self.seen[0][1] if self.seen else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `refused` are operations that the engine refused, as (verb, execution or flow).

    `unheard` are the verbs of which nobody hears whether they were. `counters` and `queues` go from flow to what was
    found there, with the time since when, in microseconds; of a recording only the last finding counts. `quiet` says
    that a recording ended because nothing was left to happen.
    """

    runs: Mapping[str, Run]
    counters: Mapping[str, tuple[tuple[int, int], ...]]
    queues: Mapping[str, tuple[tuple[int, tuple[str, ...]], ...]]
    refused: tuple[tuple[str, str], ...]
    end_us: int
    unheard: frozenset[str] = frozenset()
    quiet: bool = False

    def starts(self) -> tuple[tuple[int, str], ...]:
        """Return when each execution entered RUNNING and which, in order of time."""
        found = [
            (t_us, run.name) for run in self.runs.values() for state, t_us in run.seen if state == "RUNNING"
        ]
        return tuple(sorted(found))


def canonical_like(flow: str, origin: str) -> str:
    """Return what executions of a flow without a label are called, but for their number."""
    return f"{flow}({origin})" if origin else flow
