"""`flowconc compare`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import PASSES, Flowconc

RAISED = """\
scenario: the limit is raised
flows: [two.yaml]
arrivals:
  - {flow: two, at: [0s, 0s, 0s], names: [a, b, c]}
actions:
  - {at: 5s, edit: two, concurrency: {limit: 3}}
expect:
  - {execution: c, started_at: 5s}
"""


@pytest.fixture(autouse=True)
def raised(directory: Path) -> None:
    (directory / "raised.flowconc.yaml").write_text(RAISED, encoding="utf-8")


def test_all_agree(flowconc: Flowconc) -> None:
    answer = flowconc("compare", "good.flowconc.yaml", "--semantics", "documented,kestra-2.0,kestra-1.3")

    assert answer.status == 0
    assert answer.lines == [
        "the third execution waits",
        "",
        "documented     PASS",
        "kestra-2.0.2   PASS",
        "kestra-1.3.31  PASS",
        "",
        "all agree",
    ]


def test_where_two_part(flowconc: Flowconc) -> None:
    answer = flowconc("compare", "raised.flowconc.yaml", "--semantics", "documented,kestra-2.0.0")

    assert answer.status == 1
    assert answer.lines == [
        "the limit is raised",
        "",
        "documented    PASS",
        "kestra-2.0.0  FAIL  breaks work_conserving; 1 expectation not met",
        "",
        "documented and kestra-2.0.0 part at 5s:",
        "  c",
        "    documented    QUEUED -> RUNNING",
        "    kestra-2.0.0  stays QUEUED, RUNNING at 10s",
        "  explained by the rule:",
        "    save_moves_queue: Does a saved flow start queued executions? [A8, 2.5]",
        "      documented    yes",
        "      kestra-2.0.0  no",
        "",
        "  0s to 20s",
        "  c  documented    ....................##########################################",
        "     kestra-2.0.0  .........................................##########################################",
        "                                       ^ 5s",
        "  # running   . queued",
        "",
        "  times: 1 difference",
        "    c",
        "      documented    CREATED 0s, QUEUED 0s, RUNNING 5s, SUCCESS 15s",
        "      kestra-2.0.0  CREATED 0s, QUEUED 0s, RUNNING 10s, SUCCESS 20s",
        "  counter: 1 difference",
        "    the counter of company.team.two",
        "      documented    is 3 from 5s",
        "      kestra-2.0.0  is 2 from 5s",
        "  (times up to 1s apart are taken for the same)",
    ]


def test_those_that_part_in_the_same_way_are_told_together(flowconc: Flowconc) -> None:
    answer = flowconc(
        "compare", "raised.flowconc.yaml", "--semantics", "documented,kestra-2.0.2,kestra-2.0.0"
    )

    assert "documented and kestra-2.0.2, kestra-2.0.0 part at 5s:" in answer.lines


def test_without_names_the_contract_is_held_against_every_version(flowconc: Flowconc) -> None:
    verdicts = flowconc("compare", "raised.flowconc.yaml", "--no-explain").lines[2:12]

    assert verdicts[0].startswith("documented")
    assert verdicts[-1].startswith("kestra-0.21.0")


def test_json(flowconc: Flowconc) -> None:
    answer = flowconc(
        "compare", "raised.flowconc.yaml", "--semantics", "documented,kestra-2.0.0", "--format", "json"
    )
    (comparison,) = json.loads(answer.out)["comparisons"]
    (pair,) = comparison["pairs"]

    assert answer.status == 1
    assert [side["outcome"] for side in comparison["semantics"]] == ["pass", "fail"]
    assert (pair["agrees"], pair["parts_at_s"]) == (False, 5.0)
    assert [rule["rule"] for rule in pair["explained_by"]] == ["save_moves_queue"]
    assert pair["differences"][0]["second_history"].endswith("RUNNING 10s, SUCCESS 20s")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--semantics", "documented"), "there is nothing to compare"),
        (("--semantics", "documented,kestra-9"), "there is no semantics 'kestra-9'"),
        (("--within", "5"), "5 has no unit"),
        (("--test", "the limit is razed"), "did you mean 'the limit is raised'?"),
    ],
)
def test_what_cannot_be_used(flowconc: Flowconc, arguments: tuple[str, ...], says: str) -> None:
    answer = flowconc("compare", "raised.flowconc.yaml", *arguments)

    assert answer.status == 2
    assert says in answer.err


def test_a_bad_file(flowconc: Flowconc) -> None:
    assert flowconc("compare", "bad.flowconc.yaml").status == 2
    assert flowconc("compare", "nowhere.flowconc.yaml").status == 2


def test_what_a_version_lacks_is_said_at_its_line(flowconc: Flowconc, directory: Path) -> None:
    looping = PASSES.replace(
        "flows: [two.yaml]",
        "flows:\n  - {id: two, namespace: n, concurrency: {limit: 2}, tasks: [{id: l, values: [1],\n"
        "      type: io.kestra.plugin.core.flow.Loop,\n"
        "      tasks: [{id: w, type: io.kestra.plugin.core.flow.Sleep, duration: PT9S}]}]}",
    )
    (directory / "loop.flowconc.yaml").write_text(looping, encoding="utf-8")
    answer = flowconc("compare", "loop.flowconc.yaml", "--semantics", "documented,kestra-1.3.31")

    assert answer.status == 1
    assert answer.lines[3].startswith(
        "kestra-1.3.31  NOT READ  loop.flowconc.yaml:4:13: Kestra 1.3.31 has no task type Loop"
    )


def test_what_is_compiled_elsewhere_is_simulated_here(flowconc: Flowconc, directory: Path) -> None:
    (directory / "good.flowconc.yaml").write_text(f"{PASSES}backend: compiled\n")
    answer = flowconc("compare", "good.flowconc.yaml", "--semantics", "documented,kestra-2.0")

    assert (answer.status, answer.lines[-1]) == (0, "all agree")
