"""The rules that explain a difference are needed for it, and enough."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from flowconc.compare.comparison import compare
from flowconc.compare.explanation import MOST_EVENTS, explain
from flowconc.compare.parting import part
from flowconc.compare.rules import differing
from flowconc.compare.story import story_of
from flowconc.protocol.semantics import Semantics, semantics_of
from flowconc.simulation.simulate import simulate
from tests.flows import act, arrive, flow, scene, work

FAILS_ONCE = flow("f", work("w", fails=[1]), limit=1, behavior="CANCEL")
RESTARTED = (FAILS_ONCE, arrive("f", "0s 12s 16s", names="a b c"), act("14s", "restart", "a"))


def first_and_explanation(scenario, second, **keys):
    one = story_of(simulate(scenario))
    other = story_of(simulate(replace(scenario, semantics=second)))
    difference = part(one, other).first
    keys = {"events": 100, **keys}
    return difference, explain(
        scenario, second, one, difference, seed=None, within_us=0, counters=True, **keys
    )


def difference_with(scenario, second, names):
    """Return the first difference when only some rules of the second semantics are taken."""
    base, other = semantics_of(scenario.semantics), semantics_of(second)
    mixed = replace(base.rules, **{name: getattr(other.rules, name) for name in names})
    trace = simulate(scenario, semantics=Semantics("mixed", mixed, base.steps))
    return part(story_of(simulate(scenario)), story_of(trace)).first


@pytest.mark.parametrize("second", ["kestra-2.0.0", "kestra-1.1.0"])
def test_the_rules_are_enough_and_each_is_needed(second):
    scenario = scene(*RESTARTED)
    difference, explanation = first_and_explanation(scenario, second)
    names = [each.rule.name for each in explanation.rules]

    assert 0 < len(names) < len(differing("documented", second))
    assert difference_with(scenario, second, names) == difference
    for fewer in combinations(names, len(names) - 1):
        assert difference_with(scenario, second, fewer) != difference


def test_a_long_run_is_not_tried():
    _, explanation = first_and_explanation(scene(*RESTARTED), "kestra-2.0.0", events=MOST_EVENTS + 1)

    assert explanation is None


def test_a_known_explanation_is_taken_where_it_holds():
    scenario = scene(*RESTARTED)
    _, known = first_and_explanation(scenario, "kestra-2.0.0")
    _, again = first_and_explanation(scenario, "kestra-2.0.2", known=[known])

    assert again is known


def test_explanations_can_be_left_out(tmp_path):
    path = tmp_path / "x.flowconc.yaml"
    path.write_text(
        "scenario: s\n"
        "flows: [{id: f, namespace: n, concurrency: {limit: 1},"
        " tasks: [{id: w, type: io.kestra.plugin.core.flow.Sleep, duration: PT9S}]}]\n"
        "arrivals: [{flow: f, at: [0s, 0s]}]\n"
        "actions: [{at: 1s, edit: f, concurrency: null}]\n",
        encoding="utf-8",
    )
    (comparison,) = compare(path, ["documented", "kestra-2.0.0"], explained=False)

    assert not comparison.agrees
    assert comparison.pairs[0].explanation is None
