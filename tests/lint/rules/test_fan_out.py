"""Executions that start more of a limited flow at once than its limit."""

from __future__ import annotations

from math import inf

import pytest

from flowconc.lint.flooding import floods
from flowconc.lint.repository import Repository
from tests.lint.files import LOG, call, findings, flow, group, namespace_limit, read, rules, sleep, task

CHILD = flow("child", limit=2)
ONE, TWO, THREE = (call("child", task_id=name) for name in ("one", "two", "three"))
NO_WAIT = call("child", more="wait: false")
BATCHES = task("flow.ForEachItem", more="namespace: n, flowId: child, items: x, batch: {rows: 10}")


def started(*tasks: str) -> list[tuple[str, float]]:
    """Return the floods of a parent with these tasks: by which task, and how many executions at once."""
    parent, child = read(flow("parent", *tasks)), read(CHILD, "2.yaml")
    return [(flood.task.id, flood.count) for flood in floods(Repository([parent, child]), parent)]


class TestFanOutQueued:
    def test_more_branches_than_the_limit(self) -> None:
        (found,) = findings(flow("parent", group("Parallel", ONE, TWO, THREE)), CHILD)

        assert (found.rule, str(found.position)) == ("fan-out-queued", "1.yaml:5:5")
        assert found.what.startswith(
            "'group' starts 3 executions of n.child at once, whose limit lets 2 in: 1 of them wait"
        )

    def test_for_each_item_starts_all_batches_at_once(self) -> None:
        (found,) = findings(flow("parent", BATCHES), CHILD)

        assert found.rule == "fan-out-queued"
        assert "starts an execution of n.child for each item at once" in found.what

    def test_the_limit_of_a_namespace_counts(self) -> None:
        parent, child = flow("parent", group("Parallel", ONE, TWO), namespace="m"), flow("child")

        assert rules(parent, child, limits=[namespace_limit(1)]) == ["fan-out-queued 1:5"]


class TestFanOutRejected:
    def test_what_is_beyond_the_limit_is_lost(self) -> None:
        (found,) = findings(flow("parent", BATCHES), flow("child", limit=2, behavior="CANCEL"))

        assert found.rule == "fan-out-rejected"
        assert "are CANCELLED: their part of the work is not done" in found.what

    def test_it_says_it_all_for_the_calls_inside(self) -> None:
        """`rejected-child` speaks only of calls that no fan-out makes hopeless."""
        parent = flow("parent", group("Parallel", ONE, TWO, THREE))

        assert rules(parent, flow("child", limit=2, behavior="FAIL")) == ["fan-out-rejected 1:5"]


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([group("Parallel", ONE, TWO)], []),
        ([group("Parallel", ONE, TWO, THREE)], [("group", 3)]),
        ([group("Parallel", ONE, TWO, THREE, more="concurrent: 2")], []),
        ([ONE, TWO, THREE], []),
        ([group("Parallel", ONE, TWO, call("child", task_id="three", more="disabled: true"))], []),
        ([group("Parallel", ONE, TWO, call("other", task_id="three"))], []),
        ([group("ForEach", ONE, more="values: [1, 2, 3], concurrencyLimit: 0")], [("group", 3)]),
        ([group("ForEach", ONE, more="values: [1, 2, 3], concurrencyLimit: 2")], []),
        ([group("ForEach", ONE, more="values: [1, 2, 3]")], []),
        ([group("ForEach", ONE, more='values: "{{ inputs.x }}", concurrencyLimit: 0')], [("group", inf)]),
        ([group("ForEach", ONE, more='values: "{{ inputs.x }}", concurrencyLimit: 3')], [("group", 3)]),
        ([group("EachParallel", ONE, more="value: [1, 2, 3]")], [("group", 3)]),
        ([group("Loop", ONE, more="values: [1, 2, 3], concurrencyLimit: 3")], [("group", 3)]),
        ([BATCHES], [("task", inf)]),
        ([group("Sequential", group("Parallel", ONE, TWO, THREE, task_id="inner"))], [("inner", 3)]),
        ([group("Parallel", group("Parallel", ONE, TWO, task_id="inner"), THREE)], [("group", 3)]),
        ([group("Parallel", group("Sequential", ONE, TWO, task_id="inner"), THREE)], []),
    ],
)
def test_how_many_run_at_once(tasks: list[str], expected: list[tuple[str, float]]) -> None:
    assert expected == started(*tasks)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([NO_WAIT], [("group", 5)]),
        ([LOG, NO_WAIT], [("group", 5)]),
        ([NO_WAIT, sleep()], []),
    ],
    ids=["nothing else", "nothing that takes time", "something that takes time"],
)
def test_a_loop_that_waits_for_none_starts_all_at_once(
    body: list[str], expected: list[tuple[str, int]]
) -> None:
    """The passes follow each other, but each is over as soon as it has begun."""
    assert expected == started(group("ForEach", *body, more="values: [1, 2, 3, 4, 5]"))


def test_tasks_of_a_dag_that_wait_for_the_same_tasks_run_side_by_side() -> None:
    nodes = [f"{{task: {one}}}" for one in (ONE, TWO, THREE)]
    after = [*nodes[:1], *(node[:-1] + ", dependsOn: [one]}" for node in nodes[1:])]

    assert started(group("Dag", *nodes)) == [("group", 3)]
    assert started(group("Dag", *after)) == []


def test_branches_exclude_each_other() -> None:
    cases = f"cases: {{a: [{group('Parallel', ONE, TWO, task_id='first')}], b: [{THREE}]}}"

    assert started(task("flow.Switch", more=f'value: "{{{{ inputs.x }}}}", {cases}')) == []
