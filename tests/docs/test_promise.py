"""The page on promise and practice says what the scenarios show."""

from __future__ import annotations

import json

import pytest
import yaml

from docs import promise
from flowconc.protocol.versions import VERSIONS

pytestmark = pytest.mark.slow  # every scenario under every semantics

STEMS = sorted(path.name.removesuffix(".flowconc.yaml") for path in promise.FOLDER.glob("*.flowconc.yaml"))


def test_every_promise_has_a_case():
    numbers = {case.number for case in promise.of_kind("a", explained=False)}

    assert numbers == set(promise.PROMISES) == {f"A{number}" for number in range(1, 12)}


def test_every_situation_of_the_account_has_a_case():
    """SEMANTICS 9.1 has 28; some have several cases: S19, S19b."""
    numbers = dict.fromkeys(case.number.rstrip("bc") for case in promise.of_kind("s", explained=False))

    assert list(numbers) == [f"S{number}" for number in range(1, 29)]


def test_recordings_are_named_for_every_case_and_no_other():
    assert sorted(yaml.safe_load(promise.RECORDINGS.read_text(encoding="utf-8"))) == STEMS


def test_every_recording_that_is_named_has_been_looked_at():
    named = {name for case in promise.cases(explained=False) for name in case.recordings}
    looked_at = {name for found in json.loads(promise.RECORDED.read_text()).values() for name in found}

    assert named == looked_at


def test_every_promise_is_kept_by_the_documentation_itself():
    assert [
        case.stem
        for case in promise.cases(explained=False)
        if case.mark("documented") is not promise.Mark.KEEPS
    ] == []


def test_every_version_breaks_something():
    """A column without a break would be a version that is not simulated at all."""
    for version in VERSIONS:
        broken = [
            case for case in promise.cases(explained=False) if case.mark(version) is promise.Mark.BREAKS
        ]

        assert bool(broken) is (version != "documented")


@pytest.mark.parametrize(
    ("stem", "marks"),
    [
        ("a03-cancel", {"kestra-1.1.10": "yes", "kestra-1.1.0": "**no**", "kestra-0.24.0": "yes"}),
        ("s18-kill-during-a-retry", {"kestra-2.0.2": "yes", "kestra-2.0.0": "**no**"}),
        ("s19-loop", {"kestra-2.0.2": "**no**", "kestra-1.3.31": "n.a."}),
        ("a05-concurrent", {"kestra-1.3.31": "yes", "kestra-1.2": "n.a."}),
        ("s08-delete-and-repair", {"kestra-1.1.0": "yes", "kestra-0.24.0": "n.a."}),
        ("o08-forced-runs-once", {"kestra-2.0.2": "yes*", "kestra-0.21.0": "**no**"}),
    ],
)
def test_marks(stem, marks):
    case = next(case for case in promise.cases(explained=False) if case.stem == stem)

    assert {version: case.mark(version).value for version in marks} == marks


def test_the_page_is_up_to_date():
    assert promise.page() == promise.PAGE.read_text(encoding="utf-8"), "run: python docs/generate.py"
