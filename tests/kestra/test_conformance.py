"""A folder of recordings: which script belongs to which, and one line for each."""

from __future__ import annotations

import pytest

from flowconc.kestra.conformance import main, pairs
from flowconc.scenario.problems import BadInput
from tests.kestra.scripts import queueing_histories, write_recording, write_script


@pytest.fixture
def folder(tmp_path):
    """Return a folder with one recording that agrees, one that differs, and both of a crash."""
    for name in ("scripts/crash", "2.0.0/crash", "1.3.31"):
        (tmp_path / name).mkdir(parents=True)
    write_script(tmp_path / "scripts", name="good.yaml")
    write_script(tmp_path / "scripts", name="crash/dies.yaml")
    write_recording(tmp_path / "2.0.0", name="good.jsonl")
    write_recording(tmp_path / "2.0.0", name="crash/dies_before.jsonl")
    wrong = {**queueing_histories(), "e2": [("CREATED", 210), ("CANCELLED", 230)]}
    write_recording(tmp_path / "1.3.31", wrong, name="good.jsonl", version="1.3.31")
    return tmp_path


def test_recordings_come_by_version_and_name(folder):
    assert [(each.version, each.name) for each in pairs(folder)] == [
        ("1.3.31", "good"),
        ("2.0.0", "crash/dies_before"),
        ("2.0.0", "good"),
    ]


def test_both_recordings_of_a_crash_are_of_one_script(folder):
    (pair,) = pairs(folder, names=["crash/dies_before"])

    assert pair.script == folder / "scripts" / "crash" / "dies.yaml"


def test_a_recording_without_a_script_is_said(folder):
    write_recording(folder / "2.0.0", name="stray.jsonl")

    with pytest.raises(BadInput, match=r"there is no script .*stray\.yaml"):
        pairs(folder)


def test_a_folder_without_recordings_is_said(folder):
    with pytest.raises(BadInput, match="there is no such recording"):
        pairs(folder, versions=["3.0.0"])


def test_one_line_is_printed_for_each(folder, capsys):
    status = main(["--recordings", str(folder), "--seeds", "0"])

    assert status == 1
    assert [line.split(None, 3)[:3] for line in capsys.readouterr().out.splitlines()] == [
        ["1.3.31", "good", "differs"],
        ["2.0.0", "crash/dies_before", "agrees"],
        ["2.0.0", "good", "agrees"],
        ["3", "recordings,", "1"],
    ]


def test_with_a_name_every_difference_is_printed(folder, capsys):
    main(["1.3.31", "good", "--recordings", str(folder), "--seeds", "0"])

    assert "  recorded:  CREATED@0.210 CANCELLED@0.230" in capsys.readouterr().out
