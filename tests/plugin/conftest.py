"""Projects for the plugin's tests, each with a scenario file or two."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

# pytester forgets modules that were imported during a run; numpy and matplotlib cannot be imported twice
import flowconc.report.sections
import flowconc.report.terminal
import pytest_flowconc.items

SLEEPS = "tasks: [{id: wait, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}]"

PASSES = f"""\
scenario: the third execution waits
flows:
  - {{id: two, namespace: company.team, concurrency: {{limit: 2}}, {SLEEPS}}}
arrivals:
  - {{flow: two, at: [0s, 0s, 0s], names: [a, b, c]}}
expect:
  - {{at: 1s, flow: two, running: 2, queued: 1}}
"""

FAILS = PASSES.replace("third execution waits", "fourth does not").replace("queued: 1", "queued: 2")
FAILS_AT_LINE = 7

SWEEP = f"""\
scenario: the limit holds
marks: [slow]
parametrize: {{limit: [1, 2]}}
flows:
  - {{id: few, namespace: company.team, concurrency: {{limit: "${{limit}}"}}, {SLEEPS}}}
arrivals:
  - {{flow: few, at: [0s, 0s, 0s]}}
expect:
  - {{at: 1s, flow: few, running: "${{limit}}"}}
"""

BAD = PASSES.replace("limit: 2", "limitt: 2").replace("queued: 1", "queed: 1")

ROOTS = {str(Path(package.__path__[0]).parent) for package in (flowconc, pytest_flowconc)}


def python_path() -> str:
    """Return the PYTHONPATH that lets a process started elsewhere find what this one has found."""
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([*sorted(ROOTS), *(str(Path(entry).resolve()) for entry in inherited)])


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Make an empty project where the plugin is installed, for subprocesses too."""
    monkeypatch.setenv("PYTHONPATH", python_path())
    return pytester


@pytest.fixture
def write(project: pytest.Pytester) -> Callable[..., None]:
    """Write scenario files: `write(queue=TEXT)` makes `queue.flowconc.yaml`."""

    def write(**scenarios: str) -> None:
        for name, text in scenarios.items():
            (project.path / f"{name}.flowconc.yaml").write_text(text, encoding="utf-8")

    return write
