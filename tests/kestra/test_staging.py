"""From a script to a scenario: flows as the engine has them, operations as actions, times moved as known."""

from __future__ import annotations

import pytest

from flowconc.kestra.crash import Crash
from flowconc.kestra.facts import HANDLING_US, Facts
from flowconc.kestra.lengths import Lengths
from flowconc.kestra.release import Release
from flowconc.kestra.script_reading import read_script
from flowconc.kestra.staging import nominal_durations, stage
from flowconc.scenario.distributions import Listed
from flowconc.scenario.flow import Failures
from flowconc.scenario.model import AtTimes, Component, Selection, Verb
from flowconc.scenario.problems import BadInput
from tests.kestra.scripts import FLOW, write_script

FAILING = """\
  - |
    id: f
    namespace: t
    inputs:
      - id: fail
        type: BOOL
    tasks:
      - id: boom
        type: io.kestra.plugin.core.execution.Fail
        condition: "{{ CONDITION }}"
"""


def script_of(folder, ops, flows=FLOW):
    path = write_script(folder, f"horizon: 9\nflows:\n{flows}ops:\n{ops}\n")
    script = read_script(path, Release((2, 0, 0)))
    assert script is not None
    return script


def staged(folder, ops, flows=FLOW, **more):
    return stage(script_of(folder, ops, flows), "documented", **more)


def actions(folder, *ops, **more):
    trigger = "  - {at: 0, op: trigger, flow: t.f, as: e1}\n"
    return staged(
        folder, trigger + "".join(f"  - {{at: 1, op: {op}}}\n" for op in ops), **more
    ).scenario.actions


def test_arrivals_come_when_the_script_says(tmp_path):
    scenario = staged(tmp_path, "  - {at: 0.5, op: trigger, flow: t.f, as: e, count: 2, every: 1}").scenario

    assert [each.pattern for each in scenario.arrivals] == [AtTimes((500_000,)), AtTimes((1_500_000,))]
    assert [each.names for each in scenario.arrivals] == [("e1",), ("e2",)]
    assert scenario.semantics == "documented"


def test_or_when_a_recording_shows_that_they_took_effect(tmp_path):
    facts = Facts(handled_us={("trigger", "e1", 1): 30_000, ("kill", "e1", 1): 1_200_000}, gate_us=5_000)
    ops = "  - {at: 0, op: trigger, flow: t.f, as: e1}\n  - {at: 1, op: kill, exec: e1}\n  - {at: 2, op: kill, exec: e1}"

    scenario = staged(tmp_path, ops, facts=facts).scenario

    assert scenario.arrivals[0].pattern == AtTimes((25_000,))  # so that the gate looks at it at 30 ms
    assert scenario.platform.latency.arrival_us == 5_000
    assert [each.at_us for each in scenario.actions] == [1_200_000, 2_000_000 + HANDLING_US]


@pytest.mark.parametrize(
    ("op", "verb"),
    [
        ("kill, exec: e1", Verb.KILL),
        ("pause, exec: e1", Verb.PAUSE),
        ("resume, exec: e1", Verb.RESUME),
        ("restart, exec: e1", Verb.RESTART),
        ("force-run, exec: e1", Verb.FORCE_RUN),
        ("delete, exec: e1", Verb.DELETE),
    ],
)
def test_operations_on_an_execution(tmp_path, op, verb):
    (action,) = actions(tmp_path, op)

    assert (action.verb, action.target, action.at_us) == (verb, "e1", 1_000_000)


def test_operations_that_say_more(tmp_path):
    unqueue, status, replay, purge, counter = actions(
        tmp_path,
        "unqueue, exec: e1",
        "change-status, exec: e1, state: FAILED",
        "replay, exec: e1, task: nap, as: r1",
        "purge, flow: t.f, states: [RUNNING], noEnd: true",
        "set-counter, flow: t.f, running: 2",
    )

    assert (unqueue.verb, unqueue.to) == (Verb.UNQUEUE, "RUNNING")
    assert (status.verb, status.to) == (Verb.CHANGE_STATUS, "FAILED")
    assert (replay.verb, replay.from_task, replay.as_name) == (Verb.REPLAY, "nap", "r1")
    assert (purge.target, purge.unended) == (Selection("t.f", frozenset({"RUNNING"})), True)
    assert (counter.verb, counter.target, counter.running) == (Verb.SET_COUNTER, "t.f", 2)


def test_an_execution_without_a_label_is_named_as_simulations_do(tmp_path):
    (action,) = actions(tmp_path, "kill, exec: f~2")

    assert action.target == "f#2"


def test_a_kill_of_all_is_one_of_each_that_a_recording_shows(tmp_path):
    facts = Facts(killed_us=((("e1", 1_050_000), ("f~1", 1_080_000)),))

    assert [(each.target, each.at_us) for each in actions(tmp_path, "kill-all", facts=facts)] == [
        ("e1", 1_050_000),
        ("f#1", 1_080_000),
    ]


def test_without_a_recording_it_is_one_of_every_flow(tmp_path):
    (action,) = actions(tmp_path, "kill-all")

    assert action.target == Selection("t.f")


