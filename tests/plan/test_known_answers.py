"""Plans of workloads whose answer is known: by counting, or from Erlang's formulas."""

from __future__ import annotations

from itertools import count

import pytest

from flowconc.plan.planner import plan_scenario
from flowconc.plan.result import Status
from flowconc.plan.theory.erlang import erlang_b, mmc_wait_quantile_s, mmc_wait_s
from flowconc.scenario.builder import flow, scenario


def planned(goal, *, limits="1..12", behavior="QUEUE", duration="10s", until="2h", protect=(), **arrivals):
    made = (
        scenario("known")
        .flow(flow("f", limit=1, behavior=behavior, duration=duration))
        .arrive("f", **arrivals)
        .run(until=until)
        .plan(
            vary={"limit": limits},
            goals=[goal],
            sensitivity=False,
            **({"protect": list(protect)} if protect else {}),
        )
    )
    return plan_scenario(made.build()).base


# --- by counting


def test_regular_arrivals_need_as_many_slots_as_are_in_use_at_once():
    """One each 4 s, for 10 s: when one arrives, those of 4 s and 8 s ago are still there."""
    assert planned("queue_wait max <= 0s", every="4s", until="10m").limit == 3


def test_the_last_of_a_burst_starts_when_all_before_it_had_their_turn():
    """60 at once, 10 s each: the last of them starts after 9 turns, 90 s, with 6 slots (10 turns in all)."""
    assert planned("queue_wait max <= 90s", burst=60, at="0s").limit == 6
    assert planned("queue_wait max <= 99s", burst=60, at="0s").limit == 6
    assert planned("queue_wait max <= 89s", burst=60, at="0s").limit == 7


def test_of_a_burst_that_is_turned_away_the_rest_is_counted():
    """Of 60, with 12 slots, 48 are turned away: 80 %."""
    assert planned("rejected rate <= 80%", behavior="CANCEL", burst=60, at="0s").limit == 12
    assert planned("rejected rate < 80%", behavior="CANCEL", burst=60, at="0s").status is Status.NONE


def test_what_is_spared_is_counted_too():
    found = planned("queue_wait max <= 90s", burst=60, at="0s", protect=["slots_in_use max <= 8"])

    assert (found.limit, found.largest) == (6, 8)


# --- by Erlang's formulas


def smallest(meets):
    return next(limit for limit in count(1) if meets(limit))


@pytest.mark.slow
def test_a_mean_wait_by_erlang_c():
    """Load 4: with 5 slots the mean wait is 5.5 s, with 6 it is 1.4 s."""
    known = smallest(lambda limit: mmc_wait_s(limit, 0.4, 10.0) < 3)
    found = planned("queue_wait mean < 3s", limits="3..8", duration="exponential(mean 10s)", poisson="24/min")

    assert (found.limit, found.status) == (known, Status.FOUND)


@pytest.mark.slow
def test_a_percentile_of_the_wait_by_erlang_c():
    """Load 2: with 3 slots the 95th percentile of the wait is 21.8 s, with 4 it is 6.2 s."""
    known = smallest(lambda limit: mmc_wait_quantile_s(limit, 0.2, 10.0, 0.95) < 12)
    found = planned("queue_wait p95 < 12s", limits="2..6", duration="exponential(mean 10s)", poisson="12/min")

    assert (found.limit, found.status) == (known, Status.FOUND)


@pytest.mark.slow
@pytest.mark.parametrize("duration", ["10s", "lognormal(mean 10s, p95 25s)"])
def test_a_share_that_is_turned_away_by_erlang_b(duration):
    """Load 2: 4 slots turn away 9.5 %, 5 slots 3.7 %, whatever the law of the durations."""
    known = smallest(lambda limit: erlang_b(limit, 2.0) < 0.06)
    found = planned(
        "rejected rate < 6%", limits="3..7", behavior="CANCEL", duration=duration, poisson="12/min"
    )

    assert (found.limit, found.status) == (known, Status.FOUND)
