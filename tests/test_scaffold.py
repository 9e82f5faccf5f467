"""`flowconc init`: whatever the flow, the scenario it gets passes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowconc.runner import run
from flowconc.scaffold import scaffold, target_of
from flowconc.scenario.problems import BadInput
from flowconc.testing import assert_passes

SLEEP = "tasks: [{id: wait, type: io.kestra.plugin.core.flow.Sleep, duration: PT1M}]"
SCRIPT = "tasks: [{id: load, type: io.kestra.plugin.scripts.shell.Commands, commands: [./load.sh]}]"
HEAD = "id: f\nnamespace: company.team\n"


def write(folder: Path, text: str, name: str = "f.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def made(*flows: Path) -> str:
    """Write the scenario and return its text; it passes."""
    target = target_of(flows[0])
    target.write_text(scaffold(flows, target), encoding="utf-8")
    assert_passes(run(target))
    return target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "scenario"),
    [("f.yaml", "f.flowconc.yaml"), ("a.b.yml", "a.b.flowconc.yaml"), ("f", "f.flowconc.yaml")],
)
def test_it_goes_beside_the_flow(tmp_path: Path, file: str, scenario: str) -> None:
    assert target_of(tmp_path / file) == tmp_path / scenario


@pytest.mark.parametrize(
    ("behavior", "at_start", "ended"),
    [
        ("QUEUE", "running: 2, queued: 2", "SUCCESS: 4"),
        ("CANCEL", "running: 2, queued: 0", "CANCELLED: 2, SUCCESS: 2"),
        ("FAIL", "running: 2, queued: 0", "FAILED: 2, SUCCESS: 2"),
    ],
)
def test_two_more_arrive_than_the_limit_lets_in(
    tmp_path: Path, behavior: str, at_start: str, ended: str
) -> None:
    text = made(write(tmp_path, f"{HEAD}concurrency: {{limit: 2, behavior: {behavior}}}\n{SLEEP}\n"))

    assert "- {flow: f, burst: 4, at: 0s}" in text
    assert f"- {{at: 0s, flow: f, {at_start}}}" in text
    assert f"- {{flow: f, ended: {{{ended}}}}}" in text


def test_without_a_limit_all_run(tmp_path: Path) -> None:
    assert "- {at: 0s, flow: f, running: 3, queued: 0}" in made(write(tmp_path, f"{HEAD}{SLEEP}\n"))


def test_tasks_of_unknown_length_get_a_line(tmp_path: Path) -> None:
    text = made(write(tmp_path, f"{HEAD}concurrency: {{limit: 1}}\n{SCRIPT}\n"))

    assert "    load: {duration: 10s}  # " in text


def test_tasks_whose_length_the_flow_says_do_not(tmp_path: Path) -> None:
    assert "tasks:" not in made(write(tmp_path, f"{HEAD}{SLEEP}\n"))


@pytest.mark.parametrize(
    "more",
    [
        "triggers: [{id: often, type: io.kestra.plugin.core.trigger.Schedule, cron: '* * * * *'}]",
        "triggers: [{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 3 * * *', allowConcurrent: true}]",
        "triggers: [{id: poll, type: io.kestra.plugin.jdbc.postgresql.Trigger, interval: PT1M}]",
        "triggers: [{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: k}]",
        "triggers: [{id: up, type: io.kestra.plugin.core.trigger.Flow}]",
        "errors: [{id: tell, type: io.kestra.plugin.core.log.Log, message: x}]",
        "afterExecution: [{id: clean, type: io.kestra.plugin.scripts.shell.Commands, commands: [rm x]}]",
        "disabled: true",
    ],
)
def test_whatever_else_the_flow_has(tmp_path: Path, more: str) -> None:
    made(write(tmp_path, f"{HEAD}concurrency: {{limit: 1}}\n{SCRIPT}\n{more}\n"))


@pytest.mark.parametrize(
    "tasks",
    [
        "- {id: each, type: io.kestra.plugin.core.flow.ForEach, values: [a, b], tasks: [{id: x, type: io.kestra.plugin.core.log.Log, message: m}]}",
        "- {id: each, type: io.kestra.plugin.core.flow.ForEach, values: '{{ outputs.x }}', tasks: [{id: x, type: io.kestra.plugin.core.log.Log, message: m}]}",
        "- {id: if, type: io.kestra.plugin.core.flow.If, condition: '{{ x }}', then: [{id: x, type: io.kestra.plugin.core.log.Log, message: m}]}",
        "- {id: pause, type: io.kestra.plugin.core.flow.Pause}",
        "- {id: fail, type: io.kestra.plugin.core.execution.Fail}",
        "- {id: true, type: io.kestra.plugin.scripts.python.Script, script: x}",
        "- {id: '1', type: io.kestra.plugin.scripts.python.Script, script: x}",
        "- {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: elsewhere}",
    ],
)
def test_whatever_its_tasks_are(tmp_path: Path, tasks: str) -> None:
    made(write(tmp_path, f"{HEAD}concurrency: {{limit: 1}}\ntasks:\n  {tasks}\n"))


def test_several_flows_share_a_scenario(tmp_path: Path) -> None:
    parent = write(
        tmp_path,
        "id: parent\nnamespace: company.team\ntasks: [{id: sub, type: io.kestra.plugin.core.flow.Subflow, "
        "namespace: company.team, flowId: f}]\n",
        "parent.yaml",
    )
    child = write(tmp_path, f"{HEAD}concurrency: {{limit: 1}}\n{SCRIPT}\n")
    text = made(parent, child)

    assert "- {flow: parent, burst: 3, at: 0s}" in text
    assert "- {flow: f, burst: 3, at: 0s}" in text


def test_flows_with_one_id_in_two_namespaces(tmp_path: Path) -> None:
    one = write(tmp_path, f"{HEAD}{SLEEP}\n", "one.yaml")
    two = write(tmp_path, f"{HEAD.replace('team', 'other')}{SLEEP}\n", "two.yaml")

    assert "flow: company.other.f" in made(one, two)


def test_names_that_need_quotes(tmp_path: Path) -> None:
    folder = tmp_path / "a b: c"
    folder.mkdir()

    made(write(folder, f"{HEAD.replace('id: f', 'id: default')}{SCRIPT}\n", "1 #2.yaml"))


def test_a_huge_limit(tmp_path: Path) -> None:
    assert "burst: 1002" in made(write(tmp_path, f"{HEAD}concurrency: {{limit: 1000}}\n{SLEEP}\n"))


def test_a_flow_that_kestra_refuses(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"f\.yaml:"):
        made(write(tmp_path, f"{HEAD}concurrency: {{limit: 0}}\n{SLEEP}\n"))


def test_the_same_text_every_time(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEAD}concurrency: {{limit: 2}}\n{SCRIPT}\n")

    assert scaffold([path], target_of(path)) == scaffold([path], target_of(path))
