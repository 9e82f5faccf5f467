"""How long a flow takes to recover from an outage or a burst.

It has recovered when, for the first time after the disturbance, no more executions wait to be started than at the same
instant of the same run without it: same arrivals, same durations (common random numbers). From then on nobody waits on its
account. An execution waits from its creation on: after an outage most have not even come to the gate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from flowconc.scenario.model import Arrivals, Burst, Component, Fault, FaultKind, RunSettings, Scenario
from flowconc.scenario.plan import Disturbance
from flowconc.trace.tables import NEVER, ExecutionsTable

SOURCE: Final = "disturbance"
"""The label of what arrives in a burst."""

US_PER_S: Final = 1e6
_PART_OF_RUN: Final = 4

Ints = npt.NDArray[np.int64]


def begins_us(disturbance: Disturbance, run: RunSettings) -> int:
    """Return when a disturbance begins, in microseconds: where it says, or a quarter of the way through the run."""
    if disturbance.at_us is not None:
        return disturbance.at_us
    assert run.until_us is not None
    return run.warmup_us + (run.until_us - run.warmup_us) // _PART_OF_RUN


def disturbed(scenario: Scenario, flow: str, disturbance: Disturbance) -> Scenario:
    """Return a scenario with a disturbance of a flow (its key): executors that are down, or a burst."""
    at_us = begins_us(disturbance, scenario.run)
    if disturbance.burst is not None:
        burst = Arrivals(flow, Burst(disturbance.burst, (at_us,)), scenario.position, source=SOURCE)
        return replace(scenario, arrivals=(*scenario.arrivals, burst))
    crash = Fault(
        FaultKind.CRASH,
        scenario.position,
        component=Component.EXECUTOR,
        at_us=at_us,
        for_us=disturbance.outage_us,
    )
    executors = scenario.platform.executors or 1  # a crash takes one of them down, the next that is up
    return replace(scenario, faults=(*scenario.faults, *[crash] * executors))


def recovery_s(
    plain: ExecutionsTable, shaken: ExecutionsTable, flow: str, over_us: int, until_us: int
) -> float | None:
    """Return how many seconds after `over_us` a flow (its key) has recovered; None if it has not by `until_us`.

    `plain` and `shaken` are the executions of the same run without and with the disturbance, which is over at `over_us`.
    """
    came_us, left_us = _moves(plain, flow)
    came_shaken_us, left_shaken_us = _moves(shaken, flow)
    times_us = np.unique(np.concatenate([came_us, left_us, came_shaken_us, left_shaken_us, [over_us]]))
    times_us = times_us[(times_us >= over_us) & (times_us <= until_us)]
    back = np.flatnonzero(
        _waiting(came_shaken_us, left_shaken_us, times_us) <= _waiting(came_us, left_us, times_us)
    )
    return float(times_us[back[0]] - over_us) / US_PER_S if len(back) else None


def _moves(table: ExecutionsTable, flow: str) -> tuple[Ints, Ints]:
    """Return when executions of a flow began to wait, and when they no longer did: when they started, or ended."""
    mine = table.flow == flow
    left_us = np.where(table.started_us != NEVER, table.started_us, table.ended_us)[mine]
    return np.sort(table.created_us[mine]), np.sort(left_us[left_us != NEVER])


def _waiting(came_us: Ints, left_us: Ints, times_us: Ints) -> Ints:
    """Return how many wait when each of these instants is over, shape (n,)."""
    came, left = (np.searchsorted(each, times_us, side="right") for each in (came_us, left_us))
    waiting: Ints = came - left
    return waiting
