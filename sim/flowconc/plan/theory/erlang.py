"""Queues with Poisson arrivals and exponential service: M/M/c, its loss M/G/c/c, and M/M/c/K in between.

Sources: Erlang (1917); Kleinrock, Queueing Systems I (1975), chapter 3; Gross and Harris, Fundamentals of Queueing
Theory (1998), chapter 2. Units are those of the package.
"""

from __future__ import annotations

from math import exp, inf, log
from typing import Final

NOTHING_TO_SPARE: Final = 1e-9
"""Share of the servers below which what is to spare is a rounding error."""

_HUGE: Final = 1e100


def keeps_up(servers: int, load: float) -> bool:
    """Say whether a queue is stable: `load` erlangs are less than its servers."""
    return load < servers * (1 - NOTHING_TO_SPARE)


def erlang_b(servers: int, load: float) -> float:
    """Return the share of arrivals that M/G/c/c turns away, with `load` in erlangs.

    It depends on the service time by its mean alone. The recursion over the number of servers,
    B(c) = a B(c-1) / (c + a B(c-1)) with B(0) = 1, adds and divides what is positive, so nothing cancels; the
    quotient of powers and factorials that defines B overflows from some hundred servers on.
    """
    _check(servers, load)
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return the share of arrivals that wait in M/M/c, with `load` in erlangs; 1 where the queue is not stable."""
    _check(servers, load)
    if not keeps_up(servers, load):
        return 1.0
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mmc_wait_s(servers: int, arrivals_per_s: float, service_s: float) -> float:
    """Return the mean wait in M/M/c in seconds, over all arrivals; infinite where it is not stable."""
    load = arrivals_per_s * service_s
    if not keeps_up(servers, load):
        return inf
    return erlang_c(servers, load) * service_s / (servers - load)


def mmc_wait_longer(servers: int, arrivals_per_s: float, service_s: float, wait_s: float) -> float:
    """Return the share of arrivals of M/M/c, first come first served, that wait longer than `wait_s` seconds."""
    load = arrivals_per_s * service_s
    if not keeps_up(servers, load):
        return 1.0
    return erlang_c(servers, load) * exp(-(servers - load) * wait_s / service_s)


def mmc_wait_quantile_s(servers: int, arrivals_per_s: float, service_s: float, share: float) -> float:
    """Return the wait in seconds that `share` (from 0, below 1) of the arrivals of M/M/c do not exceed."""
    load = arrivals_per_s * service_s
    if not keeps_up(servers, load):
        return inf
    waits = erlang_c(servers, load)
    if waits <= 1 - share:
        return 0.0
    return service_s / (servers - load) * log(waits / (1 - share))


def mmck_states(servers: int, places: int, load: float) -> tuple[float, ...]:
    """Return the shares of time in which M/M/c/K has 0, 1, ..., `places` customers, those in service included.

    `places` (K) is at least `servers`. Arrivals see the same shares (PASTA: Wolff, 1982). Each share is made of the
    one before it, and all are made smaller when one becomes huge, so that nothing overflows.
    """
    _check(servers, load)
    if places < servers:
        raise ValueError(f"{places} places are fewer than the {servers} servers")
    weights = [1.0]
    for n in range(1, places + 1):
        weights.append(weights[-1] * load / min(n, servers))
        if weights[-1] > _HUGE:
            weights = [weight / weights[-1] for weight in weights]
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def mmck_blocked(servers: int, places: int, load: float) -> float:
    """Return the share of arrivals that M/M/c/K turns away. With K = c this is Erlang B."""
    return mmck_states(servers, places, load)[-1]


def mmck_wait_s(servers: int, places: int, arrivals_per_s: float, service_s: float) -> float:
    """Return the mean wait in M/M/c/K in seconds, over those that are let in: Little's law on the queue."""
    states = mmck_states(servers, places, arrivals_per_s * service_s)
    waiting = sum((n - servers) * share for n, share in enumerate(states) if n > servers)
    let_in_per_s = arrivals_per_s * (1 - states[-1])
    return waiting / let_in_per_s if let_in_per_s else 0.0


def _check(servers: int, load: float) -> None:
    if servers < 1:
        raise ValueError(f"{servers} servers, at least 1 expected")
    if not 0 <= load < inf:
        raise ValueError(f"a load of {load} erlangs, a number from 0 expected")