def test_a_flow_that_is_saved_is_edited_and_created_once_it_is_gone(tmp_path):
    text = "{id: f, namespace: t, concurrency: {limit: 3}, tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: m}]}"
    edit, delete, create = actions(
        tmp_path, f"save-flow, source: {text}", "delete-flow, flow: t.f", f"save-flow, source: {text}"
    )

    assert [edit.verb, delete.verb, create.verb] == [Verb.EDIT, Verb.DELETE_FLOW, Verb.CREATE_FLOW]
    assert edit.flow.concurrency.limit == 3


def test_a_disabled_flow_still_takes_executions(tmp_path):
    """Only the API turns them away, and scripts send theirs below it."""
    disabled = FLOW.replace("    tasks:", "    disabled: true\n    tasks:")

    (flow,) = staged(tmp_path, "  []", disabled).scenario.flows

    assert flow.disabled is False


def test_an_operation_on_a_flow_that_is_nowhere_is_said(tmp_path):
    with pytest.raises(BadInput, match=r"the script has no flow 't\.g', did you mean 't\.f'"):
        staged(tmp_path, "  - {at: 0, op: trigger, flow: t.g, as: e1}")


# --- tasks ----------------------------------------------------------------------------------------------------


def test_what_flow_files_say_of_tasks(tmp_path):
    assert nominal_durations(script_of(tmp_path, "  []")) == {("t.f", "nap"): 1_000_000}


def test_tasks_take_as_long_as_recorded_less_the_way_to_the_worker(tmp_path):
    lengths = Lengths({("t.f", "nap"): (1_100_000, None)}, {("t.f", "nap"): 1_050_000})

    (flow,) = staged(tmp_path, "  []", facts=Facts(lengths=lengths, worker_us=50_000)).scenario.flows

    assert flow.tasks[0].duration == Listed((1_050_000, None), 1_000_000)


@pytest.mark.parametrize(
    ("condition", "failures"),
    [
        ("false", None),
        ("taskrun.attemptsCount < 2", Failures(attempts=2)),
        ("execution.id == execution.originalId", Failures(share=1.0, only_original=True)),
        (
            "execution.id == execution.originalId and taskrun.attemptsCount < 1",
            Failures(attempts=1, only_original=True),
        ),
    ],
)
def test_conditions_become_failures(tmp_path, condition, failures):
    (flow,) = staged(tmp_path, "  []", FAILING.replace("CONDITION", condition)).scenario.flows

    assert flow.tasks[0].failures == failures


def test_inputs_decide_for_each_arrival(tmp_path):
    ops = (
        "  - {at: 0, op: trigger, flow: t.f, as: e1, inputs: {fail: true}}\n"
        "  - {at: 1, op: trigger, flow: t.f, as: e2, inputs: {fail: false}}"
    )

    arrivals = staged(tmp_path, ops, FAILING.replace("CONDITION", "inputs.fail")).scenario.arrivals

    assert [each.fails for each in arrivals] == [frozenset({"boom"}), frozenset()]


def test_a_condition_that_cannot_be_evaluated_is_said(tmp_path):
    with pytest.raises(BadInput, match=r"the condition .* cannot be evaluated here"):
        staged(tmp_path, "  []", FAILING.replace("CONDITION", "outputs.a"))


def test_an_assertion_is_evaluated(tmp_path):
    sla = '    sla:\n      - {id: never, type: EXECUTION_ASSERTION, assert: "{{ false }}", behavior: FAIL}\n'

    (flow,) = staged(tmp_path, "  []", FLOW.replace("    tasks:", f"{sla}    tasks:")).scenario.flows

    assert [each.holds for each in flow.sla] == [False]


# --- the clock ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "shift_us"),
    [
        (Facts(), 0),
        (Facts(phase_us=250_000), 750_000),
        (Facts(phase_us=250_000, first_date_us=-1_100_000), 1_750_000),
    ],
)
def test_the_simulation_begins_with_a_round_of_the_loops(tmp_path, facts, shift_us):
    found = staged(tmp_path, "  - {at: 0, op: trigger, flow: t.f, as: e1}", facts=facts)

    assert found.shift_us == shift_us
    assert found.scenario.arrivals[0].pattern.times_us[0] >= shift_us


def test_without_operations_it_may_begin_later_so_that_no_earlier_date_fires(tmp_path):
    facts = Facts(phase_us=100_000, first_date_us=2_300_000)

    assert staged(tmp_path, "  []", facts=facts).shift_us == -2_100_000


def test_a_crash_takes_everything_down_until_it_is_back(tmp_path):
    ops = "  - {at: 0, op: trigger, flow: t.f, as: e1}"
    crash = Crash(died_us=2_000_000, back_us=9_000_000, resent_us=12_000_000)

    scenario = staged(tmp_path, ops, crash=crash).scenario

    assert {each.component for each in scenario.faults} == set(Component)
    assert {(each.at_us, each.for_us) for each in scenario.faults} == {(2_000_000, 7_000_000)}
    assert scenario.platform.worker_timeout_us == 12_000_000
