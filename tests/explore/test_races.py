"""The explorer finds the races of history by itself, and nothing under the documented contract."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from flowconc.cli import main

SCENARIO = """\
scenario: three arrive at once
semantics: {semantics}
flows:
  - id: f
    namespace: n
    concurrency: {{limit: 1}}
    tasks: [{{id: w, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}}]
arrivals: [{{flow: f, at: [0s, 0s, 0s], names: [a, b, c]}}]
explore: {{executions: 3, executors: 2, crashes: 1}}
"""


def explored(tmp_path, semantics, *options):
    path = tmp_path / "three.flowconc.yaml"
    path.write_text(SCENARIO.format(semantics=semantics))
    return CliRunner().invoke(main, ["explore", str(path), *options])


def test_the_contract_holds_in_every_order_with_a_crash_anywhere(tmp_path):
    result = explored(tmp_path, "documented")

    assert result.exit_code == 0
    assert "complete" in result.output
    assert "not complete" not in result.output


@pytest.mark.parametrize(
    "fault",
    ["unlocked_admission", "emitted_after_commit", "skip_locked_pop", "release_in_two_transactions"],
)
def test_each_race_is_found_told_and_replayed_by_its_token(tmp_path, fault):
    result = explored(tmp_path, f"documented+{fault}")
    token = next(line.split()[-1] for line in result.output.splitlines() if line.startswith("replay:"))
    again = explored(tmp_path, f"documented+{fault}", "--replay", token)

    assert result.exit_code == again.exit_code == 1
    assert "   1. " in result.output
    assert ">> " in again.output


def test_a_token_of_another_scenario_is_refused_in_words(tmp_path):
    result = explored(tmp_path, "documented+unlocked_admission")
    token = next(line.split()[-1] for line in result.output.splitlines() if line.startswith("replay:"))
    other = explored(tmp_path, "documented", "--replay", token)

    assert other.exit_code == 2
    assert "Traceback" not in other.output
