"""Which tasks start when one has ended, and how a group ends."""

from __future__ import annotations

import pytest

from flowconc.protocol.plan import compile_plan
from flowconc.protocol.progress import Run, again, begin, choose, end, kill, mark, rewind, waiting
from tests.flows import choice, flow, graph, parallel, pause, sequence, work

S, W, F = Run.SUCCESS, Run.WARNING, Run.FAILED


def walk(tasks, outcomes=None, **keys):
    """Start a flow and end what is READY, first come first, with `outcomes` by id; return the ids and the end."""
    plan = compile_plan(flow("f", *tasks, **keys))
    step = begin(plan)
    waiting_line, started = list(step.ready), []
    progress = step.progress
    while waiting_line:
        node = waiting_line.pop(0)
        task = plan.nodes[node].task
        started.append(task.id)
        step = end(plan, progress, node, (outcomes or {}).get(task.id, S))
        progress = step.progress
        waiting_line += step.ready
    return "".join(started), Run(progress[0])


a, b, c, d = (work(name) for name in "abcd")


@pytest.mark.parametrize(
    ("tasks", "outcomes", "expected"),
    [
        ((a, b), {}, ("ab", S)),
        ((a, b), {"a": F}, ("a", F)),
        ((a, b), {"a": W}, ("ab", W)),
        ((parallel("p", a, b), c), {}, ("abc", S)),
        ((parallel("p", a, b), c), {"a": F}, ("ab", F)),
        ((parallel("p", a, b, width=1), c), {"a": F}, ("a", F)),
        ((parallel("p", sequence("s", a, b), c),), {}, ("acb", S)),
        ((graph("g", work("a", depends_on=("b",)), b),), {}, ("ba", S)),
        ((graph("g", work("a", depends_on=("b",)), b),), {"b": F}, ("b", F)),
        ((), {}, ("w", S)),
        ((sequence("s"),), {}, ("", S)),
        ((sequence("s", errors=(a,)), b), {}, ("b", S)),
        ((sequence("s", a, errors=(b,)), c), {"a": F}, ("ab", F)),
        ((sequence("s", a, finally_=(b,)), c), {}, ("abc", S)),
        ((sequence("s", a, errors=(b,), finally_=(c,)), d), {"a": F, "b": F}, ("abc", F)),
        ((sequence("s", a, finally_=(b,)), c), {"b": W}, ("abc", W)),
        ((sequence("s", a, b, allow_failure=True), c), {"a": F}, ("ac", W)),
    ],
)
def test_what_runs_and_how_it_ends(tasks, outcomes, expected):
    assert walk(tasks, outcomes) == expected


def test_ready_nodes_come_in_the_order_of_the_file():
    plan = compile_plan(flow("f", parallel("p", sequence("s", a), b, sequence("t", c))))

    assert [plan.nodes[node].task.id for node in begin(plan).ready] == ["a", "b", "c"]


def test_a_choice_waits_to_be_decided():
    plan = compile_plan(flow("f", choice("c", (0.5, (a,)), (0.5, ())), b))
    step = begin(plan)
    (node,) = step.ready

    taken = choose(plan, mark(step.progress, step.ready, Run.RUNNING), node, 0)
    empty = choose(plan, mark(step.progress, step.ready, Run.RUNNING), node, 1)
    assert [plan.nodes[ready].task.id for ready in taken.ready] == ["a"]
    assert [plan.nodes[ready].task.id for ready in empty.ready] == ["b"]


def test_a_restart_repeats_what_failed_and_leaves_what_succeeded():
    plan = compile_plan(flow("f", a, parallel("p", b, c), d))
    progress = begin(plan).progress
    for node, outcome in ((1, S), (3, F), (4, S)):
        progress = end(plan, progress, node, outcome).progress

    step = again(plan, progress)
    assert Run(progress[0]) is F
    assert step.ready == (3,)
    assert end(plan, step.progress, 3, S).ready == (5,)


def test_a_kill_ends_what_has_begun():
    plan = compile_plan(flow("f", a, pause("p")))
    progress = kill(end(plan, begin(plan).progress, 1, S).progress)

    assert [Run(state) for state in progress] == [Run.KILLED, Run.SUCCESS, Run.KILLED]
    assert waiting(progress, Run.KILLED) == (0, 2)


def test_a_replay_from_a_task_keeps_what_came_before_and_forgets_what_follows():
    plan = compile_plan(
        flow("f", a, sequence("s", b, c), d, errors=(work("e"),), after_execution=(work("x"),))
    )
    done = mark(bytes(len(plan.nodes)), tuple(range(len(plan.nodes))), S)

    step = rewind(plan, done, 3)

    states = {plan.nodes[node].task.id: Run(step.progress[node]).name for node in (1, 2, 3, 4, 5)}
    assert states == {"a": "SUCCESS", "s": "RUNNING", "b": "READY", "c": "PENDING", "d": "PENDING"}
    assert step.ready == (3,)
    assert Run(step.progress[0]) is Run.RUNNING
    assert not any(step.progress[plan.nodes[0].errors :])
