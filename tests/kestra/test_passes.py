"""Passes of a Loop begin with a copy of their parent's history, which is not theirs."""

from __future__ import annotations

from flowconc.kestra.passes import with_own_histories
from flowconc.kestra.recording import read_recording
from tests.kestra.scripts import write_recording

POPPED = [("CREATED", 10), ("QUEUED", 30), ("RUNNING", 1000), ("SUCCESS", 5000)]


def of_pass(folder, history, *, parent=POPPED, found_ms=2020.0, **more):
    """Return a recording of a parent and a pass of its Loop, and the pass."""
    path = write_recording(
        folder,
        {"e1": parent, "f~1": history},
        more={"f~1": {"parent": "e1", "kind": "LOOP", **more}},
        found_ms={"f~1": found_ms},
    )
    recording = with_own_histories(read_recording(path))
    return recording, recording.executions["f~1"]


def test_a_pass_of_one_that_was_popped_was_never_queued_itself(tmp_path):
    _, loop_pass = of_pass(tmp_path, [*POPPED[:3], ("SUCCESS", 2600)])

    assert [state for state, _ in loop_pass.history] == ["CREATED", "RUNNING", "SUCCESS"]


def test_it_came_into_being_when_it_was_first_seen_or_did_something(tmp_path):
    task = {
        "task": "nap",
        "attempts": 1,
        "history": [["CREATED", 2005], ["RUNNING", 2010], ["SUCCESS", 2590]],
    }

    _, by_poll = of_pass(tmp_path, [*POPPED[:3], ("SUCCESS", 2600)], tasks=[])
    _, by_task = of_pass(tmp_path, [*POPPED[:3], ("SUCCESS", 2600)], tasks=[task])

    assert by_poll.history[0] == ("CREATED", 2_020_000)
    assert by_task.history[:2] == (("CREATED", 2_005_000), ("RUNNING", 2_005_000))


def test_a_pass_that_comes_to_the_gate_is_queued_by_its_own_right(tmp_path):
    _, loop_pass = of_pass(
        tmp_path,
        [("CREATED", 10), ("QUEUED", 45)],
        parent=[("CREATED", 10), ("RUNNING", 40)],
        found_ms=60,
    )

    assert [state for state, _ in loop_pass.history] == ["CREATED", "QUEUED"]
    assert loop_pass.history[1] == ("QUEUED", 45_000)


def test_what_polls_saw_of_the_copy_goes_with_it(tmp_path):
    recording, _ = of_pass(tmp_path, [*POPPED[:3], ("SUCCESS", 2600)], tasks=[])

    seen = [(each.state, each.t_us) for each in recording.sightings if each.execution == "f~1"]
    assert seen == [("CREATED", 2_020_000), ("RUNNING", 2_020_000), ("SUCCESS", 2_600_000)]


def test_others_keep_what_they_have(tmp_path):
    path = write_recording(tmp_path, {"e1": POPPED, "f~1": POPPED}, more={"f~1": {"parent": "e1"}})
    recording = read_recording(path)

    assert with_own_histories(recording) == recording
