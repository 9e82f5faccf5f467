"""Replications after the first come from the backend that a scenario names, and the verdict is the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flowconc.compiled import run as run_compiled
from flowconc.replications import compiled_replication
from flowconc.runner import run_scenario
from flowconc.scenario import builder
from flowconc.scenario.distributions import Exponential
from flowconc.scenario.model import Backend, Database, Platform, PoissonProcess
from flowconc.scenario.plan import Disturbance, Variant
from flowconc.scenario.problems import BadInput
from flowconc.scenario.variation import Vary
from tests.flows import act, arrive, flow, scene, work
from tests.plan.plans import condition, plan

BUSY = replace(
    scene(
        flow("f", work("w", Exponential(10_000_000)), limit=2),
        arrive("f", PoissonProcess(0.15)),
        until="10m",
        replications=8,
        max_replications=32,
        platform=Platform(executors=2, database=Database(2, 50_000)),
    ),
    thresholds=tuple(
        map(condition, ("queue_wait mean < 60s", "database_utilization p95 < 0.9", "utilization mean < 0.75"))
    ),
)
KILLED = replace(BUSY, actions=(act("1s", "kill", "f#1"),))
NOT_KILLED = "an action, kill: operators are only simulated"


def by(backend, made=BUSY):
    return run_scenario(replace(made, backend=backend))


def refusal(made) -> str:
    with pytest.raises(BadInput) as bad:
        by(Backend.COMPILED, made)
    (problem,) = bad.value.problems
    return problem.sentence


@pytest.mark.parametrize("backend", [Backend.COMPILED, Backend.AUTO])
def test_the_verdict_is_the_same_whatever_computes_them(backend):
    simulated, compiled = by(None), by(backend)

    assert compiled.verdict == simulated.verdict
    assert simulated.verdict.replications > BUSY.run.replications  # some thresholds take more runs
    assert (len(compiled.traces), len(compiled.compiled)) == (1, simulated.verdict.replications - 1)
    assert compiled.trace.sha256() == simulated.trace.sha256()


@pytest.mark.parametrize("backend", [None, Backend.SIMULATION])
def test_unless_something_else_is_asked_for_all_are_simulated(backend):
    result = by(backend)

    assert len(result.traces) == result.verdict.replications
    assert result.compiled == ()


def test_each_is_the_replication_of_its_place():
    result = by(Backend.COMPILED)

    for index, run in enumerate(result.runs[1:], start=1):
        expected = run_compiled(BUSY, replication=index)
        assert run.header.replication == index
        assert np.array_equal(run.table.started_us, expected.table.started_us)


def test_a_first_replication_alone_is_simulated():
    result = run_scenario(replace(BUSY, backend=Backend.COMPILED), replications=1)

    assert (len(result.traces), result.compiled, result.notices) == (1, (), ())


def test_it_is_said_what_was_not_judged_on_every_run():
    def said(replications):
        made = replace(BUSY, backend=Backend.AUTO, thresholds=())
        (notice,) = run_scenario(made, replications=replications).notices
        return str(notice)

    rest = "compiled: thresholds are judged on all runs, everything else on the first"
    assert said(2) == f"test:1:1: notice: replication 2 is {rest}"
    assert said(5) == f"test:1:1: notice: replications 2 to 5 are {rest}"


# --- what is not compiled


def test_what_must_be_compiled_and_cannot_be_is_bad_input():
    assert refusal(KILLED) == (
        f"`backend: compiled` cannot do this: {NOT_KILLED}, expected `auto` or `simulation`"
    )
    assert "only `documented` is compiled" in refusal(replace(BUSY, semantics="kestra-2.0.2"))


def test_it_is_bad_input_however_many_runs_there_are():
    with pytest.raises(BadInput, match=NOT_KILLED):
        run_scenario(replace(KILLED, backend=Backend.COMPILED), replications=1)


def test_variations_are_only_simulated():
    varied = replace(BUSY, vary=Vary(BUSY.position, examples=1, step_us=1, deadline_us=1))

    assert "variations are only simulated" in refusal(varied)


def test_the_plan_has_to_be_compiled_too():
    outage = plan(recovery=(Disturbance(outage_us=1_000_000),))
    variant = plan(variants=(Variant((("killed", True),), KILLED),))

    assert "an outage is only simulated" in refusal(replace(BUSY, plan=outage))
    assert NOT_KILLED in refusal(replace(BUSY, plan=variant))


def test_where_that_was_not_demanded_they_are_simulated_and_it_is_said_why():
    result = by(Backend.AUTO, KILLED)

    assert result.compiled == ()
    assert result.verdict == by(None, KILLED).verdict
    assert [str(each) for each in result.notices] == [
        f"test:1:1: notice: simulated, not compiled: {NOT_KILLED}"
    ]


def test_another_semantics_is_simulated_without_a_word():
    result = by(Backend.AUTO, replace(BUSY, semantics="kestra-2.0.2"))

    assert (result.compiled, result.notices) == ((), ())


def test_variations_under_auto_are_simulated():
    made = (
        builder.scenario("s")
        .flow(builder.flow("f", duration="10s"))
        .arrive("f", at="0s")
        .vary(durations={"f": {"work": "1s..3s"}}, examples=3)
        .run(replications=2)
        .backend("auto")
    )

    assert run_scenario(made.build()).compiled == ()


def test_a_compiled_replication_that_is_too_long_is_bad_input():
    short = replace(BUSY, run=replace(BUSY.run, max_events=50))

    with pytest.raises(BadInput, match="replication 2 was stopped after 50 executions"):
        compiled_replication(short, 1, 1)
