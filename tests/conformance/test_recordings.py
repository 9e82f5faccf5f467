"""The simulation comes to what the real engine did, recording by recording.

A small set of recordings lies beside this file; where the whole set is at hand, next to the project, that is held to
as well (slow).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowconc.kestra.account import lines, outcome_word
from flowconc.kestra.conformance import pairs
from flowconc.kestra.deviations import DEVIATIONS
from flowconc.kestra.verification import verify

OWN = Path(__file__).parent / "recordings"
SCRIPTS = Path(__file__).parent / "scripts"
ALL = Path(__file__).parents[3] / "shared" / "recordings"


def recordings(folder, *marks):
    return [
        pytest.param(pair, id=f"{pair.version}-{pair.name}", marks=marks)
        for pair in (pairs(folder) if folder.is_dir() else ())
    ]


@pytest.mark.parametrize("pair", [*recordings(OWN), *recordings(ALL, pytest.mark.slow)])
def test_the_recording_is_what_the_simulation_comes_to(pair):
    verification = verify(pair.script, pair.recording)

    assert outcome_word(verification) in {"agrees", "race", "explained"}, "\n".join(lines(verification))


@pytest.mark.parametrize(
    ("script", "release"), [(each.script, str(release)) for each in DEVIATIONS for release in each.releases]
)
def test_a_deviation_that_agrees_after_all_is_off_the_list(script, release):
    verification = verify(SCRIPTS / f"{script}.yaml", OWN / release / f"{script}.jsonl")

    assert not verification.agrees


# --- the comparison can fail ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version", "other"),
    [
        ("02a_cancel_basic", "1.1.0", "kestra-2.0.0"),  # a rejection frees a slot
        ("06b_kill_queued", "0.24.0", "kestra-2.0.0"),  # a killed one comes back from the queue
        ("09a_restart_full_fail", "0.21.0", "kestra-1.3.31"),  # a restart passes no gate
        ("10a_limit_raised", "1.1.0", "kestra-1.3.31"),  # a pop does not look at the limit
        ("12a_force_run", "0.21.0", "kestra-0.24.0"),  # a forced one stays in the queue
        ("13a_subflow_cancel", "0.24.0", "kestra-0.21.0"),  # a parent hears nothing of a rejected child
        ("13f_loop", "2.0.0", "kestra-1.3.31"),  # passes of a loop are executions
        ("14a_after_execution", "0.24.0", "kestra-1.1.0"),  # the end of afterExecution frees nothing
        ("18c_flow_trigger_queued", "0.24.0", "kestra-1.1.0"),  # what Flow triggers hear of
        ("19e_sla_assertion", "1.3.31", "kestra-1.1.0"),  # an assertion loses a slot
        ("10a_limit_raised", "2.0.0", "documented"),  # a raised limit starts the queued at once
    ],
)
def test_a_recording_tells_versions_apart(name, version, other):
    verification = verify(
        SCRIPTS / f"{name}.yaml", OWN / version / f"{name}.jsonl", semantics=other, seeds=40
    )

    assert not verification.agrees


def with_summary(folder, change):
    """Copy a recording whose summary is changed."""
    *head, summary = (OWN / "2.0.0" / "12a_force_run.jsonl").read_text().splitlines()
    changed = json.loads(summary)
    change(changed)
    path = folder / "12a_force_run.jsonl"
    path.write_text("\n".join([*head, json.dumps(changed)]), encoding="utf-8")
    return path


def fail(summary):
    summary["executions"]["e2"]["history"][-1][0] = "FAILED"


def start_before_the_third(summary):
    history = summary["executions"]["e4"]["history"]
    history[:] = [["CREATED", 318.0], ["RUNNING", 340.0], ["SUCCESS", 3500.0]]


def forget(summary):
    del summary["executions"]["e5"]


def count(summary):
    summary["counters"]["t.f"] = 1


def leave_one_waiting(summary):
    summary["executions"]["e5"]["history"] = summary["executions"]["e5"]["history"][:2]
    summary["queues"] = {"t.f": ["e5"]}


def run_no_task(summary):
    summary["executions"]["e2"]["tasks"] = []


@pytest.mark.parametrize(
    "change", [fail, start_before_the_third, forget, count, leave_one_waiting, run_no_task]
)
def test_a_recording_of_something_else_does_not_agree(tmp_path, change):
    recording = with_summary(tmp_path, change)

    assert not verify(SCRIPTS / "12a_force_run.yaml", recording, seeds=40).agrees
