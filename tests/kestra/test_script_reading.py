"""Scripts: one file for all versions, its times in seconds, its operations written out."""

from __future__ import annotations

import pytest

from flowconc.kestra.release import Release
from flowconc.kestra.script_reading import read_script
from flowconc.scenario.problems import BadInput
from tests.kestra.scripts import FLOW, QUEUEING, write_script

V2, V1 = Release((2, 0, 0)), Release((1, 3, 31))


def script_of(folder, *, ops="", head="", release=V2, flows=FLOW):
    return read_script(
        write_script(folder, f"{head}horizon: 5\nflows:\n{flows}ops:\n{ops or '  []'}\n"), release
    )


def problems_of(folder, **parts):
    with pytest.raises(BadInput) as bad:
        script_of(folder, **parts)
    return [str(problem) for problem in bad.value.problems]


def test_a_count_numbers_the_labels_and_every_spaces_them(tmp_path):
    script = read_script(write_script(tmp_path, QUEUEING), V2)

    assert script is not None
    assert [(each.label, each.at_us) for each in script.operations] == [("e1", 0), ("e2", 200_000)]
    assert script.until_us == 20_000_000
    assert script.title == "the second one waits"


def test_operations_come_in_order_of_time_and_at_one_time_as_written(tmp_path):
    ops = (
        "  - {at: 2, op: kill-all}\n  - {at: 1, op: kill, exec: b}\n"
        "  - {at: 1, op: kill, exec: a}\n  - {at: 0, op: note, text: hello}\n"
    )
    script = script_of(tmp_path, ops=ops)

    assert [each.verb for each in script.operations] == ["note", "kill", "kill", "kill-all"]
    assert [each.execution for each in script.operations if each.verb == "kill"] == ["b", "a"]


def test_lines_for_other_versions_are_left_out_and_the_others_keep_their_place(tmp_path):
    flow = FLOW.replace("limit: 1", "limit: 1  # only: >=2.0\n      limit: 2  # only: <2.0")

    (new,) = script_of(tmp_path, flows=flow).flows
    (old,) = script_of(tmp_path, flows=flow, release=V1).flows

    assert new.data["concurrency"] == {"limit": 1}
    assert old.data["concurrency"] == {"limit": 2}
    assert new.locate(("tasks", 0, "type")).line == old.locate(("tasks", 0, "type")).line == 11


def test_a_place_in_a_flow_is_a_place_in_the_script(tmp_path):
    script = read_script(write_script(tmp_path, QUEUEING), V2)

    assert script is not None
    place = script.flows[0].locate(("concurrency", "limit"))
    line = QUEUEING.splitlines()[place.line - 1]
    assert line[place.column - 1 :] == "1"


def test_a_script_for_other_versions_is_none_of_ours(tmp_path):
    head = 'versions: ">=2.0"\n'

    assert script_of(tmp_path, head=head, release=V1) is None
    assert script_of(tmp_path, head=head, release=V2) is not None


@pytest.mark.parametrize(
    ("written", "verb"),
    [
        ("force-run, exec: e1", "force-run"),
        ("force_run, exec: e1", "force-run"),
        ("execute, flow: t.f", "trigger"),
        ("create, flow: t.f", "trigger"),
        ("create, source: {id: g, namespace: t, tasks: []}", "save-flow"),
        ("change-status, exec: e1, to: SUCCESS", "change-status"),
        ("set-counter, flow: t.f, value: 0", "set-counter"),
        ("delete, exec: f~1", "delete"),
    ],
)
def test_operations_have_other_names_too(tmp_path, written, verb):
    (operation,) = script_of(tmp_path, ops=f"  - {{at: 0, op: {written}}}").operations

    assert operation.verb == verb


