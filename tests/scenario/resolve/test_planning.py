"""`plan:` in a scenario: the flow, the options, the conditions, the parameters; each problem at its place."""

from __future__ import annotations

import pickle

import pytest

from flowconc.scenario.conditions import Comparison
from flowconc.scenario.flow import Behavior
from flowconc.scenario.plan import Disturbance

LOG = "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hi}]"
LIMITED = f"{{id: f, namespace: company.team, concurrency: {{limit: 3}}, {LOG}}}"
FREE = f"{{id: g, namespace: company.team, {LOG}}}"
OTHER = f"{{id: h, namespace: company.team, concurrency: {{limit: 1}}, {LOG}}}"


def test_the_only_flow_with_a_limit_is_planned(one):
    plan = one("plan: {goals: queue_wait p95 < 60s}\n", f"[{FREE}, {LIMITED}]").plan

    assert plan.flow == "company.team.f"
    assert (plan.loads, plan.durations, plan.behaviors) == ((1.0,), (1.0,), ())


def test_without_any_limit_it_is_the_only_flow(one):
    assert one("plan: {goals: queue_wait p95 < 60s}\n", f"[{FREE}]").plan.flow == "company.team.g"


def test_among_several_the_flow_is_named(one, problems):
    assert one("plan: {flow: h, goals: queue_wait p95 < 60s}\n", f"[{LIMITED}, {OTHER}]").plan.flow == (
        "company.team.h"
    )
    assert problems("plan: {goals: queue_wait p95 < 60s}\n", f"[{LIMITED}, {OTHER}]") == [
        "x.flowconc.yaml:3:1: nothing says which flow's limit is planned, expected `flow`: one of f, h"
    ]


def test_the_limit_that_the_flow_has_now_is_tried_too(one):
    plan = one("plan: {vary: {limit: [8, 1..2]}, goals: queue_wait p95 < 60s}\n", f"[{LIMITED}]").plan

    assert plan.limits == (1, 2, 3, 8)


def test_conditions_are_those_of_thresholds(one):
    plan = one(
        "plan:\n  goals: [queue_wait p95 < 60s, 'rejected{flow=f} rate < 1%']\n  protect: slots_in_use max <= 8\n"
    ).plan

    assert [(each.metric, each.statistic, each.must_be) for each in plan.goals] == [
        ("queue_wait", "p95", Comparison("<", 60.0)),
        ("rejected", "rate", Comparison("<", 0.01)),
    ]
    assert plan.goals[1].selectors == (("flow", "company.team.f"),)
    assert (plan.protects[0].written, plan.protects[0].position.line) == ("slots_in_use max <= 8", 5)


def test_all_that_varies(one):
    plan = one(
        "run: {until: 2h, warmup: 1m, confidence: 90%}\n"
        "plan:\n"
        "  vary: {limit: 1..2, behavior: [QUEUE, CANCEL], load: [1, 1.5, 1], duration: 0.5}\n"
        "  goals: queue_wait p95 < 60s\n"
        "  recovery: [{outage: 10m}, {burst: 5, at: 1m}]\n"
        "  replications: 20\n"
        "  max_replications: 10\n"
        "  sensitivity: false\n"
    ).plan

    assert plan.behaviors == (Behavior.QUEUE, Behavior.CANCEL)
    assert (plan.loads, plan.durations) == ((1.0, 1.5), (0.5,))
    assert plan.recovery == (Disturbance(outage_us=600_000_000), Disturbance(burst=5, at_us=60_000_000))
    assert (plan.replications, plan.max_replications) == (20, 20)
    assert (plan.confidence, plan.finds_warmup, plan.sensitivity) == (0.9, False, False)


def test_parameters_of_the_plan_make_variants(one):
    scenario = one(
        "platform: {worker_threads: '${threads}'}\n"
        "plan: {vary: {parameters: {threads: [4, 8]}}, goals: queue_wait p95 < 60s}\n"
    )
    (variant,) = scenario.plan.variants

    assert (scenario.platform.worker_threads, scenario.plan.values) == (4, (("threads", 4),))
    assert (variant.scenario.platform.worker_threads, variant.values) == (8, (("threads", 8),))
    assert variant.scenario.plan is None
    assert scenario.id == "s"


