"""Scenario files in few words, loaded from a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowconc.scenario.load import load
from flowconc.scenario.problems import BadInput

FLOW = (
    "{id: f, namespace: company.team, concurrency: {limit: 1}, "
    "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: hi}]}"
)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write files into a folder that is the current one; return the path as a user types it."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="x.flowconc.yaml"):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def one(write):
    """Load the only scenario that a text, with one flow before it, describes."""

    def one(text, flows=f"[{FLOW}]"):
        (scenario,) = load(write(f"scenario: s\nflows: {flows}\n{text}"))
        return scenario

    return one


@pytest.fixture
def problems(write):
    """Load a text that is wrong, with one flow before it; return the lines."""

    def problems(text, flows=f"[{FLOW}]"):
        with pytest.raises(BadInput) as caught:
            load(write(f"scenario: s\nflows: {flows}\n{text}"))
        return str(caught.value).split("\n")

    return problems
