"""The tables of rules: every version, every answer, nothing twice."""

from __future__ import annotations

import pytest

from flowconc.compare.rules import ABOUT, differing, differing_steps, versions_table
from flowconc.protocol.rules import QUESTIONS, answer
from flowconc.protocol.versions import VERSIONS


def test_each_semantics_is_told_in_one_line():
    assert list(ABOUT) == list(VERSIONS)
    assert len(set(ABOUT.values())) == len(ABOUT)


def test_a_semantics_does_not_differ_from_itself():
    assert differing("kestra-2.0.0", "kestra-2.0.0") == ()


def test_the_rules_in_which_two_differ_have_both_answers():
    (only,) = differing("kestra-2.0.0", "kestra-2.0.2")

    assert (only.rule.name, only.first, only.second) == ("kill_of_retrying", "it stays KILLING", "it ends")


@pytest.mark.parametrize("version", [name for name in VERSIONS if name != "documented"])
def test_the_other_way_round_the_same_rules_differ(version):
    one, other = differing("documented", version), differing(version, "documented")

    assert [(each.rule, each.first, each.second) for each in one] == [
        (each.rule, each.second, each.first) for each in other
    ]


def test_a_fault_model_may_change_a_step_and_no_rule():
    assert differing("documented", "documented+triple_fire") == ()
    assert differing_steps("documented", "documented+triple_fire") == ("fire",)


def test_the_table_has_every_rule_and_every_version():
    table = versions_table()

    assert [row.rule for row in table] == list(QUESTIONS)
    assert all(len(row.marks) == len(VERSIONS) for row in table)


@pytest.mark.parametrize("row", versions_table(), ids=lambda row: row.rule.name)
def test_marks_say_what_the_rules_answer(row):
    """Spelt out, each mark is the answer; equal marks are equal answers."""
    spelt = [dict(row.letters).get(mark, mark) for mark in row.marks]

    assert spelt == [answer(rules, row.rule.name) for rules in VERSIONS.values()]


def test_a_row_knows_who_departs_from_the_first():
    row = next(row for row in versions_table() if row.rule.name == "killing_takes_results")

    assert [name for column, name in enumerate(VERSIONS) if row.departs(column)] == [
        "kestra-2.0.2",
        "kestra-2.0.0",
    ]
