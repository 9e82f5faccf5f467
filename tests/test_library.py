"""The shipped library: every scenario passes, every rule is covered, and the index tells the truth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from flowconc.check.invariants import INVARIANTS, watch
from flowconc.check.verdict import Outcome
from flowconc.runner import Result, run_all, run_scenario
from flowconc.scenario.load import load
from flowconc.scenario.problems import Severity

LIBRARY = Path(__file__).resolve().parent.parent / "scenarios"
FILES = sorted(LIBRARY.rglob("*.flowconc.yaml"))
ENGINE = sorted((LIBRARY / "engine").glob("*.flowconc.yaml"))
"""Scenarios of what Kestra's own tests state, under the semantics of its versions."""
INDEXED = [path for path in FILES if path.parent != LIBRARY / "bugs" and path not in ENGINE]
"""Scenarios of the documentation's rules. Those of known bugs have a list and tests of their own (tests/zoo)."""
PLANS = sorted((LIBRARY / "capacity").glob("*.flowconc.yaml"))
"""Worked cases of planning: statistical, so they take seconds where the others take milliseconds."""
RULES = [f"A{number}" for number in range(1, 12)]
MODELINES = (
    "# yaml-language-server: $schema=flowconc.schema.json\n",
    "# yaml-language-server: $schema=../docs/flowconc.schema.json\n",
)


@pytest.fixture(scope="module")
def library() -> dict[Path, tuple[Result, ...]]:
    return {path: run_all(path) for path in FILES if path not in PLANS}


def documents(path: Path) -> list[dict[str, object]]:
    """Return the documents of a scenario file, as plain YAML."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def rules_of(text: object) -> set[str]:
    """Return the rules that a text names: "Rules A2 and A3" names two."""
    return set(re.findall(r"\bA\d+\b", str(text)))


def index() -> dict[str, set[str]]:
    """Return the library's index: file -> the rules in its row."""
    rows = re.findall(r"^\| (.+?) \| \[.+?\]\((.+?\.flowconc\.yaml)\) \|", _readme(), re.MULTILINE)
    return {file: rules_of(rules) for rules, file in rows}


def _readme() -> str:
    return (LIBRARY / "README.md").read_text(encoding="utf-8")


def failures(results: Iterable[Result]) -> list[str]:
    """Return what does not pass, in words."""
    return [
        f"{result.scenario.id}: {finding.sentence}"
        for result in results
        for finding in (*result.verdict.of(Outcome.FAIL), *result.verdict.of(Outcome.INCONCLUSIVE))
    ]


@pytest.mark.parametrize("path", [path for path in FILES if path not in PLANS], ids=lambda path: path.name)
def test_every_scenario_passes(path: Path, library: dict[Path, tuple[Result, ...]]) -> None:
    assert not failures(library[path])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_every_plan_is_met_at_the_limit_that_the_flow_has_whatever_the_seed(path: Path, seed: int) -> None:
    """A worked case whose answer hangs on its seed would teach the wrong thing."""
    assert not failures(run_scenario(scenario, seed=seed) for scenario in load(path))


def test_the_index_lists_every_file() -> None:
    assert sorted(index()) == [str(path.relative_to(LIBRARY)) for path in INDEXED]


@pytest.mark.parametrize("path", INDEXED, ids=lambda path: path.name)
def test_the_index_names_the_rules_that_the_file_names(path: Path) -> None:
    named = set().union(*(rules_of(document["description"]) for document in documents(path)))

    assert named == index()[str(path.relative_to(LIBRARY))]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_file_of_its_own(rule: str) -> None:
    """Part A of the semantics, row by row; the file's name begins with the rule's number."""
    prefix = f"a{int(rule[1:]):02d}-"

    assert any(path.name.startswith(prefix) and rule in rules_of(path.read_text()) for path in INDEXED)


@pytest.mark.parametrize("path", INDEXED, ids=lambda path: path.name)
def test_every_scenario_says_what_it_shows_and_ends_in_expectations(path: Path) -> None:
    for document in documents(path):
        assert rules_of(document["description"]), document["scenario"]
        assert {"expect", "thresholds", "plan"} & document.keys(), document["scenario"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_knows_its_schema(path: Path) -> None:
    modeline = MODELINES[path.parent.name != "docs"]

    assert path.read_text(encoding="utf-8").startswith(modeline)


def test_the_features_of_the_format_are_shown(library: dict[Path, tuple[Result, ...]]) -> None:
    """Somebody who looks for an example of a feature finds it in the library."""
    used = {key for path in FILES for document in documents(path) for key in document}
    results = [result for results in library.values() for result in results]

    assert {"thresholds", "parametrize", "marks", "actions", "tasks", "platform", "invariants", "run"} <= used
    assert any(result.verdict.replications > 1 for result in results)
    assert any(notice.severity is Severity.NOTICE for result in results for notice in result.scenario.notices)


def test_every_flow_file_is_used() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    flows = sorted(LIBRARY.glob("*/flows/*.yaml"))

    assert not [flow.name for flow in flows if f"flows/{flow.name}" not in written]


# --- worked cases of planning ---------------------------------------------------------------------------------


def test_the_worked_cases_are_plans_and_explained() -> None:
    page = (LIBRARY.parent / "docs" / "how-to" / "capacity-cases.md").read_text(encoding="utf-8")

    assert len(PLANS) >= 6
    for path in PLANS:
        assert all("plan" in document for document in documents(path)), path.name
        assert f"flowconc plan scenarios/capacity/{path.name}" in page


# --- what the engine's own tests state ------------------------------------------------------------------------


def test_the_engine_library_has_a_file_for_each_theme_of_the_index() -> None:
    rows = re.findall(r"^\| \[(.+?)\]\((engine/.+?\.flowconc\.yaml)\) \|", _readme(), re.MULTILINE)

    assert rows == [(path.name.split(".")[0], str(path.relative_to(LIBRARY))) for path in ENGINE]


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.name)
def test_a_scenario_of_the_engine_says_of_which_version_and_where_it_is_stated(path: Path) -> None:
    for document in documents(path):
        assert str(document["semantics"]).startswith("kestra-"), document["scenario"]
        assert re.search(
            r"\w+(Test|Contract)\b|SEMANTICS \d|OBSERVED \d|#\d+|[Rr]ecorded", str(document["description"])
        )
        assert "expect" in document, document["scenario"]


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.name)
def test_an_exception_is_of_what_the_engine_breaks_and_says_why(
    path: Path, library: dict[Path, tuple[Result, ...]]
) -> None:
    """One that nothing breaks would hide what breaks it tomorrow."""
    excepted: dict[str, set[str]] = {}
    broken: dict[str, set[str]] = {}
    for result in library[path]:
        name = result.scenario.name.partition("[")[0]
        watching = [kind() for kind in INVARIANTS.values()]
        watch(result.trace, watching)
        excepted[name] = set(result.scenario.invariants.excepted)
        broken.setdefault(name, set()).update(each.id for each in watching if each.first is not None)

    assert excepted == broken
    assert not re.search(r"^(?!# ).*\ninvariants:", path.read_text(encoding="utf-8"), re.MULTILINE)
