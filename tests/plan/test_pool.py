"""Jobs on several processes: the same results as on one, also when workers die."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.plan.evaluation import Statistic, simulated
from flowconc.plan.handing import WorkersDied
from flowconc.plan.jobs import Job, alone
from flowconc.plan.pool import Processes
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import PoissonProcess
from flowconc.scenario.problems import BadInput
from tests.flows import arrive, flow, scene, work
from tests.plan.evaluators import counting, dying, dying_once, refusing, whoever

WAIT = Statistic("queue_wait", "mean")
SCENARIO = scene(flow("f"), arrive("f", "0s"))


def jobs(scenario=SCENARIO, count=8):
    return [Job(scenario, 1, replication, (WAIT,)) for replication in range(count)]


def done(jobs, evaluate, *, workers, **keys):
    """Return what comes of jobs, by place."""
    with Processes(workers, **keys) as farm:
        return dict(farm(jobs, evaluate))


def test_one_process_does_the_jobs_in_order():
    assert list(done(jobs(), counting, workers=1)) == list(range(8))


def test_a_short_plan_needs_no_other_process():
    """Another process could not do this evaluator: it has no name."""
    assert len(done(jobs(), lambda *_: (None,), workers=8)) == 8


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_workers():
    scenario = scene(
        flow("f", work("w", Exponential(10_000_000)), limit=2),
        arrive("f", PoissonProcess(0.15, count=200)),
    )
    one = dict(alone(jobs(scenario), simulated))

    for workers in (2, 3):
        assert done(jobs(scenario), simulated, workers=workers, alone_for_s=0) == one


@pytest.mark.slow
def test_processes_stay_from_one_list_to_the_next():
    """Three lists on new processes each would be done by three of them at least."""
    with Processes(2, alone_for_s=0) as farm:
        processes = {values for _ in range(3) for _, values in farm(jobs(), whoever)}

    assert len(processes) <= 2


@pytest.mark.slow
def test_the_work_of_a_worker_that_dies_is_done_again(tmp_path):
    scenario = replace(SCENARIO, description=str(tmp_path / "died"))
    found = done(jobs(scenario), dying_once, workers=2, alone_for_s=0)

    assert (tmp_path / "died").exists()
    assert found == dict(alone(jobs(scenario), counting))


@pytest.mark.slow
def test_workers_that_always_die_are_given_up():
    with pytest.raises(WorkersDied, match="enough memory"):
        done(jobs(), dying, workers=2, alone_for_s=0)


@pytest.mark.slow
def test_what_is_wrong_with_the_input_comes_back_as_such():
    with pytest.raises(BadInput, match="no such run"):
        done(jobs(), refusing, workers=2, alone_for_s=0)
