"""Rules, limits and comments together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowconc.lint.linter import FlowFile, lint
from flowconc.scenario.kestra_flow.flow_file import read_flow
from flowconc.scenario.problems import BadInput
from tests.lint.files import call, files, flow, rules, task

TWO = [
    flow("a", task("flow.Pause"), limit=1),
    flow("b", call("c"), limit=1) + "# flowconc: ignore[pause-holds-slot]\n",
    flow("c", call("b")),
]


def test_findings_are_in_order_of_position() -> None:
    assert rules(*TWO) == ["pause-holds-slot 1:5", "unused-ignore 2:6", "slot-deadlock 3:5"]


def test_only_the_rules_that_are_asked_for() -> None:
    found = lint(files(*TWO), rules={"slot-deadlock"})

    assert [finding.rule for finding in found] == ["slot-deadlock"]


def test_a_comment_for_a_rule_that_is_not_checked_is_not_unused() -> None:
    found = lint(files(*TWO), rules={"slot-deadlock", "unused-ignore"})

    assert [finding.rule for finding in found] == ["slot-deadlock"]


ENGINE = Path(__file__).parent.parent / "scenario" / "kestra_flow" / "data"
CALLS_ITSELF = "sub_self_tmpl"  # by a template, without a limit: accepted by the engine, and endless


@pytest.mark.parametrize("table", ["flow_validation.jsonl", "flow_validation_extra.jsonl"])
def test_flows_that_were_written_for_something_else_have_no_findings(table: str, tmp_path: Path) -> None:
    """The tables of the engine's own validation: single flows of every kind, none of them about limits that clash."""
    path = tmp_path / "flow.yaml"
    found = {}
    for row in map(json.loads, (ENGINE / table).read_text(encoding="utf-8").splitlines()):
        path.write_text(row["source"], encoding="utf-8", newline="")
        try:
            source = read_flow(path)
        except BadInput:
            continue
        if findings := lint([FlowFile(source, row["source"])]):
            found[row["name"]] = [finding.rule for finding in findings]

    assert found == ({CALLS_ITSELF: ["endless-start"]} if "extra" in table else {})


def test_the_library_has_the_findings_that_its_scenarios_are_about() -> None:
    flows = Path(__file__).parent.parent.parent / "scenarios" / "docs" / "flows"
    read = [
        FlowFile(read_flow(path), path.read_text(encoding="utf-8")) for path in sorted(flows.glob("*.yaml"))
    ]

    assert [(Path(finding.position.path).stem, finding.rule) for finding in lint(read)] == [
        ("approval", "pause-holds-slot"),
        ("every_source", "schedule-overrun"),
        ("sleep_concurrent", "schedule-overrun"),
    ]


def test_a_chain_of_any_length() -> None:
    """A repository may have longer chains of subflows than Python has stack."""
    count = 1_500
    chain = [flow(f"f{number}", call(f"f{number + 1}")) for number in range(count)]

    assert rules(*chain, flow(f"f{count}", call("f0"), limit=1))[-1] == f"slot-deadlock {count}:5"