def test_a_plan_can_be_sent_to_another_process(one):
    scenario = one("plan: {goals: queue_wait p95 < 60s}\n")

    assert pickle.loads(pickle.dumps(scenario)) == scenario


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "plan: {goal: queue_wait p95 < 60s}\n",
            (
                "x.flowconc.yaml:3:8: unknown key 'goal', expected one of confidence, flow, goals, max_replications, "
                "protect, recovery, replications, sensitivity, vary, did you mean 'goals'?"
            ),
        ),
        (
            "plan: {goals: [queue_wait p95 < 60s, queue_wiat p95 < 1s]}\n",
            (
                "x.flowconc.yaml:3:38: 'queue_wiat' is not a metric, expected one of queue_wait, start_delay, sojourn, "
                "lock_wait, gate_latency, scheduling_delay, queue_depth, slots_in_use, utilization, "
                "database_utilization, rejected, skipped_fires, throughput, did you mean 'queue_wait'?"
            ),
        ),
        (
            "plan: {goals: 'queue_wait{flow=ff} p95 < 60s'}\n",
            "x.flowconc.yaml:3:15: there is no flow 'ff', expected f, did you mean 'f'?",
        ),
        (
            "plan: {flow: x, goals: queue_wait p95 < 60s}\n",
            "x.flowconc.yaml:3:14: there is no flow 'x', expected f",
        ),
        (
            "plan: {goals: queue_wait p95 < 60s, recovery: {outage: 10m}}\n",
            "x.flowconc.yaml:3:47: nothing says how long the run is, expected `run: {until: ...}`",
        ),
        (
            "run: {until: 5m}\nplan: {goals: queue_wait p95 < 60s, recovery: {outage: 10m}}\n",
            "x.flowconc.yaml:4:47: the run ends before this is over, expected a longer `run.until`",
        ),
        (
            "run: {until: 5h}\nheal_at: 1m\nplan: {goals: queue_wait p95 < 60s, recovery: {outage: 10m}}\n",
            "x.flowconc.yaml:5:47: nothing goes wrong from `heal_at` on, expected a plan without `heal_at`",
        ),
        (
            "explore: {}\nplan: {goals: queue_wait p95 < 60s}\n",
            "x.flowconc.yaml:4:1: a scenario that is explored cannot be planned, too, expected `plan` or `explore`",
        ),
        (
            "actions: [{at: 1s, edit: f, concurrency: {limit: 2}}]\nplan: {goals: queue_wait p95 < 60s}\n",
            (
                "x.flowconc.yaml:4:1: an action (x.flowconc.yaml:3:11) replaces the flow whose limit is planned, "
                "expected none that does"
            ),
        ),
        (
            "parametrize: {a: [1]}\nplan: {vary: {parameters: {a: [1, 2]}}, goals: queue_wait p95 < 60s}\n",
            "x.flowconc.yaml:4:28: the parameter `a` is under `parametrize`, too, expected one of both",
        ),
        (
            "plan: {vary: {parameters: {a: 7}}, goals: queue_wait p95 < 60s}\n",
            "x.flowconc.yaml:3:31: the parameter `a` is the number 7, expected a list of its values",
        ),
        (
            (
                "plan: {vary: {limit: 1..999, load: [1, 1.1, 1.2, 1.3], duration: [1, 2, 3]}, "
                "goals: queue_wait p95 < 60s}\n"
            ),
            "x.flowconc.yaml:3:14: there are 11,988 options, expected at most 10,000",
        ),
        ("plan: 7\n", "x.flowconc.yaml:3:7: `plan` is the number 7, expected a mapping"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(problems, text, line):
    assert line in problems(text)


def test_a_parameter_of_the_plan_that_is_not_used_is_pointed_out(one):
    scenario = one("plan: {vary: {parameters: {a: [1, 2]}}, goals: queue_wait p95 < 60s}\n")

    assert [str(notice) for notice in scenario.notices] == [
        "x.flowconc.yaml:3:28: warning: the parameter `a` is not used"
    ]
