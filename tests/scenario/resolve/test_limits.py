"""Limits of namespaces and tenants, and flows that belong to a tenant."""

from __future__ import annotations

import pytest

from flowconc.scenario.flow import Behavior, Concurrency
from flowconc.scenario.model import Verb

LOG = "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hi}]"
FLOWS = (
    f"[{{id: f, namespace: company.team, {LOG}}}, {{id: f, namespace: company.team, tenant: main, {LOG}}}]"
)


def test_a_limit_is_of_a_namespace_or_a_tenant(one):
    scenario = one(
        "limits:\n"
        "  - {namespace: company, limit: 10, behavior: FAIL}\n"
        "  - {tenant: main, limit: 50}\n"
        "  - {namespace: company.team, limit: 5, behavior: CANCEL}\n",
        FLOWS,
    )

    assert [(each.namespace, each.tenant, each.concurrency) for each in scenario.limits] == [
        ("company", None, Concurrency(10, Behavior.FAIL)),
        (None, "main", Concurrency(50, Behavior.QUEUE)),
        ("company.team", None, Concurrency(5, Behavior.CANCEL)),
    ]
    assert scenario.notices == ()


@pytest.mark.parametrize("scope", ["namespace: comp", "namespace: company.team.sub", "tenant: other"])
def test_a_limit_on_nothing_is_pointed_out(one, scope):
    (warning,) = one(f"limits: [{{{scope}, limit: 1}}]\n", FLOWS).notices

    assert warning.what.startswith("no flow belongs to the ")


def test_a_flow_that_names_no_tenant_is_of_the_tenant_main(one):
    assert one("limits: [{tenant: main, limit: 1}]\n").notices == ()


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("{limit: 3}", Concurrency(3)),
        ("{limit: 1, behavior: FAIL}", Concurrency(1, Behavior.FAIL)),
        ("null", None),
    ],
)
def test_a_limit_is_changed_whole_or_removed(one, written, limit):
    scenario = one(
        f"actions: [{{at: 1s, edit_limit: {{namespace: company}}, concurrency: {written}}}]\n", FLOWS
    )

    assert (scenario.actions[0].verb, scenario.actions[0].target) == (Verb.EDIT_LIMIT, "namespace:company")
    assert limit == scenario.actions[0].concurrency


def test_a_limit_may_be_a_parameter(one):
    assert one("limits: [{tenant: main, limit: '${n}'}]\nparametrize: {n: [3]}\n", FLOWS).limits[
        0
    ].concurrency == (Concurrency(3))


def test_a_flow_of_a_tenant_has_the_tenant_in_its_key(one):
    scenario = one("arrivals: [{flow: main/company.team.f, at: 0s}, {flow: company.team.f, at: 0s}]\n", FLOWS)

    assert [(flow.key, flow.tenant) for flow in scenario.flows] == [
        ("company.team.f", None),
        ("main/company.team.f", "main"),
    ]
    assert [each.flow for each in scenario.arrivals] == ["main/company.team.f", "company.team.f"]


def test_a_subflow_is_one_of_the_same_tenant(one):
    call = "tasks: [{id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: f}]"
    scenario = one("", f"[{{id: p, namespace: n, tenant: main, {call}}}, {{id: q, namespace: n, {call}}}]")

    assert [flow.tasks[0].call.flow for flow in scenario.flows] == ["main/n.f", "n.f"]


def test_executions_and_triggers_of_a_tenant_are_called_after_the_flow(one):
    trigger = "triggers: [{id: tick, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 * * * *'}]"
    flows = f"[{{id: f, namespace: n, {LOG}}}, {{id: f, namespace: n, tenant: main, {LOG}, {trigger}}}]"
    scenario = one(
        "run: {until: 1h}\nactions: [{at: 1s, kill: main/n.f#1}, {at: 2s, disable_trigger: main/n.f.tick}]\n",
        flows,
    )

    assert [action.target for action in scenario.actions] == ["main/n.f#1", "main/n.f.tick"]
