"""What is taken from a recording: when things took effect, how long tasks ran, the phase of the engine's loops."""

from __future__ import annotations

import pytest

from flowconc.kestra.facts import HANDLING_US, facts_of
from flowconc.kestra.recording import read_recording
from tests.kestra.scripts import queueing_histories, write_recording

NAP = ("t.f", "nap")
NOMINAL = {NAP: 1_000_000}


def sent(verb, t_ms, execution, **more):
    return {"op": verb, "t": t_ms, "exec": execution, **more}


def facts(folder, histories=None, **more):
    return facts_of(read_recording(write_recording(folder, histories, **more)), NOMINAL)


def test_an_arrival_takes_effect_when_the_gate_looks_at_it(tmp_path):
    operations = [sent("trigger", 0, "e1", flow="t.f"), sent("trigger", 200, "e2", flow="t.f")]

    handled = facts(tmp_path, operations=operations).handled_us

    assert handled == {("trigger", "e1", 1): 30_000, ("trigger", "e2", 1): 230_000}


def test_a_scheduled_one_takes_effect_when_it_is_created(tmp_path):
    histories = {"s": [("CREATED", 10), ("RUNNING", 1800)]}
    operations = [sent("trigger", 0, "s", flow="t.f")]

    handled = facts(
        tmp_path, histories, operations=operations, more={"s": {"scheduleDate": 1500.0}}
    ).handled_us

    assert handled["trigger", "s", 1] == 10_000


def test_an_operation_takes_effect_when_its_state_is_there(tmp_path):
    histories = {"e1": [("CREATED", 10), ("RUNNING", 30), ("PAUSED", 540), ("RUNNING", 2060)]}
    operations = [sent("pause", 500, "e1"), sent("resume", 2000, "e1"), sent("pause", 4000, "e1")]

    handled = facts(tmp_path, histories, operations=operations).handled_us

    assert handled["pause", "e1", 1] == 540_000
    assert handled["resume", "e1", 1] == 2_060_000
    assert handled["pause", "e1", 2] == 4_000_000 + HANDLING_US  # which led to nothing


KILLED = {"e1": [("CREATED", 10), ("RUNNING", 30), ("KILLING", 520), ("KILLED", 700)]}
KILL = [sent("kill", 500, "e1")]


@pytest.mark.parametrize("version", ["2.0.0", "1.3.31"])
def test_a_kill_takes_effect_when_its_execution_is_killing(tmp_path, version):
    assert facts(tmp_path, KILLED, operations=KILL, version=version).handled_us["kill", "e1", 1] == 520_000


def test_or_when_it_is_popped_where_only_that_was_seen(tmp_path):
    histories = {"e1": [("CREATED", 10), ("QUEUED", 30), ("RUNNING", 540), ("KILLED", 700)]}

    assert facts(tmp_path, histories, operations=KILL).handled_us["kill", "e1", 1] == 540_000


def test_an_execution_whose_end_outran_a_kill_is_as_long_as_any(tmp_path):
    histories = queueing_histories()
    histories["e1"] = [*histories["e1"][:2], ("KILLING", 600), *histories["e1"][2:]]

    assert facts(tmp_path, histories).lengths.of_runs_us[NAP] == (1_090_000, 1_100_000)


def test_a_kill_takes_as_long_to_a_worker_as_it_took(tmp_path):
    assert facts(tmp_path, KILLED).worker_us == 180_000


def test_a_kill_of_all_reaches_those_that_have_not_ended_in_order_of_creation(tmp_path):
    histories = {
        "late": [("CREATED", 3500)],
        "waits": [("CREATED", 20), ("QUEUED", 40), ("KILLING", 3100), ("KILLED", 3110)],
        "runs": [("CREATED", 10), ("RUNNING", 30), ("KILLING", 3050), ("KILLED", 3200)],
        "ended": [("CREATED", 5), ("RUNNING", 6), ("SUCCESS", 1000)],
    }

    (killed,) = facts(tmp_path, histories, operations=[{"op": "kill-all", "t": 3000}]).killed_us

    assert killed == (("runs", 3_050_000), ("waits", 3_100_000))


