"""The verdict on a scenario that varies, and the file that its smallest failure makes."""

from __future__ import annotations

import importlib.util

import pytest

from flowconc.check.verdict import Outcome
from flowconc.runner import Result, run_scenario
from flowconc.scenario.load import load
from flowconc.scenario.problems import BadInput
from flowconc.vary.saving import save_failure
from tests.vary.scenarios import varied

FLOW = """\
id: f
namespace: company.team
concurrency: {limit: 1}
tasks:
  - {id: work, type: io.kestra.plugin.core.flow.Sleep, duration: PT5S}
"""
SCENARIO = """\
scenario: kills
description: costs ${{much}}
semantics: documented+kill_queued_frees
parametrize: {limit: [1, 2]}
flows: [flows/f.yaml]
actions: [{at: 0s, edit: f, concurrency: {limit: "${limit}"}}]
vary: {within: 10s, arrivals: {count: 0..8}, kills: 0..3, examples: 300}
sometimes: [queue_not_empty]
""".replace("costs ${{much}}", "costs $${much}")


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "f.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "kills.flowconc.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path / "kills.flowconc.yaml"


def outcomes(result: Result) -> dict[str, Outcome]:
    return {each.check: each.outcome for each in result.verdict.findings}


def test_a_batch_that_holds_passes():
    builder = varied(arrivals={"count": "0..8"}, examples=25).sometimes("queue_not_empty")
    result = run_scenario(builder.build())

    assert (result.passed, result.examples, result.failure) == (True, 25, None)
    assert outcomes(result)["vary"] is Outcome.PASS
    assert outcomes(result)["sometimes"] is Outcome.PASS
    assert outcomes(result)["fifo"] is Outcome.PASS


def test_a_batch_that_never_meets_a_condition_is_weak():
    result = run_scenario(varied(arrivals={"count": "0..8"}, examples=25).sometimes("rejected").build())

    assert (result.verdict.outcome, result.passed) == (Outcome.WEAK, False)
    assert [each.check for each in result.verdict.failures] == ["sometimes"]


def test_a_batch_that_its_deadline_ends_is_inconclusive():
    result = run_scenario(varied(arrivals={"count": "0..8"}, examples=1_000, deadline="1us").build())
    (finding,) = result.verdict.failures

    assert (result.verdict.outcome, finding.check) == (Outcome.INCONCLUSIVE, "vary")
    assert finding.sentence.startswith("1 example held in 0.000001s, must be 1000")


def test_what_must_hold_is_judged_in_every_variation():
    builder = varied(arrivals={"count": "0..3"}, examples=50).expect(flow="f", ended={"SUCCESS": "< 2"})
    result = run_scenario(builder.build())

    assert result.verdict.failures[0].check == "expect"
    assert result.verdict.failures[0].position.path.startswith("<builder>.expect[0]")
    assert len(result.scenario.arrivals[0].pattern.times_us) == 2


def test_a_failure_is_a_scenario_file_that_fails_alike(file):
    for scenario in load(file):
        found = run_scenario(scenario)
        assert found.failure is not None
        path = save_failure(found.failure, scenario.position.path)
        (again,) = load(path)
        repeated = run_scenario(again)

        assert path.name == f"kills.failure-{found.failure.id}.flowconc.yaml"
        assert repeated.verdict.failures[0].sentence == found.verdict.failures[0].sentence
        assert again.name == f"{scenario.id}, failure {found.failure.id}"
        assert (again.vary, again.sometimes, again.parameters) == (None, (), ())
        assert "flows: [flows/f.yaml]" in path.read_text(encoding="utf-8")
        assert "costs ${much}" in again.description


def test_each_failure_has_a_file_of_its_own(file):
    ids = {run_scenario(scenario).failure.id for scenario in load(file)}

    assert len(ids) == 2


def test_the_seed_of_the_runs_is_in_the_file(file, tmp_path):
    found = run_scenario(load(file)[0], seed=77)
    path = save_failure(found.failure, str(file))

    assert load(path)[0].run.seed == 77


def test_what_was_built_in_python_has_no_file():
    builder = varied(arrivals={"count": "0..8"}, kills="0..3", examples=300)
    result = run_scenario(builder.semantics("documented+kill_queued_frees").build())

    assert save_failure(result.failure, result.scenario.position.path) is None


def test_without_hypothesis_it_says_what_to_install(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "flowconc.vary.batch.find_spec", lambda name: None if name == "hypothesis" else found(name)
    )
    with pytest.raises(
        BadInput, match=r"`vary` needs hypothesis, expected pip install 'pytest-flowconc\[vary\]'"
    ):
        run_scenario(varied(kills=1).build())
