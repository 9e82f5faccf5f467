"""Which flows are queues of the textbooks, and what theory then says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.plan.theory.erlang import erlang_b, mmc_wait_quantile_s, mmc_wait_s
from flowconc.plan.theory.general import allen_cunneen_wait_s, mg1_wait_s
from flowconc.plan.theory.queue import Backlog, Prediction, Queue, predictions, queue_of
from flowconc.scenario.distributions import Constant, Exponential, Listed, Pareto, Uniform
from flowconc.scenario.flow import Concurrency
from flowconc.scenario.model import (
    Backoff,
    Burst,
    Every,
    Latency,
    Platform,
    PoissonProcess,
    RunSettings,
    ScopeLimit,
)
from tests.flows import NOWHERE, act, arrive, call, flow, parallel, scene, schedule, sequence, work

SECOND_US = 1_000_000
HOUR = RunSettings(until_us=3_600 * SECOND_US)
POISSON = PoissonProcess(0.5)


def queue(servers=3, load=2.1, variation=1.0, *, exponential=True, waits=True):
    return Queue(servers, load, 1.0, variation, exponential, waits)


def scenario(*tasks, pattern=POISSON, limit=3, behavior="QUEUE", keys=(), **changes):
    made = scene(
        flow(
            "f",
            *(tasks or (work("w", Exponential(2 * SECOND_US)),)),
            limit=limit,
            behavior=behavior,
            **dict(keys),
        ),
        arrive("f", pattern),
    )
    return replace(made, run=HOUR, **changes)


# --- recognition


def test_a_plain_flow_is_a_queue():
    assert queue_of(scenario(), "n.f") == Queue(3, 0.5, 2.0, 1.0, exponential=True, waits=True)


def test_durations_of_tasks_in_a_row_add_up():
    found = queue_of(
        scenario(work("a", Constant(SECOND_US)), sequence("s", work("b", Uniform(0, 2 * SECOND_US)))), "n.f"
    )

    assert (found.service_s, found.exponential) == (2.0, False)
    assert found.variation == pytest.approx(4 / 12 / 4)


def test_several_poisson_processes_are_one():
    made = scenario()
    (arrivals,) = made.arrivals
    found = queue_of(replace(made, arrivals=(arrivals, replace(arrivals, source="ui"))), "n.f")

    assert found.arrivals_per_s == 1.0


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (scenario(limit=None), "has no limit"),
        (scenario(semantics="kestra-1.1.0"), "the rules are those of kestra-1.1.0"),
        (scenario(actions=(act("1s", "kill", "a"),)), "actions or faults"),
        (scenario(limits=(ScopeLimit(Concurrency(1), NOWHERE, namespace="n"),)), "a namespace"),
        (scenario(platform=Platform(worker_threads=4)), "the platform"),
        (scenario(platform=Platform(latency=Latency(arrival_us=1))), "the platform"),
        (scenario(pattern=Every(SECOND_US)), "not one Poisson process"),
        (scenario(pattern=PoissonProcess(0.5, start_us=1)), "not one Poisson process"),
        (scenario(pattern=PoissonProcess(0.5, until_us=60 * SECOND_US)), "not one Poisson process"),
        (scenario(keys={"triggers": (schedule(),)}.items()), "triggers or other flows"),
        (scenario(work("w", "1s", fails=[1])), "tasks fail"),
        (scenario(work("w", Listed((SECOND_US,), SECOND_US))), "listed"),
        (scenario(parallel("p", work("a"), work("b"))), "one after the other"),
        (scenario(work("w", Pareto(SECOND_US, 1.0))), "no mean"),
        (scenario(work("w", Constant(0))), "no time"),
    ],
)
def test_what_is_no_such_queue_says_why(other, why):
    assert why in queue_of(other, "n.f")


def test_a_source_that_tries_again_makes_no_poisson_process():
    made = scenario(behavior="CANCEL")
    (arrivals,) = made.arrivals
    again = replace(arrivals, backoff=Backoff(frozenset({"CANCELLED"}), SECOND_US))

    assert "Poisson" in queue_of(replace(made, arrivals=(again,)), "n.f")


def test_a_flow_that_another_one_calls_is_not_alone():
    made = scenario()
    caller = flow("g", call("c", "f"))

    assert "other flows" in queue_of(replace(made, flows=(*made.flows, caller)), "n.f")


def test_a_burst_alone_is_a_backlog():
    assert queue_of(scenario(pattern=Burst(60, (5 * SECOND_US,))), "n.f") == Backlog(3, 60, 2.0, waits=True)
    assert "nor one burst" in queue_of(scenario(pattern=Burst(60, (0, 5 * SECOND_US))), "n.f")


# --- predictions


def test_kendalls_notation():
    assert queue().name == "M/M/3"
    assert queue(variation=0.0, exponential=False).name == "M/D/3"
    assert queue(4, variation=0.5, exponential=False, waits=False).name == "M/G/4/4"


def test_erlang_c_where_nothing_has_memory():
    found = predictions(queue())

    assert found["queue_wait", "mean"] == Prediction(mmc_wait_s(3, 2.1, 1.0), "Erlang C")
    assert found["queue_wait", "p95"].value == mmc_wait_quantile_s(3, 2.1, 1.0, 0.95)
    assert found["utilization", "mean"].value == pytest.approx(0.7)


def test_pollaczek_and_khinchine_for_one_slot():
    found = predictions(queue(1, 0.6, 0.25, exponential=False))

    assert found["queue_wait", "mean"] == Prediction(mg1_wait_s(0.6, 1.0, 0.25), "Pollaczek-Khinchine")
    assert ("queue_wait", "p95") not in found


def test_allen_and_cunneen_for_several_say_that_they_are_approximate():
    wait = predictions(queue(3, 2.1, 0.25, exponential=False))["queue_wait", "mean"]

    assert wait.value == allen_cunneen_wait_s(3, 2.1, 1.0, 0.25)
    assert not wait.exact


def test_littles_law_ties_queue_and_wait():
    found = predictions(queue())

    assert found["queue_depth", "mean"].value == pytest.approx(2.1 * found["queue_wait", "mean"].value)


def test_erlang_b_for_what_is_turned_away_whatever_the_law():
    exponential, other = (predictions(queue(variation=v, exponential=v == 1, waits=False)) for v in (1, 3))

    assert exponential["rejected", "rate"] == Prediction(erlang_b(3, 2.1), "Erlang B")
    assert exponential == other


def test_a_queue_that_cannot_keep_up_only_grows():
    found = predictions(queue(2, 2.1))

    assert list(found) == [("backlog", "growth")]
    assert found["backlog", "growth"].value == pytest.approx(0.1)


def test_what_is_infinite_is_not_said():
    assert ("queue_wait", "mean") not in predictions(queue(1, 0.5, float("inf"), exponential=False))


def test_of_a_burst_the_last_waits_for_all_the_others():
    """Those of 60 that find no slot free, 57, start one after the other, one each 2/3 s on average."""
    found = predictions(Backlog(3, 60, 2.0, waits=True))

    assert found["queue_wait", "max"].value == pytest.approx(57 * 2 / 3)
    assert found["queue_wait", "mean"].value == pytest.approx(sum(k * 2 / 3 for k in range(1, 58)) / 60)
    assert not found["queue_wait", "max"].exact


def test_of_a_burst_that_is_turned_away_the_slots_remain():
    assert predictions(Backlog(3, 60, 2.0, waits=False))["rejected", "rate"] == Prediction(
        57 / 60, "counting"
    )
    assert predictions(Backlog(3, 2, 2.0, waits=False))["rejected", "rate"].value == 0
