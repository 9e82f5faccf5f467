"""`flowconc.run` under another semantics."""

from __future__ import annotations

import pytest

import flowconc
from tests.flows import arrive, flow, scene

FILE = """\
scenario: s
flows:
  - {id: f, namespace: n, concurrency: {limit: 1},
     tasks: [{id: w, type: io.kestra.plugin.core.flow.Sleep, duration: PT9S}]}
arrivals: [{flow: f, at: [0s]}]
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.flowconc.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_is_run_by_other_rules(path):
    assert flowconc.run(path, semantics="kestra-2.0.0").trace.header.semantics == "kestra-2.0.0"
    assert [each.scenario.semantics for each in flowconc.run_all(path, semantics="kestra-1")] == [
        "kestra-1.3.31"
    ]


def test_a_built_scenario_has_its_semantics():
    with pytest.raises(ValueError, match="has its semantics"):
        flowconc.run(scene(flow("f"), arrive("f")), semantics="kestra-2.0.0")
