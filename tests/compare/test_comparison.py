"""One scenario under several semantics."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowconc.compare.comparison import compare
from flowconc.compare.parting import What
from flowconc.scenario.problems import BadInput

SLEEPS = "tasks: [{id: work, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}]"
RAISED = f"""\
scenario: the limit is raised
flows: [{{id: job, namespace: company.team, concurrency: {{limit: 1}}, {SLEEPS}}}]
arrivals: [{{flow: job, at: [0s, 0s], names: [a, b]}}]
actions: [{{at: 5s, edit: job, concurrency: {{limit: 2}}}}]
expect: [{{execution: b, started_at: 5s}}]
"""
PLAIN = f"""\
scenario: nothing is edited
semantics: kestra-2.0.0
flows: [{{id: job, namespace: company.team, concurrency: {{limit: 1}}, {SLEEPS}}}]
arrivals: [{{flow: job, at: [0s, 0s], names: [a, b]}}]
"""
LOOP = """\
scenario: a loop
flows:
  - id: job
    namespace: company.team
    tasks:
      - {id: each, type: io.kestra.plugin.core.flow.Loop, values: [one],
         tasks: [{id: work, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}]}
arrivals: [{flow: job, at: [0s], names: [a]}]
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(*documents: str) -> Path:
        path = tmp_path / "x.flowconc.yaml"
        path.write_text("---\n".join(documents), encoding="utf-8")
        return path

    return write


def only(found):
    (one,) = found
    return one


def test_every_semantics_is_judged_and_held_against_the_first(write):
    comparison = only(compare(write(RAISED), ["documented", "kestra-2.0.0"]))

    assert [side.semantics for side in comparison.sides] == ["documented", "kestra-2.0.0"]
    assert [side.result.passed for side in comparison.sides] == [True, False]
    assert not comparison.agrees


def test_the_first_difference_and_the_rule_behind_it(write):
    pair = only(compare(write(RAISED), ["documented", "kestra-2.0.0"])).pairs[0]

    assert (pair.parting.first.what, pair.parting.first.subject) == (What.TIMES, "b")
    assert [each.rule.name for each in pair.explanation.rules] == ["save_moves_queue"]


def test_semantics_that_do_the_same_agree(write):
    comparison = only(compare(write(PLAIN), ["documented", "kestra-2.0.2", "kestra-1.1.0"]))

    assert comparison.agrees
    assert [pair.explanation for pair in comparison.pairs] == [None, None]


def test_the_semantics_of_the_file_does_not_count(write):
    comparison = only(compare(write(PLAIN), ["documented", "kestra-1.3.31"]))

    assert [side.result.trace.header.semantics for side in comparison.sides] == [
        "documented",
        "kestra-1.3.31",
    ]


def test_a_fault_model_of_steps_is_explained_by_no_rule(write):
    text = PLAIN.replace(
        SLEEPS,
        f"{SLEEPS}, triggers: [{{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '*/2 * * * * *', "
        "withSeconds: true}]",
    )
    path = write(text + "run: {until: 3s}\n")
    pair = only(compare(path, ["documented", "documented+triple_fire"])).pairs[0]

    assert not pair.agrees
    assert pair.explanation.rules == ()


def test_a_version_that_lacks_something_says_so(write):
    comparison = only(compare(write(LOOP), ["documented", "kestra-1.3.31"]))
    refused = comparison.pairs[0].second.refused

    assert not comparison.agrees
    assert "Kestra 1.3.31 has no task type Loop" in str(refused.problems[0])


def test_the_first_that_can_read_a_scenario_is_what_others_are_held_against(write):
    comparison = only(compare(write(LOOP), ["kestra-1.3.31", "documented", "documented"]))

    assert comparison.first.semantics == "documented"
    assert [pair.second.semantics for pair in comparison.pairs] == ["kestra-1.3.31"]


def test_a_scenario_that_none_can_read_is_bad_input(write):
    with pytest.raises(BadInput, match="Loop"):
        compare(write(LOOP), ["kestra-1.3.31", "kestra-1.2"])


def test_other_scenarios_of_a_file_are_compared_though_one_cannot_be_read(write):
    found = compare(write(LOOP, RAISED), ["documented", "kestra-1.3.31"])

    assert [each.id for each in found] == ["a loop", "the limit is raised"]


def test_one_scenario_of_a_file_can_be_chosen(write):
    found = compare(write(PLAIN, RAISED), ["documented", "kestra-2.0.0"], test="the limit is raised")

    assert [each.id for each in found] == ["the limit is raised"]


def test_a_scenario_that_is_not_there(write):
    with pytest.raises(BadInput, match="did you mean 'the limit is raised'"):
        compare(write(PLAIN, RAISED), ["documented", "kestra-2.0.0"], test="the limit is raise")


def test_each_set_of_parameters_is_compared(write):
    path = write(RAISED.replace("limit: 2", "limit: '${limit}'") + "parametrize: {limit: [2, 1]}\n")
    found = compare(path, ["documented", "kestra-2.0.0"])

    assert [(each.id, each.agrees) for each in found] == [
        ("the limit is raised[limit=2]", False),
        ("the limit is raised[limit=1]", True),
    ]


def test_times_as_far_apart_as_allowed_agree(write):
    """Either starts b: at 5s, or at 10s."""
    path = write(RAISED)

    for within_us, agrees in ((5_000_000, True), (4_999_999, False)):
        found = only(compare(path, ["documented", "kestra-2.0.0"], within_us=within_us))

        assert found.agrees is agrees
