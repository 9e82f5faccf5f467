"""The second recording of a crash: its operations, and those before, on one clock."""

from __future__ import annotations

import json

from flowconc.kestra.crash import after_crash
from flowconc.kestra.facts import HANDLING_US
from flowconc.kestra.recording import read_recording
from flowconc.kestra.release import Release
from flowconc.kestra.script_reading import read_script
from tests.kestra.scripts import FLOW, write_recording, write_script

OPS = """\
  - {at: 0, op: trigger, flow: t.f, as: e1}
  - {at: 1, op: trigger, flow: t.f, as: e2}
  - {at: 9, op: trigger, flow: t.f, as: never}
ops_after:
  - {at: 3, op: trigger, flow: t.f, as: late}
"""
HISTORIES = {
    "e1": [("CREATED", -20_000), ("RUNNING", -19_980), ("SUCCESS", 8_000)],
    "e2": [("CREATED", -19_000), ("QUEUED", -18_980), ("RUNNING", 8_020), ("SUCCESS", 9_100)],
    "late": [("CREATED", 3_020), ("QUEUED", 3_040), ("RUNNING", 9_120), ("SUCCESS", 10_000)],
}
RESENT = [
    ["CREATED", -19_985],
    ["SUBMITTED", -19_980],
    ["RESUBMITTED", 3_800],
    ["RUNNING", 3_900],
    ["SUCCESS", 7_950],
]


def read(folder, histories=None, startup_ms=8_000.0):
    script = read_script(write_script(folder, f"horizon: 60\nflows:\n{FLOW}ops:\n{OPS}"), Release((2, 0, 0)))
    more = {"e1": {"tasks": [{"task": "nap", "attempts": 2, "history": RESENT}]}}
    path = write_recording(folder, histories or HISTORIES, end_ms=15_000, more=more)
    header, *rest = path.read_text().splitlines()
    header = json.dumps(json.loads(header) | {"startup_ms": startup_ms})
    path.write_text("\n".join([header, *rest]), encoding="utf-8")
    assert script is not None
    return script, read_recording(path)


def test_all_operations_are_on_the_clock_of_the_restart(tmp_path):
    found = after_crash(*read(tmp_path))

    assert found is not None
    script, _, _ = found
    assert [(each.label, each.at_us) for each in script.operations] == [
        ("e1", -20_000_000 - HANDLING_US),
        ("e2", -19_000_000 - HANDLING_US),
        ("late", 3_000_000),
    ]  # `never` was not sent: the engine was dead by then


def test_it_died_after_the_last_thing_seen_and_was_back_at_the_first(tmp_path):
    found = after_crash(*read(tmp_path))

    assert found is not None
    _, _, crash = found
    assert crash.died_us == -18_980_000 + HANDLING_US
    assert crash.back_us == 0
    assert crash.resent_us == 3_800_000 - crash.died_us


def test_a_recording_until_the_crash_is_an_ordinary_one(tmp_path):
    until = {"e1": [("CREATED", 20), ("RUNNING", 40)]}

    assert after_crash(*read(tmp_path, until)) is None


def test_what_happened_while_the_engine_started_is_of_no_crash(tmp_path):
    assert after_crash(*read(tmp_path, startup_ms=30_000.0)) is None
