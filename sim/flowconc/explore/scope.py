"""How much of a scenario is explored."""

from __future__ import annotations

from dataclasses import dataclass

from flowconc.explore.script import CueId


@dataclass(frozen=True, slots=True)
class Scope:
    """So many executions from outside (None: all), side by side on so many executors, of which so many crash.

    `left_out` are cues that do not come.
    """

    executions: int | None = None
    executors: int = 2
    crashes: int = 0
    left_out: frozenset[CueId] = frozenset()
