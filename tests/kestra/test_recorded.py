"""What a recording of the engine came to."""

from __future__ import annotations

from flowconc.kestra.recorded import Parts, recorded_outcome
from flowconc.kestra.recording import read_recording
from tests.kestra.scripts import queueing_histories, write_recording

PARTS = Parts(triggers={"t.f": frozenset({"tick"})}, worked={"t.f": frozenset({"nap"})})


def recorded(folder, histories=None, **more):
    return recorded_outcome(read_recording(write_recording(folder, histories, **more)), PARTS)


def states(run):
    return [state for state, _ in run.history]


def test_labels_stay_and_histories_are_kept(tmp_path):
    outcome = recorded(tmp_path)

    assert list(outcome.runs) == ["e1", "e2"]
    assert states(outcome.runs["e2"]) == ["CREATED", "QUEUED", "RUNNING", "SUCCESS"]
    assert outcome.starts() == ((30_000, "e1"), (1_120_000, "e2"))
    assert outcome.counters == {"t.f": ((10_000_000, 0),)}


def test_executions_without_a_label_are_called_after_what_made_them(tmp_path):
    histories = {
        "e1": [("CREATED", 0)],
        "f~1": [("CREATED", 10)],
        "f~2": [("CREATED", 20)],
        "f~3": [("CREATED", 30)],
        "f~4": [("CREATED", 40)],
    }
    more = {
        "f~1": {"trigger": "tick", "triggerDate": 7.0},
        "f~2": {"trigger": "tick", "triggerDate": 8.0},
        "f~3": {"parent": "e1"},
        "f~4": {"trigger": "call", "triggeredBy": "f~3"},  # the task of a subflow, no trigger of the flow
    }

    runs = recorded(tmp_path, histories, more=more).runs

    assert list(runs) == ["e1", "t.f(trigger:tick)~1", "t.f(trigger:tick)~2", "t.f(e1)~1", "t.f(t.f(e1)~1)~1"]
    assert runs["t.f(trigger:tick)~2"].planned_us == 8_000


def test_a_replay_has_its_own_states_only(tmp_path):
    copied = [("CREATED", 10), ("RUNNING", 30), ("FAILED", 500)]
    histories = {"e1": copied, "r1": [*copied, ("RESTARTED", 2040), ("RUNNING", 2060)]}

    runs = recorded(
        tmp_path,
        histories,
        operations=[{"op": "replay", "t": 2000, "exec": "e1"}],
        more={"r1": {"parent": "e1"}},
        found_ms={"r1": 2050},
    ).runs

    assert states(runs["r1"]) == ["RESTARTED", "RUNNING"]
    assert states(runs["e1"]) == ["CREATED", "RUNNING", "FAILED"]


def test_tasks_that_began_are_told_from_those_stopped_on_their_way(tmp_path):
    history = [["CREATED", 35], ["KILLED", 80]]
    more = {"e2": {"tasks": [{"task": "nap", "attempts": 0, "history": history}]}}

    runs = recorded(tmp_path, more=more).runs

    assert ([task for task, _ in runs["e1"].tasks], runs["e1"].undone) == (["nap"], {})
    assert (runs["e2"].tasks, runs["e2"].undone) == ((), {"nap": 1})


def test_groups_are_no_tasks_that_run(tmp_path):
    history = [["CREATED", 35], ["RUNNING", 80]]
    more = {"e2": {"tasks": [{"task": "side_by_side", "attempts": 1, "history": history}]}}

    assert recorded(tmp_path, more=more).runs["e2"].tasks == ()


def test_since_2_0_nobody_hears_whether_a_command_was_refused(tmp_path):
    operations = [{"op": "kill", "t": 1, "exec": "e1", "error": "404"}]

    new = recorded(tmp_path, operations=operations)
    old = recorded(tmp_path, operations=operations, version="1.3.31")

    assert new.refused == old.refused == (("kill", "e1"),)
    assert "pause" in new.unheard
    assert not old.unheard


def test_an_execution_that_was_found_before_it_was_labelled_is_whole(tmp_path):
    path = write_recording(tmp_path)
    path.write_text(
        path.read_text().replace('"exec": "e1", "state": "CREATED"', '"exec": "f~9", "state": "CREATED"')
    )

    runs = recorded_outcome(read_recording(path), PARTS).runs

    assert [state for state, _ in runs["e1"].seen] == [state for state, _ in queueing_histories()["e1"]]
