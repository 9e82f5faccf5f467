"""Evaluators for tests: what another process has to find by name."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from flowconc.scenario.problems import BadInput, Problem


def counting(scenario, seed, replication, statistics):
    """Give numbers that depend on everything that they may depend on."""
    return tuple(
        float(1_000 * seed + 10 * replication + place + len(scenario.name))
        for place in range(len(statistics))
    )


def nothing(scenario, seed, replication, statistics):
    return (None,) * len(statistics)


def refusing(scenario, seed, replication, statistics):
    if replication == 3:
        raise BadInput([Problem(scenario.position, "no such run")])
    return counting(scenario, seed, replication, statistics)


def interrupted(scenario, seed, replication, statistics):
    """Be interrupted at replication 3, as by Ctrl-C."""
    if replication == 3:
        raise KeyboardInterrupt
    return counting(scenario, seed, replication, statistics)


def dying_once(scenario, seed, replication, statistics):
    """Die at replication 3, the first time; the scenario's description says where that is remembered."""
    mark = Path(scenario.description)
    if replication == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return counting(scenario, seed, replication, statistics)


def dying(scenario, seed, replication, statistics):
    os.kill(os.getpid(), signal.SIGKILL)
