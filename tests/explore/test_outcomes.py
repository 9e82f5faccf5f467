"""How a run may end when nothing is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.explore.outcomes import branches, counts_runs, outcomes
from flowconc.protocol.plan import compile_plan
from flowconc.protocol.progress import Run
from flowconc.protocol.tables import Birth
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.flow import Failures, TaskKind
from tests.flows import choice, flow, task, work

BIRTH = Birth(0, "a", "n.f", 1, 0, "api")
SUCCEEDS, FAILS, EITHER = (Run.SUCCESS,), (Run.FAILED,), (Run.SUCCESS, Run.FAILED)


@pytest.mark.parametrize(
    ("run", "possible"),
    [
        (work("w"), SUCCEEDS),
        (task("f", TaskKind.FAIL), FAILS),
        (replace(work("w"), failures=Failures(share=1.0)), FAILS),
        (replace(work("w"), failures=Failures(share=0.0)), SUCCEEDS),
        (replace(work("w"), failures=Failures(share=0.1)), EITHER),
        (replace(work("w"), failures=Failures(attempts=1)), FAILS),
        (work("w", fails=[2]), SUCCEEDS),
        (work("w", "10s", timeout_us=5_000_000), FAILS),
        (work("w", "10s", timeout_us=15_000_000), SUCCEEDS),
        (work("w", Exponential(1_000_000), timeout_us=5_000_000), EITHER),
    ],
)
def test_the_first_run_of_a_task(run, possible):
    assert outcomes(BIRTH, run, 1, 1) == possible


def test_the_nth_run_over_all_executions():
    run = work("w", fails=[2])

    assert counts_runs(run)
    assert [outcomes(BIRTH, run, 1, begun) for begun in (1, 2, 3)] == [SUCCEEDS, FAILS, SUCCEEDS]


def test_a_task_that_fails_in_this_execution():
    assert outcomes(replace(BIRTH, fails=frozenset({"w"})), work("w"), 1, 1) == FAILS


def test_a_recorded_length_decides_about_a_timeout():
    run = work("w", Exponential(1_000_000), timeout_us=5_000_000)

    assert outcomes(replace(BIRTH, duration_us=6_000_000), run, 1, 1) == FAILS
    assert outcomes(replace(BIRTH, duration_us=4_000_000), run, 1, 1) == SUCCEEDS


def test_branches_that_can_be_taken():
    plan = compile_plan(flow("f", choice("c", (0.5, (work("x"),)), (0.0, (work("y"),)), (0.5, (work("z"),)))))
    node = next(node for node in plan.nodes if node.kind is TaskKind.CHOICE)

    assert branches(BIRTH, node) == (0, 2)
    assert branches(replace(BIRTH, takes=(("c", "b1"),)), node) == (1,)
