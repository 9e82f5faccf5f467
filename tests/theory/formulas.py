"""Queueing theory's closed forms, as the textbooks have them (Kleinrock, Queueing Systems I; Gross and Harris).

Rates are per second, times in seconds; `load` is the offered load in erlangs, the arrival rate times the mean service
time; a queue is stable when the load per server is below 1.
"""

from __future__ import annotations


def erlang_b(servers: int, load: float) -> float:
    """Return the share of arrivals that M/G/c/c turns away, by the recursion over the number of servers."""
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return the share of arrivals that wait in M/M/c."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mmc_wait_s(servers: int, arrivals_per_s: float, service_s: float) -> float:
    """Return the mean wait in M/M/c, over all arrivals."""
    load = arrivals_per_s * service_s
    return erlang_c(servers, load) * service_s / (servers - load)


def mg1_wait_s(arrivals_per_s: float, service_s: float, variation: float) -> float:
    """Return the mean wait in M/G/1 (Pollaczek-Khinchine); `variation` is the service time's, squared."""
    load = arrivals_per_s * service_s
    return load * service_s / (1 - load) * (1 + variation) / 2