def test_what_an_operation_says_is_read(tmp_path):
    ops = (
        "  - {at: 0.5, op: trigger, flow: t.f, as: s, scheduleIn: 1.5, inputs: {fail: true}}\n"
        "  - {at: 1, op: purge, flow: t.f, states: [RUNNING], noEnd: true}\n"
        "  - {at: 2, op: replay, exec: s, task: nap, as: r}\n"
        "  - {at: 3, op: unqueue, exec: s, state: CANCELLED}\n"
    )
    trigger, purge, replay, unqueue = script_of(tmp_path, ops=ops).operations

    assert (trigger.at_us, trigger.schedule_in_us, trigger.inputs) == (500_000, 1_500_000, {"fail": True})
    assert (purge.states, purge.unended) == (("RUNNING",), True)
    assert (replay.task, replay.label) == ("nap", "r")
    assert unqueue.state == "CANCELLED"


def test_what_comes_after_a_restart_is_kept_apart(tmp_path):
    ops = (
        "  - {at: 0, op: trigger, flow: t.f, as: e1}\nops_after:\n  - {at: 3, op: trigger, flow: t.f, as: e2}"
    )
    script = script_of(tmp_path, ops=ops)

    assert [each.label for each in script.operations] == ["e1"]
    assert [each.label for each in script.after] == ["e2"]


def test_what_is_not_known_is_a_notice(tmp_path):
    ops = "  - {at: 0, op: kill, exec: e1, loudly: true}"
    script = script_of(tmp_path, ops=ops, head="colour: red\n")

    assert sorted(notice.what for notice in script.notices) == [
        "`loudly` does not go with 'kill' and is left out",
        "the key 'colour' is not known here and is left out",
    ]


@pytest.mark.parametrize(
    ("ops", "said"),
    [
        ("  - {at: 0, op: kil, exec: e1}", "there is no operation 'kil', did you mean 'kill'?"),
        ("  - {at: 0, op: kill}", "the operation 'kill' has no `exec`, expected `exec: ...`"),
        ("  - {op: kill, exec: e1}", "the operation 'kill' has no `at`"),
        ("  - {at: -1, op: kill, exec: e1}", "the number -1 is no time, expected seconds from the start"),
        ("  - {at: 0, op: trigger, flow: t.f, as: e, count: 0}", "the number 0 is no count"),
        ("  - kill e1", "is not an operation"),
        ("  - {at: 1e300, op: kill, exec: e1}", "is no time"),
        ("  - {at: .inf, op: kill, exec: e1}", "is no time"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, ops, said):
    (problem,) = problems_of(tmp_path, ops=ops)

    assert said in problem
    assert problem.startswith(str(tmp_path / "script.yaml"))


def test_a_scenario_is_no_script(tmp_path):
    with pytest.raises(BadInput, match="the script has no operations, expected `ops`"):
        read_script(write_script(tmp_path, f"flows:\n{FLOW}arrivals: []\n"), V2)


def test_two_executions_have_two_labels(tmp_path):
    ops = "  - {at: 0, op: trigger, flow: t.f, as: e, count: 2}\n  - {at: 1, op: trigger, flow: t.f, as: e2}"

    (problem,) = problems_of(tmp_path, ops=ops)

    assert "the label 'e2' is there twice" in problem


def test_a_flow_that_is_not_yaml_is_said_with_its_place_in_the_script(tmp_path):
    (problem,) = problems_of(tmp_path, flows="  - |\n    id: f\n    tasks: [\n")

    assert f"{tmp_path / 'script.yaml'}:" in problem
    assert "not YAML" in problem


@pytest.mark.parametrize("text", ["", "- a list\n", "title: nothing in it\n"])
def test_a_script_without_flows_is_none(tmp_path, text):
    with pytest.raises(BadInput):
        read_script(write_script(tmp_path, text), V2)


def test_a_condition_that_is_none_is_said(tmp_path):
    with pytest.raises(BadInput, match="not a condition on versions"):
        read_script(write_script(tmp_path, "title: x  # only: sometimes\n"), V2)
