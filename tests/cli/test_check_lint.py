"""`flowconc check` on flows that have something to find."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowconc.lint.linter import RULE_IDS
from tests.cli.conftest import FLOW, Flowconc

PAUSE = "  - {id: ask, type: io.kestra.plugin.core.flow.Pause}\n"
CALLER = """\
id: {name}
namespace: company.team
concurrency: {{limit: 1}}
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: {target}
"""


@pytest.fixture(autouse=True)
def flows(directory: Path) -> Path:
    """Put flows that pause, and flows that wait for each other, into folders of their own."""
    for folder, files in {
        "pausing": {"pause.yaml": FLOW + PAUSE},
        "circle": {
            "a.yaml": CALLER.format(name="a", target="b"),
            "b.yml": CALLER.format(name="b", target="a"),
        },
    }.items():
        (directory / folder).mkdir()
        for name, text in files.items():
            (directory / folder / name).write_text(text, encoding="utf-8")
    return directory


def test_a_finding_is_two_lines_and_exit_status_1(flowconc: Flowconc) -> None:
    answer = flowconc("check", "pausing")

    assert (answer.status, answer.err) == (1, "")
    assert answer.lines == [
        (
            "pausing/pause.yaml:9:5: warning: the execution is PAUSED here until somebody resumes it, "
            "and keeps its slot meanwhile (limit 2 of company.team.two) [pause-holds-slot]"
        ),
        "  help: pause in a flow without a limit, and let what follows be a limited flow of its own",
        "1 file checked, 0 not usable, 1 finding",
    ]


def test_flows_of_all_files_are_seen_together(flowconc: Flowconc) -> None:
    """Alone, neither has anything to find."""
    together = flowconc("check", "circle")

    assert (together.status, together.lines[-1]) == (1, "2 files checked, 0 not usable, 2 findings")
    assert flowconc("check", "circle/a.yaml").status == 0
    assert flowconc("check", "circle/b.yml").status == 0


def test_a_file_that_is_named_twice_is_one(flowconc: Flowconc, directory: Path) -> None:
    answer = flowconc("check", "two.yaml", "./two.yaml", str(directory / "two.yaml"), "tw*.yaml")

    assert (answer.status, answer.out) == (0, "1 file checked, 0 not usable\n")


def test_a_pattern_is_searched_for(flowconc: Flowconc) -> None:
    """For shells that leave it to the program."""
    assert (
        flowconc("check", "**/*.y*ml", "--select", "slot-deadlock")
        .lines[-1]
        .endswith("1 not usable, 2 findings")
    )
    assert flowconc("check", "circle/*.yml").lines == ["1 file checked, 0 not usable"]


def test_a_pattern_that_matches_nothing(flowconc: Flowconc) -> None:
    answer = flowconc("check", "nowhere/*.yaml")

    assert (answer.status, answer.err) == (2, "nowhere/*.yaml:1:1: no file matches this pattern\n")


def test_an_unusable_file_outweighs_findings(flowconc: Flowconc, directory: Path) -> None:
    (directory / "circle" / "c.yaml").write_text(FLOW.replace("limit: 2", "limit: 0"), encoding="utf-8")
    answer = flowconc("check", "circle")

    assert answer.status == 2
    assert answer.err.startswith("circle/c.yaml:4:")
    assert answer.lines[-1] == "3 files checked, 1 not usable, 2 findings"


def test_scenario_files_are_checked_as_ever(flowconc: Flowconc) -> None:
    answer = flowconc("check", "good.flowconc.yaml", "pausing")

    assert answer.lines[-1] == "2 files checked, 0 not usable, 1 finding"


class TestWhichRules:
    def test_only_some(self, flowconc: Flowconc) -> None:
        answer = flowconc("check", "circle", "pausing", "--select", "pause-holds-slot,endless-start")

        assert answer.lines[-1].endswith("1 finding")

    def test_several_times(self, flowconc: Flowconc) -> None:
        answer = flowconc(
            "check", "circle", "pausing", "--select", "pause-holds-slot", "--select", "slot-deadlock"
        )

        assert answer.lines[-1].endswith("3 findings")

    def test_all_but_some(self, flowconc: Flowconc) -> None:
        assert flowconc("check", "pausing", "--ignore", "pause-holds-slot").status == 0

    def test_a_rule_that_does_not_exist(self, flowconc: Flowconc) -> None:
        answer = flowconc("check", "pausing", "--select", "slot-deadlok")

        assert answer.status == 2
        assert "there is no rule 'slot-deadlok', did you mean 'slot-deadlock'?" in answer.err

    def test_a_rule_like_no_other(self, flowconc: Flowconc) -> None:
        answer = flowconc("check", "pausing", "--ignore", "E501")

        assert answer.status == 2
        assert all(rule in answer.err for rule in RULE_IDS)

    def test_a_comment_in_the_file(self, flowconc: Flowconc, directory: Path) -> None:
        comment = "# flowconc: ignore[pause-holds-slot] the release waits for a person\n"
        (directory / "pausing" / "pause.yaml").write_text(comment + FLOW + PAUSE, encoding="utf-8")

        assert flowconc("check", "pausing").lines == ["1 file checked, 0 not usable"]


class TestFailOn:
    def test_warnings_may_pass(self, flowconc: Flowconc) -> None:
        answer = flowconc("check", "pausing", "--fail-on", "error")

        assert (answer.status, len(answer.lines)) == (0, 3)

    def test_errors_never_do(self, flowconc: Flowconc) -> None:
        assert flowconc("check", "circle", "--fail-on", "error").status == 1


class TestLimits:
    def test_a_limit_that_no_file_says(self, flowconc: Flowconc) -> None:
        loop = ["check", "circle", "--ignore", "slot-deadlock", "--limit"]

        assert flowconc(*loop, "company=5:CANCEL").lines[-1].endswith("2 findings")
        assert flowconc(*loop, "50:FAIL").lines[-1].endswith("2 findings")
        assert flowconc(*loop, "other=5").status == 0

    @pytest.mark.parametrize("limit", ["0", "company=", "=5", "company=x", "5:", "company=-1"])
    def test_what_is_no_limit(self, flowconc: Flowconc, limit: str) -> None:
        answer = flowconc("check", "circle", "--limit", limit)

        assert answer.status == 2
        assert f"{limit!r} is no limit, expected NAMESPACE=N, or N alone" in answer.err

    def test_what_is_no_behavior(self, flowconc: Flowconc) -> None:
        answer = flowconc("check", "circle", "--limit", "company=5:DROP")

        assert answer.status == 2
        assert "'DROP' is no behavior, expected one of QUEUE, CANCEL, FAIL" in answer.err


class TestFormats:
    def test_json(self, flowconc: Flowconc, directory: Path) -> None:
        """One document on stdout and nothing else, whatever is wrong."""
        (directory / "pausing" / "bad.yaml").write_text(
            FLOW.replace("limit: 2", "limit: 0"), encoding="utf-8"
        )
        (directory / "pausing" / "odd.yaml").write_text(
            FLOW.replace("limit: 2", "limit: 1.5"), encoding="utf-8"
        )
        answer = flowconc("check", "pausing", "--format", "json")
        document = json.loads(answer.out)

        assert (answer.status, answer.err) == (2, "")
        assert next(iter(document)) == "schema_version"
        assert (document["files"], document["not_usable"]) == (3, 1)
        assert [(each["path"], each["line"], each["severity"]) for each in document["problems"]] == [
            ("pausing/bad.yaml", 4, "error"),
            ("pausing/odd.yaml", 4, "warning"),
        ]
        assert document["problems"][0]["expected"] == "at least 1"
        pause, duplicate = sorted(document["findings"], key=lambda each: each["rule"], reverse=True)
        assert (pause["path"], pause["line"], pause["column"]) == ("pausing/pause.yaml", 9, 5)
        assert (pause["rule"], pause["severity"]) == ("pause-holds-slot", "warning")
        assert duplicate["rule"] == "duplicate-flow"

    def test_github(self, flowconc: Flowconc) -> None:
        answer = flowconc("check", "pausing", "--format", "github")

        assert answer.status == 1
        assert answer.lines == [
            (
                "::warning file=pausing/pause.yaml,line=9,col=5,title=flowconc%3A pause-holds-slot::the execution is "
                "PAUSED here until somebody resumes it, and keeps its slot meanwhile (limit 2 of company.team.two)%0A"
                "help: pause in a flow without a limit, and let what follows be a limited flow of its own"
            ),
            "1 file checked, 0 not usable, 1 finding",
        ]

    def test_github_shows_problems_of_files_too(self, flowconc: Flowconc, directory: Path) -> None:
        (directory / "two.yaml").write_text(FLOW.replace("limit: 2", "limit: 50%"), encoding="utf-8")
        answer = flowconc("check", "two.yaml", "--format", "github")

        assert answer.status == 2
        assert answer.lines[0] == (
            "::error file=two.yaml,line=4,col=10,title=flowconc::`limit` is the text '50%25', expected a whole number"
        )

    def test_a_format_that_does_not_exist(self, flowconc: Flowconc) -> None:
        assert flowconc("check", "two.yaml", "--format", "xml").status == 2
