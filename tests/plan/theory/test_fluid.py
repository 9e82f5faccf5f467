"""Large backlogs: only rates count."""

from __future__ import annotations

from math import inf

import pytest

from flowconc.plan.theory.fluid import (
    backlog_growth_per_s,
    burst_last_wait_s,
    capacity_per_s,
    drain_s,
    recovery_s,
)


def test_so_many_slots_end_so_many_executions_a_second():
    assert capacity_per_s(4, 20.0) == pytest.approx(0.2)
    assert capacity_per_s(4, 0.0) == inf


def test_a_queue_grows_by_what_the_slots_cannot_keep_up_with():
    assert backlog_growth_per_s(4, 0.5, 20.0) == pytest.approx(0.3)
    assert backlog_growth_per_s(4, 0.1, 20.0) == 0.0


def test_a_backlog_is_worked_off_with_the_capacity_that_is_to_spare():
    assert drain_s(60, 4, 0.1, 20.0) == pytest.approx(600.0)
    assert drain_s(0, 4, 0.1, 20.0) == 0.0
    assert drain_s(60, 4, 0.2, 20.0) == inf


def test_after_an_outage_its_arrivals_are_the_backlog():
    assert recovery_s(600.0, 4, 0.1, 20.0) == pytest.approx(drain_s(60, 4, 0.1, 20.0))


def test_the_last_of_a_burst_waits_for_those_ahead_of_it():
    assert burst_last_wait_s(50, 5, 10.0) == pytest.approx(90.0)
    assert burst_last_wait_s(3, 5, 10.0) == 0.0
