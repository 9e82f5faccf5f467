"""Every known bug is caught with the bug in it, and nothing breaks without it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from flowconc.scenario.load import find, load
from flowconc.scenario.semantics import resolve_semantics
from flowconc.scenario.vocabulary import FAULT_MODELS, INVARIANTS
from flowconc.zoo.matrix import Examined, Shows, complaints, examine
from flowconc.zoo.registry import Bug, bugs, library, unused_faults

BUGS = bugs()
PUBLISHED = [f"S{number:02}" for number in range(1, 45)]
"""The ids of the published list of bugs (BUGS, section 9)."""


@cache
def examined(bug: Bug) -> Examined:
    return examine(bug)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_a_bug_is_caught(bug: Bug) -> None:
    assert [trial.semantics for trial in examined(bug).faulty if not trial.broken] == []


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_without_the_bug_everything_holds(bug: Bug) -> None:
    assert list(complaints([examined(bug)])) == []


@pytest.mark.parametrize("bug", [bug for bug in BUGS if bug.had], ids=lambda bug: bug.id)
def test_a_version_that_had_the_bug_shows_it(bug: Bug) -> None:
    """By a recording or by the issue, these versions have it."""
    found = examine(bug, bug.had)

    assert {trial.semantics: found.shows(trial) for trial in found.versions} == dict.fromkeys(
        bug.had, Shows.YES
    )


def test_every_id_of_the_published_list_is_there() -> None:
    assert [bug.id for bug in BUGS][: len(PUBLISHED)] == PUBLISHED


def test_every_fault_model_is_in_a_bug() -> None:
    assert unused_faults() == ()


def test_every_invariant_catches_a_bug() -> None:
    caught = {name for bug in BUGS for trial in examined(bug).faulty for name in trial.broken}

    assert caught == set(INVARIANTS)


def test_every_scenario_file_is_of_a_bug() -> None:
    assert find([library() / "bugs"]) == sorted(bug.path for bug in BUGS)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_a_scenario_is_written_under_the_first_fixed_semantics(bug: Bug) -> None:
    """So the scenario passes by itself, in the library and in anybody's hands."""
    assert {scenario.semantics for scenario in load(bug.path)} == {bug.fixed[0]}


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_a_scenario_says_where_its_bug_is_known_from(bug: Bug) -> None:
    """The description names the issues of the list; its name begins with the id."""
    scenarios = load(bug.path)
    told = " ".join(scenario.description for scenario in scenarios)

    assert all(scenario.name.startswith(f"{bug.id} ") for scenario in scenarios)
    assert [issue for issue in bug.issues if issue.lstrip("#").lower() not in told.lower()] == []


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_the_names_of_semantics_are_whole(bug: Bug) -> None:
    for name in (*bug.faulty, *bug.fixed):
        assert resolve_semantics(name) == name


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_two_scenarios_are_for_a_remedy(bug: Bug) -> None:
    scenarios = load(bug.path)

    assert len(scenarios) == 1 or bug.remedy is not None


def test_fault_models_are_named_once() -> None:
    assert len(set(FAULT_MODELS)) == len(FAULT_MODELS)


def test_a_bug_that_its_fault_does_not_show_is_said(tmp_path: Path) -> None:
    """The zoo is honest: a scenario in which the fault has nothing to fall on is a complaint."""
    quiet = tmp_path / "S99_quiet.flowconc.yaml"
    quiet.write_text(
        "scenario: S99 one alone\n"
        "flows:\n"
        "  - {id: f, namespace: n, concurrency: {limit: 1},\n"
        "     tasks: [{id: t, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}]}\n"
        "arrivals: [{flow: f, at: 0s, names: [a]}]\n"
        "expect: [{execution: a, ended_at: 2s}]\n"
    )
    bug = Bug("S99", "nothing", (), quiet, ("documented+reject_frees",), ("documented",))

    found = examine(bug)

    assert not found.caught
    assert not found.clean
    assert list(complaints([found])) == [
        "S99 is not caught under documented+reject_frees: no invariant breaks",
        "S99 is not clean under documented: execution a: ended_at 1s, must be 2s",
    ]
