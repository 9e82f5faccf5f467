"""The explorer finds the races of history by itself, and nothing under the documented contract."""

from __future__ import annotations

import pytest

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


@pytest.fixture
def explored(tmp_path, capsys):
    """Run `flowconc explore` on the scenario under a semantics; return its exit status and what it printed."""
    path = tmp_path / "three.flowconc.yaml"

    def run(semantics, *options):
        path.write_text(SCENARIO.format(semantics=semantics))
        status = main(["explore", str(path), *options])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out

    return run


def token_in(out):
    return next(line.split()[-1] for line in out.splitlines() if line.startswith("replay:"))


def test_the_contract_holds_in_every_order_with_a_crash_anywhere(explored):
    status, out = explored("documented")

    assert status == 0
    assert "complete" in out
    assert "not complete" not in out


@pytest.mark.parametrize(
    "fault",
    ["unlocked_admission", "emitted_after_commit", "skip_locked_pop", "release_in_two_transactions"],
)
def test_each_race_is_found_told_and_replayed_by_its_token(explored, fault):
    status, out = explored(f"documented+{fault}")
    again, replayed = explored(f"documented+{fault}", "--replay", token_in(out))

    assert status == again == 1
    assert "   1. " in out
    assert ">> " in replayed


def test_a_token_of_another_scenario_is_refused_in_words(explored):
    _, out = explored("documented+unlocked_admission")
    status, _ = explored("documented", "--replay", token_in(out))

    assert status == 2
