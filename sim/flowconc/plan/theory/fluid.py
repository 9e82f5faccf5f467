"""The fluid limit: large backlogs, in which chance averages out and only rates count.

Source: Newell, Applications of Queueing Theory (1982), chapter 2. Units are those of the package; a backlog is counted
in executions.
"""

from __future__ import annotations

from math import inf


def capacity_per_s(servers: int, service_s: float) -> float:
    """Return how many executions a second so many slots end when all of them are in use."""
    return servers / service_s if service_s else inf


def backlog_growth_per_s(servers: int, arrivals_per_s: float, service_s: float) -> float:
    """Return by how many executions a second the queue grows; 0 where the slots keep up."""
    return max(0.0, arrivals_per_s - capacity_per_s(servers, service_s))


def drain_s(backlog: float, servers: int, arrivals_per_s: float, service_s: float) -> float:
    """Return how many seconds it takes to work off a backlog while others arrive; infinite if it never shrinks."""
    if backlog <= 0:
        return 0.0
    spare_per_s = capacity_per_s(servers, service_s) - arrivals_per_s
    return backlog / spare_per_s if spare_per_s > 0 else inf


def recovery_s(outage_s: float, servers: int, arrivals_per_s: float, service_s: float) -> float:
    """Return how many seconds after an outage what has arrived during it is worked off."""
    return drain_s(arrivals_per_s * outage_s, servers, arrivals_per_s, service_s)


def burst_last_wait_s(burst: int, servers: int, service_s: float) -> float:
    """Return about how many seconds the last of a burst waits that finds every slot free."""
    return max(0, burst - servers) / capacity_per_s(servers, service_s) if service_s else 0.0
