"""How long single messages were on their way, as a recording shows it. Times in recordings are milliseconds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowconc.kestra.recording import Sighting, read_recording, sighted_in_order
from flowconc.kestra.ways import OUTRUN_US, usual_gate_us, ways_of
from flowconc.scenario.distributions import Listed
from tests.kestra.scripts import write_recording

WORKER_US = 70_000


def ways(recording, *names):
    """Return the ways in a recording of flow t.f by step; `names` are its executions in order of creation."""
    found = ways_of(recording, {"t.f": names or tuple(recording.executions)}, WORKER_US)
    assert all(flow == "t.f" for (_, flow), _ in found)
    return {step: way for (step, _), way in found}


def recorded(folder, histories, **more):
    return read_recording(write_recording(folder, histories, **more))


def test_each_execution_that_the_engine_made_has_its_own_way_to_the_gate(tmp_path):
    """Two are made together, and the second one comes to the gate first."""
    histories = {
        "e1": [("CREATED", 10), ("RUNNING", 30)],
        "f~1": [("CREATED", 100), ("QUEUED", 155)],
        "f~2": [("CREATED", 106), ("RUNNING", 145)],
        "f~3": [("CREATED", 110)],
    }
    recording = recorded(tmp_path, histories)

    assert ways(recording) == {"gate": Listed((None, 55_000, 39_000, None), 47_000)}
    assert usual_gate_us(recording) == 47_000


KILLED = [("CREATED", 10), ("RUNNING", 30), ("KILLING", 520), ("KILLED", 700)]


@pytest.mark.parametrize(("version", "rest_us"), [("1.3.31", 180_000), ("2.0.0", WORKER_US)])
def test_a_kill_takes_as_long_as_its_execution_was_killing(tmp_path, version, rest_us):
    """Of others it takes the usual time: since 2.0 that to a worker, before that as long as kills take in the engine."""
    recording = recorded(tmp_path, {"e1": KILLED, "e2": KILLED[:3]}, version=version)

    assert ways(recording) == {"stopped": Listed((180_000, None), rest_us)}


@pytest.mark.parametrize(("version", "way_us"), [("2.0.0", 180_000 + OUTRUN_US), ("1.3.31", None)])
def test_since_2_0_a_kill_that_the_end_outran_comes_later(tmp_path, version, way_us):
    recording = recorded(tmp_path, {"e1": [*KILLED[:3], ("SUCCESS", 700)]}, version=version)

    assert ways(recording).get("stopped") == (None if way_us is None else Listed((way_us,), WORKER_US))


def overwritten(folder, version="2.0.0"):
    """Return a recording of one that was popped at 1000 ms and killed at 1030 ms; then the popped copy was stored."""
    nap = {"task": "nap", "attempts": 0, "history": [["CREATED", 1200], ["KILLED", 1500]]}
    history = [("CREATED", 10), ("QUEUED", 30), ("RUNNING", 1000), ("KILLED", 1600)]
    recording = recorded(folder, {"e1": history}, version=version, more={"e1": {"tasks": [nap]}})
    killing = Sighting("e1", "KILLING", 2, 1_030_000, 1_040_000)
    seen = [
        replace(each, seen_us=1_210_000) if each.state == "RUNNING" else each for each in recording.sightings
    ]
    return replace(recording, sightings=(*seen[:3], killing, *seen[3:]), rewritten=("e1",))


def test_one_that_is_killed_on_its_way_from_the_queue_comes_when_its_task_begins(tmp_path):
    assert ways(overwritten(tmp_path)) == {
        "popped": Listed((200_000,), 0),
        "stopped": Listed((570_000,), WORKER_US),
    }


def test_before_2_0_the_end_of_a_kill_that_was_overwritten_shows_nothing(tmp_path):
    assert set(ways(overwritten(tmp_path, "1.3.31"))) == {"popped"}


def test_what_an_older_copy_overwrote_was_stored_before_it(tmp_path):
    states = [each.state for each in sighted_in_order(overwritten(tmp_path))]

    assert states == ["CREATED", "QUEUED", "KILLING", "RUNNING", "KILLED"]


def test_a_cascade_takes_its_time_to_children_that_nobody_killed_by_name(tmp_path):
    child = [("CREATED", 100), ("KILLING", 600), ("KILLED", 650)]
    histories = {"e1": KILLED, "f~1": child, "f~2": child}
    operations = [{"op": "kill", "t": 500, "exec": name} for name in ("e1", "f~2")]
    more = {name: {"parent": "e1"} for name in ("f~1", "f~2")}

    found = ways(recorded(tmp_path, histories, operations=operations, more=more))

    assert found["kill"] == Listed((None, 80_000, None), 0)


def test_the_kill_of_an_sla_that_a_popped_copy_overwrote_takes_until_it_has_ended_again(tmp_path):
    nap = {"task": "nap", "attempts": 1, "history": [["CREATED", 1200], ["RUNNING", 1210], ["KILLED", 1700]]}
    history = [("CREATED", 10), ("QUEUED", 30), ("RUNNING", 1000), ("FAILED", 1600)]
    recording = recorded(tmp_path, {"e1": history}, more={"e1": {"tasks": [nap]}})
    broken = Sighting("e1", "FAILED", 2, 1_100_000, 1_110_000)
    recording = replace(recording, sightings=(*recording.sightings, broken), rewritten=("e1",))

    assert ways(recording) == {"popped": Listed((200_000,), 0), "sla_kill": Listed((500_000,), 0)}
