"""From two files to a verdict."""

from __future__ import annotations

import pytest

from flowconc.kestra.account import data, lines, outcome_word
from flowconc.kestra.release import parse_release
from flowconc.kestra.verification import semantics_for, verify
from flowconc.scenario.problems import BadInput
from tests.kestra.scripts import QUEUEING_SENT, queueing_histories, write_recording, write_script


def verified(folder, histories=None, *, seeds=0, **more):
    recording = write_recording(folder, histories, operations=QUEUEING_SENT, **more)
    return verify(write_script(folder), recording, seeds=seeds)


def overtaking():
    """Return a recording in which the second one starts beside the first."""
    return {**queueing_histories(), "e2": [("CREATED", 210), ("RUNNING", 230), ("SUCCESS", 1300)]}


def test_a_recording_that_the_simulation_comes_to_agrees(tmp_path):
    found = verified(tmp_path)

    assert found.agrees
    assert outcome_word(found) == "agrees"
    assert found.semantics == "kestra-2.0.0"
    assert list(lines(found)) == [
        f"agrees: {tmp_path / 'recording.jsonl'}, Kestra 2.0.0 simulated by kestra-2.0.0",
        "  2 executions and 2 starts compared; the times of a start differ by at most 0s",
    ]


def test_one_that_it_does_not_come_to_differs_in_two_lines(tmp_path):
    found = verified(tmp_path, overtaking())

    assert outcome_word(found) == "differs"
    assert list(lines(found))[2:] == [
        "  the states of e2",
        "    recorded:  CREATED@0.210 RUNNING@0.230 SUCCESS@1.300",
        "    simulated: CREATED@0.230 QUEUED@0.230 RUNNING@1.100 SUCCESS@2.170",
    ]


def test_a_search_that_finds_nothing_says_how_much_it_saw(tmp_path):
    found = verified(tmp_path, overtaking(), seeds=10)

    assert not found.agrees
    assert list(lines(found))[-1].startswith("  10 orders searched, ")
    assert data(found)["search"]["tried"] == 10
    assert data(found)["outcome"] == "differs"


def test_as_data_it_has_everything(tmp_path):
    found = data(verified(tmp_path, overtaking()))

    assert found["differences"] == [
        {
            "what": "the states",
            "subject": "e2",
            "recorded": "CREATED@0.210 RUNNING@0.230 SUCCESS@1.300",
            "simulated": "CREATED@0.230 QUEUED@0.230 RUNNING@1.100 SUCCESS@2.170",
        }
    ]
    assert (found["kestra"], found["semantics"], found["executions"]) == ("2.0.0", "kestra-2.0.0", 2)


@pytest.mark.parametrize(
    ("version", "semantics"),
    [
        ("2.0.0", "kestra-2.0.0"),
        ("1.3.31", "kestra-1.3.31"),
        ("1.1.15", "kestra-1.1.10"),
        ("0.24.7", "kestra-0.24.0"),
    ],
)
def test_a_version_is_simulated_by_the_newest_known_that_is_not_newer(version, semantics):
    assert semantics_for(parse_release(version)) == semantics


def test_a_version_older_than_all_known_is_refused():
    with pytest.raises(BadInput, match="no semantics is known"):
        semantics_for(parse_release("0.9.0"))


def test_a_script_for_other_versions_is_refused(tmp_path):
    script = write_script(tmp_path)
    script.write_text(f'versions: "<2.0"\n{script.read_text()}', encoding="utf-8")

    with pytest.raises(BadInput, match=r"the script is not for Kestra 2\.0\.0"):
        verify(script, write_recording(tmp_path))


def test_another_semantics_can_be_asked_for(tmp_path):
    found = verify(write_script(tmp_path), write_recording(tmp_path), semantics="documented", seeds=0)

    assert found.semantics == "documented"
