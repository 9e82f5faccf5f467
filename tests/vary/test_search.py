"""The search: what is wrong is found and made small, and what holds is tried as often as it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowconc.check.verdict import Finding, Outcome, Verdict
from flowconc.scenario.builder import ScenarioBuilder
from flowconc.scenario.model import Scenario
from flowconc.vary import search as searching
from flowconc.vary.search import Search, search
from flowconc.vary.trial import Run
from tests.vary.scenarios import S, run, varied

COUNTERS = "counter_matches_holders"
KILLS = varied(arrivals={"count": "0..8"}, kills="0..3").semantics("documented+kill_queued_frees")


def searched(builder: ScenarioBuilder, run: Run = run, *, seed: int = 1) -> Search:
    built = builder.build()
    assert built.vary is not None
    return search(built, built.vary, run, seed=seed)


def test_a_batch_that_holds_has_as_many_examples_as_it_says():
    found = searched(varied(arrivals={"count": "0..8"}, kills="0..3", examples=40))

    assert (found.failed, found.examples, found.shrinks, found.in_time) == (False, 40, 0, True)


def test_examples_differ():
    seen: list[Scenario] = []

    def noting(built: Scenario) -> object:
        seen.append(built)
        return run(built)

    searched(varied(arrivals={"count": "0..8"}, examples=40), noting)
    assert len({(each.arrivals, each.actions) for each in seen}) == 40


def test_where_there_are_only_few_all_are_tried():
    found = searched(varied(within="3s", step="1s", arrivals={"count": 1}, examples=40))

    assert found.examples == 4


def test_a_known_bug_is_found_and_made_small():
    """One that waits is killed and frees the slot of one that runs: two arrivals and a kill show it."""
    found = searched(KILLS)

    assert found.failed
    assert found.shown.fails(str(found.check))
    assert len(found.shown.variation.arrivals) == 2
    assert [each.verb for each in found.shown.variation.operations] == ["kill"]


def test_it_stays_the_same_failure():
    """The first check that fails is asked for again, though a smaller variation fails another."""

    def fails(built: Scenario) -> object:
        runs = run(built)
        size = sum(len(each.pattern.times_us) for each in built.arrivals)
        check = "large" if size >= 4 else "small" if size else None
        failed = [Finding(check, Outcome.FAIL, "", built.position)] if check else []
        return _Judged(runs.traces, Verdict(tuple(failed), 1))

    found = searched(varied(arrivals={"count": "4..8"}, examples=50), fails)
    assert (found.check, len(found.shown.variation.arrivals)) == ("large", 4)


class _Judged:
    def __init__(self, traces, verdict):
        self.traces = traces
        self.verdict = verdict


def test_an_added_action_that_the_engine_refuses_is_no_failure():
    found = searched(varied(restarts=1, examples=20))

    assert not found.failed
    assert found.shown.refused == {0}


def test_a_written_action_that_the_engine_refuses_is_one():
    found = searched(varied(restarts=1, arrivals={"count": 1}).act(at="9s", pause="f#7"))

    assert (found.failed, found.check) == (True, "action")


def test_conditions_are_counted_over_the_batch():
    found = searched(varied(arrivals={"count": "0..8"}, examples=40).sometimes("queue_not_empty", "rejected"))
    first, second = found.tally.findings("example")

    assert (first.outcome, second.outcome) == (Outcome.PASS, Outcome.WEAK)
    assert "rejected in 0" not in second.sentence
    assert second.story[0].startswith("how often the others were met: queue_not_empty in ")


def test_the_same_text_and_seed_give_the_same_search():
    first, second = searched(KILLS), searched(KILLS)

    assert (first.examples, first.shrinks, first.shown.variation) == (
        second.examples,
        second.shrinks,
        second.shown.variation,
    )


@pytest.mark.parametrize("change", [{"seed": 7}, {"step": "500ms"}])
def test_another_text_tries_others(change):
    assert _tried(KILLS) != _tried(KILLS.vary(**change))


def test_another_seed_tries_others():
    assert _tried(KILLS) != _tried(KILLS, seed=2)


def _tried(builder: ScenarioBuilder, seed: int = 1) -> list[object]:
    seen: list[object] = []

    def noting(built: Scenario) -> object:
        seen.append([each.pattern for each in built.arrivals])
        return run(built)

    searched(builder.vary(examples=20), noting, seed=seed)
    return seen


PROGRAM = """
import random, sys
if len(sys.argv) > 1:
    import flowconc.report.terminal, flowconc.cli.run  # modules with numbers in them
    random.seed(7)
from tests.vary.test_search import KILLS, searched
found = searched(KILLS)
print(found.examples, found.shrinks, found.shown.variation)
"""


@pytest.mark.slow
def test_every_process_searches_alike():
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), str(root / "sim")])
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, *more],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, more in (("0", []), ("1", ["more"]))
    }
    found = searched(KILLS)

    assert outputs == {f"{found.examples} {found.shrinks} {found.shown.variation}\n"}


def test_the_deadline_ends_a_search_and_says_so(monkeypatch):
    now_s = [0.0]

    def slow(built: Scenario) -> object:
        now_s[0] += 1
        return run(built)

    monkeypatch.setattr(searching.time, "monotonic", lambda: now_s[0])
    found = searched(varied(arrivals={"count": "0..8"}, deadline="5s"), slow)

    assert (found.examples, found.in_time, found.failed) == (6, False, False)


def test_a_bound_ends_the_shrinking_with_what_there_is(monkeypatch):
    monkeypatch.setattr(searching, "MOST_SHRINKS", 3)
    found = searched(KILLS)

    assert (found.shrinks, found.finished, found.failed) == (3, False, True)
    assert found.shown.fails(str(found.check))


def test_nothing_is_later_than_it_may_be():
    found = searched(varied(within="4s", arrivals={"count": "0..8"}, examples=30))

    assert all(each.at_us <= 4 * S for each in found.shown.variation.arrivals)
