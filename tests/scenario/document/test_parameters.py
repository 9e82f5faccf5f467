"""`parametrize:` and `${name}`: what is put in, and as what."""

from __future__ import annotations

import pytest

from flowconc.scenario.document.parameters import Filling, combinations, read_parameters
from flowconc.scenario.problems import Position
from flowconc.scenario.resolve.findings import Findings


def locate(loc, *, key=False):
    return Position("/".join(map(str, loc)))


def fill(data, *, plain=True, **chosen):
    """Fill one value in; return it and the problems."""
    findings = Findings(locate)
    filling = Filling({name: [value] for name, value in chosen.items()}, lambda loc: plain)
    filled = filling.fill({"x": data}, tuple(chosen.items()), findings)
    return filled["x"], [str(problem) for problem in findings.problems]


def test_the_first_parameter_varies_slowest():
    assert list(combinations({"limit": [1, 2], "rate": ["a", "b"]})) == [
        (("limit", 1), ("rate", "a")),
        (("limit", 1), ("rate", "b")),
        (("limit", 2), ("rate", "a")),
        (("limit", 2), ("rate", "b")),
    ]


def test_without_parameters_there_is_one_combination():
    assert list(combinations({})) == [()]


@pytest.mark.parametrize("value", [1, 2.5, True, None, "text", "5"])
def test_a_value_that_is_a_parameter_has_its_type(value):
    assert (value, []) == fill("${p}", p=value)
    assert (value, []) == fill("${ p }", p=value)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("${p}s", 5, "5s"),
        ("1${p}", 0, 10),
        ("${p}${p}", 1.5, "1.51.5"),
        ("${p} ", True, "true "),
        ("<${p}>", None, "<null>"),
    ],
)
def test_inside_a_longer_text_it_is_text_and_then_what_yaml_makes_of_it(text, value, expected):
    assert (expected, []) == fill(text, p=value)


def test_what_is_quoted_stays_text():
    assert fill("1${p}", plain=False, p=0) == ("10", [])


def test_it_is_put_in_at_any_depth():
    assert fill({"${p}": [{"a": "${p}"}]}, p=1) == ({"1": [{"a": 1}]}, [])


def test_two_dollars_are_the_text_itself():
    assert fill("echo $${HOME}", p=1) == ("echo ${HOME}", [])


@pytest.mark.parametrize("text", ["${HOME:-x}", "$p", "${", "{{ p }}", "${}"])
def test_what_is_not_a_parameter_stays(text):
    assert (text, []) == fill(text, p=1)


def test_an_unknown_parameter_is_an_error_that_names_the_known():
    filled, problems = fill("${limt}", limit=1)

    assert filled == "${limt}"
    assert problems == [
        (
            "x:1:1: there is no parameter 'limt' under `parametrize`, "
            "expected limit, or $${limt} for the text itself, did you mean 'limit'?"
        )
    ]


def test_a_parameter_that_no_value_uses_is_pointed_out():
    filling = Filling({"used": [1], "unused": [1]}, lambda loc: True)
    filling.fill({"x": "${used}"}, (("used", 1), ("unused", 1)), Findings(locate))

    assert [str(problem) for problem in filling.unused(locate)] == [
        "parametrize/unused:1:1: warning: the parameter `unused` is not used"
    ]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ([1], "parametrize:1:1: `parametrize` is a list, expected a mapping such as {limit: [1, 2, 5]}"),
        ({"p": []}, "parametrize/p:1:1: the parameter `p` is an empty list, expected a list of its values"),
        ({"p": "a"}, "parametrize/p:1:1: the parameter `p` is the text 'a', expected a list of its values"),
        ({"p": [1, "1"]}, "parametrize/p/1:1:1: the value '1' is there twice, expected each once"),
        ({"p": [[1]]}, "parametrize/p/0:1:1: a value of `p` is a list, expected a number or a text"),
        ({"p": [float("nan")]}, "parametrize/p/0:1:1: a value of `p` is nan, expected a finite number"),
        ({"p": list(range(1001))}, "parametrize:1:1: there are 1,001 combinations, expected at most 1,000"),
    ],
)
def test_parameters_that_cannot_be_used(declared, expected):
    findings = Findings(locate)
    read_parameters({"parametrize": declared}, findings)

    assert [expected] == [str(problem) for problem in findings.problems]


def test_keys_are_filled_in_as_text():
    assert fill({"queue_wait{source=${p}}": 1, "2": [3]}, p="ui") == (
        {"queue_wait{source=ui}": 1, "2": [3]},
        [],
    )
    assert fill({"${p}": "${p}"}, plain=False, p="5") == ({"5": "5"}, [])


def test_what_stands_under_a_filled_key_is_located_where_it_is_written():
    findings = Findings(locate)
    filling = Filling({"p": ["ui"]}, lambda loc: True)
    filling.fill({"x": {"a ${p}": {"b": 1}}}, (("p", "ui"),), findings)

    assert findings.locate(("x", "a ui", "b")) == Position("x/a ${p}/b")


def test_a_filled_key_that_is_there_already_is_an_error():
    _, problems = fill({"ui": 1, "${p}": 2}, p="ui")

    assert len(problems) == 1
    assert "filled in, the key is 'ui' a second time" in problems[0]
