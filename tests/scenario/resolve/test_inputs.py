"""Inputs of arrivals: which tasks fail and which branches are taken because of them."""

from __future__ import annotations

import pytest

CORE = "io.kestra.plugin.core"
LOG = f"{{id: %s, type: {CORE}.log.Log, message: hi}}"


@pytest.fixture
def arrivals(one):
    """Load the arrivals of a flow with these tasks, and with the inputs that it declares."""

    def arrivals(task, text, inputs="[]", more=""):
        flow = f"[{{id: f, namespace: n, inputs: {inputs}, tasks: [{task}]}}]"
        return one(f"arrivals: [{{flow: f, at: 0s{text}}}]\n{more}", flow).arrivals[0]

    return arrivals


BOOM = f"{{id: boom, type: {CORE}.execution.Fail, condition: '{{{{ inputs.fail }}}}'}}"
IF = (
    f"{{id: if, type: {CORE}.flow.If, condition: '{{{{ inputs.day == 1 }}}}', "
    f"then: [{LOG % 'yes1'}], else: [{LOG % 'no1'}]}}"
)
SWITCH = (
    f"{{id: switch, type: {CORE}.flow.Switch, value: '{{{{ inputs.kind }}}}', "
    f"cases: {{big: [{LOG % 'b'}]}}, defaults: [{LOG % 'd'}]}}"
)


@pytest.mark.parametrize(
    ("value", "fails"), [("true", {"boom"}), ("false", set()), ("'false'", set()), ("1", {"boom"})]
)
def test_a_fail_task_fails_where_the_input_says_so(arrivals, value, fails):
    assert fails == arrivals(BOOM, f", inputs: {{fail: {value}}}").fails


def test_what_the_arrival_says_of_tasks_stays(arrivals):
    tasks = f"{BOOM}, {LOG % 'other'}"

    assert arrivals(tasks, ", inputs: {fail: true}, fails: [other]").fails == {"boom", "other"}


@pytest.mark.parametrize(("day", "branch"), [("1", "then"), ("2", "else"), ("x", "else")])
def test_an_if_takes_the_branch_that_the_input_says(arrivals, day, branch):
    assert arrivals(IF, f", inputs: {{day: {day}}}").takes == (("if", branch),)


@pytest.mark.parametrize(("kind", "branch"), [("big", "big"), ("small", "defaults")])
def test_a_switch_takes_the_case_of_its_value(arrivals, kind, branch):
    assert arrivals(SWITCH, f", inputs: {{kind: {kind}}}").takes == (("switch", branch),)


def test_an_input_that_is_not_given_decides_nothing(arrivals):
    found = arrivals(f"{BOOM}, {IF}", "")

    assert (found.fails, found.takes) == (frozenset(), ())


@pytest.mark.parametrize("default", ["true", "'true'"])
def test_an_input_has_its_default_unless_another_value_is_given(arrivals, default):
    inputs = f"[{{id: fail, type: BOOL, defaults: {default}}}]"

    assert arrivals(BOOM, "", inputs).fails == {"boom"}
    assert arrivals(BOOM, ", inputs: {fail: false}", inputs).fails == set()


def test_what_the_scenario_says_of_a_task_counts_more(arrivals):
    said = "tasks: {f: {boom: {fails: [2]}, if: {takes: else}}}\n"
    found = arrivals(f"{BOOM}, {IF}", ", inputs: {fail: true, day: 1}", more=said)

    assert (found.fails, found.takes) == (frozenset(), ())


def test_where_inputs_decide_a_notice_says_so(one):
    (notice,) = one("", f"[{{id: f, namespace: n, tasks: [{BOOM}]}}]").notices

    assert notice.what == (
        "the condition is evaluated for arrivals and subflows that are given the inputs; for others: the task does not fail, "
        "unless the scenario says so (`fails`)"
    )


def test_inputs_are_kept(arrivals):
    assert arrivals(BOOM, ", inputs: {a: 1, b: [x]}").inputs == (("a", 1), ("b", ["x"]))


# --- what a subflow is given


@pytest.fixture
def called(one):
    """Load a flow with a subflow task that gives these inputs, and return the call."""

    def called(inputs, more=""):
        subflow = f"{{id: call, type: {CORE}.flow.Subflow, namespace: n, flowId: f, inputs: {inputs}}}"
        caller = f"{{id: p, namespace: n, tasks: [{subflow}]}}"
        flows = one(more, f"[{caller}, {{id: f, namespace: n, tasks: [{BOOM}, {IF}]}}]").flows
        (task,) = next(flow for flow in flows if flow.id == "p").tasks
        return task.call

    return called


def test_the_inputs_that_a_subflow_is_given_decide_in_it(called):
    found = called("{fail: true, day: 2}")

    assert (found.fails, found.takes) == ({"boom"}, (("if", "else"),))


@pytest.mark.parametrize(
    "inputs", ["{fail: true, day: '{{ taskrun.value }}'}", "{fail: true, other: ['{{ x }}']}"]
)
def test_a_template_among_them_leaves_all_open(called, inputs):
    found = called(inputs)

    assert (found.fails, found.takes) == (frozenset(), ())


def test_what_the_scenario_says_of_a_task_of_the_subflow_stays(called):
    found = called("{fail: true, day: 1}", "tasks: {f: {if: {takes: else}, boom: {fails: 50%}}}")

    assert (found.fails, found.takes) == (frozenset(), ())
