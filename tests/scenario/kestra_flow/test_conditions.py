"""The expressions that are evaluated, and those that are refused."""

from __future__ import annotations

import pytest

from flowconc.scenario.flow import Failures
from flowconc.scenario.kestra_flow.conditions import (
    Circumstances,
    ConditionError,
    failures_of,
    first_attempts,
    holds,
    rendered,
)

INPUTS = {"fail": True, "day": 2, "rate": 2.5, "kind": "big", "empty": "", "deep": {"a": [1]}, "no": None}
KNOWN = Circumstances(INPUTS)


@pytest.mark.parametrize("text", ["true", "x", "1", "{{ true }}", "{{ 1 }}", "{{'a'}}", "{{- true -}}"])
def test_anything_but_nothing_false_and_zero_holds(text):
    assert holds(text)


@pytest.mark.parametrize(
    "text", ["", " ", "false", "0", "-0", "{{ false }}", "{{ null }}", "{{ 0 }}", "{{ '' }}"]
)
def test_nothing_false_and_zero_do_not_hold(text):
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ inputs.fail }}", True),
        ("{{ not inputs.fail }}", False),
        ("{{ inputs.day == 2 }}", True),
        ("{{ inputs.day equals 2 }}", True),
        ("{{ inputs.day != 2 }}", False),
        ("{{ inputs.day == '2' }}", False),  # a number is not a text
        ("{{ inputs.rate > 2 and inputs.day <= 2 }}", True),
        ("{{ inputs.fail and not (inputs.day < 2 or inputs.kind == 'small') }}", True),
        ('{{ inputs.kind == "big" }}', True),
        ("{{ inputs.empty }}", False),
        ("{{ inputs.no }}", False),
        ("{{ inputs.deep }}", True),
    ],
)
def test_inputs_decide(text, value):
    assert value is holds(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("{{ inputs.kind }}", "big"),
        ("{{ inputs.day }}", "2"),
        ("{{ inputs.rate }}", "2.5"),
        ("{{ inputs.fail }}", "true"),
        ("{{ inputs.deep }}", '{"a": [1]}'),
    ],
)
def test_a_template_alone_stands_for_a_text(text, written):
    assert written == rendered(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "{{ inputs.unknown }}",
        "{{ outputs.a.value }}",
        "{{ inputs.day | abs }}",
        "{{ inputs.kind < 2 }}",
        "{{ }}",
        "{{ ( }}",
        "{{ 1 2 }}",
        "{{ inputs.day == }}",
        "{% if true %}x{% endif %}",
        "a {{ true }}",
        "{{ true }}{{ true }}",
        "{{ " + "(" * 400 + " }}",
        "{{ " + "not " * 200 + "true }}",
        "{{ '" + "x" * 2_000 + "' }}",
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(ConditionError):
        holds(text, KNOWN)


@pytest.mark.parametrize(
    ("condition", "attempts"),
    [
        ("{{ taskrun.attemptsCount < 2 }}", 2),
        ("{{ taskrun.attemptsCount == 0 }}", 1),
        ("{{ true }}", None),
        ("{{ false }}", 0),
        ("{{ inputs.fail }}", None),
    ],
)
def test_a_condition_may_hold_for_the_first_attempts(condition, attempts):
    assert attempts == first_attempts(condition, INPUTS)


def test_a_condition_that_holds_again_is_refused():
    with pytest.raises(ConditionError):
        first_attempts("{{ taskrun.attemptsCount == 1 }}", {})


@pytest.mark.parametrize(
    ("condition", "failures"),
    [
        ("true", Failures(share=1.0)),
        ("{{ false }}", Failures()),
        ("{{ taskrun.attemptsCount < 2 }}", Failures(attempts=2)),
        ("{{ execution.id == execution.originalId }}", Failures(share=1.0, only_original=True)),
        (
            "{{ execution.id == execution.originalId and taskrun.attemptsCount < 3 }}",
            Failures(attempts=3, only_original=True),
        ),
    ],
)
def test_a_fail_task_fails_as_its_condition_says(condition, failures):
    assert failures == failures_of(condition)


@pytest.mark.parametrize(
    "condition", ["{{ inputs.fail }}", "{{ execution.id != execution.originalId }}", "{{ x }}"]
)
def test_what_depends_on_more_is_not_decided_here(condition):
    with pytest.raises(ConditionError):
        failures_of(condition)
