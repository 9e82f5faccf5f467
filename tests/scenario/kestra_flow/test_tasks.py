"""Task trees: what each kind of task becomes, and what is said of what cannot be known."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from flowconc.scenario.behaviour import Behaviours, TaskBehaviour
from flowconc.scenario.distributions import Constant, Exponential
from flowconc.scenario.flow import Call, Failures, Flow, PauseEnd, Retry, RetryBehavior, Task, TaskKind
from flowconc.scenario.kestra_flow.flow_file import build_flow, parse_flow
from flowconc.scenario.problems import BadInput, Position

CORE = "io.kestra.plugin.core"
LOG = f"{{id: %s, type: {CORE}.log.Log, message: x}}"
A, B, C = LOG % "a", LOG % "b", LOG % "c"


def locate(loc: tuple[str | int, ...], *, key: bool = False) -> Position:
    return Position("f.yaml")


def build(tasks: str, /, **given: Any) -> tuple[Flow, list[str]]:
    """Build a flow with these tasks, and say what was remarked."""
    data = {"id": "f", "namespace": "a.b", "tasks": yaml.safe_load(tasks)}
    source = parse_flow(data, locate)
    flow, more = build_flow(source, Behaviours(**given))
    return flow, [notice.what for notice in (*source.notices, *more)]


def only(tasks: str, /, **given: Any) -> Task:
    [task] = build(tasks, **given)[0].tasks
    return task


def tree(task: Task) -> Any:
    """Return the kinds and ids of a task and its children."""
    inside = [tree(child) for child in task.children]
    return (task.kind.value, task.id, inside) if inside else task.id


def refusal(tasks: str, /, **given: Any) -> str:
    with pytest.raises(BadInput) as refused:
        build(tasks, **given)
    return "\n".join(problem.what for problem in refused.value.problems)


# --- kinds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (f"{{type: {CORE}.flow.Sequential, tasks: [{A}, {B}]}}", ("sequence", "t", ["a", "b"])),
        (f"{{type: {CORE}.flow.WorkingDirectory, tasks: [{A}]}}", ("sequence", "t", ["a"])),
        (f"{{type: {CORE}.flow.Parallel, tasks: [{A}, {B}]}}", ("parallel", "t", ["a", "b"])),
        (
            f"{{type: {CORE}.flow.Dag, tasks: [{{task: {A}}}, {{task: {B}, dependsOn: [a]}}]}}",
            ("graph", "t", ["a", "b"]),
        ),
        (
            f"{{type: {CORE}.flow.ForEach, values: [1, 2], tasks: [{A}]}}",
            ("sequence", "t", [("sequence", "t", ["a"])] * 2),
        ),
        (
            f"{{type: {CORE}.flow.Loop, values: {{p: 1, q: 2}}, concurrencyLimit: 0, tasks: [{A}]}}",
            ("parallel", "t", [("sequence", "t", ["a"])] * 2),
        ),
        (
            f"{{type: {CORE}.flow.EachSequential, value: '[1, 2]', tasks: [{A}]}}",
            ("sequence", "t", [("sequence", "t", ["a"])] * 2),
        ),
        (
            f"{{type: {CORE}.flow.EachParallel, value: [1, 2], tasks: [{A}, {B}]}}",
            ("parallel", "t", [("parallel", "t", ["a", "b"])] * 2),
        ),
        (f"{{type: io.kestra.core.tasks.flows.Sequential, tasks: [{A}]}}", ("sequence", "t", ["a"])),
    ],
)
def test_tasks_that_hold_others(task: str, expected: object) -> None:
    assert expected == tree(only(f"[{task.replace('{', '{id: t, ', 1)}]"))


def test_widths() -> None:
    parallel = only(f"[{{id: t, type: {CORE}.flow.Parallel, concurrent: 3, tasks: [{A}]}}]")
    unbounded = only(f"[{{id: t, type: {CORE}.flow.Parallel, tasks: [{A}]}}]")
    loop = only(f"[{{id: t, type: {CORE}.flow.ForEach, values: [1], concurrencyLimit: 5, tasks: [{A}]}}]")

    assert (parallel.width, unbounded.width, loop.width) == (3, None, 5)


def test_a_dag_keeps_its_dependencies() -> None:
    dag = only(f"[{{id: t, type: {CORE}.flow.Dag, tasks: [{{task: {A}}}, {{task: {B}, dependsOn: [a]}}]}}]")

    assert [child.depends_on for child in dag.children] == [(), ("a",)]


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ("[a]", "these tasks wait for each other: a -> a"),
        ("[z]", "a task depends on 'z', which is not in the Dag"),
    ],
)
def test_a_dag_must_be_one(needs: str, said: str) -> None:
    assert said == refusal(f"[{{id: t, type: {CORE}.flow.Dag, tasks: [{{task: {A}, dependsOn: {needs}}}]}}]")


def test_subflows() -> None:
    task = only(f"[{{id: t, type: {CORE}.flow.Subflow, namespace: x.y, flowId: z, wait: false}}]")

    assert (TaskKind.SUBFLOW, Call("x.y.z", wait=False)) == (task.kind, task.call)


def test_a_flow_that_calls_itself_is_refused() -> None:
    said = refusal(f"[{{id: t, type: {CORE}.flow.Subflow, namespace: a.b, flowId: f}}]")

    assert said == "the flow a.b.f would start itself"


def test_batches_start_one_execution_each() -> None:
    each = f"[{{id: t, type: {CORE}.flow.ForEachItem, namespace: x, flowId: z, items: u}}]"

    assert Call("x.z", count=7) == only(each, tasks={"t": TaskBehaviour(items=7)}).call


def test_pauses() -> None:
    timed = only(f"[{{id: t, type: {CORE}.flow.Pause, pauseDuration: PT5M, behavior: CANCEL}}]")
    manual = only(f"[{{id: t, type: {CORE}.flow.Pause}}]")

    assert (timed.pause_us, timed.pause_end) == (300_000_000, PauseEnd.CANCEL)
    assert (manual.pause_us, manual.pause_end) == (None, PauseEnd.RESUME)


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("", TaskKind.FAIL),
        (", condition: '0'", TaskKind.INSTANT),
        (", condition: '{{ x }}'", TaskKind.INSTANT),
    ],
)
def test_fail(condition: str, kind: TaskKind) -> None:
    assert kind is only(f"[{{id: t, type: {CORE}.execution.Fail{condition}}}]").kind


def test_disabled_tasks_are_dropped() -> None:
    flow, _ = build(f"[{A}, {LOG % 'b, disabled: true'}, {LOG % 'c, runIf: false'}]")

    assert [task.id for task in flow.tasks] == ["a"]


def test_a_retry() -> None:
    written = "{type: exponential, interval: PT1S, maxInterval: PT8S, maxAttempts: 4, behavior: CREATE_NEW_EXECUTION}"

    expected = Retry(
        1_000_000, 2.0, 8_000_000, max_attempts=4, behavior=RetryBehavior.CREATE_NEW_EXECUTION
    )  # the engine's factor, unless `delayFactor` says otherwise
    assert expected == only(f"[{LOG % f'a, retry: {written}'}]").retry


def test_ids_are_unique_in_the_whole_flow() -> None:
    places = {("tasks", 0): 3, ("tasks", 1, "tasks", 0): 5}
    data = {
        "id": "f",
        "namespace": "a.b",
        "tasks": yaml.safe_load(f"[{A}, {{id: s, type: {CORE}.flow.Sequential, tasks: [{A}]}}]"),
    }
    with pytest.raises(BadInput) as refused:
        parse_flow(data, lambda loc, *, key=False: Position("f.yaml", places.get(loc, 1)))

    assert [str(problem) for problem in refused.value.problems] == [
        "f.yaml:5:1: the task id 'a' is there twice, first in line 3, expected each id once in a flow"
    ]


# --- durations ----------------------------------------------------------------------------------------------

SHELL = "io.kestra.plugin.scripts.shell.Commands"


@pytest.mark.parametrize(
    ("task", "seconds"),
    [
        (f"{CORE}.flow.Sleep, duration: PT10S", 10),
        (f"{CORE}.flow.Sleep, duration: 60", 60),
        (f"{CORE}.flow.Sleep, duration: PT-1S", 0),
        (f"{SHELL}, commands: [sleep 10]", 10),
        (f"{SHELL}, commands: [' sleep 1.5m 30 ']", 120),
        (f"{SHELL}, commands: sleep 2h", 7_200),
    ],
)
def test_durations_are_read_off_the_flow(task: str, seconds: int) -> None:
    assert Constant(seconds * 1_000_000) == only(f"[{{id: t, type: {task}}}]").duration


@pytest.mark.parametrize(
    "task",
    [
        f"{CORE}.flow.Sleep, duration: '{{{{ x }}}}'",
        f"{CORE}.flow.Sleep, duration: 1s",
        f"{SHELL}, commands: [sleep 10, echo]",
        f"{SHELL}, commands: [sleep ten]",
        "io.kestra.plugin.jdbc.postgresql.Query, sql: x",
        f"{CORE}.http.Request, uri: x",
    ],
)
def test_work_needs_a_duration(task: str) -> None:
    tasks = f"[{{id: t, type: {task}}}]"
    given = TaskBehaviour(duration=Constant(5))

    assert f"nothing says how long the task 't' ({task.partition(',')[0]}) takes" == refusal(tasks)
    assert Constant(5) == only(tasks, default=given).duration
    assert Constant(5) == only(tasks, tasks={"t": given}).duration


def test_a_scenario_can_slow_down_an_instant_task() -> None:
    task = only(f"[{A}]", tasks={"a": TaskBehaviour(duration=Exponential(7), failures=Failures(0.5))})

    assert (TaskKind.WORK, Exponential(7), Failures(0.5)) == (task.kind, task.duration, task.failures)


def test_the_default_does_not_slow_down_instant_tasks() -> None:
    task = only(f"[{A}]", default=TaskBehaviour(duration=Constant(5)))

    assert (task.kind, task.duration) == (TaskKind.INSTANT, None)


# --- choices ------------------------------------------------------------------------------------------------

IF = f"[{{id: t, type: {CORE}.flow.If, condition: %s, then: [{A}], else: [{B}]}}]"
SWITCH = f"[{{id: t, type: {CORE}.flow.Switch, value: %s, cases: {{p: [{A}], q: [{B}]}}, defaults: [{C}]}}]"


def weights(task: Task) -> dict[str, float]:
    return {branch.name: branch.weight for branch in task.branches}


@pytest.mark.parametrize(
    ("tasks", "taken"),
    [
        (IF % "true", "then"),
        (IF % "'false'", "else"),
        (IF % "'-0'", "else"),
        (IF % "'{{ x }}'", "then"),
        (SWITCH % "q", "q"),
        (SWITCH % "z", "defaults"),
        (SWITCH % "'{{ x }}'", "defaults"),
    ],
)
def test_one_branch_is_taken(tasks: str, taken: str) -> None:
    assert {taken: 1.0} == {name: weight for name, weight in weights(only(tasks)).items() if weight}


def test_the_scenario_says_which_branch_is_taken() -> None:
    task = only(IF % "'{{ x }}'", tasks={"t": TaskBehaviour(takes={"then": 0.7, "else": 0.3})})

    assert weights(task) == {"then": 0.7, "else": 0.3}


@pytest.mark.parametrize(("condition", "taken"), [("{{ true }}", "then"), ("{{ 1 > 2 }}", "else")])
def test_a_condition_that_depends_on_nothing_is_evaluated(condition: str, taken: str) -> None:
    flow, said = build(IF % f"'{condition}'")

    assert weights(flow.tasks[0])[taken] == 1.0
    assert said == []


def test_a_task_that_never_runs_is_left_out() -> None:
    kept, left_out = (
        f"[{LOG % 'a'}, {LOG % f'b, runIf: {text!r}'}]" for text in ("{{ true }}", "{{ false }}")
    )

    assert [task.id for task in build(kept)[0].tasks] == ["a", "b"]
    assert [task.id for task in build(left_out)[0].tasks] == ["a"]


def test_a_fail_task_may_fail_its_first_attempts_only() -> None:
    task = only(f"[{{id: t, type: {CORE}.execution.Fail, condition: '{{{{ taskrun.attemptsCount < 2 }}}}'}}]")

    assert (task.kind, task.failures) == (TaskKind.INSTANT, Failures(attempts=2))


def test_a_loop_may_be_executions_of_its_own_and_a_for_each_is_not() -> None:
    loop, for_each = (
        only(f"[{{id: t, type: {CORE}.flow.{kind}, values: [1, 2], tasks: [{A}]}}]")
        for kind in ("Loop", "ForEach")
    )

    assert (loop.is_loop, for_each.is_loop) == (True, False)
    assert tree(loop) == tree(for_each)


def test_a_flow_may_call_itself_by_a_template() -> None:
    task = only(
        f"[{{id: t, type: {CORE}.flow.Subflow, namespace: '{{{{flow.namespace}}}}', flowId: '{{{{ flow.id }}}}'}}]"
    )

    assert (task.kind, task.call) == (TaskKind.SUBFLOW, Call("a.b.f"))


# --- what is said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        (
            IF % "'{{ x }}'",
            "the condition is not evaluated: `then` is taken, unless the scenario says which (`takes`)",
        ),
        (
            SWITCH % "'{{ x }}'",
            "the value is not evaluated: 'defaults' is taken, unless the scenario says which (`takes`)",
        ),
        (
            f"[{{id: t, type: {CORE}.flow.Loop, values: '{{{{ x }}}}', tasks: [{A}]}}]",
            "the values are not evaluated: the loop runs once, unless the scenario says `items: N`",
        ),
        (
            f"[{{id: t, type: {CORE}.execution.Fail, condition: '{{{{ x }}}}'}}]",
            "the condition is not evaluated: the task does not fail, unless the scenario says so (`fails`)",
        ),
        (
            "[" + LOG % "a, runIf: '{{ x }}'" + "]",
            "`runIf` is a template, which is not evaluated: the task always runs",
        ),
        (
            f"[{LOG % 'a, timeout: 5s'}]",
            (
                "`timeout` is the text '5s', no duration: Kestra accepts the flow, then cannot run it; "
                "the task has no time limit"
            ),
        ),
    ],
)
def test_what_is_not_evaluated_is_said(tasks: str, said: str) -> None:
    assert [said] == build(tasks)[1]


@pytest.mark.parametrize(
    ("behaviours", "said"),
    [
        ({"s": TaskBehaviour()}, "the flow a.b.f has no task 's'"),
        ({"t": TaskBehaviour(duration=Constant(1))}, "the task 't' takes no duration: If only steers"),
        ({"t": TaskBehaviour(takes={"than": 1.0})}, "the task 't' has no branch 'than'"),
        ({"t": TaskBehaviour(items=3)}, "the task 't' has no `items`: If is no loop"),
        ({"a": TaskBehaviour(takes={"x": 1.0})}, "the task 'a' takes no branch: Log has none"),
    ],
)
def test_behaviour_must_fit(behaviours: dict[str, TaskBehaviour], said: str) -> None:
    assert said == refusal(IF % "x", tasks=behaviours)


def test_loops_are_bounded() -> None:
    loop = f"[{{id: t, type: {CORE}.flow.Loop, values: x, tasks: [{A}]}}]"

    assert len(only(loop, tasks={"t": TaskBehaviour(items=5_000)}).children) == 5_000
    assert (
        refusal(loop, tasks={"t": TaskBehaviour(items=5_001)})
        == "the loop 't' has 10,002 tasks in all its passes"
    )
