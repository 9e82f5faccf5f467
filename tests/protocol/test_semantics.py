"""The semantics that are known, and the words for them that scenarios use."""

from dataclasses import fields
from itertools import pairwise

import pytest

from flowconc.protocol.catalogue import STEPS
from flowconc.protocol.faults import FAULTS
from flowconc.protocol.rules import QUESTIONS, Rules, answer
from flowconc.protocol.semantics import semantics_of
from flowconc.protocol.versions import VERSIONS
from flowconc.scenario import vocabulary

EVERY = [*VERSIONS, *(f"documented+{fault}" for fault in FAULTS)]


def test_scenarios_know_every_version_and_fault_by_name():
    assert tuple(VERSIONS) == vocabulary.SEMANTICS
    assert tuple(FAULTS) == vocabulary.FAULT_MODELS


def test_scenarios_know_every_step_by_name():
    altered = {step.name for fault in FAULTS.values() for step in fault.steps}
    assert set(vocabulary.STEPS) == STEPS.keys() | altered


@pytest.mark.parametrize("name", EVERY)
def test_the_steps_at_the_end_of_an_execution_exist(name):
    semantics = semantics_of(name)
    assert set(semantics.rules.ending) <= semantics.steps.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_something(fault):
    base = "kestra-0.21.0" if fault == "paused_not_counted" else "documented"
    sound, faulty = semantics_of(base), semantics_of(f"{base}+{fault}")
    assert (sound.rules, dict(sound.steps)) != (faulty.rules, dict(faulty.steps))


def test_versions_next_to_each_other_differ():
    versions = list(VERSIONS.values())
    assert all(newer != older for newer, older in pairwise(versions))


def test_every_rule_is_a_question_with_an_answer_in_words():
    assert [question.name for question in QUESTIONS] == [each.name for each in fields(Rules)]
    for rules in VERSIONS.values():
        assert all(answer(rules, question.name) for question in QUESTIONS)
