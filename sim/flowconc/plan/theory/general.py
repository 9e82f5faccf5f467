"""Queues with Poisson arrivals and service times of any law.

Sources: Pollaczek (1930) and Khinchine (1932), as in Kleinrock, Queueing Systems I (1975), chapter 5; Allen,
Probability, Statistics, and Queueing Theory (1990), chapter 5, for Allen and Cunneen's approximation. Units are those
of the package.
"""

from __future__ import annotations

from math import inf

from flowconc.plan.theory.erlang import keeps_up, mmc_wait_s


def mg1_wait_s(arrivals_per_s: float, service_s: float, variation: float) -> float:
    """Return the mean wait in M/G/1 in seconds (Pollaczek-Khinchine); infinite where it is not stable.

    `variation` is the squared coefficient of variation of the service time: 0 constant, 1 exponential.
    """
    load = arrivals_per_s * service_s
    if not keeps_up(1, load):
        return inf
    return load * service_s / (1 - load) * (1 + variation) / 2


def allen_cunneen_wait_s(
    servers: int,
    arrivals_per_s: float,
    service_s: float,
    variation: float,
    *,
    arrivals_variation: float = 1.0,
) -> float:
    """Return about the mean wait in G/G/c in seconds: an approximation, exact for M/M/c and M/G/1.

    The wait of M/M/c, times half the sum of the squared coefficients of variation of gaps and service times.
    """
    return mmc_wait_s(servers, arrivals_per_s, service_s) * (arrivals_variation + variation) / 2
