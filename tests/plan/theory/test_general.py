"""Service times of any law: Pollaczek and Khinchine exactly, Allen and Cunneen about."""

from __future__ import annotations

from math import inf

import pytest

from flowconc.plan.theory.erlang import mmc_wait_s
from flowconc.plan.theory.general import allen_cunneen_wait_s, mg1_wait_s


def test_mg1_with_exponential_times_is_mm1_and_with_constant_ones_half_of_it():
    assert mg1_wait_s(0.5, 1.0, 1.0) == pytest.approx(mmc_wait_s(1, 0.5, 1.0))
    assert mg1_wait_s(0.5, 1.0, 0.0) == pytest.approx(mmc_wait_s(1, 0.5, 1.0) / 2)


def test_mg1_that_is_not_stable_has_no_mean_wait():
    assert mg1_wait_s(1.0, 1.0, 0.0) == inf


def test_allen_and_cunneen_are_exact_for_mmc_and_mg1():
    assert allen_cunneen_wait_s(4, 3.0, 1.0, 1.0) == pytest.approx(mmc_wait_s(4, 3.0, 1.0))
    assert allen_cunneen_wait_s(1, 0.8, 1.0, 0.25) == pytest.approx(mg1_wait_s(0.8, 1.0, 0.25))


@pytest.mark.parametrize(
    ("servers", "load", "wait_s"), [(2, 1.6, 0.9033), (5, 4.0, 0.2891), (10, 9.0, 0.3446)]
)
def test_allen_and_cunneen_come_near_the_exact_wait_of_mdc(servers, load, wait_s):
    """M/D/c with a service time of 1 s, from the chain that Crommelin (1932) embeds; a few percent are known to be off."""
    assert allen_cunneen_wait_s(servers, load, 1.0, 0.0) == pytest.approx(wait_s, rel=0.06)
