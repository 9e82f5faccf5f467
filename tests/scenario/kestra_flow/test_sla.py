"""Service levels: what they demand, and what is said of assertions that cannot be evaluated."""

from __future__ import annotations

import pytest
import yaml

from flowconc.scenario.behaviour import Behaviours
from flowconc.scenario.flow import Sla, SlaBehavior, SlaKind
from flowconc.scenario.kestra_flow.flow_file import build_flow, parse_flow
from flowconc.scenario.problems import Position

SECOND_US = 1_000_000
ASSERTION = "{id: s, type: EXECUTION_ASSERTION, assert: '%s', behavior: CANCEL}"


def read(sla, **said):
    """Build a flow with this service level; return it, and what was remarked."""
    data = {
        "id": "f",
        "namespace": "a.b",
        "tasks": [{"id": "a", "type": "io.kestra.plugin.core.log.Log", "message": "x"}],
        "sla": [yaml.safe_load(sla)],
    }
    source = parse_flow(data, lambda loc, *, key=False: Position("f.yaml"))
    flow, _ = build_flow(source, Behaviours(assertions=said))
    (found,) = flow.sla
    return found, [notice.what for notice in source.notices]


@pytest.mark.parametrize("behavior", SlaBehavior)
def test_a_maximum_duration(behavior):
    found, said = read(f"{{id: s, type: MAX_DURATION, duration: PT30S, behavior: {behavior.value}}}")

    assert found == Sla("s", SlaKind.MAX_DURATION, behavior, duration_us=30 * SECOND_US)
    assert said == []


@pytest.mark.parametrize(("text", "holds"), [("{{ true }}", True), ("{{ false }}", False), ("false", False)])
def test_a_literal_assertion_is_evaluated(text, holds):
    found, said = read(ASSERTION % text)

    assert found == Sla("s", SlaKind.EXECUTION_ASSERTION, SlaBehavior.CANCEL, holds=holds)
    assert said == []


def test_any_other_assertion_holds_and_that_is_said():
    found, said = read(ASSERTION % "{{ outputs.a.value }}")

    assert found.holds
    assert said == ["the assertion is not evaluated: it holds, unless the scenario says otherwise (`sla`)"]


@pytest.mark.parametrize("holds", [True, False])
def test_the_scenario_says_whether_an_assertion_holds(holds):
    assert read(ASSERTION % "{{ outputs.a.value }}", s=holds)[0].holds is holds
