"""`flowconc zoo`: exit status and what is printed."""

from __future__ import annotations

import json
from dataclasses import replace

from flowconc.cli import zoo
from flowconc.zoo.registry import chosen


def test_a_bug_that_is_caught(flowconc):
    answer = flowconc("zoo", "S19")

    assert answer.status == 0
    assert answer.lines[1].split()[:2] == ["S19", "documented"]
    assert answer.lines[-1] == "1 bug: 1 of 1 faulty semantics caught, 1 of 1 fixed ones clean"


def test_one_that_is_not(flowconc, monkeypatch):
    (bug,) = chosen(["S19"])
    sound = replace(bug, faulty=("documented+delete_frees",))
    monkeypatch.setattr(zoo, "chosen", lambda ids: (sound,))

    answer = flowconc("zoo", "S19")

    assert answer.status == 1
    assert "S19 is not caught under documented+delete_frees: no invariant breaks" in answer.lines


def test_a_fault_model_that_no_bug_has(flowconc, monkeypatch):
    monkeypatch.setattr(zoo, "chosen", lambda ids: chosen(["S19"]))
    monkeypatch.setattr(zoo, "unused_faults", lambda: ("idle_fault",))

    answer = flowconc("zoo")

    assert answer.status == 1
    assert "the fault model idle_fault is in no bug of the list" in answer.lines


def test_versions_by_their_beginnings(flowconc):
    answer = flowconc("zoo", "S27", "--semantics", "kestra-2.0", "--semantics", "kestra-1.3")

    assert answer.lines[0].split() == ["kestra-2.0.2", "kestra-1.3.31"]
    assert answer.lines[1].endswith("x              -")


def test_json(flowconc):
    answer = flowconc("zoo", "s19", "--format", "json")

    assert [bug["id"] for bug in json.loads("\n".join(answer.lines))["bugs"]] == ["S19"]


def test_markdown_and_html(flowconc):
    assert flowconc("zoo", "S19", "--format", "markdown").lines[0] == "# The zoo"
    assert flowconc("zoo", "S19", "--format", "html").lines[0] == "<!DOCTYPE html>"


def test_an_unknown_id(flowconc):
    answer = flowconc("zoo", "S119")

    assert answer.status == 2
    assert "there is no bug 'S119', expected S01 to S58, did you mean 'S19'?" in answer.err


def test_an_unknown_version(flowconc):
    answer = flowconc("zoo", "S19", "--semantics", "kestra-7")

    assert answer.status == 2
    assert "there is no semantics 'kestra-7', expected one of" in answer.err
