"""`flowconc semantics`."""

from __future__ import annotations

import json

import pytest

from flowconc.protocol.faults import FAULTS
from flowconc.protocol.rules import QUESTIONS
from flowconc.protocol.versions import VERSIONS
from tests.cli.conftest import Flowconc


def test_without_names_all_semantics_and_all_rules(flowconc: Flowconc) -> None:
    answer = flowconc("semantics")

    assert answer.status == 0
    assert [line.split()[0] for line in answer.lines[: len(VERSIONS)]] == list(VERSIONS)
    for question in QUESTIONS:
        assert f"  {question.name}: {question.question} [{question.source}]" in answer.lines


def test_a_rule_has_an_answer_under_each_version(flowconc: Flowconc) -> None:
    line = next(line for line in flowconc("semantics").lines if line.startswith("gated_schedules "))

    assert line.split() == ["gated_schedules", *["yes"] * 4, *["no"] * 6]


def test_two_names_the_rules_in_which_they_differ(flowconc: Flowconc) -> None:
    assert flowconc("semantics", "kestra-2.0.2", "kestra-2.0.0").lines == [
        "kestra-2.0.2 and kestra-2.0.0 differ in 1 rule",
        "",
        "kill_of_retrying: What does a kill do during a retry's wait? [9.1, 18]",
        "  kestra-2.0.2  it ends",
        "  kestra-2.0.0  it stays KILLING",
    ]


def test_one_name_is_held_against_the_documentation(flowconc: Flowconc) -> None:
    assert flowconc("semantics", "kestra-1.3").lines[0].startswith("documented and kestra-1.3.31 differ in")


def test_a_fault_model_may_change_steps(flowconc: Flowconc) -> None:
    assert flowconc("semantics", "documented+triple_fire").lines == [
        "documented and documented+triple_fire differ in no rule",
        "",
        "steps done differently: fire",
    ]


def test_one_semantics_twice(flowconc: Flowconc) -> None:
    assert flowconc("semantics", "kestra-2.0", "kestra-2.0.2").lines == ["kestra-2.0.2 is one semantics"]


def test_fault_models(flowconc: Flowconc) -> None:
    assert [line.split()[0] for line in flowconc("semantics", "--faults").lines] == list(FAULTS)


@pytest.mark.parametrize(
    ("arguments", "count"), [((), len(QUESTIONS)), (("kestra-2.0.2", "kestra-2.0.0"), 1)]
)
def test_json_has_whole_answers(flowconc: Flowconc, arguments: tuple[str, ...], count: int) -> None:
    rules = json.loads(flowconc("semantics", *arguments, "--format", "json").out)["rules"]

    assert len(rules) == count
    assert all(rule["question"] and rule["source"] for rule in rules)


def test_markdown_is_a_table(flowconc: Flowconc) -> None:
    lines = flowconc("semantics", "--format", "markdown").lines

    assert lines[1].startswith("| --- |")
    assert len(lines) == 2 + len(QUESTIONS)


def test_an_unknown_name_names_the_known_ones_and_the_nearest(flowconc: Flowconc) -> None:
    answer = flowconc("semantics", "kestra-2.1")

    assert answer.status == 2
    assert "there is no semantics 'kestra-2.1', expected one of documented, kestra-2.0.2" in answer.err
    assert "did you mean 'kestra-2.0.2'?" in answer.err


def test_faults_take_no_names(flowconc: Flowconc) -> None:
    assert flowconc("semantics", "--faults", "kestra-2.0").status == 2
