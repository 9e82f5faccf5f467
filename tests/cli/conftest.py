"""A directory with flows and scenarios, and the command line in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from flowconc.cli import main

FLOW = """\
id: two
namespace: company.team
concurrency:
  limit: 2
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT10S
"""

PASSES = """\
scenario: the third execution waits
flows: [two.yaml]
arrivals:
  - {flow: two, at: [0s, 0s, 0s], names: [a, b, c]}
expect:
  - {at: 1s, flow: two, running: 2, queued: 1}
"""

FAILS = PASSES.replace("third execution waits", "fourth does not").replace("queued: 1", "queued: 2")
BAD = PASSES.replace("flow: two", "flow: tow").replace("queued: 1", "queed: 1")


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Flowconc = Callable[..., Answer]


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a directory with a flow, a scenario that passes, one that fails, and one that is none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name, text in {
        "two.yaml": FLOW,
        "good.flowconc.yaml": PASSES,
        "wrong.flowconc.yaml": FAILS,
        "bad.flowconc.yaml": BAD,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def flowconc(directory: Path, capsys: pytest.CaptureFixture[str]) -> Flowconc:
    """Run `flowconc ARGUMENTS` in the directory; no traceback may ever come out."""

    def run(*arguments: str) -> Answer:
        status = main(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Answer(status, out, err)

    return run
