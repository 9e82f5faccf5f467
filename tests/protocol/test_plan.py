"""A task tree as numbered nodes."""

from __future__ import annotations

from flowconc.protocol.plan import NONE, compile_plan
from flowconc.scenario.flow import TaskKind
from tests.flows import call, choice, flow, graph, parallel, retry, sequence, task, work


def ids(plan, numbers):
    return [plan.nodes[number].task.id for number in numbers]


def test_parents_come_before_children_in_the_order_of_the_file():
    plan = compile_plan(flow("f", sequence("s", work("a"), work("b")), work("c")))

    assert [node.task.id if node.task else None for node in plan.nodes] == [None, "s", "a", "b", "c"]
    assert [node.parent for node in plan.nodes] == [NONE, 0, 1, 1, 0]
    assert plan.after == NONE


def test_errors_finally_and_after_execution_are_groups_of_their_own():
    plan = compile_plan(
        flow("f", work("w"), errors=(work("e"),), finally_=(work("z"),), after_execution=(work("x"),))
    )

    root = plan.nodes[0]
    assert ids(plan, plan.nodes[root.errors].children) == ["e"]
    assert ids(plan, plan.nodes[root.finally_].children) == ["z"]
    assert ids(plan, plan.nodes[plan.after].children) == ["x"]
    assert plan.nodes[plan.after].parent == NONE


def test_groups_have_errors_and_finally_too():
    for group in (sequence, parallel, graph):
        plan = compile_plan(flow("f", group("g", work("w"), errors=(work("e"),), finally_=(work("z"),))))

        assert ids(plan, plan.nodes[plan.nodes[1].errors].children) == ["e"]
        assert ids(plan, plan.nodes[plan.nodes[1].finally_].children) == ["z"]


def test_each_branch_of_a_choice_is_a_sequence():
    plan = compile_plan(flow("f", choice("c", (0.5, (work("a"), work("b"))), (0.5, ()))))

    first, second = (plan.nodes[number] for number in plan.nodes[1].children)
    assert (first.kind, ids(plan, first.children)) == (TaskKind.SEQUENCE, ["a", "b"])
    assert second.children == ()


def test_dependencies_are_numbers_of_siblings():
    plan = compile_plan(flow("f", graph("g", work("b", depends_on=("a",)), work("a"))))

    assert plan.nodes[2].depends_on == (3,)


def test_a_fan_out_is_a_parallel_group_of_calls():
    plan = compile_plan(flow("f", call("s", "c", count=3)))

    assert plan.nodes[1].kind is TaskKind.PARALLEL
    assert ids(plan, plan.nodes[1].children) == ["s", "s", "s"]


def test_passes_with_the_same_id_are_told_apart():
    plan = compile_plan(flow("f", sequence("loop", work("w"), work("w"), work("w"))))

    assert [node.occurrence for node in plan.nodes[2:]] == [0, 1, 2]


def test_a_choice_has_errors_and_finally_too():
    plan = compile_plan(
        flow("f", choice("c", (1.0, (work("w"),)), errors=(work("e"),), finally_=(work("z"),)))
    )

    errors, finally_ = plan.nodes[plan.nodes[1].errors], plan.nodes[plan.nodes[1].finally_]
    assert (errors.kind, errors.parent, ids(plan, errors.children)) == (TaskKind.SEQUENCE, 1, ["e"])
    assert (finally_.kind, finally_.parent, ids(plan, finally_.children)) == (TaskKind.SEQUENCE, 1, ["z"])


def test_a_pass_of_a_loop_is_a_flow_with_the_limit_and_nothing_else():
    """SEMANTICS 3.19. Loops within it are executions again."""
    inner = task("inner", TaskKind.SEQUENCE, is_loop=True, children=(work("w"),))
    looping = task("outer", TaskKind.SEQUENCE, is_loop=True, children=(sequence("pass", inner),))
    around = {"errors": (work("e"),), "finally_": (work("z"),), "after_execution": (work("x"),)}

    whole = compile_plan(flow("f", looping, limit=3, retry=retry("1s"), **around), loops_apart=True)
    ((node, once),) = whole.passes

    assert (whole.nodes[1].children, whole.nodes[node].kind) == ((node,), TaskKind.SUBFLOW)
    assert once.concurrency == whole.concurrency
    assert (once.nodes[0].errors, once.nodes[0].finally_, once.after, once.retry) == (NONE, NONE, NONE, None)
    assert len(once.passes) == 1
    assert compile_plan(flow("f", looping)).passes == ()
