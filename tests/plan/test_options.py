"""What a plan tries, and the scenarios that this makes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from flowconc.plan.options import Case, Option, applied, cases, now
from flowconc.scenario.flow import Behavior, Concurrency
from flowconc.scenario.load import load
from flowconc.simulation.simulate import simulate
from flowconc.trace.tables import executions_table

TEXT = """\
scenario: s
flows:
  - {id: f, namespace: n, concurrency: {limit: 3, behavior: CANCEL}, tasks: [{id: w, type: io.kestra.plugin.core.http.Request, uri: x}]}
tasks: {f: {w: {duration: exponential(mean 20s)}}}
arrivals: [{flow: f, poisson: 10/min}]
run: {until: 30m}
platform: {worker_threads: '${threads}'}
plan:
  vary: {limit: 1..2, load: [1, 1.25], parameters: {threads: [4, 8]}}
  goals: queue_wait p95 < 60s
"""


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "s.flowconc.yaml"
    path.write_text(TEXT, encoding="utf-8")
    (scenario,) = load(path)
    return scenario


def test_every_combination_is_a_case(scenario):
    found = list(cases(scenario, scenario.plan))

    assert [(case.values[0][1], case.load) for case in found] == [(4, 1.0), (4, 1.25), (8, 1.0), (8, 1.25)]
    assert {case.behavior for case in found} == {Behavior.CANCEL}


def test_the_scenario_as_it_is_is_one_of_them(scenario):
    assert now(scenario, scenario.plan) == Option(3, Case(Behavior.CANCEL, values=(("threads", 4),)))


def test_an_option_sets_the_limit_and_the_rest(scenario):
    case = Case(Behavior.QUEUE, load=1.25, values=(("threads", 8),))
    made = applied(scenario, scenario.plan, Option(5, case))

    assert made.flows[0].concurrency == Concurrency(5, Behavior.QUEUE)
    assert made.platform.worker_threads == 8
    assert made.arrivals[0].pattern.rate_per_s == pytest.approx(12.5 / 60)
    assert made.plan is None


def test_without_a_limit_there_is_none(scenario):
    assert applied(scenario, scenario.plan, Option(None)).flows[0].concurrency is None


def test_limits_are_compared_on_the_same_arrivals_and_durations(scenario):
    """Common random numbers: what differs is the limit alone."""
    one, two = (
        executions_table(simulate(applied(scenario, scenario.plan, Option(limit, Case())), replication=3))
        for limit in (1, 2)
    )

    assert np.array_equal(one.created_us, two.created_us)
    assert np.array_equal(one.ended_us - one.started_us, two.ended_us - two.started_us)
    assert one.slot_wait_us.sum() > two.slot_wait_us.sum()


def test_a_case_is_called_by_what_varies(scenario):
    case = Case(Behavior.CANCEL, load=1.25, values=(("threads", 8),))

    assert case.label(scenario.plan) == "load x1.25, threads=8"


@pytest.mark.parametrize("replication", range(3))
def test_on_the_same_draws_a_larger_limit_never_makes_anybody_wait_longer(scenario, replication):
    """A law of queues, first come first served (Kiefer and Wolfowitz 1955), that common random numbers make visible."""
    case = Case(Behavior.QUEUE, values=(("threads", 8),))
    waits = [
        executions_table(
            simulate(applied(scenario, scenario.plan, Option(limit, case)), replication=replication)
        ).slot_wait_us
        for limit in (1, 2, 3, 5)
    ]

    assert all((more <= fewer).all() for fewer, more in itertools.pairwise(waits))
