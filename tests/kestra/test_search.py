"""The search over orders: it finds what is a race, says what it saw, and is the same each time."""

from __future__ import annotations

import pytest

from flowconc.kestra.perturbation import Perturbation, What
from flowconc.kestra.recorded import recorded_outcome
from flowconc.kestra.recording import read_recording
from flowconc.kestra.release import Release
from flowconc.kestra.script_reading import read_script
from flowconc.kestra.search import fingerprint, perturbed_outcome, search
from flowconc.kestra.staging import stage
from tests.kestra.scripts import FLOW, write_recording, write_script

TOGETHER = "  - {at: 0, op: trigger, flow: t.f, as: a}\n  - {at: 0.01, op: trigger, flow: t.f, as: b}\n"

OTHER_WAY_ROUND = {
    "a": [("CREATED", 10), ("QUEUED", 35), ("RUNNING", 1120), ("SUCCESS", 2200)],
    "b": [("CREATED", 12), ("RUNNING", 30), ("SUCCESS", 1100)],
}
IMPOSSIBLE = {**OTHER_WAY_ROUND, "a": [("CREATED", 10), ("CANCELLED", 35)]}


def staged(folder, ops=TOGETHER):
    script = read_script(write_script(folder, f"horizon: 9\nflows:\n{FLOW}ops:\n{ops}"), Release((2, 0, 0)))
    assert script is not None
    return stage(script, "documented", end_us=9_000_000)


def wanted(folder, histories, script):
    return recorded_outcome(read_recording(write_recording(folder, histories)), script.parts)


def test_it_finds_an_order_that_is_as_possible_as_another(tmp_path):
    script = staged(tmp_path)

    found = search(script, wanted(tmp_path, OTHER_WAY_ROUND, script), seeds=100)

    assert found.agrees
    assert found.seed == found.tried > 1
    assert found.distinct >= 2


def test_who_asks_again_gets_the_same(tmp_path):
    script = staged(tmp_path)
    recorded = wanted(tmp_path, OTHER_WAY_ROUND, script)

    assert search(script, recorded, seeds=100) == search(script, recorded, seeds=100)


def test_the_order_found_can_be_had_again(tmp_path):
    script = staged(tmp_path)
    recorded = wanted(tmp_path, OTHER_WAY_ROUND, script)

    found = search(script, recorded, seeds=100)
    outcome = perturbed_outcome(script, found.perturbation, found.seed)

    assert [name for _, name in outcome.starts()] == ["b", "a"]


def test_what_no_order_comes_to_is_not_found(tmp_path):
    script = staged(tmp_path)

    found = search(script, wanted(tmp_path, IMPOSSIBLE, script), seeds=30)

    assert not found.agrees
    assert (found.seed, found.tried) == (None, 30)
    assert "the states of a" in {f"{each.what} of {each.subject}" for each in found.nearest.differences}


@pytest.mark.parametrize("later_us", [0, 20_000])
def test_outcomes_are_the_same_when_only_times_differ(tmp_path, later_us):
    script = staged(tmp_path)
    plain = perturbed_outcome(script, Perturbation(), 1)

    moved = perturbed_outcome(script, Perturbation({(What.ARRIVAL, 1): later_us}), 1)

    assert fingerprint(moved) == fingerprint(plain)
