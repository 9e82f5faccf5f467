"""Comments that silence rules: `# flowconc: ignore[RULE, ...]`.

At the end of a line it silences what is found in that line, on a line of its own what is found in the next one,
before the first line of content what is found in the whole file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml

from flowconc.lint.rule import Finding, Remark, Rule
from flowconc.scenario.names import like
from flowconc.scenario.problems import Position, Severity, excerpt
from flowconc.scenario.source.yaml_builder import MOST_ERRORS
from flowconc.scenario.source.yaml_document import Mark

UNKNOWN_IGNORE: Final = Rule(
    "unknown-ignore",
    Severity.WARNING,
    "a comment that is to silence a rule which does not exist",
    "A misspelt comment silences nothing, and nobody notices.\n"
    "Every comment that begins with `# flowconc:` has to be of the form `# flowconc: ignore[RULE, ...]`.",
)
UNUSED_IGNORE: Final = Rule(
    "unused-ignore",
    Severity.WARNING,
    "a comment that silences a rule which finds nothing there",
    "What it was for is gone, or stands elsewhere by now; left there, it would hide the next thing of its kind.\n"
    "Only rules that are checked (`--select`, `--ignore`) count.",
)

_COMMENT: Final = re.compile(
    r"(?:^|(?<=[ \t]))#[ \t]*flowconc:[ \t]*(?P<verb>[^\s\[#]*)[ \t]*(?:\[(?P<rules>[^\]]*)\])?", re.MULTILINE
)
_FORM: Final = "`# flowconc: ignore[RULE]`"
_BEFORE_CONTENT: Final = ("#", "---", "%")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Place = tuple[int, int]
"""A line and a column, counted from 0 as YAML's parser does."""


@dataclass(frozen=True, slots=True)
class Silencer:
    """One rule that a comment at `position` silences, in one line of its file; None is the whole file.

    `rule` is None where the comment is not of the form that silencers have.
    """

    rule: str | None
    position: Position
    line: int | None


def silencers(text: str, path: str) -> tuple[Silencer, ...]:
    """Return the silencers of a flow file, in order. Text that only looks like a comment has none."""
    if "flowconc:" not in text:
        return ()
    lines = text.splitlines()
    comments = [(number, match) for number, line in enumerate(lines) for match in _COMMENT.finditer(line)]
    if not comments:
        return ()
    scalars = list(_scalars(text))
    following = _following_content(lines)
    return tuple(
        silencer
        for number, match in comments
        if not _is_in_one(scalars, (number, match.start()))
        for silencer in _of_comment(match, number, following, path)
    )


def _scalars(text: str) -> Iterator[tuple[_Place, _Place]]:
    """Give the places where a value begins and ends, in order: a script may hold what looks like a comment."""
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.ScalarEvent):
            start, end = cast("Mark", event.start_mark), cast("Mark", event.end_mark)
            yield (start.line, start.column), (end.line, end.column)


def _is_in_one(scalars: Sequence[tuple[_Place, _Place]], place: _Place) -> bool:
    last = bisect_right(scalars, place, key=lambda scalar: scalar[0]) - 1
    return last >= 0 and place < scalars[last][1]


def _of_comment(match: re.Match[str], number: int, following: Sequence[int], path: str) -> Iterator[Silencer]:
    position = Position(path, number + 1, match.start() + 1)
    line = _line_meant(match, number, following)
    rules = [rule.strip() for rule in (match["rules"] or "").split(",")]
    if match["verb"] != "ignore" or not all(rules):
        yield Silencer(None, position, line)
    else:
        yield from (Silencer(rule, position, line) for rule in dict.fromkeys(rules))


def _line_meant(match: re.Match[str], number: int, following: Sequence[int]) -> int | None:
    """Return the line that a comment speaks of, counted from 1; None for the whole file."""
    if match.string[: match.start()].strip():
        return number + 1
    return None if following[number] == following[0] else following[number] + 1


def _following_content(lines: Sequence[str]) -> list[int]:
    """Return for each line, counted from 0, the next one that is no comment, itself included."""
    following = [len(lines) - 1] * len(lines)
    for number in range(len(lines) - 1, -1, -1):
        if _is_content(lines[number]):
            following[number] = number
        elif number + 1 < len(lines):
            following[number] = following[number + 1]
    return following


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(_BEFORE_CONTENT)


def silence(findings: Iterable[Finding], comments: Iterable[Silencer]) -> tuple[list[Finding], set[Silencer]]:
    """Return the findings that no comment silences, and the comments that silenced one."""
    speaking: dict[tuple[str, str | None, int | None], list[Silencer]] = {}
    for comment in comments:
        speaking.setdefault((comment.position.path, comment.rule, comment.line), []).append(comment)
    left: list[Finding] = []
    used: set[Silencer] = set()
    for finding in findings:
        path, line = finding.position.path, finding.position.line
        by = [*speaking.get((path, finding.rule, line), ()), *speaking.get((path, finding.rule, None), ())]
        used.update(by)
        if not by:
            left.append(finding)
    return left, used


def unknown(comments: Iterable[Silencer], known: Collection[str]) -> Iterator[Finding]:
    """Find the comments that name a rule which is not `known`, or are of another form."""
    found = (comment for comment in comments if comment.rule not in known)
    for number, comment in enumerate(found):
        if comment.rule is None:
            what, suggestion = "this comment silences nothing", f"the form is {_FORM}"
        else:
            what, suggestion = f"there is no rule {excerpt(comment.rule)}", "see the list of rules"
            similar = like(comment.rule, known) if number < MOST_ERRORS else None  # looking for it takes time
            if similar is not None:
                suggestion = f"did you mean {similar!r}?"
        yield UNKNOWN_IGNORE.finding(Remark(comment.position, what, suggestion))


def unused(comments: Iterable[Silencer], used: Collection[Silencer]) -> Iterator[Finding]:
    """Find the comments that are not among the `used` ones."""
    for comment in comments:
        if comment not in used:
            where = "in this file" if comment.line is None else f"in line {comment.line}"
            what = f"nothing to silence: {comment.rule} finds nothing {where}"
            yield UNUSED_IGNORE.finding(Remark(comment.position, what, "take the comment out"))
