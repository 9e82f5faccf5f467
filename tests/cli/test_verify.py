"""`flowconc verify`: exit status and what is printed."""

from __future__ import annotations

import json

import pytest

from tests.kestra.scripts import queueing_histories, write_recording, write_script

OVERTAKING = {**queueing_histories(), "e2": [("CREATED", 210), ("RUNNING", 230), ("SUCCESS", 1300)]}


@pytest.fixture
def script(directory):
    write_recording(directory, name="good.jsonl")
    write_recording(directory, OVERTAKING, name="wrong.jsonl")
    return write_script(directory).name


@pytest.fixture
def folder(directory):
    for name in ("all/scripts", "all/2.0.0"):
        (directory / name).mkdir(parents=True)
    write_script(directory / "all" / "scripts", name="queueing.yaml")
    write_recording(directory / "all" / "2.0.0", name="queueing.jsonl")
    return directory / "all"


def test_a_recording_that_agrees(flowconc, script):
    answer = flowconc("verify", script, "--recording", "good.jsonl")

    assert answer.status == 0
    assert answer.lines[0] == "agrees: good.jsonl, Kestra 2.0.0 simulated by kestra-2.0.0"


def test_one_that_differs(flowconc, script):
    answer = flowconc("verify", script, "--recording", "wrong.jsonl", "--seeds", "5")

    assert answer.status == 1
    assert answer.lines[0] == "differs: wrong.jsonl, Kestra 2.0.0 simulated by kestra-2.0.0"
    assert "  the states of e2" in answer.lines


def test_a_recording_of_another_script(flowconc, script, directory):
    (directory / script).rename(directory / "other.yaml")
    answer = flowconc("verify", "other.yaml", "--recording", "good.jsonl")

    assert answer.lines[1].startswith("  the recording says that it is one of ")


def test_as_json(flowconc, script):
    answer = flowconc("verify", script, "--recording", "wrong.jsonl", "--seeds", "0", "--format", "json")

    found = json.loads(answer.out)
    assert answer.status == 1
    assert (found["outcome"], found["differences"][0]["subject"]) == ("differs", "e2")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to verify"),
        (("script.yaml",), "there is no recording of the script"),
        (("script.yaml", "--all", "."), "--all takes neither a SCRIPT nor a --recording"),
        (("script.yaml", "--recording", "none.jsonl"), "'none.jsonl' does not exist"),
        (("script.yaml", "--recording", "script.yaml"), "script.yaml:1:1: this line is not JSON"),
        (("good.jsonl", "--recording", "good.jsonl"), "good.jsonl"),
    ],
)
def test_what_cannot_be_used_is_said(flowconc, script, arguments, said):
    answer = flowconc("verify", *arguments)

    assert answer.status == 2
    assert said in answer.err


def test_an_unknown_semantics_is_said(flowconc, script):
    answer = flowconc("verify", script, "--recording", "good.jsonl", "--semantics", "kestra-9")

    assert answer.status == 2
    assert "kestra-9" in answer.err


def test_a_whole_folder(flowconc, folder):
    answer = flowconc("verify", "--all", str(folder))

    assert answer.status == 0
    assert answer.lines[-1] == "1 recording: 1 agree (0 of them by search), 0 differ"


def test_a_whole_folder_with_one_that_differs(flowconc, folder):
    write_recording(folder / "2.0.0", OVERTAKING, name="queueing.jsonl")

    answer = flowconc("verify", "--all", str(folder), "--seeds", "3")

    assert answer.status == 1
    assert answer.lines[-1] == "1 recording: 0 agree (0 of them by search), 1 differ"


def test_a_whole_folder_as_json(flowconc, folder):
    (found,) = json.loads(flowconc("verify", "--all", str(folder), "--format", "json").out)

    assert found["outcome"] == "agrees"


def test_a_file_of_the_folder_that_cannot_be_used(flowconc, folder):
    (folder / "2.0.0" / "queueing.jsonl").write_text("{}\n", encoding="utf-8")

    answer = flowconc("verify", "--all", str(folder))

    assert answer.status == 2
    assert "the recording has no header" in answer.err
    assert answer.lines[-1] == "1 recording: 0 agree (0 of them by search), 1 unusable, 0 differ"
