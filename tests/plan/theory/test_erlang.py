"""Erlang's formulas and M/M/c/K, against published tables, definitions and special cases in closed form."""

from __future__ import annotations

from fractions import Fraction
from math import exp, factorial, inf

import pytest

from flowconc.plan.theory.erlang import (
    erlang_b,
    erlang_c,
    mmc_wait_longer,
    mmc_wait_quantile_s,
    mmc_wait_s,
    mmck_blocked,
    mmck_states,
    mmck_wait_s,
)


@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [
        (1, 0.0101, 0.01),
        (2, 0.153, 0.01),
        (5, 1.36, 0.01),
        (10, 4.46, 0.01),
        (20, 12.03, 0.01),
        (10, 7.51, 0.1),
        (50, 37.90, 0.01),
        (100, 84.06, 0.01),
    ],
)
def test_erlang_b_by_the_table(servers, load, blocked):
    """The usual traffic table: the load that so many servers carry at a given blocking."""
    assert erlang_b(servers, load) == pytest.approx(blocked, rel=0.01)


@pytest.mark.parametrize("servers", [1, 2, 3, 7, 60])
@pytest.mark.parametrize("load", [0.1, 0.9, 41.5])
def test_erlang_b_by_its_definition(servers, load):
    exact = Fraction(load)
    terms = [exact**n / factorial(n) for n in range(servers + 1)]

    assert erlang_b(servers, load) == pytest.approx(float(terms[-1] / sum(terms)), rel=1e-12)


def test_erlang_b_of_very_many_servers_does_not_overflow():
    """With as much load as servers, it is about sqrt(2 / (pi c)) (Jagerman, 1974)."""
    assert erlang_b(100_000, 100_000.0) == pytest.approx((2 / (3.141592653589793 * 100_000)) ** 0.5, rel=0.01)


def test_without_load_nobody_is_turned_away_and_nobody_waits():
    assert (erlang_b(3, 0.0), erlang_c(3, 0.0), mmc_wait_s(3, 0.0, 10.0)) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("servers", "load", "waits"), [(2, 1.0, 1 / 3), (5, 4.0, 0.5541), (10, 8.0, 0.4092), (3, 2.0, 0.4444)]
)
def test_erlang_c_by_the_table(servers, load, waits):
    assert erlang_c(servers, load) == pytest.approx(waits, abs=5e-5)


def test_erlang_c_of_one_server_is_its_load():
    assert erlang_c(1, 0.6) == pytest.approx(0.6)


def test_erlang_c_of_two_servers_in_closed_form():
    """2 rho^2 / (1 + rho), with the load per server rho."""
    rho = 0.75

    assert erlang_c(2, 2 * rho) == pytest.approx(2 * rho**2 / (1 + rho))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.3), (4, 3.2), (30, 27.0)])
def test_both_of_erlangs_formulas_are_related(servers, load):
    """1 / C = 1 / B - rho (1 / B - 1), from their definitions."""
    blocked, rho = erlang_b(servers, load), load / servers

    assert 1 / erlang_c(servers, load) == pytest.approx(1 / blocked - rho * (1 / blocked - 1))


def test_mmc_with_one_server_is_mm1():
    """The wait is rho / (mu - lambda)."""
    assert mmc_wait_s(1, 0.5, 1.0) == pytest.approx(0.5 / (1 - 0.5))


def test_a_queue_that_is_not_stable_has_no_mean_wait():
    assert (mmc_wait_s(2, 2.0, 1.0), mmc_wait_quantile_s(2, 2.0, 1.0, 0.5), erlang_c(2, 2.0)) == (
        inf,
        inf,
        1.0,
    )
    assert mmc_wait_longer(2, 2.0, 1.0, 1e9) == 1.0


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_quantile_of_the_wait_is_exceeded_by_the_rest(share):
    quantile_s = mmc_wait_quantile_s(3, 2.7, 1.0, share)

    assert mmc_wait_longer(3, 2.7, 1.0, quantile_s) == pytest.approx(1 - share)


def test_a_quantile_is_zero_where_more_do_not_wait_at_all():
    assert mmc_wait_quantile_s(3, 0.3, 1.0, 0.9) == 0.0


def test_the_mean_wait_is_the_integral_of_the_tail():
    step_s = 0.001
    tail = sum(mmc_wait_longer(3, 2.1, 1.0, (n + 0.5) * step_s) * step_s for n in range(30_000))

    assert tail == pytest.approx(mmc_wait_s(3, 2.1, 1.0), rel=1e-4)
    assert mmc_wait_longer(3, 2.1, 1.0, 0.0) == pytest.approx(erlang_c(3, 2.1) * exp(0))


def test_mmck_without_places_to_wait_is_erlang_b():
    assert mmck_blocked(4, 4, 3.0) == pytest.approx(erlang_b(4, 3.0))
    assert mmck_wait_s(4, 4, 3.0, 1.0) == 0.0


def test_mm1k_in_closed_form():
    """(1 - rho) rho^K / (1 - rho^(K + 1))."""
    rho, places = 0.8, 6

    assert mmck_blocked(1, places, rho) == pytest.approx((1 - rho) * rho**places / (1 - rho ** (places + 1)))


def test_mmck_with_ever_more_places_becomes_mmc():
    assert mmck_wait_s(3, 400, 2.4, 1.0) == pytest.approx(mmc_wait_s(3, 2.4, 1.0))
    assert mmck_blocked(3, 400, 2.4) == pytest.approx(0.0, abs=1e-12)


def test_mmck_balances_what_comes_in_with_what_goes_out():
    """Little's law on the servers: those in use are the load that is let in."""
    states = mmck_states(3, 8, 4.0)
    in_use = sum(min(n, 3) * share for n, share in enumerate(states))

    assert sum(states) == pytest.approx(1.0)
    assert in_use == pytest.approx(4.0 * (1 - states[-1]))


def test_mmck_of_a_very_large_system_does_not_overflow():
    assert mmck_blocked(500, 5_000, 1_000.0) == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(
    "wrong", [lambda: erlang_b(0, 1.0), lambda: erlang_b(1, -1.0), lambda: mmck_states(3, 2, 1.0)]
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"servers|load"):
        wrong()


@pytest.mark.parametrize(("places", "load"), [(20_000, 50.0), (100, 1e100), (100, 1e160), (100, 1e300)])
def test_mmck_of_many_places_turns_away_what_is_too_much(places, load):
    """At once: shares made smaller one after the other for each place took half a minute."""
    assert mmck_blocked(10, places, load) == pytest.approx(1 - 10 / load)
