"""Evaluators for tests: what another process has to find by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from flowconc.plan.jobs import TURN_S
from flowconc.scenario.flow import Behavior
from flowconc.scenario.problems import BadInput, Problem


def counting(scenario, seed, replication, statistics):
    """Give numbers that depend on everything that they may depend on."""
    return tuple(
        float(1_000 * seed + 10 * replication + place + len(scenario.name))
        for place in range(len(statistics))
    )


def nothing(scenario, seed, replication, statistics):
    return (None,) * len(statistics)


def certain(scenario, seed, replication, statistics):
    """Draw nothing, and have nothing happen."""
    return (0.0,) * len(statistics)


def unseen(scenario, seed, replication, statistics):
    """Have nobody wait, and slots in use that differ from run to run, and from theory."""
    known = {("utilization", "mean"): 0.4 + 0.01 * replication, ("chance", "drawn"): 1.0}
    return tuple(known.get((each.metric, each.statistic), 0.0) for each in statistics)


def unheard(scenario, seed, replication, statistics):
    """Draw something, and have no value of anything; nobody queues."""
    known = {"drawn": 1.0, "part": 0.0}
    return tuple(known.get(each.statistic) for each in statistics)


def slowly(scenario, seed, replication, statistics):
    """Take longer than a turn."""
    time.sleep(TURN_S + 0.05)
    return counting(scenario, seed, replication, statistics)


def whoever(scenario, seed, replication, statistics):
    """Give the number of the process."""
    return (float(os.getpid()),)


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


def modelled(scenario, seed, replication, statistics):
    """Give what a flow could give: a wait of 100 s over its limit, with noise that all limits share in part."""
    flow = scenario.flows[0]
    limit = flow.concurrency.limit if flow.concurrency else 1_000
    load = getattr(scenario.arrivals[0].pattern, "rate_per_s", 1.0)
    rng = np.random.default_rng((seed, replication))
    shared = rng.normal(0.0, 1.0)
    own = np.random.default_rng((seed, replication, limit)).normal(0.0, 0.5)
    worse = 3.0 if flow.concurrency and flow.concurrency.behavior is Behavior.CANCEL else 0.0
    known = {
        ("queue_wait", "p95"): 100.0 * load / limit + shared + own + worse,
        ("slots_in_use", "max"): float(limit),
        ("slots_in_use", "mean"): 2.0,
        ("utilization", "mean"): min(1.0, 2.0 / limit),
        ("backlog", "growth"): 0.5 if limit < 2 else 0.0,
        ("warmup", "mser5"): 61.5,
        ("rejected", "rate"): 0.01 * worse,
        ("chance", "drawn"): 1.0,
        ("lock_wait", "mean"): 1e-6 * scenario.platform.database.statement_us / limit,
        ("recovery", "time"): 300.0 / limit if limit > 1 else None,
    }
    return tuple(known.get((each.metric, each.statistic), 0.0) for each in statistics)


def without_database(scenario, seed, replication, statistics):
    """Give what `modelled` gives, but nothing of the database."""
    values = modelled(scenario, seed, replication, statistics)
    pairs = zip(statistics, values, strict=True)
    return tuple(None if each.metric == "database_utilization" else value for each, value in pairs)
