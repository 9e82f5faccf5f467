"""What a scenario that varies is read as: defaults, names, places, and the document it is varied from."""

from __future__ import annotations

import pytest

from flowconc.scenario.conditions import Sometimes
from flowconc.scenario.flow import Behavior
from flowconc.scenario.load import load
from flowconc.scenario.problems import BadInput, Position
from flowconc.scenario.resolve.variation import LEAST_NAMED
from flowconc.scenario.variation import (
    Bounds,
    VariedArrivals,
    VariedCrashes,
    VariedDuration,
    VariedEdits,
    VariedOperations,
)

WORK = "tasks: [{id: t, type: io.kestra.plugin.scripts.shell.Commands, commands: [./work]}]"
TWO = (
    f"[{{id: f, namespace: company.team, concurrency: {{limit: 1, behavior: CANCEL}}, {WORK}}}, "
    f"{{id: g, namespace: company.team, {WORK}}}]"
)
DEFAULT = "tasks: {default: {duration: 1s}}\n"
S = 1_000_000


def test_what_is_added_is_in_time_and_of_any_flow_by_default(one):
    vary = one(f"{DEFAULT}vary: {{within: 30s, arrivals: {{count: 0..20}}, kills: 0..3}}\n", TWO).vary

    assert vary.arrivals == (VariedArrivals(("f", "g"), Bounds(0, 20), 30 * S),)
    assert vary.operations == (VariedOperations("kill", ("f", "g"), Bounds(0, 3), 30 * S),)
    assert (vary.examples, vary.seed, vary.deadline_us) == (100, 0, 120 * S)


def test_within_is_where_the_run_ends_by_default(one):
    scenario = one(
        f"{DEFAULT}run: {{until: 5m}}\nvary: {{kills: 1, deletes: {{count: 1, within: 1m}}}}\n", TWO
    )

    assert [each.within_us for each in scenario.vary.operations] == [300 * S, 60 * S]


def test_an_edit_keeps_the_behavior_of_its_flow(one):
    vary = one(f"{DEFAULT}vary: {{within: 9s, edits: {{f: {{limit: 1..4}}}}}}\n", TWO).vary

    assert vary.edits == (
        VariedEdits("f", Bounds(1, 4), (Behavior.CANCEL.value,), False, Bounds(0, 1), 9 * S),
    )


def test_a_component_crashes_for_some_seconds_and_an_executor_at_steps_too(one):
    vary = one(
        f"{DEFAULT}vary: {{within: 9s, crashes: {{executor: 0..2, worker: 1, steps: [pop]}}}}\n", TWO
    ).vary

    assert vary.crashes == (
        VariedCrashes("executor", Bounds(0, 2), 9 * S, Bounds(S, 10 * S), ("pop",)),
        VariedCrashes("worker", Bounds(1, 1), 9 * S, Bounds(S, 10 * S)),
    )


def test_crashes_come_before_the_healing(one):
    text = f"{DEFAULT}heal_at: 20s\nrun: {{until: 1m}}\nvary: {{crashes: {{worker: 1}}, kills: 1}}\n"
    vary = one(text, TWO).vary

    assert vary.crashes[0].within_us == 20 * S - 1
    assert vary.operations[0].within_us == 60 * S