def test_an_execution_is_as_long_as_it_holds_its_slot(tmp_path):
    """e1 ended at 1100 ms, and e2 came out of the queue at 1120 ms: so long the slot was taken."""
    lengths = facts(tmp_path).lengths

    assert lengths.of_runs_us[NAP] == (1_090_000, 1_100_000)  # e2: 1080 ms and the usual 20
    assert lengths.added_us == 95_000


TWO_TASKS = {
    "e1": {
        "tasks": [
            {"task": "nap", "attempts": 1, "history": [["CREATED", 35], ["RUNNING", 40], ["SUCCESS", 600]]},
            {
                "task": "boom",
                "attempts": 1,
                "history": [["CREATED", 700], ["RUNNING", 710], ["SUCCESS", 1095]],
            },
        ]
    }
}


def test_tasks_in_a_row_share_the_time_of_their_execution(tmp_path):
    recording = read_recording(write_recording(tmp_path, more=TWO_TASKS))

    lengths = facts_of(recording, {**NOMINAL, ("t.f", "boom"): 0}).lengths

    assert lengths.of_runs_us[NAP][0] == 670_000  # from RUNNING at 30 ms to the next task at 700 ms
    assert lengths.of_runs_us["t.f", "boom"][0] == 420_000  # and from there until e2 is started at 1120 ms


def test_of_tasks_in_groups_each_run_is_as_long_as_until_the_next_thing(tmp_path):
    group = {"task": "both", "attempts": 1, "history": [["CREATED", 33], ["RUNNING", 34], ["SUCCESS", 1095]]}
    more = {"e1": {"tasks": [group, *TWO_TASKS["e1"]["tasks"]]}}
    recording = read_recording(write_recording(tmp_path, more=more))

    lengths = facts_of(recording, {**NOMINAL, ("t.f", "boom"): 0}).lengths

    assert lengths.of_runs_us[NAP][0] == 665_000
    assert lengths.of_runs_us["t.f", "boom"][0] == 400_000


def test_of_a_task_tried_again_the_first_attempt_counts(tmp_path):
    again = [
        ["CREATED", 35],
        ["RUNNING", 40],
        ["FAILED", 300],
        ["RETRYING", 310],
        ["RUNNING", 800],
        ["KILLED", 9000],
    ]
    more = {"e1": {"tasks": [{"task": "nap", "attempts": 2, "history": again}]}}

    lengths = facts(tmp_path, more=more).lengths

    assert lengths.of_runs_us[NAP][0] == 1_100_000 - 35_000  # until the next thing: the execution's own end


def test_a_run_that_was_stopped_would_have_gone_on(tmp_path):
    killed = {
        "e1": {"tasks": [{"task": "nap", "attempts": 1, "history": [["CREATED", 0], ["KILLED", 9000]]}]}
    }

    lengths = facts(tmp_path, {**queueing_histories(), **KILLED}, more=killed).lengths

    assert lengths.of_runs_us[NAP][0] == 9_100_000


def test_what_the_loops_do_shows_their_phase(tmp_path):
    histories = {f"f~{number}": [("CREATED", 1000 * number + 250 + number)] for number in (1, 2, 3)}
    more = {name: {"trigger": "tick", "triggerDate": 1000.0} for name in histories}

    found = facts(tmp_path, histories, more=more)

    assert found.phase_us == 252_000
    assert found.first_date_us == 1_000_000


def test_a_phase_is_found_around_the_full_second(tmp_path):
    histories = {f"f~{t_ms}": [("CREATED", t_ms)] for t_ms in (1990, 3010, 4995)}
    more = {name: {"trigger": "tick", "triggerDate": 1000.0} for name in histories}

    assert facts(tmp_path, histories, more=more).phase_us == 995_000


def test_without_anything_of_theirs_no_phase_is_known(tmp_path):
    assert facts(tmp_path).phase_us is None
