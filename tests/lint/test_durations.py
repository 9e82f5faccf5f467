"""The least time that an execution takes, read off its flow."""

from __future__ import annotations

import pytest

from flowconc.lint.repository import Repository
from tests.lint.files import LOG, call, flow, group, read, sleep, task

TEN, TWENTY = sleep("PT10S", task_id="ten"), sleep("PT20S", task_id="twenty")
SHELL = "{id: shell, type: io.kestra.plugin.scripts.shell.Commands, commands: [sleep 30]}"
UNKNOWN = "{id: work, type: io.kestra.plugin.scripts.python.Script, script: x}"


def least_s(*texts: str) -> float:
    """Return the least time of an execution of the first of these flows, in seconds."""
    flows = [read(text, f"{number}.yaml") for number, text in enumerate(texts, 1)]
    return Repository(flows).least_us(flows[0]) / 1e6


@pytest.mark.parametrize(
    ("tasks", "expected_s"),
    [
        ([TEN], 10),
        ([SHELL], 30),
        ([UNKNOWN], 0),
        ([LOG], 0),
        ([TEN, UNKNOWN, TWENTY], 30),
        ([group("Sequential", TEN, TWENTY)], 30),
        ([group("Parallel", TEN, TWENTY)], 20),
        ([group("Parallel", TEN, TWENTY, more="concurrent: 1")], 20),
        ([group("If", TEN, key="then", more='condition: "{{ inputs.x }}"')], 0),
        ([group("If", TEN, key="then", more='condition: "{{ inputs.x }}", else: [' + TWENTY + "]")], 10),
        ([group("If", TEN, key="then", more='condition: "true", else: [' + TWENTY + "]")], 10),
        ([group("ForEach", TEN, more="values: [1, 2, 3]")], 30),
        ([group("ForEach", TEN, more="values: [1, 2, 3], concurrencyLimit: 2")], 20),
        ([group("ForEach", TEN, more="values: [1, 2, 3], concurrencyLimit: 0")], 10),
        ([group("ForEach", TEN, more="values: []")], 0),
        ([group("ForEach", TEN, more='values: "{{ inputs.x }}"')], 0),
        ([group("EachParallel", TEN, TWENTY, more="value: [1, 2]")], 20),
        ([task("flow.Pause", more="pauseDuration: PT1M")], 60),
        ([task("flow.Pause", more="pauseDuration: PT1M, behavior: CANCEL")], 0),
        ([task("flow.Pause")], 0),
        ([sleep("PT1H", more="timeout: PT1M")], 60),
        ([sleep("PT1H", more="disabled: true")], 0),
        ([sleep("PT1H", more='runIf: "{{ inputs.x }}"')], 0),
        ([TEN, task("execution.Fail"), TWENTY], 10),
        ([group("Sequential", TEN, more="finally: [" + TWENTY + "]")], 30),
    ],
)
def test_tasks(tasks: list[str], expected_s: float) -> None:
    assert expected_s == least_s(flow("a", *tasks))


def test_of_a_dag_the_longest_chain_counts() -> None:
    after = "{task: " + sleep("PT5S", task_id="after") + ", dependsOn: [twenty]}"
    nodes = [after, "{task: " + TEN + "}", "{task: " + TWENTY + "}"]

    assert least_s(flow("a", group("Dag", *nodes))) == 25


def test_blocks_that_always_run_count() -> None:
    blocks = [f"{key}: [{sleep('PT1S', task_id=key)}]" for key in ("errors", "finally", "afterExecution")]

    assert least_s(flow("a", TEN, more=blocks)) == 12


def test_a_subflow_that_is_waited_for_counts() -> None:
    assert least_s(flow("a", TEN, call("b")), flow("b", call("c")), flow("c", TWENTY)) == 30
    assert least_s(flow("a", TEN, call("b", more="wait: false")), flow("b", TWENTY)) == 10
    assert least_s(flow("a", TEN, call("elsewhere"))) == 10


def test_a_circle_of_subflows_counts_once_at_most() -> None:
    assert 10 <= least_s(flow("a", TEN, call("b")), flow("b", TEN, call("a"))) <= 20