@pytest.mark.parametrize(
    ("within", "step_us"), [("1h", S), ("5s", S), ("4s", S // 10), ("30ms", 1_000), ("3us", 1)]
)
def test_the_step_leaves_some_times_to_choose_from(one, within, step_us):
    assert one(f"{DEFAULT}vary: {{within: {within}, kills: 1}}\n", TWO).vary.step_us == step_us


def test_the_step_can_be_set(one):
    assert one(f"{DEFAULT}vary: {{within: 30s, step: 250ms, kills: 1}}\n", TWO).vary.step_us == S // 4


def test_a_task_whose_duration_varies_needs_no_other(one):
    scenario = one("vary: {durations: {f: {t: 2s..9s}, g: {t: 1s}}}\n", TWO)

    assert scenario.vary.durations == (
        VariedDuration("f", "t", Bounds(2 * S, 9 * S)),
        VariedDuration("g", "t", Bounds(S, S)),
    )
    assert [flow.tasks[0].duration.value_us for flow in scenario.flows] == [2 * S, S]


def test_a_task_whose_duration_varies_keeps_the_rest_of_its_behaviour(one):
    text = f"{DEFAULT}vary: {{durations: {{f: {{t: 2s..9s}}}}}}\ntasks: {{company.team.f: {{t: {{fails: 50%}}}}}}\n"
    scenario = one(
        text.replace(DEFAULT, ""), TWO.replace(f", {{id: g, namespace: company.team, {WORK}}}", "")
    )

    assert scenario.flows[0].tasks[0].failures.share == 0.5


def test_executions_are_counted_for_actions_to_name_them(one):
    text = f"{DEFAULT}arrivals: [{{flow: f, at: [0s, 1s]}}, {{flow: f, burst: 3}}]\nvary: {{within: 9s, kills: 1}}\n"

    assert one(text, TWO).vary.executions == (("f", 5), ("g", 0))


def test_where_nobody_can_count_there_are_some(one):
    text = f"{DEFAULT}arrivals: [{{flow: f, every: 1s, until: 1m}}]\nvary: {{within: 9s, kills: 1}}\n"

    assert one(text, TWO).vary.executions == (("f", LEAST_NAMED), ("g", 0))


def test_parameters_are_filled_into_what_is_varied(write):
    text = (
        f"scenario: s\nflows: {TWO}\n{DEFAULT}parametrize: {{most: [1, 2]}}\n"
        'vary: {within: 9s, arrivals: {count: "0..${most}"}}\ndescription: up to ${most}\n'
    )
    first, second = load(write(text))

    assert [each.vary.arrivals[0].count for each in (first, second)] == [Bounds(0, 1), Bounds(0, 2)]
    assert second.vary.data["description"] == "up to 2"
    assert not second.vary.data.keys() & {"vary", "sometimes", "parametrize"}


def test_a_document_like_it_is_read_as_a_scenario(one):
    vary = one(f"{DEFAULT}vary: {{within: 9s, arrivals: {{count: 1}}}}\n", TWO).vary
    scenario = vary.read({**vary.data, "arrivals": [{"flow": "f", "at": "3s"}]})

    assert scenario.arrivals[0].pattern.times_us == (3 * S,)
    assert scenario.vary is None


def test_what_is_added_stands_where_it_is_asked_for(one):
    vary = one(f"{DEFAULT}vary:\n  within: 9s\n  arrivals: {{count: 1}}\n  kills: 1\n", TWO).vary
    scenario = vary.read(
        {**vary.data, "arrivals": [{"flow": "f", "at": "3s"}], "actions": [{"at": "4s", "kill": "f#1"}]}
    )

    assert scenario.arrivals[0].position == Position("x.flowconc.yaml", 6, 3)
    assert scenario.actions[0].position == vary.position == Position("x.flowconc.yaml", 4, 1)


def test_it_can_be_read_more_than_once(one):
    vary = one(f"{DEFAULT}vary: {{within: 9s, arrivals: {{count: 1}}}}\n", TWO).vary
    with pytest.raises(BadInput):
        vary.read({**vary.data, "arrivals": [{"flow": "nobody", "at": "3s"}]})

    assert vary.read(vary.data).name == "s"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("vary: {kills: 1}", "5:8: nothing says until when, expected `within`, for instance 30s"),
        (
            "run: {until: 3s}\nvary: {kills: 1, within: 4s}",
            "6:15: `within` is after `run.until`: what comes then would never happen",
        ),
        (
            "heal_at: 3s\nvary: {crashes: {worker: 1, within: 4s}}",
            "6:17: `within` is after `heal_at`: what comes then would never happen",
        ),
        (
            "vary: {within: 3s, arrivals: {count: 1, flows: [f, h]}}",
            "5:52: there is no flow 'h', expected one of f, g",
        ),
        ("vary: {within: 3s, edits: {h: {limit: 1}}}", "5:28: there is no flow 'h', expected one of f, g"),
        ("vary: {durations: {h: {t: 1s}}}", "5:20: there is no flow 'h', expected one of f, g"),
        ("vary: {durations: {f: {x: 1s}}}", "5:24: the flow company.team.f has no task 'x'"),
        ("vary: {within: 3s}", "5:7: nothing says what varies"),
        ("vary: {within: 3s, kils: 1}", "5:20: unknown key 'kils'"),
        (
            "sometimes: [{flow: h, queued: 1}]",
            "5:20: there is no flow 'h', expected one of f, g",
        ),
        ("sometimes: [queue_emty]", "5:13: there is no condition 'queue_emty'"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(problems, text, line):
    said = problems(f"# a comment\n{DEFAULT}{text}\n", TWO)

    assert len(said) == 1
    assert said[0].startswith(f"x.flowconc.yaml:{line}")


def test_conditions_are_names_or_expectations(one):
    first, second = one("sometimes: [queue not empty, {flow: f, queued: '>= 2'}]\n").sometimes

    assert first == Sometimes("queue_not_empty", "queue_not_empty", Position("x.flowconc.yaml", 3, 13))
    assert (second.condition.name, second.written) == ("company.team.f", "{flow: f, queued: >= 2}")
