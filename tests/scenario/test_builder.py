"""Scenarios in Python code: the same reader, the same errors, and nothing shared by accident."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowconc.scenario.builder import flow, scenario
from flowconc.scenario.distributions import Constant
from flowconc.scenario.load import load
from flowconc.scenario.model import AtTimes, Backend
from flowconc.scenario.problems import BadInput

SECOND_US = 1_000_000

queueing = (
    scenario("the second execution waits")
    .flow(flow("inline", limit=1, behavior="QUEUE", duration="10s"))
    .arrive("inline", at=["0s", "0s"], names=["a", "b"])
    .act(at="3s", kill="a")
    .expect(execution="b", started_at="3s")
)


def test_a_scenario_is_built_from_python():
    built = queueing.build()

    assert built.name == "the second execution waits"
    assert built.flows[0].key == "company.team.inline"
    assert built.flows[0].concurrency.limit == 1
    assert built.flows[0].tasks[0].duration == Constant(10 * SECOND_US)
    assert built.arrivals[0].pattern == AtTimes((0, 0))
    assert (built.actions[0].target, built.expectations[0].name) == ("a", "b")


def test_a_builder_is_not_changed_by_what_is_added_to_it():
    more = queueing.arrive("inline", at="5s").run(until="1m").mark("slow")

    assert (len(more.build().arrivals), len(queueing.build().arrivals)) == (2, 1)
    assert (more.build().marks, queueing.build().marks) == (("slow",), ())


def test_its_document_is_a_copy():
    queueing.document["flows"].clear()

    assert queueing.build().flows


def test_written_to_a_file_it_is_the_same_scenario(tmp_path):
    path = tmp_path / "x.flowconc.yaml"
    path.write_text(yaml.safe_dump(queueing.document, sort_keys=False), encoding="utf-8")
    (loaded,), built = load(path), queueing.build()

    assert [flow.concurrency for flow in built.flows] == [flow.concurrency for flow in loaded.flows]
    assert [each.pattern for each in built.arrivals] == [each.pattern for each in loaded.arrivals]
    assert [each.target for each in built.actions] == [each.target for each in loaded.actions]


def test_every_section_can_be_said():
    built = (
        scenario("everything")
        .describe("text")
        .flow(flow("a", duration="${duration}", fails="2%"), flow("b", limit=2), "flows/*.yaml")
        .tasks("concurrency_example", wait={"duration": "1s"})
        .default_task(duration="1s")
        .arrive("a", ramp={"from": "1/s", "to": "2/s"})
        .run(until="1h")
        .run(seed=7)
        .backend("auto")
        .platform(worker_threads=8)
        .clock("2026-03-29T00:00:00Z")
        .invariants(except_=["fifo"])
        .threshold("queue_wait", "p95 < 30s")
        .threshold("queue_wait", {"expr": "max < 1m", "severity": "warn"})
        .parametrize(duration=["1s", "2s"])
        .mark("slow")
        .build_all(folder="tests/scenario/data")
    )

    assert [each.id for each in built] == ["everything[duration=1s]", "everything[duration=2s]"]
    assert (built[0].run.until_us, built[0].run.seed) == (3600 * SECOND_US, 7)
    assert built[0].backend is Backend.AUTO
    assert (len(built[0].flows), len(built[0].thresholds)) == (3, 2)
    assert built[0].invariants.excepted == {"fifo"}


def test_what_operators_and_accidents_do_can_be_said():
    built = (
        scenario("a bad day")
        .semantics("kestra-2.0")
        .flow(flow("a", limit=1, duration="10s", tenant="main"))
        .limit(3, namespace="company")
        .limit(5, tenant="main", behavior="FAIL")
        .arrive("a", at="0s", names=["x"], schedule_in="5s")
        .act(at="3s", replay="x", from_="work", as_="again")
        .act(at="4s", kill="again")
        .act(crash="executor", after="release", for_="1s")
        .fault(error="gate", nth=2)
        .heal("1m")
        .build()
    )

    assert (built.semantics, built.flows[0].key) == ("kestra-2.0.2", "main/company.team.a")
    assert [(each.scope, each.concurrency.limit) for each in built.limits] == [
        ("namespace:company", 3),
        ("tenant:main", 5),
    ]
    assert [(each.from_task, each.as_name) for each in built.actions] == [("work", "again"), (None, None)]
    assert [(each.kind.value, each.step, each.nth) for each in built.faults] == [
        ("crash", "release", 1),
        ("error", "gate", 2),
    ]
    assert (built.heal_at_us, built.arrivals[0].schedule_in_us) == (60 * SECOND_US, 5 * SECOND_US)


def test_whether_an_assertion_holds_can_be_said():
    asserting = flow(
        "a", sla=[{"id": "s", "type": "EXECUTION_ASSERTION", "assert": "{{ x }}", "behavior": "FAIL"}]
    )

    assert not scenario("s").flow(asserting).sla("a", s=False).build().flows[0].sla[0].holds


def test_problems_say_where_in_the_document():
    with pytest.raises(BadInput) as caught:
        queueing.arrive("inlin", at=["0s", 5]).build()

    assert "<builder>.arrivals[1].at[1]:1:1: entry 2 of `at`: 5 has no unit" in str(caught.value)


@given(
    limit=st.integers(1, 9),
    behavior=st.sampled_from(["QUEUE", "CANCEL", "FAIL"]),
    times_s=st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
)
def test_what_is_built_is_what_was_said(limit, behavior, times_s):
    built = (
        scenario("s")
        .flow(flow("f", limit=limit, behavior=behavior))
        .arrive("f", at=[f"{each}s" for each in times_s])
    ).build()

    assert (built.flows[0].concurrency.limit, built.flows[0].concurrency.behavior.value) == (limit, behavior)
    assert built.arrivals[0].pattern == AtTimes(tuple(each * SECOND_US for each in times_s))
