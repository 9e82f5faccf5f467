"""Comments that silence rules, and what is wrong with comments."""

from __future__ import annotations

import pytest

from flowconc.lint.silencers import silencers
from tests.lint.files import findings, flow, rules, task

PAUSE = task("flow.Pause")
PAUSES = f"""\
id: a
namespace: n
concurrency:
  limit: 1
tasks:
  - {PAUSE.replace("id: task", "id: one")}
  - {PAUSE.replace("id: task", "id: two")}
"""
FOUND = ["pause-holds-slot 1:6", "pause-holds-slot 1:7"]
IGNORE = "# flowconc: ignore[pause-holds-slot]"


def with_line(number: int, text: str) -> str:
    """Return the flow with a line put in before the line `number`."""
    lines = PAUSES.splitlines()
    return "\n".join([*lines[: number - 1], text, *lines[number - 1 :]]) + "\n"


def at_end(number: int, comment: str) -> str:
    """Return the flow with a comment at the end of the line `number`."""
    lines = PAUSES.splitlines()
    lines[number - 1] += f" {comment}"
    return "\n".join(lines) + "\n"


class TestWhatAComentSpeaksOf:
    def test_without_one(self) -> None:
        assert rules(PAUSES) == FOUND

    def test_at_the_end_of_a_line_it_speaks_of_that_line(self) -> None:
        assert rules(at_end(6, IGNORE)) == FOUND[1:]

    @pytest.mark.parametrize("between", ["", "# why this is so", "\n\n"])
    def test_on_a_line_of_its_own_it_speaks_of_the_next_line(self, between: str) -> None:
        text = with_line(6, f"  {IGNORE}\n{between}" if between else f"  {IGNORE}")

        assert [finding.rule for finding in findings(text)] == ["pause-holds-slot"]

    @pytest.mark.parametrize("head", ["", "# a licence\n\n", "---\n", "%YAML 1.1\n---\n"])
    def test_before_the_content_it_speaks_of_the_file(self, head: str) -> None:
        assert rules(f"{head}{IGNORE}\n{PAUSES}") == []

    def test_it_speaks_of_no_other_file(self) -> None:
        other = PAUSES.replace("id: a", "id: b")

        assert rules(f"{IGNORE}\n{PAUSES}", other) == [found.replace("1:", "2:") for found in FOUND]

    def test_several_rules(self) -> None:
        text = flow("a", f"{PAUSE} # flowconc: ignore[pause-holds-slot, pause-locks-trigger] both", limit=1)
        trigger = "triggers: [{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 2 * * *'}]\n"

        assert rules(text + trigger) == []


class TestWhatIsAComment:
    @pytest.mark.parametrize("comment", [IGNORE, IGNORE.replace(" ", ""), IGNORE.replace("[", " [ ")])
    def test_blanks_do_not_matter(self, comment: str) -> None:
        (found,) = silencers(f"id: a {comment}\n", "f")

        assert (found.rule, found.line) == ("pause-holds-slot", 1)

    @pytest.mark.parametrize(
        "value",
        [
            f"|\n  echo {IGNORE}\n  {IGNORE}\n",
            f'"text {IGNORE}"\n',
            f"'text {IGNORE}'\n",
            f"text{IGNORE}\n",
            f">-\n\n    folded\n    {IGNORE}\n",
        ],
        ids=["block", "double quotes", "single quotes", "no blank before", "folded"],
    )
    def test_text_in_a_value_is_none(self, value: str) -> None:
        assert silencers(f"id: a\ndescription: {value}", "f") == ()

    def test_a_comment_after_a_block_is_one(self) -> None:
        (found,) = silencers(f"id: a\ndescription: |\n  text\n{IGNORE}\nnamespace: n\n", "f")

        assert (str(found.position), found.line) == ("f:4:1", 5)

    def test_a_comment_after_a_value_that_looks_like_one(self) -> None:
        (found,) = silencers("id: '# flowconc: ignore[x]' # flowconc: ignore[y]\n", "f")

        assert found.rule == "y"


class TestUnknownIgnore:
    def test_a_rule_that_is_misspelt(self) -> None:
        (found,) = [
            each
            for each in findings(at_end(6, "# flowconc: ignore[pause-hold-slot]"))
            if "ignore" in each.rule
        ]

        assert (found.rule, found.position.line) == ("unknown-ignore", 6)
        assert found.what == "there is no rule 'pause-hold-slot'"
        assert found.suggestion == "did you mean 'pause-holds-slot'?"

    @pytest.mark.parametrize(
        "comment",
        ["# flowconc: ignore", "# flowconc: ignore[]", "# flowconc: ingore[pause-holds-slot]", "# flowconc:"],
    )
    def test_another_form(self, comment: str) -> None:
        assert rules(at_end(1, comment)) == ["unknown-ignore 1:1", *FOUND]


class TestUnusedIgnore:
    def test_a_comment_with_nothing_to_silence(self) -> None:
        (found,) = findings(flow("a") + IGNORE + "\n")

        assert (found.rule, found.what) == (
            "unused-ignore",
            "nothing to silence: pause-holds-slot finds nothing in line 6",
        )

    def test_of_several_rules_those_that_find_nothing(self) -> None:
        text = at_end(6, "# flowconc: ignore[pause-holds-slot, slot-deadlock]")

        assert rules(text) == ["unused-ignore 1:6", FOUND[1]]

    def test_a_comment_for_the_file_and_one_for_the_line_are_both_used(self) -> None:
        assert rules(f"{IGNORE}\n{at_end(6, IGNORE)}") == []

    def test_in_a_disabled_flow_nothing_is_looked_for(self) -> None:
        assert rules(f"{IGNORE}\n{PAUSES}disabled: true\n") == []

    def test_it_can_be_silenced_too(self) -> None:
        assert rules(flow("a") + "# flowconc: ignore[pause-holds-slot, unused-ignore]\n") == []
        assert rules(flow("a") + "# flowconc: ignore[unused-ignore]\n") == ["unused-ignore 1:6"]
