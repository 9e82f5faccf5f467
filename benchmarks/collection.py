"""What the plugin costs: to collect many scenarios, to run the library, and to those who do not use it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.figure import Figure, fastest_s, python

FILES = 1_000
ROOT = Path(__file__).parents[1]

SCENARIO = """\
scenario: number {number}
description: A flow with a limit, three arrivals, and what is expected of them.
flows:
  - id: flow_{number}
    namespace: company.team
    concurrency:
      limit: 2
      behavior: QUEUE
    tasks:
      - id: first
        type: io.kestra.plugin.core.log.Log
        message: starting
      - id: wait
        type: io.kestra.plugin.scripts.shell.Commands
        commands:
          - sleep 10
arrivals:
  - {{flow: flow_{number}, source: ui, at: [0s, 0s, 0s], names: [a, b, c]}}
run:
  seed: 1
expect:
  - {{at: 1s, flow: flow_{number}, running: 2, queued: 1}}
  - {{execution: c, states: [CREATED, QUEUED, RUNNING, SUCCESS], waited: 10s}}
  - {{flow: flow_{number}, ended: {{SUCCESS: 3}}}}
"""

PYTHON_TEST = "def test_{number}():\n    assert True\n"

IMPORT = """\
import time, pytest
began = time.perf_counter()
import pytest_flowconc
print((time.perf_counter() - began) * 1e3)
"""


def figures() -> list[Figure]:
    """Measure collection, the library and an import nobody asked for."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            (Path(folder) / f"n{number:04}.flowconc.yaml").write_text(SCENARIO.format(number=number))
        scenarios_s = fastest_s(lambda: _collect(folder, "--flowconc"), rounds=5)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            (Path(folder) / f"test_n{number:04}.py").write_text(PYTHON_TEST.format(number=number))
        tests_s = fastest_s(lambda: _collect(folder), rounds=5)
    library_s = fastest_s(
        lambda: python(
            "-m", "pytest", "-q", "--flowconc", "-p", "no:cacheprovider", "scenarios/docs", cwd=str(ROOT)
        ),
        rounds=5,
    )
    import_ms = min(float(python("-c", IMPORT)) for _ in range(5))
    return [
        Figure(f"{FILES} scenario files collected", scenarios_s, "s", "<= 3"),
        Figure(f"{FILES} Python test files collected", tests_s, "s"),
        Figure("scenario files against Python files", scenarios_s / tests_s, "ratio"),
        Figure("the whole docs library run", library_s, "s", "<= 5"),
        Figure("plugin import when unused", import_ms, "ms", "<= 5"),
    ]


def _collect(folder: str, *options: str) -> None:
    python("-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *options, folder, cwd=folder)
