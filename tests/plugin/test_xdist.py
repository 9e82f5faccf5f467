"""Workers of xdist change nothing: the same project, run with and without, says and writes the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.plugin.conftest import BAD, FAILS, FAILS_AT_LINE, PASSES, SWEEP, python_path

FILES = {"a": SWEEP, "b": FAILS, "c": BAD, "d": PASSES, "e": PASSES + "marks: [slow]\n"}
OPTIONS = [
    "--flowconc",
    "--flowconc-json=verdicts.json",
    "--flowconc-report=report",
    "--junitxml=junit.xml",
    "-v",
]


@dataclass(frozen=True)
class Session:
    """What a session left behind."""

    directory: Path
    status: int
    out: str

    @property
    def verdicts(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.directory / "verdicts.json").read_text())
        return document

    @property
    def report(self) -> dict[str, bytes]:
        folder = self.directory / "report"
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }

    @property
    def properties(self) -> dict[str | None, dict[str | None, str | None]]:
        cases = ElementTree.parse(self.directory / "junit.xml").iter("testcase")
        return {
            case.get("name"): {each.get("name"): each.get("value") for each in case.iter("property")}
            for case in cases
        }

    @property
    def summary(self) -> list[str]:
        """The plugin's own section, but for where the files went."""
        lines = self.out.split("= flowconc =", 1)[1].splitlines()[1:]
        return lines[: next(number for number, line in enumerate(lines) if line.startswith("===="))]


def session(directory: Path, *workers: str) -> Session:
    (directory / "pytest.ini").write_text("[pytest]\nmarkers = slow: takes long\n")
    for name, text in FILES.items():
        (directory / f"{name}.flowconc.yaml").write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *workers],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": python_path(), "PYTEST_ADDOPTS": ""},
        check=False,
        capture_output=True,
        text=True,
    )
    return Session(directory, ran.returncode, ran.stdout)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return session(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return session(tmp_path_factory.mktemp("project"), "-n", "2")


def test_the_same_exit_status(alone: Session, shared: Session) -> None:
    assert alone.status == shared.status == pytest.ExitCode.USAGE_ERROR


def test_the_same_verdicts(alone: Session, shared: Session) -> None:
    assert alone.verdicts == shared.verdicts
    assert len(shared.verdicts["scenarios"]) == 5
    assert len(shared.verdicts["bad_input"]) == 1


def test_the_same_traces(alone: Session, shared: Session) -> None:
    """Byte for byte: a worker's process draws and orders as any other does."""
    here, there = (
        [scenario["trace_sha256"] for scenario in each.verdicts["scenarios"]] for each in (alone, shared)
    )

    assert here == there
    assert all(there)


def test_the_same_report(alone: Session, shared: Session) -> None:
    assert alone.report == shared.report
    assert any(name.endswith(".html") for name in shared.report)


def test_the_same_properties(alone: Session, shared: Session) -> None:
    assert alone.properties == shared.properties
    assert shared.properties["the third execution waits"]["flowconc.seed"] == "1"


def test_the_same_summary(alone: Session, shared: Session) -> None:
    here, there = (
        [line.replace(str(each.directory), "") for line in each.summary] for each in (alone, shared)
    )

    assert here == there


def test_failures_are_explained(shared: Session) -> None:
    assert f"\nb.flowconc.yaml:{FAILS_AT_LINE}: " in shared.out
    assert "\nrepeat: pytest --flowconc" in shared.out
