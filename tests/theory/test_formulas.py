"""The formulas themselves, against published tables and special cases in closed form."""

from __future__ import annotations

from math import factorial

import pytest

from tests.theory.formulas import erlang_b, erlang_c, mg1_wait_s, mmc_wait_s


@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [
        (1, 0.0101, 0.01),
        (2, 0.153, 0.01),
        (5, 1.36, 0.01),
        (10, 4.46, 0.01),
        (20, 12.03, 0.01),
        (10, 7.51, 0.1),
    ],
)
def test_erlang_b_by_the_table(servers, load, blocked):
    """The usual traffic table: the load that so many servers carry at a given blocking."""
    assert erlang_b(servers, load) == pytest.approx(blocked, rel=0.01)


@pytest.mark.parametrize("servers", [1, 2, 3, 7])
@pytest.mark.parametrize("load", [0.1, 0.9])
def test_erlang_b_by_its_definition(servers, load):
    terms = [load**n / factorial(n) for n in range(servers + 1)]

    assert erlang_b(servers, load) == pytest.approx(terms[-1] / sum(terms))


def test_erlang_c_of_one_server_is_its_load():
    assert erlang_c(1, 0.6) == pytest.approx(0.6)


def test_erlang_c_of_two_servers_in_closed_form():
    """2 rho^2 / (1 + rho), with the load per server rho."""
    rho = 0.75

    assert erlang_c(2, 2 * rho) == pytest.approx(2 * rho**2 / (1 + rho))


def test_mmc_with_one_server_is_mm1():
    """The wait is rho / (mu - lambda)."""
    assert mmc_wait_s(1, 0.5, 1.0) == pytest.approx(0.5 / (1 - 0.5))


def test_mg1_with_exponential_times_is_mm1_and_with_constant_ones_half_of_it():
    assert mg1_wait_s(0.5, 1.0, 1.0) == pytest.approx(mmc_wait_s(1, 0.5, 1.0))
    assert mg1_wait_s(0.5, 1.0, 0.0) == pytest.approx(mmc_wait_s(1, 0.5, 1.0) / 2)
