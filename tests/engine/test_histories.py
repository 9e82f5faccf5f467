"""`engine/histories.py` tells apart recordings in which the engine did something else."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ENGINE = Path(__file__).parents[2] / "engine"


@pytest.fixture(scope="module")
def histories() -> ModuleType:
    spec = importlib.util.spec_from_file_location("histories", ENGINE / "histories.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recording(path: Path, history: list[list[object]], counter: int = 0, *lines: dict[str, object]) -> Path:
    execution = {"flow": "t.f", "history": history, "tasks": []}
    summary = {
        "ended": "quiet",
        "executions": {"e1": execution},
        "counters": {"t.f": counter},
        "queues": {},
        "flow_logs": [],
        "refused": [],
    }
    header = {"kind": "header", "script": "x.yaml", "kestra": "2.0.0", "title": "a case"}
    every = [header, *lines, {"kind": "summary", **summary}]
    path.write_text("\n".join(json.dumps(line) for line in every) + "\n", encoding="utf-8")
    return path


def test_other_times_are_the_same_history(histories, tmp_path):
    given = recording(tmp_path / "a", [["CREATED", 10.0], ["RUNNING", 20.0]])
    again = recording(tmp_path / "b", [["CREATED", 15.0], ["RUNNING", 320.0]])

    assert histories.main(["--compare", str(given), str(again)]) == 0


def test_another_state_differs(histories, tmp_path, capsys):
    given = recording(tmp_path / "a", [["CREATED", 10.0], ["RUNNING", 20.0]])
    again = recording(tmp_path / "b", [["CREATED", 10.0], ["QUEUED", 20.0]])

    assert histories.main(["--compare", str(given), str(again)]) == 1
    assert "DIFFERS e1: C0.01 R0.02 | C0.01 Q0.02 (<= 0 ms)" in capsys.readouterr().out


def test_another_counter_at_the_end_differs(histories, tmp_path):
    given = recording(tmp_path / "a", [["CREATED", 10.0]], 0)
    again = recording(tmp_path / "b", [["CREATED", 10.0]], 1)

    assert histories.main(["--compare", str(given), str(again)]) == 1


def test_a_lost_entry_is_shown_where_it_was_lost(histories, tmp_path, capsys):
    lost = {"t": 900.0, "kind": "history-rewritten", "exec": "e1", "lost": ["KILLING@now"], "from": 1}
    path = recording(tmp_path / "a", [["CREATED", 10.0], ["RUNNING", 950.0]], 0, lost)

    histories.main([str(path)])

    assert "e1: C0.01 R0.95 !(KILLING)0.90" in capsys.readouterr().out
