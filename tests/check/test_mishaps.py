"""Faults that never fell."""

from __future__ import annotations

import pytest

from flowconc.check.judge import judge
from flowconc.check.mishaps import judge_faults
from flowconc.check.verdict import Outcome
from flowconc.simulation.simulate import simulate
from tests.flows import arrive, flow
from tests.simulation.faulty import crash, delay, duplicate, error, lose, wrong

ONE = flow("f", limit=1), arrive("f", names="a")


def findings(*faults, runs=1, **keys):
    scenario = wrong(*ONE, *faults, **keys)
    return judge_faults(scenario, [simulate(scenario, replication=index) for index in range(runs)])


@pytest.mark.parametrize(
    "fault",
    [
        crash("executor", at="5s", for_="1s"),
        crash("worker", after="gate", for_="1s"),
        error("gate"),
        error(),
        duplicate("gate"),
        delay("gate", for_="1s"),
        lose("task_ended"),
    ],
)
def test_a_fault_that_fell_is_not_spoken_of(fault):
    assert findings(fault) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (crash("scheduler", before="fire"), "`crash: scheduler` before fire"),
        (crash("executor", after="release"), "`crash: executor` after release"),
        (crash("executor", at="1m"), "`crash: executor`"),
        (error("kill"), "`error: kill`"),
        (duplicate(nth=10), "`duplicate: any`"),
        (delay("kill", for_="1s"), "`delay: kill`"),
        (lose("kill"), "`lose: kill`"),
    ],
)
def test_a_fault_that_never_fell_is_worth_a_warning(fault, said):
    (finding,) = findings(fault, heal="50s")

    assert (finding.check, finding.outcome) == ("faults", Outcome.WARN)
    assert finding.sentence == f"{said} never fell in the run"
    assert finding.position == fault.position


def test_one_of_another_kind_or_at_another_place_is_another_fault():
    for other in (error("task_ended"), duplicate("gate")):
        (finding,) = findings(error("gate", nth=9), other)

        assert finding.sentence == "`error: gate` never fell in the run"


def test_one_run_in_which_it_fell_is_enough():
    seldom = error("gate", rate=0.2)

    assert findings(seldom, runs=1, seed=1) != []
    assert findings(error("kill"), runs=2)[0].sentence == "`error: kill` never fell in 2 runs"
    assert findings(seldom, runs=20, seed=1) == []


def test_it_fails_nothing():
    scenario = wrong(*ONE, error("kill"))

    assert judge(scenario, [simulate(scenario)]).passed
