"""A flow file and what the command line says, made a scenario with a plan."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from flowconc.plan.drafting import Ask, draft
from flowconc.scenario.distributions import Constant, Exponential
from flowconc.scenario.flow import Behavior
from flowconc.scenario.model import PoissonProcess, Recorded
from flowconc.scenario.plan import Disturbance
from flowconc.scenario.problems import BadInput

CALL = "{id: call, type: io.kestra.plugin.core.http.Request, uri: x}"
SLEEP = "{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}"
GOALS = ("queue_wait p95 < 60s",)
S = 1_000_000


@pytest.fixture
def drafted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def drafted(tasks=CALL, more="", **keys):
        path = tmp_path / "sync.yaml"
        path.write_text(
            f"id: sync\nnamespace: company.crm\nconcurrency: {{limit: 2}}\ntasks: [{tasks}]\n{more}",
            encoding="utf-8",
        )
        return draft(path, Ask(**{"goals": GOALS, "rate": "30/min", "duration": "20s", **keys}))

    return drafted


def problems(drafted, *arguments, **keys):
    with pytest.raises(BadInput) as caught:
        drafted(*arguments, **keys)
    return [(each.position.path, each.sentence) for each in caught.value.problems]


def test_what_is_asked_becomes_a_scenario(drafted):
    made = drafted(
        limit="1..4",
        behaviors=("QUEUE", "CANCEL"),
        protects=("slots_in_use max <= 3",),
        loads=(1.0, 1.5),
        horizon="2h",
        outage="10m",
        burst=50,
        confidence="99%",
    )
    (arrivals,) = made.arrivals
    plan = made.plan

    assert (arrivals.flow, arrivals.pattern) == ("company.crm.sync", PoissonProcess(0.5, until_us=7_200 * S))
    assert (plan.limits, plan.behaviors, plan.loads) == (
        (1, 2, 3, 4),
        (Behavior.QUEUE, Behavior.CANCEL),
        (1.0, 1.5),
    )
    assert (plan.goals[0].written, plan.protects[0].written) == (
        "queue_wait p95 < 60s",
        "slots_in_use max <= 3",
    )
    assert plan.recovery == (Disturbance(outage_us=600 * S), Disturbance(burst=50))
    assert (plan.confidence, plan.finds_warmup) == (0.99, True)


def test_a_run_is_a_working_day_unless_it_is_said(drafted):
    assert drafted().run.until_us == 8 * 3_600 * S


def test_a_warm_up_that_is_said_is_not_looked_for(drafted):
    made = drafted(warmup="10m")

    assert (made.run.warmup_us, made.plan.finds_warmup) == (600 * S, False)


def test_the_duration_is_that_of_the_only_task_that_works(drafted):
    assert drafted(duration="exponential(mean 20s)").flows[0].tasks[0].duration == Exponential(20 * S)
    assert drafted(SLEEP, duration="20s").flows[0].tasks[0].duration == Constant(20 * S)


def test_of_several_it_is_that_of_those_of_which_nothing_is_said(drafted):
    call, nap = drafted(f"{CALL}, {SLEEP}").flows[0].tasks

    assert (call.duration, nap.duration) == (Constant(20 * S), Constant(10 * S))


def test_a_flow_that_says_its_duration_needs_no_other(drafted):
    assert drafted(SLEEP, duration=None).flows[0].tasks[0].duration == Constant(10 * S)


def test_recorded_arrivals_are_found_from_where_the_command_is_given(drafted, tmp_path):
    (tmp_path / "day.csv").write_text("at_s,duration_s\n1,5\n2,\n", encoding="utf-8")
    (arrivals,) = drafted(rate=None, replay="day.csv").arrivals

    assert arrivals.pattern == Recorded((S, 2 * S), (5 * S, None), (None, None))


def test_a_schedule_needs_no_other_arrivals(drafted):
    schedule = "triggers: [{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 * * * *'}]\n"

    assert drafted(more=schedule, rate=None).arrivals == ()


def test_a_schedule_that_is_disabled_makes_nothing_arrive(drafted):
    schedule = "triggers: [{id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 * * * *', disabled: true}]\n"

    assert problems(drafted, more=schedule, rate=None) == [
        (
            "--rate or --replay",
            "nothing says what arrives at company.crm.sync, expected for instance --rate 30/min",
        )
    ]


def test_the_clock_starts_when_it_is_said(drafted):
    assert drafted(start="2026-11-16T08:00:00.5Z").clock_start == datetime(
        2026, 11, 16, 8, 0, 0, 500_000, UTC
    )


@pytest.mark.parametrize(
    ("keys", "option", "what"),
    [
        ({"rate": None}, "--rate or --replay", "nothing says what arrives at company.crm.sync"),
        ({"duration": None}, "--duration", "nothing says how long call of company.crm.sync takes"),
        ({"rate": "30"}, "--rate", "no unit"),
        ({"start": "monday"}, "--start", "is not a date"),
        ({"duration": "lognormal(mean)"}, "--duration", "lognormal"),
        ({"goals": ("queue_wait p5 < 3s",)}, "--goal", "did you mean 'p95'?"),
        ({"protects": ("slots max <= 8",)}, "--protect", "is not a metric"),
        ({"limit": "4..1"}, "--limit", "ends before it begins"),
        ({"horizon": "x"}, "--horizon", "is not a time"),
        ({"warmup": "9h"}, "--warmup", "the warm-up takes the whole run"),
        ({"confidence": "95"}, "--confidence", "percent sign"),
        ({"outage": "9h"}, "--outage or --burst", "the run ends before this is over"),
        ({"loads": (-1.0,)}, "--load", "out of range"),
        ({"replay": "no.csv", "rate": None}, "--replay", "there is no file 'no.csv', expected a path from"),
        (
            {"replay": "no.csv", "duration": None},
            "--replay",
            "there is no file 'no.csv', expected a path from",
        ),
    ],
)
def test_what_is_wrong_is_said_of_the_option(drafted, keys, option, what):
    (found,) = problems(drafted, **keys)

    assert found[0] == option
    assert what in found[1]


def test_each_goal_that_is_wrong_is_told(drafted):
    assert len(problems(drafted, goals=("queue_wait p5 < 3s", "rejected p95 < 1s"))) == 2


def test_a_duration_without_a_task_is_refused(drafted):
    (found,) = problems(drafted, "{id: hi, type: io.kestra.plugin.core.log.Log, message: hi}")

    assert found == (
        "--duration",
        "the flow has no task of which this could be said, expected a scenario that says it of each",
    )
