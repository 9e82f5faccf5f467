"""Ctrl-C in a real process: what was computed is kept, and the same command goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowconc.plan.store import Store

pytestmark = pytest.mark.slow

PATIENCE_S = 60.0
FLOW = """\
id: calls
namespace: company.team
concurrency: {limit: 1}
tasks:
  - {id: call, type: io.kestra.plugin.core.http.Request, uri: "https://example.com"}
"""
COMMAND = (
    *(
        sys.executable,
        "-m",
        "flowconc",
        "plan",
        "calls.yaml",
        "--rate",
        "1/s",
        "--duration",
        "exponential(mean 3s)",
    ),
    *(
        "--goal",
        "queue_wait p95 < 5s",
        "--limit",
        "3..10",
        "--horizon",
        "20m",
        "--no-sensitivity",
        "--store",
        "kept.db",
    ),
    *("--max-replications", "10", "--backend", "simulation"),
)


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1"}
    return subprocess.Popen(
        [*COMMAND, *more],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def known(folder: Path) -> int:
    if not (folder / "kept.db").exists():
        return 0
    with Store(folder / "kept.db") as store:
        return len(store)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_plan_goes_on(tmp_path: Path, workers: str) -> None:
    (tmp_path / "calls.yaml").write_text(FLOW, encoding="utf-8")
    interrupted = start(tmp_path, "--workers", workers)
    given_up_s = time.monotonic() + PATIENCE_S
    while known(tmp_path) < 100:
        assert time.monotonic() < given_up_s
        time.sleep(0.1)
    interrupted.send_signal(signal.SIGINT)
    _, said = interrupted.communicate(timeout=PATIENCE_S)
    kept = known(tmp_path)
    resumed = start(tmp_path, "--workers", workers, "--json", "resumed.json")
    resumed.communicate(timeout=2 * PATIENCE_S)
    whole = start(tmp_path, "--store", "other.db", "--json", "whole.json")
    whole.communicate(timeout=2 * PATIENCE_S)

    assert interrupted.returncode == 130
    assert "Traceback" not in said
    assert "kept.db keeps them, and the same command goes on" in said
    assert 100 <= kept < known(tmp_path)
    assert (resumed.returncode, whole.returncode) == (0, 0)
    assert (tmp_path / "resumed.json").read_text() == (tmp_path / "whole.json").read_text()


def test_the_answer_is_there_before_the_report_is_measured(tmp_path: Path) -> None:
    (tmp_path / "calls.yaml").write_text(FLOW, encoding="utf-8")
    interrupted = start(tmp_path, "--report", "report")
    assert interrupted.stdout is not None
    answer = interrupted.stdout.readline()
    interrupted.send_signal(signal.SIGINT)
    _, said = interrupted.communicate(timeout=PATIENCE_S)

    assert answer.startswith("95 % sure: limit ")
    assert interrupted.returncode == 130
    assert "Traceback" not in said
    assert not (tmp_path / "report" / "index.html").exists()
